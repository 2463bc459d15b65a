//! Bucket policies (`s3:*BucketPolicy`). Found at the bucket.

use model::{BucketName, Calls, CreateSafety, Facts, Field, Input, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// Who else may use a bucket, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketPolicy {
    pub bucket: Input<BucketName>,
    pub policy: Policy,
}

impl BucketPolicy {
    /// The bucket's name, for those who may use it by this policy only.
    pub const BUCKET: Field<Self, BucketName> = Field::new("bucket");
}

impl Kind for BucketPolicy {
    const FACTS: Facts = Facts {
        kind: "bucket-policy",
        title: "bucket policy",
        located_by: &["bucket"],
        replace_on: &["bucket"],
        outputs: &[Output::ready("bucket")],
        calls: Calls {
            create: &["s3:PutBucketPolicy"],
            update: &["s3:PutBucketPolicy"],
            delete: &["s3:DeleteBucketPolicy"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs, Policy};

    use super::BucketPolicy;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, outputs, ready},
    };

    impl Live for BucketPolicy {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.s3.delete_bucket_policy().bucket(seen.spec.bucket.as_str()).send();
            absent(aws.call("s3:DeleteBucketPolicy", &seen.address, call).await).map(drop)
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &BucketPolicy) -> Result<Made, CallError> {
        let call = aws.s3.put_bucket_policy().bucket(want.bucket.as_str()).policy(want.policy.document()).send();
        aws.call("s3:PutBucketPolicy", at, call).await?;
        Ok(ready(named(want.bucket.as_str())))
    }

    fn named(bucket: &str) -> Outputs {
        outputs([(BucketPolicy::BUCKET.name, bucket)])
    }

    async fn look(aws: &Aws, wanted: &Wanted<BucketPolicy>) -> Result<Option<Seen<BucketPolicy>>, CallError> {
        let Some(bucket) = wanted.spec.bucket.if_known() else { return Ok(None) };
        let call = aws.s3.get_bucket_policy().bucket(bucket.as_str()).send();
        let found = absent(aws.call("s3:GetBucketPolicy", &wanted.address, call).await)?;
        let document = found.and_then(|found| found.policy);
        Ok(document.map(|document| Seen {
            address: wanted.address.clone(),
            spec: BucketPolicy {
                bucket: wanted.spec.bucket.clone(),
                policy: Policy::parse(&document).unwrap_or_default(),
            },
            outputs: named(bucket.as_str()),
            state: State::Ready,
            identity: bucket.to_string(),
        }))
    }
}
