//! What a bare moto server tells otherwise than AWS, where it would stop a run. On AWS every question is asked and every
//! answer believed. The emulator that we start has these gaps closed; one that `AWS_ENDPOINT_URL` names has none.

use std::sync::Once;

use super::Aws;

/// One thing that an emulator may be unable to tell, and what a kind does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// `apigateway:GetBasePathMappings` fails for a domain that never had one: taken as "none".
    FirstBasePathMapping,
    /// `lambda:CreateFunction` drops the log group: functions are taken to write where they are wanted to.
    LogGroupsOfFunctions,
    /// `ec2:CreateVpcEndpoint` takes addresses of its own: the endpoint is taken to be where it was wanted.
    PinnedAddresses,
    /// `apigateway:PutRestApi` drops all request validators: methods are taken to be validated as wanted.
    RequestValidators,
    /// `secretsmanager:GetSecretValue` does not find another account's secret: taken as readable.
    SharedSecrets,
    /// `s3:CreateBucket` drops tags: they are put by a call of their own.
    TagsOfNewBuckets,
    /// `s3:GetBucketVersioning` answers what the SDK does not parse: a bucket is taken to be versioned as wanted.
    Versioning,
    /// `apigateway:PutRestApi` drops the document's version: APIs are taken to be of the wanted document.
    Versions,
}

impl Aws {
    /// Whether the other side is an emulator that may have this gap, and says so once. Never true on AWS.
    #[must_use]
    pub fn may_have(&self, gap: Gap) -> bool {
        if self.emulated {
            gap.say();
        }
        self.emulated
    }
}

impl Gap {
    fn say(self) {
        static SAID: [Once; 8] = [const { Once::new() }; 8];
        SAID[self as usize].call_once(|| tracing::warn!("not checked on this emulator: {}", self.words()));
    }

    fn words(self) -> &'static str {
        match self {
            Self::FirstBasePathMapping => "base path mappings of a domain that never had one",
            Self::LogGroupsOfFunctions => "the log groups that functions write to",
            Self::PinnedAddresses => "whether the endpoint has the addresses it was given",
            Self::RequestValidators => "request validation of methods",
            Self::SharedSecrets => "whether a service's account may read the hub's secret",
            Self::TagsOfNewBuckets => "whether buckets are tagged in the call that makes them",
            Self::Versioning => "versioning of buckets",
            Self::Versions => "which OpenAPI document an API has",
        }
    }
}

/// AWS is reached by TLS only, and never at this machine.
pub(super) fn is_emulator(endpoint: Option<&str>) -> bool {
    const HERE: &[&str] = &["http://127.", "http://[::1]", "http://localhost"];
    endpoint.is_some_and(|endpoint| HERE.iter().any(|start| endpoint.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::is_emulator;

    #[test]
    fn only_a_plain_endpoint_on_this_machine_is_the_emulator() {
        assert!(is_emulator(Some("http://127.0.0.1:5000")) && is_emulator(Some("http://localhost:5000")));
        assert!(!is_emulator(None) && !is_emulator(Some("https://localhost:5000")));
        assert!(!is_emulator(Some("http://vpce-1.apigateway.eu-west-1.vpce.amazonaws.com")));
    }
}
