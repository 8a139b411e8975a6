//! A named type that is written as fields are: `Price: {type: decimal, min: 0}`.

use super::super::Lowering;
use super::notation::plain;
use crate::model::Fault;
use crate::syntax::document::{FieldDecl, FieldsDecl};
use crate::syntax::source::Spanned;

/// Keys of a field that mean nothing for a type.
const LIMITS: [&str; 9] = [
    "default",
    "max",
    "max_length",
    "min",
    "min_length",
    "pattern",
    "required",
    "sensitive",
    "unique",
];

impl Lowering<'_> {
    /// The type in the form of a field; `None` where it is a record that has such fields: each of them names a type.
    pub(super) fn written_as_field<'d>(
        &self,
        declaration: &'d FieldsDecl,
    ) -> Option<&'d Spanned<String>> {
        let FieldsDecl::Fields { fields, .. } = declaration else {
            return None;
        };
        let names_type = |text: &str| {
            let word = text.trim_end_matches(['?', '[', ']']);
            plain(word).is_some() || self.index.types.contains_key(word)
        };
        let limits = fields.iter().any(|(key, value)| match value {
            FieldDecl::Notation(text) => LIMITS.contains(&key.as_str()) && !names_type(text),
            FieldDecl::Record(_) => false,
        });
        match fields.get("type")? {
            FieldDecl::Notation(text) if limits && names_type(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn refuse_limits(&mut self, name: &Spanned<String>) {
        self.fault(
            Fault::new(
                "invalid-value",
                name.span,
                format!("type {name} is written as a field is"),
            )
            .here("a type is a record, an enum or another name for a type")
            .help(format!(
                "write `{name}: <type>` here, and limits such as `min` at each field of this type"
            )),
        );
    }
}
