//! Lifecycle rules of buckets (`s3:*LifecycleConfiguration`). Found at the bucket.

use model::{BucketName, Calls, CreateSafety, Facts, Input, Kind};
use serde::{Deserialize, Serialize};

/// The only rule of a bucket: what is in it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketLifecycle {
    pub bucket: Input<BucketName>,
    /// Objects are deleted after this many days, and what is left of them in a versioned bucket after as many more. Reads back
    /// as 0 if the rules are not exactly ours.
    pub expire_days: u32,
}

impl Kind for BucketLifecycle {
    const FACTS: Facts = Facts {
        kind: "bucket-lifecycle",
        title: "bucket lifecycle",
        located_by: &["bucket"],
        replace_on: &["bucket"],
        calls: Calls {
            create: &["s3:PutLifecycleConfiguration"],
            update: &["s3:PutLifecycleConfiguration"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_s3::types::BucketLifecycleConfiguration;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::BucketLifecycle;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ready, s3},
    };

    impl Live for BucketLifecycle {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await
        }

        /// It goes with its bucket: a bucket that stays must not begin to keep for ever.
        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &BucketLifecycle) -> Result<Made, CallError> {
        let rules = BucketLifecycleConfiguration::builder().rules(s3::rule(want.expire_days)).build();
        let call = aws.s3.put_bucket_lifecycle_configuration().bucket(want.bucket.as_str());
        let call = call.lifecycle_configuration(rules.expect("there is a rule")).send();
        aws.call("s3:PutLifecycleConfiguration", at, call).await?;
        Ok(ready(Outputs::new()))
    }

    async fn look(aws: &Aws, wanted: &Wanted<BucketLifecycle>) -> Result<Option<Seen<BucketLifecycle>>, CallError> {
        let Some(bucket) = wanted.spec.bucket.if_known() else { return Ok(None) };
        let call = aws.s3.get_bucket_lifecycle_configuration().bucket(bucket.as_str()).send();
        let found = absent(aws.call("s3:GetLifecycleConfiguration", &wanted.address, call).await)?;
        let rules = found.and_then(|found| found.rules).filter(|rules| !rules.is_empty());
        Ok(rules.map(|rules| Seen {
            address: wanted.address.clone(),
            spec: BucketLifecycle { bucket: wanted.spec.bucket.clone(), expire_days: s3::days(&rules) },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: bucket.to_string(),
        }))
    }
}
