//! What a load balancer is told after it was made (`elasticloadbalancing:ModifyLoadBalancerAttributes`). Found at the balancer,
//! and there as long as it is.

use model::{BucketName, Calls, CreateSafety, Facts, Input, Kind, LoadBalancerArn};
use serde::{Deserialize, Serialize};

/// How a load balancer treats requests and itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancerAttributes {
    pub load_balancer: Input<LoadBalancerArn>,
    /// Where access logs go; the bucket's policy must let them in first.
    pub access_logs: Input<BucketName>,
    pub drop_invalid_headers: bool,
    pub preserve_host: bool,
    pub deletion_protection: bool,
}

impl Kind for LoadBalancerAttributes {
    const FACTS: Facts = Facts {
        kind: "load-balancer-attributes",
        title: "load balancer attributes",
        located_by: &["load_balancer"],
        replace_on: &["load_balancer"],
        create_first: true,
        calls: Calls {
            create: &["elasticloadbalancing:ModifyLoadBalancerAttributes"],
            update: &["elasticloadbalancing:ModifyLoadBalancerAttributes"],
            also: &["elasticloadbalancing:ModifyLoadBalancerAttributes"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::HashMap;

    use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::LoadBalancerAttributes;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ready, telling},
    };

    const LOGS: &str = "access_logs.s3.enabled";
    const LOG_BUCKET: &str = "access_logs.s3.bucket";
    const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";
    const PRESERVE_HOST: &str = "routing.http.preserve_host_header.enabled";
    const PROTECTION: &str = "deletion_protection.enabled";

    const ALL: [&str; 4] = ["access_logs", "deletion_protection", "drop_invalid_headers", "preserve_host"];

    /// What an answer has to tell at least.
    const KEYS: [&str; 4] = [LOGS, DROP_INVALID, PRESERVE_HOST, PROTECTION];

    impl Live for LoadBalancerAttributes {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            set(aws, at, want, ALL.iter().flat_map(|field| attributes(want, field)).collect()).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            set(aws, &seen.address, want, fields.iter().flat_map(|field| attributes(want, field)).collect()).await
        }

        /// They go with their balancer, but for the protection, which would keep it.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            if seen.spec.deletion_protection {
                absent(set(aws, &seen.address, &seen.spec, vec![attribute(PROTECTION, "false")]).await)?;
            }
            Ok(())
        }
    }

    async fn set(
        aws: &Aws,
        at: &Address,
        want: &LoadBalancerAttributes,
        attributes: Vec<LoadBalancerAttribute>,
    ) -> Result<Made, CallError> {
        let call = aws.elb.modify_load_balancer_attributes().load_balancer_arn(want.load_balancer.as_str());
        let call = call.set_attributes(Some(attributes)).send();
        let made = aws.call("elasticloadbalancing:ModifyLoadBalancerAttributes", at, call).await?;
        let attributes = by_key(made.attributes.unwrap_or_default());
        let is_whole = KEYS.iter().all(|key| attributes.contains_key(*key));
        Ok(telling(ready(Outputs::new()), is_whole.then(|| spec(want, &attributes))))
    }

    fn attributes(want: &LoadBalancerAttributes, field: &str) -> Vec<LoadBalancerAttribute> {
        let switch = |key, on: bool| vec![attribute(key, if on { "true" } else { "false" })];
        match field {
            "access_logs" => vec![attribute(LOGS, "true"), attribute(LOG_BUCKET, want.access_logs.as_str())],
            "deletion_protection" => switch(PROTECTION, want.deletion_protection),
            "drop_invalid_headers" => switch(DROP_INVALID, want.drop_invalid_headers),
            "preserve_host" => switch(PRESERVE_HOST, want.preserve_host),
            _ => Vec::new(),
        }
    }

    fn attribute(key: &str, value: &str) -> LoadBalancerAttribute {
        LoadBalancerAttribute::builder().key(key).value(value).build()
    }

    /// None if the balancer went away in the meantime.
    async fn look(
        aws: &Aws,
        wanted: &Wanted<LoadBalancerAttributes>,
    ) -> Result<Option<Seen<LoadBalancerAttributes>>, CallError> {
        let Some(arn) = wanted.spec.load_balancer.if_known() else { return Ok(None) };
        let call = aws.elb.describe_load_balancer_attributes().load_balancer_arn(arn.as_str()).send();
        let answer = aws.call("elasticloadbalancing:DescribeLoadBalancerAttributes", &wanted.address, call).await;
        let Some(answer) = absent(answer)? else { return Ok(None) };
        let attributes = by_key(answer.attributes.unwrap_or_default());
        Ok(Some(Seen {
            address: wanted.address.clone(),
            spec: spec(&wanted.spec, &attributes),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: arn.to_string(),
        }))
    }

    fn by_key(attributes: Vec<LoadBalancerAttribute>) -> HashMap<String, String> {
        attributes.into_iter().filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect()
    }

    fn spec(want: &LoadBalancerAttributes, attributes: &HashMap<String, String>) -> LoadBalancerAttributes {
        let is_on = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
        let bucket = attributes.get(LOG_BUCKET).filter(|_| is_on(LOGS)).cloned().unwrap_or_default();
        LoadBalancerAttributes {
            load_balancer: want.load_balancer.clone(),
            access_logs: bucket.into(),
            drop_invalid_headers: is_on(DROP_INVALID),
            preserve_host: is_on(PRESERVE_HOST),
            deletion_protection: is_on(PROTECTION),
        }
    }
}
