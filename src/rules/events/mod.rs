//! Events, their producers, consumers and schemas.

pub mod consumed_without_producer;
pub mod invalid_event_schema;
pub mod malformed_upcast;
pub mod produced_without_consumer;
pub mod undeclared_producer;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    consumed_without_producer::RULE,
    invalid_event_schema::RULE,
    malformed_upcast::RULE,
    produced_without_consumer::RULE,
    undeclared_producer::RULE,
];
