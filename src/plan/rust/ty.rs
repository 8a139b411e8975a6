//! Rust types for the types of fields.

use super::scope::Scope;

/// A type as Rust knows it. Two are equal if they are the same type, wherever they are spelt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RustType {
    /// `uuid::Uuid`.
    Uuid,
    /// `String`.
    String,
    /// `i64`.
    Integer,
    /// `f64`.
    Number,
    /// `rust_decimal::Decimal`.
    Decimal,
    /// `bool`.
    Boolean,
    /// `chrono::NaiveDate`.
    Date,
    /// `chrono::DateTime<Utc>`.
    Timestamp,
    /// `serde_json::Value`.
    Json,
    /// A generated enum without payloads, by its path.
    Enum(String),
    /// A generated struct, by its path.
    Struct(String),
    /// A list.
    Vec(Box<RustType>),
    /// Maybe.
    Option(Box<RustType>),
}

impl RustType {
    /// The type, or maybe the type.
    #[must_use]
    pub fn required(self, required: bool) -> Self {
        if required || matches!(self, Self::Option(_)) {
            self
        } else {
            Self::Option(Box::new(self))
        }
    }

    /// How a file spells it; what it needs is imported there.
    pub fn spell(&self, scope: &mut Scope) -> String {
        match self {
            Self::Uuid => scope.import("uuid::Uuid"),
            Self::String => "String".to_owned(),
            Self::Integer => "i64".to_owned(),
            Self::Number => "f64".to_owned(),
            Self::Decimal => scope.import("rust_decimal::Decimal"),
            Self::Boolean => "bool".to_owned(),
            Self::Date => scope.import("chrono::NaiveDate"),
            Self::Timestamp => format!(
                "{}<{}>",
                scope.import("chrono::DateTime"),
                scope.import("chrono::Utc")
            ),
            Self::Json => scope.import("serde_json::Value"),
            Self::Enum(path) | Self::Struct(path) => scope.import(path),
            Self::Vec(item) => format!("Vec<{}>", item.spell(scope)),
            Self::Option(inner) => format!("Option<{}>", inner.spell(scope)),
        }
    }

    /// Whether a value is copied by reading it.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        match self {
            Self::Uuid
            | Self::Integer
            | Self::Number
            | Self::Decimal
            | Self::Boolean
            | Self::Date
            | Self::Timestamp
            | Self::Enum(_) => true,
            Self::Option(inner) => inner.is_copy(),
            Self::String | Self::Json | Self::Struct(_) | Self::Vec(_) => false,
        }
    }

    /// The type without its `Option`.
    #[must_use]
    pub fn inner(&self) -> &Self {
        match self {
            Self::Option(inner) => inner,
            other => other,
        }
    }

    /// Whether it is a field of a patch that may be sent as null: `Option<Option<T>>`.
    #[must_use]
    pub fn is_clearable(&self) -> bool {
        self.inner().is_option()
    }

    /// Whether a value may be missing.
    #[must_use]
    pub fn is_option(&self) -> bool {
        matches!(self, Self::Option(_))
    }

    /// The crates that a spelling of it needs in the manifest.
    pub fn crates(&self, found: &mut Vec<String>) {
        match self {
            Self::Uuid => found.push("uuid".to_owned()),
            Self::Decimal => found.push("rust_decimal".to_owned()),
            Self::Date | Self::Timestamp => found.push("chrono".to_owned()),
            Self::Json => found.push("serde_json".to_owned()),
            Self::Enum(path) | Self::Struct(path) => {
                found.extend(path.split("::").next().map(str::to_owned))
            }
            Self::Vec(inner) | Self::Option(inner) => inner.crates(found),
            Self::String | Self::Integer | Self::Number | Self::Boolean => {}
        }
    }
}
