//! Versioning of buckets (`s3:*BucketVersioning`). Found at the bucket, if it is on.

use model::{BucketName, Calls, CreateSafety, Facts, Input, Kind};
use serde::{Deserialize, Serialize};

/// What is overwritten or deleted in a bucket is kept until its lifecycle ends. It goes with the bucket: a bucket that was
/// versioned once always is, or suspended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketVersioning {
    pub bucket: Input<BucketName>,
}

impl Kind for BucketVersioning {
    const FACTS: Facts = Facts {
        kind: "bucket-versioning",
        title: "bucket versioning",
        located_by: &["bucket"],
        replace_on: &["bucket"],
        calls: Calls { create: &["s3:PutBucketVersioning"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::BucketVersioning;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, Gap, absent, ready},
    };

    impl Live for BucketVersioning {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            let call = aws.s3.put_bucket_versioning().bucket(want.bucket.as_str()).versioning_configuration(on);
            aws.call("s3:PutBucketVersioning", at, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    async fn look(aws: &Aws, wanted: &Wanted<BucketVersioning>) -> Result<Option<Seen<BucketVersioning>>, CallError> {
        let Some(bucket) = wanted.spec.bucket.if_known() else { return Ok(None) };
        let call = aws.s3.get_bucket_versioning().bucket(bucket.as_str()).send();
        let is_on = match aws.call("s3:GetBucketVersioning", &wanted.address, call).await {
            Err(error) if error.class == Class::Fatal && aws.may_have(Gap::Versioning) => true,
            answer => absent(answer)?.and_then(|found| found.status) == Some(BucketVersioningStatus::Enabled),
        };
        Ok(is_on.then(|| Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: bucket.to_string(),
        }))
    }
}
