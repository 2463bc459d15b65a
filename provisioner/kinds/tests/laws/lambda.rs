//! Laws of Lambda's kinds.

mod functions;
mod versions;

use std::{collections::BTreeMap, io::Write, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kinds::{
    Function, Live,
    function::{Architecture, Code},
};
use model::Address;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::world::World;

pub(crate) fn at<K: Live>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

/// A zip for a test, as far as the emulator looks into one: not at all.
pub(crate) fn code(content: &str) -> Code {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{content}.zip"));
    // Tests beside this one read it: it is never there by half.
    let mut half = NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is ours");
    half.write_all(content.as_bytes()).expect("a file");
    half.persist(&path).expect("a file of that name");
    let sha256 = BASE64_STANDARD.encode(Sha256::digest(content));
    Code { sha256, zip: path.to_str().expect("a path in text").to_owned() }
}

/// The ARN of a role that Lambda may assume.
pub(crate) async fn role(world: &World, name: &str) -> String {
    let call = world.aws.iam.create_role().role_name(name).assume_role_policy_document("{}");
    call.send().await.expect("a role").role.expect("a role").arn
}

pub(crate) async fn function(world: &World) -> Function {
    Function {
        name: "laws-test-orders".into(),
        description: "Places orders".to_owned(),
        role: role(world, "laws-orders").await.into(),
        code: code("one"),
        architecture: Architecture::Arm64,
        memory_mb: 256,
        timeout_seconds: 10,
        environment: BTreeMap::from([("TABLE".to_owned(), "orders".into())]),
        key: world.aws.arn("kms", "key/1").into(),
        subnets: vec!["subnet-1".into(), "subnet-2".into()],
        security_groups: vec!["sg-1".into()],
        tracing: true,
        log_group: "/laws-test/laws/functions/main".to_owned(),
    }
}
