//! References: "the `T` that another object will have", as plain data.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Value, json};

use crate::{Address, ids::Id};

/// Names one output of kind `K` whose value is a `T`: `Vpc::ID` is a `Field<Vpc, VpcId>`.
pub struct Field<K, T> {
    pub name: &'static str,
    of: PhantomData<fn() -> (K, T)>,
}

impl<K, T> Field<K, T> {
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }
}

impl<K, T> Clone for Field<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, T> Copy for Field<K, T> {}

/// A promise of a `T`: written as `{"$ref": "consumer/vpc/main#id"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref<T> {
    pub node: Address,
    pub field: String,
    of: PhantomData<fn() -> T>,
}

impl<T> Ref<T> {
    #[must_use]
    pub fn new(node: Address, field: &str) -> Self {
        Self { node, field: field.to_owned(), of: PhantomData }
    }
}

/// What a spec's field holds: a value, the promise of one, or a text with promises inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<T> {
    Known(T),
    From(Ref<T>),
    /// `{"$join": ["arn:…:", {"$ref": "…"}, "/*"]}`: the pieces, joined.
    Join(Vec<Value>),
}

impl<T: Clone> Input<T> {
    /// The value itself; only for specs whose references were resolved.
    ///
    /// # Panics
    /// If it is still a promise: the engine hands kinds resolved specs only.
    #[must_use]
    pub fn known(&self) -> &T {
        match self {
            Self::Known(value) => value,
            Self::From(promise) => panic!("`{}#{}` was not resolved before it was used", promise.node, promise.field),
            Self::Join(_) => panic!("a text with references was not resolved before it was used"),
        }
    }

    /// The value if it is known already.
    #[must_use]
    pub fn if_known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

impl<T: Id> Input<T> {
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.known().as_ref()
    }

    /// The same promise, seen as another type of text (a role's ARN as an ARN).
    #[must_use]
    pub fn cast<U: Id>(&self) -> Input<U> {
        match self {
            Self::Known(value) => Input::Known(U::from(value.as_ref().to_owned())),
            Self::From(promise) => Input::From(Ref::new(promise.node.clone(), &promise.field)),
            Self::Join(parts) => Input::Join(parts.clone()),
        }
    }
}

impl<T: Id> From<T> for Input<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Id> From<&str> for Input<T> {
    fn from(text: &str) -> Self {
        Self::Known(T::from(text.to_owned()))
    }
}

impl<T: Id> From<String> for Input<T> {
    fn from(text: String) -> Self {
        Self::Known(T::from(text))
    }
}

/// Builds a text that has promises inside: `Text::new().lit("arn:").input(&api.id()).lit("/*").build()`.
#[derive(Default)]
pub struct Text {
    parts: Vec<Value>,
}

impl Text {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn lit(mut self, text: &str) -> Self {
        match self.parts.last_mut() {
            Some(Value::String(last)) => last.push_str(text),
            _ => self.parts.push(Value::String(text.to_owned())),
        }
        self
    }

    #[must_use]
    pub fn input<T: Id>(mut self, input: &Input<T>) -> Self {
        match input {
            Input::Known(value) => self.lit(value.as_ref()),
            Input::From(promise) => {
                self.parts.push(json!({"$ref": format!("{}#{}", promise.node, promise.field)}));
                self
            }
            Input::Join(parts) => {
                self.parts.extend(parts.iter().cloned());
                self
            }
        }
    }

    /// A known text when nothing in it is a promise.
    #[must_use]
    pub fn build<T: Id>(self) -> Input<T> {
        match self.parts.as_slice() {
            [] => Input::Known(T::from(String::new())),
            [Value::String(text)] => Input::Known(T::from(text.clone())),
            _ => Input::Join(self.parts),
        }
    }
}

impl<T: Serialize> Serialize for Input<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::From(promise) => json!({"$ref": format!("{}#{}", promise.node, promise.field)}).serialize(serializer),
            Self::Join(parts) => json!({"$join": parts}).serialize(serializer),
        }
    }
}

impl<'de, T: for<'a> Deserialize<'a>> Deserialize<'de> for Input<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(text) = value.get("$ref").and_then(Value::as_str) {
            let (node, field) = text.split_once('#').ok_or_else(|| D::Error::custom("reference without `#`"))?;
            return Ok(Self::From(Ref::new(node.parse().map_err(D::Error::custom)?, field)));
        }
        if let Some(parts) = value.get("$join").and_then(Value::as_array) {
            return Ok(Self::Join(parts.clone()));
        }
        T::deserialize(value).map(Self::Known).map_err(D::Error::custom)
    }
}

impl<T: fmt::Display> fmt::Display for Input<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(out),
            Self::From(promise) => write!(out, "(after {})", promise.node),
            Self::Join(_) => write!(out, "(after what it refers to)"),
        }
    }
}
