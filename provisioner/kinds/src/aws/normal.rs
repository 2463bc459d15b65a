//! Answers in the form that wanted specs have.

use aws_smithy_types::DateTime;
use model::{Id, Input};

/// The found texts in the wanted order if they are the same ones, in ascending order otherwise: AWS keeps no order.
#[must_use]
pub fn in_wanted_order<T: Id>(mut found: Vec<String>, wanted: Option<&[Input<T>]>) -> Vec<Input<T>> {
    found.sort();
    match wanted.filter(|wanted| is_same_set(&found, wanted)) {
        Some(wanted) => wanted.to_vec(),
        None => found.into_iter().map(Input::from).collect(),
    }
}

/// `found` is in ascending order.
fn is_same_set<T: Id>(found: &[String], wanted: &[Input<T>]) -> bool {
    let mut texts: Vec<Option<&str>> = wanted.iter().map(|input| Some(input.if_known()?.as_ref())).collect();
    texts.sort_unstable();
    texts.into_iter().eq(found.iter().map(|text| Some(text.as_str())))
}

/// Creation time in seconds, then the id: older objects sort before their twins.
#[must_use]
pub fn identity(created: Option<&DateTime>, id: &str) -> String {
    format!("{} {id}", created.map_or(0, DateTime::secs))
}

/// Known texts, as calls take them.
#[must_use]
pub fn texts<T: Id>(inputs: &[Input<T>]) -> Option<Vec<String>> {
    Some(inputs.iter().map(|input| input.as_str().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use model::SubnetId;

    use super::*;

    #[test]
    fn the_order_of_the_same_texts_is_no_difference() {
        let wanted: Vec<Input<SubnetId>> = vec!["subnet-b".into(), "subnet-a".into()];
        let found = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(in_wanted_order(found(&["subnet-a", "subnet-b"]), Some(&wanted)), wanted);
        let others: Vec<Input<SubnetId>> = vec!["subnet-a".into(), "subnet-c".into()];
        assert_eq!(in_wanted_order(found(&["subnet-c", "subnet-a"]), Some(&wanted)), others);
        assert_eq!(in_wanted_order(found(&["subnet-c", "subnet-a"]), None), others);
    }
}
