//! S3 buckets for logs (`s3:*Bucket*`). Globally unique by name, confirmed by tags.

use model::{BucketName, CreateSafety, Facts, Field, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A private bucket whose objects expire, without ACLs and encrypted with S3's own keys (SSE-S3): the only kind that a
/// load balancer's access logs take, and what every bucket has since January 2023 unless told otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// 3 to 63 of `[a-z0-9-]`.
    pub name: BucketName,
    pub policy: Policy,
    /// Objects are deleted after this many days, and what is left of them in a versioned bucket after as many more.
    pub expire_days: u32,
    pub versioning: bool,
    /// All four public access blocks.
    pub block_public_access: bool,
}

impl Bucket {
    /// Known when its policy is in place.
    pub const NAME: Field<Self, BucketName> = Field::new("name");
}

impl Kind for Bucket {
    const FACTS: Facts = Facts {
        kind: "bucket",
        title: "bucket",
        replace_on: &["name"],
        outputs: &[Output::ready("name")],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_s3::{
        operation::create_bucket::builders::CreateBucketFluentBuilder,
        types::{
            BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
            ObjectOwnership, Tag, Tagging, VersioningConfiguration,
        },
    };
    use engine::{CallError, Made, State};
    use futures::{future::try_join_all, try_join};
    use model::{Address, Policy, Tags};

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
            let left = ["block_public_access", "expire_days", "policy", "versioning"].map(str::to_owned).to_vec();
            Ok(Made { left, ..ready(outputs([(Self::NAME.name, want.name.as_str())])) })
        }

        /// One after the other: S3 refuses changes of one bucket at the same time.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            for field in fields {
                match field.as_str() {
                    "block_public_access" => block(aws, &seen.address, want).await?,
                    "expire_days" => expire(aws, &seen.address, want).await?,
                    "policy" => put_policy(aws, &seen.address, want).await?,
                    "versioning" => version(aws, &seen.address, want).await?,
                    other => return Err(aws.refuse(&seen.address, &format!("`{other}` cannot change in place"))),
                }
            }
            Ok(ready(seen.outputs.clone()))
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
        let (policy, expire_days, versioning, block_public_access) = try_join!(
            policy(aws, at, name),
            expire_days(aws, at, name),
            versioning(aws, wanted),
            block_public_access(aws, at, name),
        )?;
        let spec = Bucket { name: name.into(), policy, expire_days, versioning, block_public_access };
        Ok(Some(seen(address, spec)))
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

    async fn policy(aws: &Aws, at: &Address, name: &str) -> Result<Policy, CallError> {
        let call = aws.s3.get_bucket_policy().bucket(name).send();
        let found = absent(aws.call("s3:GetBucketPolicy", at, call).await)?;
        let document = found.and_then(|found| found.policy).unwrap_or_default();
        Ok(Policy::parse(&document).unwrap_or_default())
    }

    /// 0 if the rules are not exactly ours.
    async fn expire_days(aws: &Aws, at: &Address, name: &str) -> Result<u32, CallError> {
        let call = aws.s3.get_bucket_lifecycle_configuration().bucket(name).send();
        let found = absent(aws.call("s3:GetLifecycleConfiguration", at, call).await)?;
        Ok(s3::days(&found.and_then(|found| found.rules).unwrap_or_default()))
    }

    async fn versioning(aws: &Aws, wanted: &Wanted<Bucket>) -> Result<bool, CallError> {
        let call = aws.s3.get_bucket_versioning().bucket(wanted.spec.name.as_str()).send();
        match aws.call("s3:GetBucketVersioning", &wanted.address, call).await {
            Err(_) if aws.may_have(Gap::Versioning) => Ok(wanted.spec.versioning),
            answer => Ok(absent(answer)?.and_then(|found| found.status) == Some(BucketVersioningStatus::Enabled)),
        }
    }

    async fn block_public_access(aws: &Aws, at: &Address, name: &str) -> Result<bool, CallError> {
        let call = aws.s3.get_public_access_block().bucket(name).send();
        let found = absent(aws.call("s3:GetBucketPublicAccessBlock", at, call).await)?;
        Ok(found.and_then(|found| found.public_access_block_configuration) == Some(s3::blocks(true)))
    }

    async fn put_tags(aws: &Aws, at: &Address, want: &Bucket, tags: Vec<Tag>) -> Result<(), CallError> {
        let tagging = Tagging::builder().set_tag_set(Some(tags)).build().expect("there are tags");
        let call = aws.s3.put_bucket_tagging().bucket(want.name.as_str()).tagging(tagging).send();
        aws.call("s3:PutBucketTagging", at, call).await.map(drop)
    }

    async fn block(aws: &Aws, at: &Address, want: &Bucket) -> Result<(), CallError> {
        let call = aws.s3.put_public_access_block().bucket(want.name.as_str());
        let call = call.public_access_block_configuration(s3::blocks(want.block_public_access)).send();
        aws.call("s3:PutBucketPublicAccessBlock", at, call).await.map(drop)
    }

    async fn expire(aws: &Aws, at: &Address, want: &Bucket) -> Result<(), CallError> {
        let rules = BucketLifecycleConfiguration::builder().rules(s3::rule(want.expire_days)).build();
        let call = aws.s3.put_bucket_lifecycle_configuration().bucket(want.name.as_str());
        let call = call.lifecycle_configuration(rules.expect("there is a rule")).send();
        aws.call("s3:PutLifecycleConfiguration", at, call).await.map(drop)
    }

    async fn put_policy(aws: &Aws, at: &Address, want: &Bucket) -> Result<(), CallError> {
        if want.policy.statements.is_empty() {
            let call = aws.s3.delete_bucket_policy().bucket(want.name.as_str()).send();
            return absent(aws.call("s3:DeleteBucketPolicy", at, call).await).map(drop);
        }
        let call = aws.s3.put_bucket_policy().bucket(want.name.as_str()).policy(want.policy.document()).send();
        aws.call("s3:PutBucketPolicy", at, call).await.map(drop)
    }

    /// A bucket that was versioned once can only be suspended.
    async fn version(aws: &Aws, at: &Address, want: &Bucket) -> Result<(), CallError> {
        use BucketVersioningStatus::{Enabled, Suspended};
        let status = if want.versioning { Enabled } else { Suspended };
        let versioning = VersioningConfiguration::builder().status(status).build();
        let call = aws.s3.put_bucket_versioning().bucket(want.name.as_str()).versioning_configuration(versioning);
        aws.call("s3:PutBucketVersioning", at, call.send()).await.map(drop)
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
