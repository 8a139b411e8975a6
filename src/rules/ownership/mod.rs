//! Who owns which data.

pub mod derived_store_without_feed;
pub mod entity_with_several_owners;
pub mod owned_but_not_stored;
pub mod owner_contradicts_service_name;
pub mod service_without_boundary_or_team;
pub mod stored_but_not_owned;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    derived_store_without_feed::RULE,
    entity_with_several_owners::RULE,
    owned_but_not_stored::RULE,
    owner_contradicts_service_name::RULE,
    service_without_boundary_or_team::RULE,
    stored_but_not_owned::RULE,
];
