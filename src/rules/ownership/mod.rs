//! Who owns which data.

pub mod entity_with_several_owners;
pub mod owned_but_not_stored;
pub mod stored_but_not_owned;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    entity_with_several_owners::RULE,
    owned_but_not_stored::RULE,
    stored_but_not_owned::RULE,
];
