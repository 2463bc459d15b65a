//! Kinds that stand for what AWS has: each one for a way in which objects depend on each other.

use std::time::Duration;

use model::{Calls, CreateSafety, Facts, Kind, Output};
use serde::{Deserialize, Serialize};
use serde_json::Value;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $facts:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub(crate) struct $name(pub Value);

            impl Kind for $name {
                const FACTS: Facts = $facts;
            }
        )*

        pub(crate) const ALL: &[&Facts] = &[$(&<$name as Kind>::FACTS),*];
    };
}

kinds! {
    /// In one account; names a version, which it may be moved away from.
    Alias Facts {
        kind: "alias",
        located_by: &["function"],
        replace_on: &["function"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
    /// Issued once its record exists. Its id is of use only then; the record's name is known a little after the request.
    Certificate Facts {
        kind: "certificate",
        replace_on: &["domain"],
        create_first: true,
        outputs: &[Output::ready("arn"), Output::created("record")],
        typical_seconds: 180,
        ..Facts::of(CreateSafety::TagFirst)
    };
    /// Changes its revision with every update.
    Function Facts {
        kind: "function",
        replace_on: &["name"],
        outputs: &[Output::ready("name"), Output::changing("revision")],
        typical_seconds: 10,
        ..Facts::of(CreateSafety::Named)
    };
    /// Its rules are objects of their own, because two groups may name each other.
    Group Facts {
        kind: "group",
        located_by: &["network"],
        replace_on: &["name", "network"],
        apart_on: &["network"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
    /// For random graphs: cannot be made while the old one is there.
    Hard Facts {
        kind: "hard",
        replace_on: &["a", "name", "r"],
        outputs: &[Output::created("id"), Output::ready("ready")],
        typical_seconds: 5,
        ..Facts::of(CreateSafety::Named)
    };
    /// Comes back when it is wanted again.
    Key Facts {
        kind: "key",
        outputs: &[Output::created("id")],
        holds_data: true,
        ..Facts::of(CreateSafety::TagFirst)
    };
    /// Takes issued certificates only.
    Listener Facts {
        kind: "listener",
        located_by: &["network"],
        replace_on: &["network"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
    Log Facts { kind: "log", replace_on: &["name"], ..Facts::of(CreateSafety::Named) };
    /// Takes a while, and its settings come after.
    Network Facts {
        kind: "network",
        replace_on: &["cidr"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls { create: &["fake:create-network", "fake:update-network"], ..Calls::NONE },
        typical_seconds: 10,
        ..Facts::of(CreateSafety::TagFirst)
    };
    /// Somebody else makes it.
    PrefixList Facts {
        kind: "prefix-list",
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::External)
    };
    /// Several go in one call, one zone at a time.
    Record Facts {
        kind: "record",
        located_by: &["name", "zone"],
        replace_on: &["name", "zone"],
        create_first: true,
        batch_by: Some("zone"),
        ..Facts::of(CreateSafety::Relation)
    };
    Role Facts {
        kind: "role",
        replace_on: &["name"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
    Rule Facts {
        kind: "rule",
        located_by: &["group", "peer"],
        replace_on: &["group", "peer", "port"],
        create_first: true,
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Relation)
    };
    /// For random graphs: old and new may be there at once.
    Soft Facts {
        kind: "soft",
        replace_on: &["a", "r"],
        create_first: true,
        outputs: &[Output::created("id"), Output::ready("ready")],
        typical_seconds: 5,
        ..Facts::of(CreateSafety::TagFirst)
    };
    /// Cannot be made while the old one is there, though what it depends on often comes to nothing.
    Stamp Facts { kind: "stamp", replace_on: &["name", "revision"], ..Facts::of(CreateSafety::Named) };
    Subnet Facts {
        kind: "subnet",
        replace_on: &["cidr", "network"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::TagFirst)
    };
    Table Facts {
        kind: "table",
        replace_on: &["keys", "name"],
        outputs: &[Output::created("id")],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
    Vault Facts {
        kind: "vault",
        replace_on: &["name"],
        outputs: &[Output::ready("id")],
        ..Facts::of(CreateSafety::Named)
    };
    /// Every call makes another one.
    Version Facts {
        kind: "version",
        located_by: &["function"],
        replace_on: &["function", "revision"],
        create_first: true,
        outputs: &[Output::ready("id")],
        ..Facts::of(CreateSafety::Revision)
    };
    Zone Facts {
        kind: "zone",
        replace_on: &["name"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
}

pub(crate) fn facts(kind: &str) -> &'static Facts {
    ALL.iter().find(|facts| facts.kind == kind).expect("one of ours")
}

/// How AWS treats a kind, beyond what the engine knows of it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    /// Fields that a create cannot set.
    pub(crate) left: &'static [&'static str],
    /// Fields that no two objects of an account may share.
    pub(crate) unique: &'static [&'static str],
    /// Until it is ready, after a create.
    pub(crate) settles: Duration,
    /// Until it is ready again, after an update; until then it takes no other.
    pub(crate) updates: Duration,
    /// Fields whose objects may be deleted all the same.
    pub(crate) lets_go: &'static [&'static str],
    /// Deleted ones can be brought back.
    pub(crate) retires: bool,
}

pub(crate) fn rules(kind: &str) -> Rules {
    let none = Rules::default();
    let seconds = Duration::from_secs;
    match kind {
        "alias" => Rules { unique: &["function", "name"], ..none },
        "log" | "stamp" | "zone" => Rules { unique: &["name"], ..none },
        "function" => Rules {
            unique: &["name"],
            settles: seconds(8),
            updates: seconds(3),
            lets_go: &["endpoint", "role"],
            ..none
        },
        "group" => Rules { unique: &["name", "network"], left: &["unexpected"], ..none },
        "hard" => Rules { unique: &["name"], left: &["v"], settles: seconds(3), ..none },
        "key" => Rules { left: &["rotation"], retires: true, ..none },
        "listener" => Rules { unique: &["network", "port"], ..none },
        "network" => Rules { left: &["settings"], settles: seconds(10), ..none },
        "record" => Rules { unique: &["name", "zone"], lets_go: &["target"], ..none },
        "role" => Rules { unique: &["name"], lets_go: &["policy"], ..none },
        "rule" => Rules { unique: &["group", "peer", "port"], ..none },
        "soft" => Rules { settles: seconds(2), updates: seconds(1), ..none },
        "table" => Rules { unique: &["name"], settles: seconds(5), updates: seconds(5), lets_go: &["key"], ..none },
        "vault" => Rules { unique: &["name"], lets_go: &["key"], left: &["policy"], retires: true, ..none },
        _ => none,
    }
}
