//! What a declaration says beside a type, and the type has no use for: it would be left out without a word.

use super::Lowering;
use crate::model::Fault;
use crate::model::types::{Field, Type};
use crate::syntax::decode::Int;
use crate::syntax::document::FieldRecord;
use crate::syntax::source::{Span, Spanned};

impl Lowering<'_> {
    /// Refuses what means nothing for a field of this type.
    pub(super) fn fit(&mut self, name: &Spanned<String>, record: &FieldRecord, field: &Field) {
        self.presence(name, record, field);
        let ty = self.model.resolved(&field.ty).clone();
        // A record, or a type that stands further down and is not read yet.
        let is_record = matches!(ty, Type::Named(_)) && self.model.words(&ty).is_none();
        if is_record || ty == Type::Unknown {
            return;
        }
        let is_number = matches!(ty, Type::Integer | Type::Number | Type::Decimal);
        let has_length = matches!(ty, Type::String | Type::Array(_));
        let is_text = ty == Type::String;
        let is_comparable = !matches!(ty, Type::Json | Type::Array(_));
        let length = |limit: &Option<Spanned<Int>>| limit.as_ref().map(|limit| limit.span);
        let number = |limit: &Option<Spanned<f64>>| limit.as_ref().map(|limit| limit.span);
        let pattern = record.pattern.as_ref().map(|pattern| pattern.span);
        let unique = record.unique.as_ref().filter(|unique| unique.value);
        let said = [
            ("min", number(&record.min), is_number, NUMBERS),
            ("max", number(&record.max), is_number, NUMBERS),
            (
                "min_length",
                length(&record.min_length),
                has_length,
                LENGTHS,
            ),
            (
                "max_length",
                length(&record.max_length),
                has_length,
                LENGTHS,
            ),
            ("pattern", pattern, is_text, TEXTS),
            (
                "unique",
                unique.map(|unique| unique.span),
                is_comparable,
                SINGLE,
            ),
        ];
        for (key, span, fits, for_what) in said {
            if let Some(span) = span
                && !fits
            {
                let of = self.model.spell(&ty);
                self.idle(span, key, &format!("`{name}` of type {of}"), for_what);
            }
        }
        if ty == Type::Integer {
            self.whole(name, "min", record.min.as_ref(), f64::ceil);
            self.whole(name, "max", record.max.as_ref(), f64::floor);
        }
    }

    fn idle(&mut self, span: Span, key: &str, what: &str, for_what: &str) {
        self.fault(
            Fault::new(
                "invalid-value",
                span,
                format!("`{key}` means nothing for {what}"),
            )
            .here("never checked")
            .help(format!("remove it: `{key}` is for {for_what}")),
        );
    }

    /// A limit between two whole numbers: JSON Schema, the database and the reader may each take another of the two.
    fn whole(
        &mut self,
        name: &Spanned<String>,
        key: &str,
        limit: Option<&Spanned<f64>>,
        inwards: fn(f64) -> f64,
    ) {
        if let Some(limit) = limit.filter(|limit| limit.value.fract() != 0.0) {
            self.fault(
                Fault::new(
                    "invalid-value",
                    limit.span,
                    format!(
                        "`{name}` is a whole number, and its {key} {} is none",
                        limit.value
                    ),
                )
                .here("between two values")
                .help(format!("write `{key}: {}`", inwards(limit.value))),
            );
        }
    }

    /// Whether a value must be there is said once, and in one way.
    fn presence(&mut self, name: &Spanned<String>, record: &FieldRecord, field: &Field) {
        let optional = record.r#type.ends_with('?');
        if let Some(required) = record
            .required
            .as_ref()
            .filter(|said| said.value && optional)
        {
            self.fault(
                Fault::new(
                    "invalid-value",
                    required.span,
                    format!("`{name}` is both optional and required"),
                )
                .here("required here")
                .related(record.r#type.span, "optional here")
                .help("remove the `?` of the type, or `required: true`"),
            );
        } else if let Some(default) = record.default.as_ref().filter(|_| !field.required) {
            self.fault(
                Fault::new(
                    "invalid-value",
                    default.span,
                    format!("`{name}` is optional, and so its default is never taken"),
                )
                .here("a field is optional, or has a default")
                .help("remove the default, or that the field is optional: with a default nobody has to give it either"),
            );
        }
    }
}

const NUMBERS: &str = "numbers: integer, number, decimal";
const LENGTHS: &str = "string and lists";
const TEXTS: &str = "string; the texts of a list have a type of their own under `types:`";
const SINGLE: &str = "single values, which can be compared";
