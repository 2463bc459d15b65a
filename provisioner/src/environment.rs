//! The only place that looks at environment variables, the terminal, signals, the clock and the user's name.

use std::{
    env,
    io::IsTerminal,
    path::{Path, PathBuf},
};

use config::Config;
use kinds::certificate::CertificateSource;
use local::{authority::Authority, emulator::Emulator};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    cli::{Color, Global},
    failure::Failure,
    interrupts::Interrupts,
    machine,
    screen::Screen,
};

const STAMP: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]");

/// Where and as whom the program runs.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub color_out: bool,
    pub color_err: bool,
    /// Somebody can be asked.
    pub interactive: bool,
    /// Progress can be drawn.
    pub draws: bool,
    pub screen: Screen,
    /// Columns of the terminal, 100 when there is none.
    pub width: usize,
    /// Columns for sentences on standard error; none in a pipe, where lines stay whole.
    pub wrap: Option<usize>,
    pub target_dir: Option<PathBuf>,
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    pub interrupts: Interrupts,
    /// The run's name: its time.
    pub run: String,
    user: String,
    endpoint: Option<String>,
    ca_bundle: Option<PathBuf>,
}

impl Surroundings {
    #[must_use]
    pub(crate) fn look(global: &Global) -> Self {
        let colors = |stream: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            color_out: colors(out) && !global.json,
            color_err: colors(err),
            interactive: std::io::stdin().is_terminal() && err,
            // Every call of AWS is a line of its own then.
            draws: err && !global.json && global.verbose < 2,
            screen: Screen::default(),
            width: width(),
            wrap: err.then(width),
            target_dir: set("CARGO_TARGET_DIR").map(PathBuf::from),
            profile: set("AWS_PROFILE"),
            interrupts: Interrupts::new(),
            run: OffsetDateTime::now_utc().format(&STAMP).unwrap_or_default(),
            user: set("USER").or_else(|| set("LOGNAME")).unwrap_or_else(|| "somebody".to_owned()),
            endpoint: set("AWS_ENDPOINT_URL"),
            ca_bundle: set("AWS_CA_BUNDLE").map(PathBuf::from),
        }
    }

    /// `.provisioner` beside `platform.toml`: caches and the local platform, never state of AWS.
    #[must_use]
    pub(crate) fn state_dir(&self, config: &Config) -> PathBuf {
        state_dir(&config.root)
    }

    /// `alice@host`.
    #[must_use]
    pub(crate) fn who(&self) -> String {
        format!("{}@{}", self.user, machine::host())
    }

    /// Seconds since 1970: for people only.
    #[must_use]
    pub(crate) fn now(&self) -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }

    /// User and run, as CloudTrail will show them: 2 to 64 of `[\w+=,.@-]`.
    #[must_use]
    pub(crate) fn session_name(&self) -> String {
        let legal = |c: char| if c.is_ascii_alphanumeric() || "+=,.@-_".contains(c) { c } else { '-' };
        let user: String = self.user.chars().map(legal).take(30).collect();
        format!("{user}@provisioner-{}", self.run)
    }

    /// Where the AWS API is, when not at AWS. In `local` that is the emulator, started if need be.
    ///
    /// # Errors
    /// In `local`, an address that is not this machine's, or an emulator that does not start.
    pub(crate) fn endpoint(&self, config: &Config) -> Result<Option<String>, Failure> {
        match &self.endpoint {
            Some(url) if config.is_local() && !is_loopback(url) => {
                Err(Failure::usage(format!("AWS_ENDPOINT_URL is `{url}`, but `local` never leaves this machine"))
                    .hint("unset it, or name an address such as http://127.0.0.1:5000"))
            }
            Some(url) => Ok(Some(url.clone())),
            None if config.is_local() => {
                Ok(Some(Emulator::ensure(&self.state_dir(config), |line| self.say(line))?.endpoint()))
            }
            None => Ok(None),
        }
    }

    /// Whether somebody said where the AWS API is.
    #[must_use]
    pub(crate) fn names_endpoint(&self) -> bool {
        self.endpoint.is_some()
    }

    /// The same, with the AWS API at this address.
    #[must_use]
    pub(crate) fn at(&self, endpoint: &str) -> Self {
        Self { endpoint: Some(endpoint.to_owned()), ..self.clone() }
    }

    /// Whether a set AWS_ENDPOINT_URL takes real credentials somewhere else than to AWS.
    #[must_use]
    pub(crate) fn foreign_endpoint(&self, config: &Config) -> Option<&str> {
        self.endpoint.as_deref().filter(|_| !config.is_local())
    }

    /// The certificate authorities of AWS_CA_BUNDLE.
    ///
    /// # Errors
    /// If the file cannot be read, holds none, or one that TLS does not take: no call's error would say so.
    pub(crate) fn ca_bundle(&self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(path) = &self.ca_bundle else { return Ok(None) };
        let failed = |why: &str| Failure::new(format!("AWS_CA_BUNDLE `{}`: {why}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| failed(&error.to_string()))?;
        match local::authority::roots(&bytes) {
            Ok(0) => Err(failed("it holds no certificate in PEM")),
            Ok(_) => Ok(Some(bytes)),
            Err(error) => Err(failed(&error.to_string())),
        }
    }

    /// A certificate of the local authority's, as files to import.
    ///
    /// # Errors
    /// If the authority's files cannot be written.
    pub(crate) fn locally_issued(&self, config: &Config, host: &str) -> Result<CertificateSource, Failure> {
        let authority = Authority::open(&self.state_dir(config))?;
        let fingerprint = authority.issue(&[host.to_owned()])?.fingerprint;
        Ok(CertificateSource::Import {
            certificate: authority.certificate_path(&fingerprint).display().to_string(),
            private_key: authority.key_path(&fingerprint).display().to_string(),
            chain: Some(authority.root_path().display().to_string()),
            fingerprint,
        })
    }

    /// A line for a person, on standard error.
    pub(crate) fn say(&self, line: &str) {
        self.screen.say(line);
    }
}

#[must_use]
pub(crate) fn state_dir(root: &Path) -> PathBuf {
    root.join(".provisioner")
}

/// Only this machine's own addresses, whatever name they hide behind: names are not resolved.
fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn width() -> usize {
    let columns = console::Term::stderr().size_checked().map_or(100, |(_, columns)| columns);
    usize::from(columns).clamp(60, 160)
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_local() {
        for url in ["http://127.0.0.1:5000", "http://localhost", "https://[::1]:80/x", "127.9.9.9:1"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://10.0.0.1",
            "https://aws.example",
            "http://localhost.evil.example",
            "http://127.0.0.1:80@evil.example",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
