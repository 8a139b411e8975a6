//! What is checked of fields beyond their types.

use crate::model::types::Field;
use crate::plan::rust::Scope;
use crate::plan::types::Types;
use crate::plan::validation::{Check, checks};

/// What the file of a struct with limits imports.
pub(super) const LIMITED: [&str; 2] = [
    "msarch_runtime::validate::Checks",
    "msarch_runtime::validate::Limited",
];

/// The checks of some fields by the names that JSON has for them.
pub(super) fn limits<'f>(
    types: &Types<'_>,
    fields: impl Iterator<Item = &'f Field>,
    scope: &mut Scope,
) -> Vec<Check> {
    let checks = checks(types.model, fields, wire);
    if checks.iter().any(|check| check.call.contains("Decimal::")) {
        scope.import("rust_decimal::Decimal");
    }
    checks
}

pub(super) fn wire(field: &Field) -> String {
    field.name.as_str().to_owned()
}
