//! The short notation of types: `uuid`, `T[]`, `T?`, `a | b`.

use indexmap::IndexSet;

use super::Reader;
use crate::model::Fault;
use crate::model::lower::Lowering;
use crate::model::types::Type;
use crate::syntax::source::{Span, Spanned};
use crate::syntax::types::{self, TypeExpr, TypeKind};

const BASIC: &str = "uuid, string, integer, number, decimal, boolean, date, ISO8601, json";

fn basic(text: &str) -> Option<Type> {
    Some(match text {
        "uuid" => Type::Uuid,
        "string" => Type::String,
        "integer" => Type::Integer,
        "number" => Type::Number,
        "decimal" => Type::Decimal,
        "boolean" => Type::Boolean,
        "date" => Type::Date,
        "ISO8601" => Type::Timestamp,
        "json" | "object" => Type::Json,
        _ => return None,
    })
}

/// A basic type, or `T?` of one. Most fields are no more than that, and nothing is parsed for them.
pub(super) fn plain(text: &str) -> Option<(Type, bool)> {
    match text.strip_suffix('?') {
        Some(word) => Some((basic(word)?, false)),
        None => Some((basic(text)?, true)),
    }
}

impl Lowering<'_> {
    /// Reads the type of what has a name, and notes where its alternatives stand.
    pub(super) fn placed(
        &mut self,
        name: &Spanned<String>,
        text: &Spanned<String>,
        reader: Reader<'_>,
    ) -> (Type, bool) {
        if let Some(plain) = plain(text) {
            return plain;
        }
        let told = (self.model.faults.len(), self.model.unresolved.len());
        let read = self.notation(text, reader);
        if told == (self.model.faults.len(), self.model.unresolved.len())
            && let Ok(expression) = types::parse(&text.value, text.span)
            && let words = expression.names()
            && words.len() > 1
        {
            let places = words.iter().map(|word| word.span).collect();
            self.model.alternatives.insert(name.span, places);
        }
        read
    }

    /// Reads `uuid`, `T[]`, `T?`, `a | b`. The second value says whether it must be there. What cannot be read is told, and of an
    /// unknown type.
    pub(in crate::model::lower) fn notation(
        &mut self,
        text: &Spanned<String>,
        reader: Reader<'_>,
    ) -> (Type, bool) {
        if let Some(plain) = plain(text) {
            return plain;
        }
        match types::parse(&text.value, text.span) {
            Ok(expression) => {
                let (inner, required) = expression.required();
                (self.required_type(inner, reader), required)
            }
            Err((span, reason)) => {
                self.no_type(span, format!("{}: {reason}", reader), reader);
                (Type::Unknown, false)
            }
        }
    }

    fn required_type(&mut self, expression: &TypeExpr, reader: Reader<'_>) -> Type {
        match &expression.kind {
            TypeKind::Name(name) => match (basic(name), self.index.types.get(name)) {
                (Some(ty), _) => ty,
                (None, Some(id)) => Type::Named(*id),
                (None, None) => self.unknown_type(name, expression.span, reader),
            },
            TypeKind::Array(item) => Type::Array(Box::new(self.required_type(item, reader))),
            TypeKind::Union(parts) => self.alternatives(parts, expression, reader),
            TypeKind::Optional(_) => {
                let message = format!("{}: only a whole field can be optional", reader);
                self.no_type(expression.span, message, reader);
                Type::Unknown
            }
        }
    }

    fn alternatives(&mut self, parts: &[TypeExpr], whole: &TypeExpr, reader: Reader<'_>) -> Type {
        let mut words: IndexSet<&String> = IndexSet::new();
        for part in parts {
            let word = match &part.kind {
                TypeKind::Name(word) => Some(word),
                _ => None,
            };
            let is_another = word
                .filter(|word| basic(word).is_none() && !self.index.types.contains_key(*word))
                .is_some_and(|word| words.insert(word));
            if !is_another {
                let message = format!("{}: `{whole}` is no enum", reader);
                self.no_type(part.span, message, reader);
                return Type::Unknown;
            }
        }
        Type::Enum(words.into_iter().cloned().collect())
    }

    fn no_type(&mut self, span: Span, message: String, reader: Reader<'_>) {
        let rule = if reader.in_event {
            "invalid-event-schema"
        } else {
            "type-mismatch"
        };
        self.fault(
            Fault::new(rule, span, message)
                .about(&reader.to_string())
                .here("not a type")
                .help("write `T`, `T[]`, `T?`, or different words such as `success | failed`, `(open | closed)?`"),
        );
    }

    fn unknown_type(&mut self, text: &str, span: Span, reader: Reader<'_>) -> Type {
        if reader.in_event {
            let message = format!(
                "{}: `{text}` is no type, and no type of that name is defined",
                reader
            );
            self.fault(
                Fault::new("invalid-event-schema", span, message)
                    .about(&reader.to_string())
                    .here("nobody knows what this is")
                    .help(format!(
                        "define `{text}` under `types:`, or use one of {BASIC}"
                    )),
            );
        } else {
            let name = Spanned::new(text.to_owned(), span);
            self.unresolved(&name, "type", reader, |known| {
                let basic = BASIC.split(", ").map(str::to_owned);
                basic.chain(known.index.types.keys().cloned()).collect()
            });
        }
        Type::Unknown
    }
}
