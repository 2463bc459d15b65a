//! `cargo simulate` writes the tables of `docs/performance.md`; `cargo simulate up 20x50`, `down 1x50-shared` or `plan …` runs one size.

use std::{env, error::Error, fs, process::Command};

use serde::de::DeserializeOwned;
use simulation::{
    measure::{down, planned, up},
    size::{PLANS, SIZES, Size, root},
    table,
};

/// Where the tables are.
const PAGE: &str = "docs/performance.md";

type Failed = Box<dyn Error>;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let told = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => write()?,
        ["up", size] => serde_json::to_string(&up(size.parse()?).await)?,
        ["down", size] => serde_json::to_string(&down(size.parse()?).await)?,
        ["plan", size] => serde_json::to_string(&planned(size.parse()?).await)?,
        _ => return Err("say nothing, or `up`, `down` or `plan` and a size such as `20x50` or `1x50-shared`".into()),
    };
    tell(&told);
    Ok(())
}

/// Each size in a process of its own, so that its memory is its own.
fn write() -> Result<String, Failed> {
    let ups = SIZES.iter().map(|size| Ok((*size, alone("up", *size)?))).collect::<Result<Vec<_>, Failed>>()?;
    let plans = PLANS.iter().map(|size| Ok((*size, alone("plan", *size)?))).collect::<Result<Vec<_>, Failed>>()?;
    let page = root().join(PAGE);
    let written =
        table::written(&fs::read_to_string(&page)?, &ups, &plans).ok_or("the page has no place for tables")?;
    fs::write(&page, written)?;
    Ok(format!("{PAGE} is written"))
}

fn alone<T: DeserializeOwned>(what: &str, size: Size) -> Result<T, Failed> {
    let output = Command::new(env::current_exe()?).arg(what).arg(size.to_string()).output()?;
    if !output.status.success() {
        return Err(format!("{what} {size}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    tell(&format!("{what} {size}: {}", String::from_utf8_lossy(&output.stdout).trim()));
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[expect(clippy::print_stdout, reason = "a program for people")]
fn tell(line: &str) {
    println!("{line}");
}
