//! What a column can hold, and how Rust types become it and come back.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::convert::without_value;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// True or false.
    Bool,
    /// A 64-bit whole number.
    Int,
    /// A 64-bit floating point number.
    Float,
    /// Text.
    Text,
    /// An exact decimal number: money and quantities.
    Decimal,
    /// A UUID.
    Uuid,
    /// A moment in UTC, to the microsecond.
    Time,
    /// A calendar date.
    Date,
    /// A JSON document.
    Json,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each variant is explained at its Kind")]
pub enum Value {
    /// Nothing.
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Decimal(Decimal),
    Uuid(Uuid),
    Time(DateTime<Utc>),
    Date(NaiveDate),
    Json(serde_json::Value),
}

impl Value {
    /// The kind of the value; none for null.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(_) => Kind::Bool,
            Self::Int(_) => Kind::Int,
            Self::Float(_) => Kind::Float,
            Self::Text(_) => Kind::Text,
            Self::Decimal(_) => Kind::Decimal,
            Self::Uuid(_) => Kind::Uuid,
            Self::Time(_) => Kind::Time,
            Self::Date(_) => Kind::Date,
            Self::Json(_) => Kind::Json,
        })
    }

    /// Any serializable value as it goes into a column of a kind: enumerations as text, structures as JSON.
    ///
    /// # Errors
    /// When the value has no JSON form, or one that the kind cannot hold.
    pub fn encode<T: Serialize>(value: &T, kind: Kind) -> Result<Self, StoreError> {
        let json = serde_json::to_value(value).map_err(|e| StoreError::corrupt("a value", e))?;
        Self::from_json(json, kind)
    }

    /// A JSON value as it goes into a column of a kind.
    ///
    /// # Errors
    /// When the kind cannot hold it.
    pub fn from_json(json: serde_json::Value, kind: Kind) -> Result<Self, StoreError> {
        use serde_json::Value as Json;
        let value = match json {
            Json::Null => return Ok(Self::Null),
            json if kind == Kind::Json => return Ok(Self::Json(json)),
            Json::Bool(value) => Self::Bool(value),
            Json::String(text) => Self::Text(text),
            Json::Number(number) if kind == Kind::Decimal => {
                // Through the digits as written, never through binary floating point.
                Self::Text(number.to_string())
            }
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::Int(whole),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            other @ (Json::Array(_) | Json::Object(_)) => Self::Json(other),
        };
        value.coerce(kind)
    }

    /// The value as JSON, as an API shows it: decimals and identifiers as strings.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Float(value) => (*value).into(),
            Self::Text(value) => value.as_str().into(),
            Self::Decimal(value) => value.to_string().into(),
            Self::Uuid(value) => value.to_string().into(),
            Self::Time(value) => serde_json::json!(value),
            Self::Date(value) => serde_json::json!(value),
            Self::Json(value) => value.clone(),
        }
    }

    /// The same value in another kind, if that loses nothing: text that spells it, a whole number as a decimal.
    ///
    /// # Errors
    /// When the value cannot be of that kind.
    pub fn coerce(self, kind: Kind) -> Result<Self, StoreError> {
        let converted = match (&self, kind) {
            (Self::Null, _) => Some(Self::Null),
            (value, kind) if value.kind() == Some(kind) => return Ok(self),
            (Self::Int(value), Kind::Decimal) => Some(Self::Decimal(Decimal::from(*value))),
            #[allow(clippy::cast_precision_loss, reason = "a float column was asked for")]
            (Self::Int(value), Kind::Float) => Some(Self::Float(*value as f64)),
            (Self::Decimal(value), Kind::Int) if value.fract().is_zero() => {
                value.to_i64().map(Self::Int)
            }
            (Self::Decimal(value), Kind::Float) => value.to_f64().map(Self::Float),
            (Self::Uuid(value), Kind::Text) => Some(Self::Text(value.to_string())),
            (Self::Text(text), Kind::Uuid) => text.parse().ok().map(Self::Uuid),
            (Self::Text(text), Kind::Decimal) => decimal(text).map(Self::Decimal),
            (Self::Text(text), Kind::Time) => time(text).map(Self::Time),
            (Self::Text(text), Kind::Date) => text.parse().ok().map(Self::Date),
            (value, Kind::Json) => Some(Self::Json(value.to_json())),
            _ => None,
        };
        converted.ok_or(StoreError::Kind {
            expected: kind,
            found: self.kind(),
        })
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .ok()
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc().trunc_subsecs(6))
}

/// A Rust type that comes out of a column.
pub trait FromValue: Sized {
    /// The value, or nothing if the column holds something else.
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! plain {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Self::$variant(value) }
        }
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value { Value::$variant(value) => Some(value.clone()), _ => None }
            }
        }
    )*};
}

plain!(bool => Bool, i64 => Int, f64 => Float, String => Text, Decimal => Decimal, Uuid => Uuid,
    NaiveDate => Date, serde_json::Value => Json);

macro_rules! narrow {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Self::Int(i64::from(value)) }
        }
        impl FromValue for $type {
            fn from_value(value: &Value) -> Option<Self> {
                match value { Value::Int(value) => (*value).try_into().ok(), _ => None }
            }
        }
    )*};
}

narrow!(i8, i16, i32, u8, u16, u32);

impl From<DateTime<Utc>> for Value {
    /// To the microsecond, which is what every supported database keeps.
    fn from(value: DateTime<Utc>) -> Self {
        Self::Time(value.trunc_subsecs(6))
    }
}

impl FromValue for DateTime<Utc> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Time(value) => Some(*value),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// The values of one record by column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(Vec<(String, Value)>);

impl Row {
    /// A row without columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a column.
    pub fn set(&mut self, column: &str, value: impl Into<Value>) {
        match self.0.iter_mut().find(|(name, _)| name == column) {
            Some((_, slot)) => *slot = value.into(),
            None => self.0.push((column.to_owned(), value.into())),
        }
    }

    /// The row with a column set.
    #[must_use]
    pub fn with(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }

    /// What a column holds, as it is.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, value)| value)
    }

    /// What a column holds, as a Rust type.
    ///
    /// # Errors
    /// When the column is missing or holds something else.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, StoreError> {
        let value = self.value(column).unwrap_or(&Value::Null);
        T::from_value(value).ok_or_else(|| StoreError::Column {
            column: column.to_owned(),
        })
    }

    /// What a column holds, through its JSON form: for enumerations kept as text and structures kept as JSON.
    ///
    /// # Errors
    /// When the column holds something that is not of that type.
    pub fn decode<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        let value = self.value(column).unwrap_or(&Value::Null);
        serde_json::from_value(value.to_json()).map_err(|error| {
            StoreError::corrupt(format!("column `{column}`"), without_value(&error))
        })
    }

    /// The columns and what they hold.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = (String, Value)> {
        self.0.into_iter()
    }
}

impl FromIterator<(String, Value)> for Row {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(columns: I) -> Self {
        Self(columns.into_iter().collect())
    }
}
