//! How mistakes look, to a person and to a program.

use config::load;

use crate::fixture::{Fixture, HUB, PLATFORM, SERVICE};

fn rendered(fixture: &Fixture, color: bool) -> String {
    load(fixture.root(), None).expect_err("a mistake was made").render(color)
}

#[test]
fn a_misspelt_key() {
    let fixture = Fixture::new();
    fixture.change(SERVICE, "memory_mb = 256", "memroy_mb = 256");
    insta::assert_snapshot!(rendered(&fixture, false));
}

#[test]
fn two_places_that_clash() {
    let fixture = Fixture::new();
    fixture.change(HUB, "\"10.0.0.0/24\", \"10.0.1.0/24\"", "\"10.0.0.0/23\", \"10.0.1.0/24\"");
    insta::assert_snapshot!(rendered(&fixture, false));
}

#[test]
fn what_an_environment_lacks() {
    let fixture = Fixture::new();
    fixture.change(
        SERVICE,
        "account = { id = \"222222222222\", role = \"platform-provisioner\", external_id = \"platform\" }\n",
        "",
    );
    insta::assert_snapshot!(rendered(&fixture, false));
}

#[test]
fn several_files_in_color() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "\"999999999999\"", "999999999999");
    fixture.change(SERVICE, "function = \"get-order\"", "function = \"get-orders\"");
    insta::assert_snapshot!(rendered(&fixture, true));
}

#[test]
fn a_file_that_is_missing() {
    let fixture = Fixture::new();
    std::fs::remove_file(fixture.root().join(HUB)).expect("it was there");
    insta::assert_snapshot!(rendered(&fixture, false));
}

#[test]
fn mistakes_as_json() {
    let fixture = Fixture::new();
    fixture.change(SERVICE, "[functions.get-order]\nbinary", "[functions.get-order]\nbinaries");
    let mistakes = load(fixture.root(), None).expect_err("a mistake was made");
    insta::assert_json_snapshot!(mistakes);
}
