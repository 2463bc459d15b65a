//! S3 buckets for logs (`s3:*Bucket`). Globally unique by name, confirmed by tags; each of their settings is an object of its
//! own.

use model::{BucketName, Calls, CreateSafety, Facts, Field, Kind, Output};
use serde::{Deserialize, Serialize};

/// A bucket without ACLs and encrypted with S3's own keys (SSE-S3): the only kind that a
/// load balancer's access logs take, and what every bucket has since January 2023 unless told otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// 3 to 63 of `[a-z0-9-]`.
    pub name: BucketName,
}

impl Bucket {
    pub const NAME: Field<Self, BucketName> = Field::new("name");
}

impl Kind for Bucket {
    const FACTS: Facts = Facts {
        kind: "bucket",
        title: "bucket",
        replace_on: &["name"],
        outputs: &[Output::created("name")],
        holds_data: true,
        calls: Calls {
            create: &["s3:CreateBucket"],
            delete: &["s3:DeleteBucket"],
            also: &["s3:DeleteObjectVersion", "s3:PutBucketTagging"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_s3::{
        operation::create_bucket::builders::CreateBucketFluentBuilder,
        types::{BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership, Tag, Tagging},
    };
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Tags};

    use super::Bucket;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, Gap, absent, outputs,
            owner::{foreign, owner},
            ready, s3,
        },
    };

    /// The Region that must not be named when a bucket is made in it.
    const UNNAMED: &str = "us-east-1";

    impl Live for Bucket {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let looks = try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?;
            Ok(looks.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let tags = s3::tags(aws, at);
            let call = in_region(aws, aws.s3.create_bucket().bucket(want.name.as_str()), tags.clone());
            let call = call.object_ownership(ObjectOwnership::BucketOwnerEnforced).send();
            aws.call("s3:CreateBucket", at, call).await?;
            if aws.may_have(Gap::TagsOfNewBuckets) {
                put_tags(aws, at, want, tags).await?;
            }
            Ok(ready(outputs([(Self::NAME.name, want.name.as_str())])))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            if absent(s3::empty(aws, &seen.address, seen.spec.name.as_str()).await)?.is_none() {
                return Ok(());
            }
            let call = aws.s3.delete_bucket().bucket(seen.spec.name.as_str()).send();
            absent(aws.call("s3:DeleteBucket", &seen.address, call).await).map(drop)
        }
    }

    async fn look(aws: &Aws, wanted: &Wanted<Bucket>) -> Result<Option<Seen<Bucket>>, CallError> {
        let (at, name) = (&wanted.address, wanted.spec.name.as_str());
        let Some(tags) = found_tags(aws, at, name).await? else { return Ok(None) };
        let Some(address) = owner::<Bucket>(aws, &tags) else {
            return Ok(Some(foreign(wanted, &format!("a bucket named `{name}`"))));
        };
        Ok(Some(seen(address, Bucket { name: name.into() })))
    }

    /// Empty if the bucket has none, nothing if it does not exist. Names are global and can be guessed: a bucket of another
    /// account, whatever its tags say, is an error.
    async fn found_tags(aws: &Aws, at: &Address, name: &str) -> Result<Option<Tags>, CallError> {
        let call = aws.s3.get_bucket_tagging().bucket(name).expected_bucket_owner(aws.account.as_str()).send();
        let found = match aws.call("s3:GetBucketTagging", at, call).await {
            Err(error) if error.code == "NoSuchTagSet" => Vec::new(),
            answer => match absent(answer)? {
                Some(answer) => answer.tag_set,
                None => return Ok(None),
            },
        };
        Ok(Some(found.into_iter().map(|tag| (tag.key, tag.value)).collect()))
    }

    async fn put_tags(aws: &Aws, at: &Address, want: &Bucket, tags: Vec<Tag>) -> Result<(), CallError> {
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().expect("there are tags");
        let call = aws.s3.put_bucket_tagging().bucket(want.name.as_str()).tagging(tagging).send();
        aws.call("s3:PutBucketTagging", at, call).await.map(drop)
    }

    fn in_region(aws: &Aws, call: CreateBucketFluentBuilder, tags: Vec<Tag>) -> CreateBucketFluentBuilder {
        let here = (aws.region != UNNAMED).then(|| BucketLocationConstraint::from(aws.region.as_str()));
        let config = CreateBucketConfiguration::builder().set_location_constraint(here).set_tags(Some(tags)).build();
        call.create_bucket_configuration(config)
    }

    fn seen(address: Address, spec: Bucket) -> Seen<Bucket> {
        let name = spec.name.as_str().to_owned();
        let outputs = outputs([(Bucket::NAME.name, name.clone())]);
        Seen { address, spec, outputs, state: State::Ready, identity: name }
    }
}
