//! What certificates and their listeners share: tags, asked for once.

use std::sync::Arc;

use engine::CallError;
use model::Tags;

use super::{Aws, absent};

/// The tags of a certificate; None if it does not exist.
pub(crate) async fn tags(aws: &Aws, arn: &str) -> Result<Arc<Option<Tags>>, CallError> {
    let operation = "acm:ListTagsForCertificate";
    let ask = async {
        let call = aws.acm.list_tags_for_certificate().certificate_arn(arn);
        let answer = absent(aws.list(operation, call.send()).await)?;
        Ok(answer.map(|answer| answer.tags().iter().filter_map(|tag| Some((tag.key(), tag.value()?))).collect()))
    };
    aws.once(&format!("{operation} {arn}"), ask).await
}
