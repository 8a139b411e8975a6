//! Events, their producers, consumers and schemas.

pub mod consumed_without_producer;
pub mod invalid_event_schema;
pub mod produced_without_consumer;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    consumed_without_producer::RULE,
    invalid_event_schema::RULE,
    produced_without_consumer::RULE,
];
