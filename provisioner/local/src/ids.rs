//! Identifiers as AWS makes them: of requests and of traces.

use std::time::{SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom, SystemRandom};

use crate::files::hex;

/// A random UUID, version 4: what Lambda and API Gateway call a request id.
pub(crate) fn request_id() -> String {
    let mut bytes: [u8; 16] = random();
    bytes[6] = bytes[6] & 0x0f | 0x40; // version
    bytes[8] = bytes[8] & 0x3f | 0x80; // variant
    let digits = hex(&bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// A trace's root, `1-<seconds in hexadecimal>-<96 random bits>`, as X-Ray writes it.
pub(crate) fn trace_root() -> String {
    format!("1-{:08x}-{}", now_millis() / 1000, hex(&random::<12>()))
}

/// API Gateway's extended request id: it looks like base64 and ends in `=`.
pub(crate) fn extended_request_id() -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE.encode(random::<11>())
}

/// Milliseconds since 1970.
pub(crate) fn now_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_shape_that_aws_gives_them() {
        let id = request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        let root = trace_root();
        assert!(root.len() == 35 && root.starts_with("1-"), "{root}");
        assert!(extended_request_id().ends_with('='));
        assert_ne!(request_id(), request_id());
    }
}
