//! What certificates and their listeners share: tags, searched for together and else asked for once.

use std::sync::Arc;

use engine::CallError;
use model::Tags;

use super::{Aws, absent, tagged};

/// The tags of a certificate; None if it does not exist.
pub(crate) async fn tags(aws: &Aws, arn: &str) -> Result<Arc<Option<Tags>>, CallError> {
    let operation = "acm:ListTagsForCertificate";
    let ask = async {
        if let Some(tags) = tagged::ours(aws).await?.get(arn) {
            return Ok(Some(tags.clone()));
        }
        let call = aws.acm.list_tags_for_certificate().certificate_arn(arn);
        let answer = absent(aws.list(operation, call.send()).await)?;
        Ok(answer.map(|answer| answer.tags().iter().filter_map(|tag| Some((tag.key(), tag.value()?))).collect()))
    };
    aws.once(&format!("{operation} {arn}"), ask).await
}
