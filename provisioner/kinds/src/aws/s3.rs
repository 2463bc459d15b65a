//! S3's shapes of lifecycle, access blocks and tags, and how a bucket is emptied.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, Delete, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
    NoncurrentVersionExpiration, ObjectIdentifier, PublicAccessBlockConfiguration, Tag,
};
use engine::CallError;
use model::Address;

use super::{Aws, classify};

/// The only lifecycle rule of our buckets.
const RULE: &str = "expire";

/// Uploads that nobody finished are paid for until they are given up.
const UPLOAD_DAYS: i32 = 7;

/// The tags of one bucket, for its create call.
#[must_use]
pub fn tags(aws: &Aws, at: &Address) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    aws.tags(at).0.into_iter().map(|pair| tag(pair).expect("a tag has a key and a value")).collect()
}

/// All four public access blocks.
#[must_use]
pub fn blocks() -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .block_public_policy(true)
        .ignore_public_acls(true)
        .restrict_public_buckets(true)
        .build()
}

/// Our only lifecycle rule: what expires, and everything that a bucket keeps of it.
#[must_use]
pub fn rule(days: u32) -> LifecycleRule {
    let days = days.cast_signed();
    let upload = AbortIncompleteMultipartUpload::builder().days_after_initiation(UPLOAD_DAYS).build();
    LifecycleRule::builder()
        .id(RULE)
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .expiration(LifecycleExpiration::builder().days(days).build())
        .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(days).build())
        .abort_incomplete_multipart_upload(upload)
        .build()
        .expect("a rule has a status")
}

/// After how many days objects expire; 0 if the rules are not exactly ours.
#[must_use]
pub fn days(rules: &[LifecycleRule]) -> u32 {
    let [found] = rules else { return 0 };
    let days = found.expiration.as_ref().and_then(|expiration| expiration.days).unwrap_or_default().cast_unsigned();
    let ours = rule(days);
    let same = found.status == ours.status
        && found.expiration.as_ref().and_then(|expiration| expiration.date).is_none()
        && found.noncurrent_version_expiration == ours.noncurrent_version_expiration
        && found.abort_incomplete_multipart_upload == ours.abort_incomplete_multipart_upload;
    if same { days } else { 0 }
}

/// Deletes every version and every delete marker, page by page, until there is none.
///
/// # Errors
/// What AWS answered, classified.
pub async fn empty(aws: &Aws, at: &Address, bucket: &str) -> Result<(), CallError> {
    loop {
        let call = aws.s3.list_object_versions().bucket(bucket).send();
        let page = aws.call("s3:ListBucketVersions", at, call).await?;
        let versions = page.versions.unwrap_or_default().into_iter().map(|found| (found.key, found.version_id));
        let markers = page.delete_markers.unwrap_or_default().into_iter().map(|found| (found.key, found.version_id));
        let found: Vec<_> = versions.chain(markers).filter_map(|(key, version)| object(key?, version)).collect();
        if found.is_empty() {
            return Ok(());
        }
        delete_objects(aws, at, bucket, found).await?;
    }
}

/// A page holds 1000 versions, as many as one call deletes. S3 answers 200 and lists what it refused.
async fn delete_objects(aws: &Aws, at: &Address, bucket: &str, found: Vec<ObjectIdentifier>) -> Result<(), CallError> {
    let operation = "s3:DeleteObjectVersion";
    let objects = Delete::builder().set_objects(Some(found)).quiet(true).build().expect("there are objects");
    let call = aws.s3.delete_objects().bucket(bucket).delete(objects).send();
    let answer = aws.call(operation, at, call).await?;
    let Some(refused) = answer.errors.unwrap_or_default().into_iter().next() else { return Ok(()) };
    let (code, message) = (refused.code.unwrap_or_default(), refused.message.unwrap_or_default());
    let class = classify(operation, &code, &message, Some(400));
    Err(CallError { operation: operation.to_owned(), class, code, message, ..aws.refuse(at, "") })
}

fn object(key: String, version: Option<String>) -> Option<ObjectIdentifier> {
    ObjectIdentifier::builder().key(key).set_version_id(version).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_rule_is_an_expiry() {
        assert_eq!(days(&[rule(30)]), 30);
        let mut disabled = rule(30);
        disabled.status = ExpirationStatus::Disabled;
        assert_eq!(days(&[disabled]), 0);
        let mut current_only = rule(30);
        current_only.noncurrent_version_expiration = None;
        assert_eq!(days(&[current_only]), 0);
        assert_eq!(days(&[rule(30), rule(30)]), 0);
        assert_eq!(days(&[]), 0);
    }
}
