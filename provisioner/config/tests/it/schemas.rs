//! The schemas that are checked in are those of the types, and our own reading of them is the standard's.

use std::{env, fs, path::Path};

use config::schema;
use serde_json::Value;

use crate::fixture::Fixture;

fn all() -> [(&'static str, Value); 3] {
    [("account", schema::account()), ("platform", schema::platform()), ("service", schema::service())]
}

/// `UPDATE_SCHEMAS=1 cargo test -p config` writes them anew.
#[test]
fn the_schemas_in_docs_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    for (name, schema) in all() {
        let path = folder.join(format!("{name}.schema.json"));
        if env::var_os("UPDATE_SCHEMAS").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&path, format!("{schema:#}\n")).expect("a file");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        let found: Value = serde_json::from_str(&found).unwrap_or_default();
        assert!(found == schema, "{} is stale: `UPDATE_SCHEMAS=1 cargo test -p config schemas`", path.display());
    }
}

#[test]
fn every_schema_is_one_by_the_standard() {
    for (name, schema) in all() {
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
    }
}

/// Help texts are doc comments, so every key needs one, on itself or on its type.
#[test]
fn every_key_says_what_it_is_for() {
    for (name, schema) in all() {
        for (at, key) in keys(&schema, name) {
            let target = key["$ref"].as_str().and_then(|path| schema.pointer(path.trim_start_matches('#')));
            let said = key.get("description").or(target.and_then(|target| target.get("description")));
            assert!(said.is_some() || key.get("const").is_some(), "{at}");
        }
    }
}

/// The words our own check reads; another word in a schema would go unchecked.
#[test]
fn the_schemas_use_no_word_that_goes_unchecked() {
    const WORDS: [&str; 19] = [
        "$defs",
        "$ref",
        "$schema",
        "additionalProperties",
        "const",
        "default",
        "description",
        "enum",
        "format",
        "items",
        "maximum",
        "minItems",
        "minimum",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
    ];
    for (name, schema) in all() {
        for (at, word) in words(&schema, name) {
            assert!(WORDS.contains(&word.as_str()), "{at}: {word}");
        }
    }
}

#[test]
fn a_standard_validator_takes_the_files_of_the_fixture() {
    let fixture = Fixture::new();
    for (file, schema) in [
        (crate::fixture::PLATFORM, schema::platform()),
        (crate::fixture::HUB, schema::account()),
        (crate::fixture::SERVICE, schema::service()),
    ] {
        let value: Value = toml::from_str(&fixture.read(file)).expect("TOML");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
}

/// Every property of every object, with a path for messages.
fn keys(schema: &Value, at: &str) -> Vec<(String, Value)> {
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(key, value)| (format!("{at}.{key}"), value.clone()));
    own.chain(below(schema, at).into_iter().flat_map(|(at, part)| keys(&part, &at))).collect()
}

fn words(schema: &Value, at: &str) -> Vec<(String, String)> {
    let own = schema.as_object().into_iter().flatten().map(|(word, _)| (at.to_owned(), word.clone()));
    own.chain(below(schema, at).into_iter().flat_map(|(at, part)| words(&part, &at))).collect()
}

/// The schemas directly inside a schema.
fn below(schema: &Value, at: &str) -> Vec<(String, Value)> {
    let named = ["properties", "$defs"].into_iter().flat_map(|word| schema[word].as_object().into_iter().flatten());
    let named = named.map(|(key, part)| (format!("{at}.{key}"), part.clone()));
    let single = ["items", "additionalProperties"].into_iter().filter_map(|word| schema.get(word));
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let unnamed = single.chain(choices).filter(|part| part.is_object()).map(|part| (format!("{at}[]"), part.clone()));
    named.chain(unnamed).collect()
}
