//! Events, their producers, consumers and schemas.

pub mod breaking_schema_change;
pub mod consumed_without_producer;
pub mod consumer_delivery_policy_missing;
pub mod consumer_field_not_in_schema;
pub mod double_driven_participant;
pub mod event_loop;
pub mod invalid_event_schema;
pub mod lossy_delivery;
pub mod malformed_upcast;
pub mod outcome_flag_event;
pub mod produced_without_consumer;
pub mod schema_changed_without_version;
pub mod several_producers;
pub mod undeclared_producer;

use super::rule::Rule;
use crate::syntax::finding::RuleId;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    breaking_schema_change::RULE,
    consumed_without_producer::RULE,
    consumer_delivery_policy_missing::RULE,
    consumer_field_not_in_schema::RULE,
    double_driven_participant::RULE,
    event_loop::RULE,
    invalid_event_schema::RULE,
    lossy_delivery::RULE,
    malformed_upcast::RULE,
    outcome_flag_event::RULE,
    produced_without_consumer::RULE,
    schema_changed_without_version::RULE,
    several_producers::RULE,
    undeclared_producer::RULE,
];

/// The rules that look only where there is an older version to compare with.
pub(crate) const COMPARING: &[RuleId] = &[
    breaking_schema_change::RULE.id,
    schema_changed_without_version::RULE.id,
];
