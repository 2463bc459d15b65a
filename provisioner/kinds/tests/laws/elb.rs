//! Laws of this group of kinds.
