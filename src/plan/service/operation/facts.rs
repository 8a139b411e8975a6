//! What the tests of an operation need to know.

use serde::Serialize;

use super::keyed;
use crate::model::effect::Effect;
use crate::model::endpoint::{Action, Endpoint, IdempotencyKey};
use crate::plan::service::parameters::parameters;
use crate::plan::types::Types;

/// What the tests of an operation need to know.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// `create`, `read`, `list`, `update`, `delete`, `aggregate`, `command`.
    pub action: &'static str,
    /// The method, as written.
    pub method: String,
    /// The data behind it.
    pub record: Option<String>,
    /// The scope that it needs.
    pub scope: Option<String>,
    /// Whether no token is needed.
    pub public: bool,
    /// Whether it needs an `Idempotency-Key`.
    pub key_required: bool,
    /// Whether it honours one.
    pub keyed: bool,
    /// Whether the path has parameters.
    pub parameters: usize,
    /// A body that fits, as JSON.
    pub example: Option<String>,
    /// A body that does not, as JSON, with the pointer to what is wrong.
    pub broken: Option<(String, String)>,
    /// Whether effects or emissions depend on data that a test has not made.
    pub needs_data: bool,
}

/// The facts of an operation.
pub(super) fn facts(types: &Types<'_>, endpoint: &Endpoint) -> Facts {
    let (action, record) = match &endpoint.action {
        Action::Create(entity) => ("create", Some(*entity)),
        Action::Read(entity) => ("read", Some(*entity)),
        Action::List { entity, .. } => ("list", Some(*entity)),
        Action::Update(entity) => ("update", Some(*entity)),
        Action::Delete(entity) => ("delete", Some(*entity)),
        Action::Aggregate(run) => (
            "aggregate",
            Some(types.model.aggregates[run.aggregate].entity),
        ),
        Action::Command => ("command", None),
    };
    let (example, broken) = super::super::examples::request(types, endpoint);
    let keyed = keyed(endpoint);
    Facts {
        action,
        method: endpoint.method.as_str().to_owned(),
        record: record.map(|entity| types.names.record(entity).snake().to_owned()),
        scope: endpoint.scope.as_ref().map(|scope| scope.value.clone()),
        public: endpoint.public,
        key_required: keyed && endpoint.idempotency_key == IdempotencyKey::Required,
        keyed,
        parameters: parameters(endpoint).len(),
        needs_data: endpoint.effects.iter().any(Effect::needs_data),
        example,
        broken,
    }
}
