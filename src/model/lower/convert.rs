//! Which values fit which fields.

use std::collections::BTreeSet;

use crate::model::Model;
use crate::model::types::{Definition, Type};

/// How a value of one type becomes one of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// It is one already.
    Same,
    /// An integer becomes a decimal or a float.
    Widen,
    /// It is written as text.
    ToText,
    /// A text is read as an id, which may fail.
    ParseUuid,
    /// An enum becomes another that has all its words.
    EnumToEnum,
    /// Anything becomes JSON.
    ToJson,
    /// The same for each item of a list.
    Each(Box<Conversion>),
}

impl Model {
    /// How a value of `from` becomes one of `to`; `None` where it cannot without loss.
    pub fn conversion(&self, from: &Type, to: &Type) -> Option<Conversion> {
        let (from, to) = (self.resolved(from), self.resolved(to));
        if let (Some(words), Some(wider)) = (self.words(from), self.words(to)) {
            let named_alike = matches!((from, to), (Type::Named(a), Type::Named(b)) if a == b);
            if named_alike {
                return Some(Conversion::Same);
            }
            let wider: BTreeSet<&String> = wider.iter().collect();
            let fits = words.iter().all(|word| wider.contains(word));
            return fits.then_some(Conversion::EnumToEnum);
        }
        if self.words(from).is_some() && *to == Type::String {
            return Some(Conversion::ToText);
        }
        match (from, to) {
            (from, to) if from == to => Some(Conversion::Same),
            (Type::Unknown, _) | (_, Type::Unknown) => Some(Conversion::Same),
            (_, Type::Json) => Some(Conversion::ToJson),
            (Type::Integer, Type::Decimal | Type::Number) => Some(Conversion::Widen),
            (Type::String, Type::Uuid) => Some(Conversion::ParseUuid),
            (
                Type::Uuid
                | Type::Integer
                | Type::Decimal
                | Type::Boolean
                | Type::Date
                | Type::Timestamp,
                Type::String,
            ) => Some(Conversion::ToText),
            (Type::Array(from), Type::Array(to)) => match self.conversion(from, to)? {
                Conversion::Same => Some(Conversion::Same),
                each => Some(Conversion::Each(Box::new(each))),
            },
            _ => None,
        }
    }

    /// The type behind an alias; an alias of an enum is a type of its own.
    pub fn resolved<'t>(&'t self, ty: &'t Type) -> &'t Type {
        match ty {
            Type::Named(id) => match &self.types[*id].definition {
                Definition::Alias(alias) if !matches!(alias, Type::Enum(_)) => self.resolved(alias),
                _ => ty,
            },
            _ => ty,
        }
    }

    /// The words of an enum, named or in place.
    pub fn words<'t>(&'t self, ty: &'t Type) -> Option<&'t [String]> {
        match ty {
            Type::Enum(words) => Some(words),
            Type::Named(id) => match &self.types[*id].definition {
                Definition::Alias(alias) => self.words(alias),
                Definition::Record(_) => None,
            },
            _ => None,
        }
    }
}
