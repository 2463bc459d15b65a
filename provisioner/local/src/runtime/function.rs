//! What is to be run: one provisioned function.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A function as it is provisioned, at one version.
#[derive(Clone, Debug)]
pub struct Function {
    pub account_id: String,
    pub region: String,
    pub name: String,
    /// `$LATEST` or the number of a published version.
    pub version: String,
    /// The ARN it is called by, with its alias or version: what it is to its callers, while code and settings change behind it.
    pub invoked_arn: String,
    /// The configured handler; for an OS-only runtime just a string that the program may look at.
    pub handler: String,
    /// Lambda's `CodeSha256`.
    pub code_sha256: String,
    /// The program of that code.
    pub bootstrap: PathBuf,
    /// The configured environment variables.
    pub environment: BTreeMap<String, String>,
    /// Name of the log group that it is told of.
    pub log_group: String,
    pub memory_mb: u32,
    pub timeout: Duration,
    /// Of its role. A new process gets those of the call that started it.
    pub credentials: Credentials,
}

/// Temporary credentials.
#[derive(Clone)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// What a running process cannot change about itself: if it differs, another process is needed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    name: String,
    version: String,
    handler: String,
    code_sha256: String,
    bootstrap: PathBuf,
    environment: BTreeMap<String, String>,
    memory_mb: u32,
    timeout: Duration,
}

impl Function {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let function = self.clone();
        Fingerprint {
            name: function.name,
            version: function.version,
            handler: function.handler,
            code_sha256: function.code_sha256,
            bootstrap: function.bootstrap,
            environment: function.environment,
            memory_mb: function.memory_mb,
            timeout: function.timeout,
        }
    }
}
