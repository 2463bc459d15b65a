//! Prints the OpenAPI document: `cargo run -p orders --example openapi >functions/orders/openapi.json`.
use std::io::Write;

fn main() -> std::io::Result<()> {
    let document = serde_json::to_string_pretty(&orders::openapi())?;
    writeln!(std::io::stdout(), "{document}")
}
