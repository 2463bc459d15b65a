//! Lists whose order means nothing to AWS. Wanted and seen ones are put in one order, so that equal sets compare equal.

use serde::{Deserialize, Deserializer, Serialize};

/// For `#[serde(deserialize_with)]`: a spec that was read back is in this order.
pub(crate) fn unordered<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Serialize + Deserialize<'de>,
{
    Vec::deserialize(deserializer).map(in_order)
}

/// The order of the items' JSON texts.
pub(crate) fn in_order<T: Serialize>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_by_cached_key(|item| serde_json::to_string(item).expect("specs are plain data"));
    items
}

#[cfg(test)]
mod tests {
    use model::{Input, SubnetId};

    use super::{in_order, unordered};

    #[derive(serde::Deserialize)]
    struct Spec(#[serde(deserialize_with = "unordered")] Vec<Input<SubnetId>>);

    #[test]
    fn sets_compare_equal_however_they_were_written() {
        let Spec(read) = serde_json::from_str(r#"["subnet-2", "subnet-1"]"#).expect("a list");
        let made: Vec<Input<SubnetId>> = in_order(["subnet-1".into(), "subnet-2".into()]);
        assert_eq!(read, made);
    }
}
