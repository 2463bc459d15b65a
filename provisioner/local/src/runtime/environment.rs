//! The environment variables a function finds, as Lambda sets them for an OS-only runtime, and no others.

use std::path::Path;

use super::Function;

/// The command search path inside Lambda, plus what this machine needs to find an interpreter of a script.
const PATH: &str = "/usr/local/bin:/usr/bin/:/bin:/opt/bin";
const LANG: &str = "en_US.UTF-8";

/// All variables of a process whose Runtime API is at `runtime_api` (`host:port`).
///
/// What Lambda sets comes after what the function is configured with, because Lambda reserves those names.
pub(super) fn variables(
    function: &Function,
    task_root: &Path,
    runtime_api: &str,
    endpoint_url: Option<&str>,
) -> Vec<(String, String)> {
    let credentials = &function.credentials;
    let memory = function.memory_mb.to_string();
    let task_root = task_root.to_string_lossy();
    let reserved: [(&str, &str); 16] = [
        ("AWS_ACCESS_KEY_ID", &credentials.access_key_id),
        ("AWS_DEFAULT_REGION", &function.region),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", &function.version),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &function.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("AWS_REGION", &function.region),
        ("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key),
        ("AWS_SESSION_TOKEN", &credentials.session_token),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LAMBDA_TASK_ROOT", &task_root),
        ("TZ", ":UTC"),
        ("_HANDLER", &function.handler),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut variables: Vec<_> = [("PATH", PATH), ("LANG", LANG)].map(owned).into();
    variables.extend(endpoint_url.map(|url| owned(("AWS_ENDPOINT_URL", url))));
    variables.extend(function.environment.clone());
    variables.extend(reserved.map(owned));
    variables
}
