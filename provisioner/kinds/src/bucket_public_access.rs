//! Public access blocks of buckets (`s3:*BucketPublicAccessBlock`). Found at the bucket, if all four are on.

use model::{BucketName, Calls, CreateSafety, Facts, Input, Kind};
use serde::{Deserialize, Serialize};

/// Nobody outside the account gets in, whatever policies and ACLs say. It goes with the bucket, and never before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketPublicAccess {
    pub bucket: Input<BucketName>,
}

impl Kind for BucketPublicAccess {
    const FACTS: Facts = Facts {
        kind: "bucket-public-access",
        title: "bucket public access block",
        located_by: &["bucket"],
        replace_on: &["bucket"],
        calls: Calls { create: &["s3:PutBucketPublicAccessBlock"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::BucketPublicAccess;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ready, s3},
    };

    impl Live for BucketPublicAccess {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.s3.put_public_access_block().bucket(want.bucket.as_str());
            let call = call.public_access_block_configuration(s3::blocks()).send();
            aws.call("s3:PutBucketPublicAccessBlock", at, call).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    async fn look(
        aws: &Aws,
        wanted: &Wanted<BucketPublicAccess>,
    ) -> Result<Option<Seen<BucketPublicAccess>>, CallError> {
        let Some(bucket) = wanted.spec.bucket.if_known() else { return Ok(None) };
        let call = aws.s3.get_public_access_block().bucket(bucket.as_str()).send();
        let found = absent(aws.call("s3:GetBucketPublicAccessBlock", &wanted.address, call).await)?;
        let is_on = found.and_then(|found| found.public_access_block_configuration) == Some(s3::blocks());
        Ok(is_on.then(|| Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: bucket.to_string(),
        }))
    }
}
