//! The hub's secret, seen from a service's account (`secretsmanager:GetSecretValue`): read, never made.
//!
//! Reading it proves that both policies and the key let this account in.

use model::{CreateSafety, Facts, Field, Input, Kind, Output, SecretArn, VpcEndpointId};
use serde::{Deserialize, Serialize};

/// Another account's secret, by its whole ARN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedSecret {
    pub arn: Input<SecretArn>,
}

impl SharedSecret {
    /// The `vpc_endpoint_id` of the secret's JSON value.
    pub const ENDPOINT: Field<Self, VpcEndpointId> = Field::new("vpc_endpoint_id");
}

impl Kind for SharedSecret {
    const FACTS: Facts = Facts {
        kind: "shared-secret",
        title: "shared secret",
        located_by: &["arn"],
        outputs: &[Output::created("vpc_endpoint_id")],
        deadline_seconds: 120,
        ..Facts::of(CreateSafety::External)
    };
}

#[cfg(feature = "live")]
mod live {
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};
    use serde_json::Value;

    use super::SharedSecret;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, Gap, outputs},
    };

    impl Live for SharedSecret {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            try_join_all(wanted.iter().filter(|w| w.spec.arn.if_known().is_some()).map(|w| look(aws, w))).await
        }

        async fn create(aws: &Aws, at: &Address, _want: &Self) -> Result<Made, CallError> {
            Err(aws.refuse(at, "the hub makes its secret, this account only reads it"))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            Err(aws.refuse(&seen.address, "the hub deletes its secret, this account only reads it"))
        }
    }

    /// A secret that cannot be read is one that is not ready, so that its reason is what a person hears at the deadline.
    async fn look(aws: &Aws, wanted: &Wanted<SharedSecret>) -> Result<Seen<SharedSecret>, CallError> {
        let call = aws.secrets.get_secret_value().secret_id(wanted.spec.arn.as_str()).send();
        match aws.call("secretsmanager:GetSecretValue", &wanted.address, call).await {
            Ok(answer) => Ok(seen(wanted, endpoint(answer.secret_string.as_deref().unwrap_or_default()))),
            Err(error) if is_momentary(error.class) => Err(error),
            // Its value is the hub's to tell, where the hub's account is entered as well.
            Err(error) if error.class == Class::Gone && aws.may_have(Gap::SharedSecrets) => {
                Ok(Seen { state: State::Ready, ..seen(wanted, Err(String::new())) })
            }
            Err(error) => Ok(seen(wanted, Err(error.to_string()))),
        }
    }

    /// Errors that say nothing about the secret.
    fn is_momentary(class: Class) -> bool {
        matches!(class, Class::Credentials | Class::Stopped | Class::Throttled | Class::Unknown)
    }

    fn endpoint(value: &str) -> Result<String, String> {
        let value: Value = serde_json::from_str(value).unwrap_or_default();
        let id = value.get(SharedSecret::ENDPOINT.name).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| format!("the secret has no `{}`", SharedSecret::ENDPOINT.name))
    }

    fn seen(wanted: &Wanted<SharedSecret>, endpoint: Result<String, String>) -> Seen<SharedSecret> {
        let (outputs, state) = match endpoint {
            Ok(id) => (outputs([(SharedSecret::ENDPOINT.name, id)]), State::Ready),
            Err(why) => (Outputs::new(), State::Pending(why)),
        };
        let identity = wanted.spec.arn.as_str().to_owned();
        Seen { address: wanted.address.clone(), spec: wanted.spec.clone(), outputs, state, identity }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_value_is_json_with_the_endpoints_id() {
            assert_eq!(endpoint(r#"{"vpc_endpoint_id":"vpce-1"}"#), Ok("vpce-1".to_owned()));
            assert!(endpoint("vpce-1").is_err());
        }
    }
}
