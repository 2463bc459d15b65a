//! IAM-style policy documents as typed values, in one canonical form.
//!
//! AWS normalises what it is given (one-element lists, account ids as principals, order). Both what we want and what we
//! read pass through [`Policy::parse`]'s form, so equal meanings compare equal and a promise inside is an edge like any other.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value, json};

use crate::{Arn, Input};

const VERSION: &str = "2012-10-17";

/// Operator, then key, then values.
pub type Conditions = BTreeMap<String, BTreeMap<String, Vec<Input<Arn>>>>;

/// A policy: its statements, in the order they were written.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Policy {
    pub statements: Vec<Statement>,
}

/// One statement. Empty lists are left out of the document.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Statement {
    pub sid: String,
    pub deny: bool,
    /// By principal type: `AWS`, `Service`. `*` is `{"AWS": ["*"]}`.
    pub principals: BTreeMap<String, Vec<Input<Arn>>>,
    pub actions: Vec<String>,
    pub resources: Vec<Input<Arn>>,
    pub conditions: Conditions,
}

impl Statement {
    #[must_use]
    pub fn allow(sid: &str) -> Self {
        Self { sid: sid.to_owned(), ..Self::default() }
    }

    #[must_use]
    pub fn deny(sid: &str) -> Self {
        Self { deny: true, ..Self::allow(sid) }
    }

    /// `kind` is `AWS` or `Service`.
    #[must_use]
    pub fn principal(mut self, kind: &str, who: impl Into<Input<Arn>>) -> Self {
        self.principals.entry(kind.to_owned()).or_default().push(who.into());
        self
    }

    #[must_use]
    pub fn anyone(self) -> Self {
        self.principal("AWS", "*")
    }

    #[must_use]
    pub fn actions(mut self, actions: &[&str]) -> Self {
        self.actions.extend(actions.iter().map(|&action| action.to_owned()));
        self
    }

    #[must_use]
    pub fn on(mut self, resource: impl Into<Input<Arn>>) -> Self {
        self.resources.push(resource.into());
        self
    }

    #[must_use]
    pub fn when(mut self, operator: &str, key: &str, value: impl Into<Input<Arn>>) -> Self {
        let keys = self.conditions.entry(operator.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default().push(value.into());
        self
    }
}

impl Policy {
    #[must_use]
    pub fn of(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { statements: statements.into_iter().collect() }
    }

    /// Reads a document as AWS returns it: URL-decoded JSON text.
    ///
    /// # Errors
    /// If the text is not a policy document.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The document to send; the policy must be resolved.
    #[must_use]
    pub fn document(&self) -> String {
        let mut document = self.to_value();
        for statement in document["Statement"].as_array_mut().into_iter().flatten() {
            // Gateway endpoints and API Gateway take the plain form only.
            if statement.get("Principal") == Some(&json!({"AWS": ["*"]})) {
                statement["Principal"] = json!("*");
            }
        }
        document.to_string()
    }

    /// The canonical JSON form.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({"Version": VERSION, "Statement": self.statements.iter().map(Statement::to_value).collect::<Vec<_>>()})
    }
}

impl Statement {
    fn to_value(&self) -> Value {
        let mut map = Map::new();
        if !self.sid.is_empty() {
            map.insert("Sid".into(), json!(self.sid));
        }
        map.insert("Effect".into(), json!(if self.deny { "Deny" } else { "Allow" }));
        if !self.principals.is_empty() {
            map.insert("Principal".into(), json!(self.principals));
        }
        map.insert("Action".into(), json!(self.actions));
        if !self.resources.is_empty() {
            map.insert("Resource".into(), json!(self.resources));
        }
        if !self.conditions.is_empty() {
            map.insert("Condition".into(), json!(self.conditions));
        }
        Value::Object(map)
    }

    fn from_value(value: &Value) -> Result<Self, String> {
        let fields = value.as_object().ok_or("a statement is not an object")?;
        Ok(Self {
            sid: fields.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
            deny: fields.get("Effect").and_then(Value::as_str) == Some("Deny"),
            principals: principals(fields.get("Principal"))?,
            actions: texts(fields.get("Action"))?,
            resources: inputs(fields.get("Resource"))?,
            conditions: conditions(fields.get("Condition"))?,
        })
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(items)) => items.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn texts(value: Option<&Value>) -> Result<Vec<String>, String> {
    let mut texts: Vec<String> = list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    texts.sort();
    Ok(texts)
}

fn inputs(value: Option<&Value>) -> Result<Vec<Input<Arn>>, String> {
    let mut items: Vec<Value> = list(value).into_iter().map(as_text).collect();
    items.sort_by_key(ToString::to_string);
    items.into_iter().map(|item| serde_json::from_value(item).map_err(|error| error.to_string())).collect()
}

/// Condition values may be written as booleans or numbers; AWS returns them as texts.
fn as_text(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other,
    }
}

fn principals(value: Option<&Value>) -> Result<BTreeMap<String, Vec<Input<Arn>>>, String> {
    match value {
        None => Ok(BTreeMap::new()),
        Some(Value::Object(map)) => map
            .iter()
            .map(|(kind, who)| {
                let who: Vec<Value> = list(Some(who)).into_iter().map(account_root).collect();
                Ok((kind.clone(), inputs(Some(&Value::Array(who)))?))
            })
            .collect(),
        Some(star) => Ok(BTreeMap::from([("AWS".to_owned(), inputs(Some(star))?)])),
    }
}

/// AWS accepts a bare account id and returns the account's root ARN.
fn account_root(who: Value) -> Value {
    match who.as_str() {
        Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => {
            Value::String(format!("arn:aws:iam::{id}:root"))
        }
        _ => who,
    }
}

fn conditions(value: Option<&Value>) -> Result<Conditions, String> {
    let Some(Value::Object(operators)) = value else { return Ok(BTreeMap::new()) };
    operators
        .iter()
        .map(|(operator, keys)| {
            let keys = keys.as_object().ok_or("a condition is not an object")?;
            let keys = keys.iter().map(|(key, values)| Ok((key.clone(), inputs(Some(values))?)));
            Ok((operator.clone(), keys.collect::<Result<_, String>>()?))
        })
        .collect()
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        let statements = list(document.get("Statement"));
        let statements: Result<Vec<_>, _> = statements.iter().map(Statement::from_value).collect();
        statements.map(|statements| Self { statements }).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_normalises_compares_equal() {
        let ours = Policy::of([Statement::allow("Read")
            .principal("AWS", "arn:aws:iam::111122223333:root")
            .actions(&["s3:GetObject", "s3:ListBucket"])
            .on("arn:aws:s3:::b")
            .when("Bool", "aws:SecureTransport", "true")]);
        let theirs = r#"{"Version":"2012-10-17","Statement":{"Sid":"Read","Effect":"Allow","Principal":{"AWS":"111122223333"},
            "Action":["s3:ListBucket","s3:GetObject"],"Resource":"arn:aws:s3:::b","Condition":{"Bool":{"aws:SecureTransport":true}}}}"#;
        assert_eq!(Policy::parse(theirs).expect("a document"), Policy::parse(&ours.document()).expect("a document"));
    }

    #[test]
    fn anyone_is_written_the_way_gateway_endpoints_take_it() {
        let policy = Policy::of([Statement::allow("").anyone().actions(&["execute-api:Invoke"]).on("execute-api:/*")]);
        assert!(policy.document().contains(r#""Principal":"*""#), "{}", policy.document());
        assert_eq!(Policy::parse(&policy.document()).expect("a document"), policy);
    }
}
