//! What every kind of AWS object declares about itself.

use serde::{Serialize, de::DeserializeOwned};

/// When an output has its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownAt {
    /// As soon as the create call answered.
    Created,
    /// Only when the object is ready (a certificate ISSUED, an endpoint's interfaces there).
    Ready,
}

/// One output of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub name: &'static str,
    pub known_at: KnownAt,
    /// The value follows from the spec's content (a hash), so an update gives a new one.
    pub changes: bool,
}

impl Output {
    #[must_use]
    pub const fn created(name: &'static str) -> Self {
        Self { name, known_at: KnownAt::Created, changes: false }
    }

    #[must_use]
    pub const fn ready(name: &'static str) -> Self {
        Self { name, known_at: KnownAt::Ready, changes: false }
    }

    /// Like [`Output::ready`], and another one after every update of the object.
    #[must_use]
    pub const fn changing(name: &'static str) -> Self {
        Self { name, known_at: KnownAt::Ready, changes: true }
    }
}

/// What prevents a second create after a lost answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreateSafety {
    /// Read only: AWS or somebody else makes it.
    External,
    /// The name is unique in its scope; a repeat is refused or returns the same one.
    Named,
    /// A natural key; a repeat is harmless or refused.
    Relation,
    /// Content hash compared first; each call makes a new one.
    Revision,
    /// No token and no unique name: search by tag, create with tags in the same call.
    TagFirst,
    /// Deterministic client token and tag search.
    Token,
}

/// The calls by which a kind is changed, spelled as in an IAM policy (`ec2:CreateSubnet`); reads are not among them.
///
/// They say which limits of AWS a plan comes under, before it is run.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    /// Every create makes them, with what is set right after it.
    pub create: &'static [&'static str],
    /// Every update makes them, whatever changes.
    pub update: &'static [&'static str],
    /// Every delete of what is there makes them.
    pub delete: &'static [&'static str],
    /// Made as well, or instead, depending on fields and on what is there.
    pub also: &'static [&'static str],
}

impl Calls {
    pub const NONE: Self = Self { create: &[], update: &[], delete: &[], also: &[] };
}

/// The facts of a kind as plain data, for the engine, which knows no kind by type.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub kind: &'static str,
    /// The service and noun as AWS writes them, such as `VPC endpoint`.
    pub title: &'static str,
    pub create: CreateSafety,
    /// Fields that cannot change in place.
    pub replace_on: &'static [&'static str],
    /// The replacement is made before the old one is deleted, because both can exist at once.
    pub create_first: bool,
    /// Fields whose change puts the replacement where the old one's name does not count, so that it is made first all the same.
    pub apart_on: &'static [&'static str],
    pub outputs: &'static [Output],
    /// Fields whose references must be known before the object can be looked for.
    pub located_by: &'static [&'static str],
    /// Fields whose values are not shown.
    pub secret: &'static [&'static str],
    /// A field by whose value ready changes are sent in one call (Route 53: one change per zone).
    pub batch_by: Option<&'static str>,
    pub calls: Calls,
    /// Seconds from the create call until ready: what a person should expect, and the scheduler's weight.
    pub typical_seconds: u32,
    /// Seconds after which waiting for ready is given up.
    pub deadline_seconds: u32,
    /// It holds users' data: never replaced unasked.
    pub holds_data: bool,
}

/// One kind of AWS object: the spec type itself, plus what the engine must know.
pub trait Kind: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const FACTS: Facts;
}

impl Facts {
    /// A starting point for a kind's `FACTS`: `Facts { kind: "vpc", ..Facts::of(CreateSafety::TagFirst) }`.
    #[must_use]
    pub const fn of(create: CreateSafety) -> Self {
        Self {
            kind: "",
            title: "",
            create,
            replace_on: &[],
            create_first: false,
            apart_on: &[],
            outputs: &[],
            located_by: &[],
            secret: &[],
            batch_by: None,
            calls: Calls::NONE,
            typical_seconds: 1,
            deadline_seconds: 300,
            holds_data: false,
        }
    }

    #[must_use]
    pub fn output(&self, name: &str) -> Option<&'static Output> {
        self.outputs.iter().find(|output| output.name == name)
    }
}
