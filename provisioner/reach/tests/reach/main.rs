//! Requests over whole worlds: healthy ones, broken ones, arbitrary ones.

mod fixture;

mod arbitrary;
mod breaks;
mod healthy;
mod mends;
mod undeployed;
