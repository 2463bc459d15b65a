//! Links what is shipped at a fixed address.
//!
//! A program that may be loaded anywhere has 7,000 pointers to set before `main`, in pages that are copied for it: a tenth of a
//! cold start. Libraries, heap and stack stay where chance puts them.

fn main() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
