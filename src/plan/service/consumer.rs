//! Reactions to events: one per version that the service takes.

use serde::Serialize;

use crate::model::effect::{Effect, Root};
use crate::model::event::{Consumer, Reaction};
use crate::model::policy::Retry;
use crate::model::service::Party;
use crate::plan::code::Code;
use crate::plan::effects;
use crate::plan::expr::{Bindings, Shape};
use crate::plan::rust::{RustType, Scope};
use crate::plan::types::Types;

use super::operation::duration;

/// `consumers/<event>_v<n>.rs` and `handlers/on_<event>_v<n>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct ConsumerPlan {
    /// The module: `order_placed_v1`.
    pub module: String,
    /// The struct.
    pub name: String,
    /// Its name among all consumers of the system.
    pub group: String,
    /// The event's name.
    pub event: String,
    /// The version's number.
    pub version: u32,
    /// The event's type, spelt.
    pub ty: String,
    /// The path of the event's type.
    pub path: String,
    /// What the file imports.
    pub imports: Scope,
    /// The field that tells an event that was sent again, where the message's id does not.
    pub idempotency_key: Option<String>,
    /// What must hold, where something must.
    pub when: Option<String>,
    /// The policy of redelivery, where it is not the usual one.
    pub policy: Option<String>,
    /// Statements of the declared work.
    pub work: String,
    /// How the declared work names its unit of work and event.
    pub uow: String,
    /// See above.
    pub bound: String,
    /// An event that fits, as JSON.
    pub example: String,
    /// Whether effects depend on data that a test has not made.
    pub needs_data: bool,
}

/// Plans a subscription, a plan per version.
pub fn consumers(types: &Types<'_>, consumer: &Consumer) -> Vec<ConsumerPlan> {
    consumer
        .by_version()
        .map(|(version, reaction)| one(types, consumer, version, reaction))
        .collect()
}

fn one(
    types: &Types<'_>,
    consumer: &Consumer,
    version: usize,
    reaction: &Reaction,
) -> ConsumerPlan {
    let event = &types.model.events[consumer.event];
    let declared = &event.versions[version];
    let lib = types.names.service_lib(consumer.service);
    let module = format!("{}_v{}", event.name.snake(), declared.number);
    let name = format!("On{}V{}", event.name.pascal(), declared.number);
    let mut scope = Scope::new(format!("{lib}::consumers::{module}"));
    scope.define(&name);
    scope.import("msarch_runtime::problem::Result");
    scope.all([
        "async_trait::async_trait",
        "msarch_runtime::messaging::Consumer",
        "msarch_runtime::storage::UnitOfWork",
    ]);
    scope.import(&format!("{lib}::App"));
    scope.import(&format!("{lib}::handlers"));
    let path = types.names.event_type(consumer.event, version);
    let ty = scope.import(&path);
    let mut bindings = Bindings::new(types)
        .with(
            Root::Event,
            "event",
            Bindings::event_shape(types, consumer.event, version),
        )
        .with(
            Root::Subject,
            "RequestContext::subject_id()",
            Shape::Plain(RustType::String),
        );
    let when = effects::conditions(&reaction.when, &bindings, &mut scope);
    let idempotency_key = consumer
        .known_by(&declared.schema)
        .map(|field| field.name.identifier());
    if idempotency_key.is_some() {
        scope.import("msarch_runtime::messaging::idempotency_key");
    }
    let code = work(reaction, &mut bindings, &mut scope);
    let service = types.names.party(Party::Service(consumer.service));
    ConsumerPlan {
        group: format!("{service}.{}-v{}", event.name.kebab(), declared.number),
        event: event.name.as_str().to_owned(),
        version: declared.number,
        idempotency_key,
        policy: consumer.retry.as_ref().map(policy),
        uow: code.parameter("uow"),
        bound: code.parameter("event"),
        work: code.text(1),
        example: crate::plan::schema::example_of(types.model, &declared.schema).to_string(),
        needs_data: reaction.runs.is_some() || reaction.effects.iter().any(Effect::needs_data),
        imports: scope,
        module,
        name,
        ty,
        path,
        when,
    }
}

/// The statements of the declared work.
fn work(reaction: &Reaction, bindings: &mut Bindings<'_>, scope: &mut Scope) -> Code {
    let mut code = Code::new();
    effects::effects(&reaction.effects, bindings, scope, &mut code);
    if let Some(run) = &reaction.runs {
        super::aggregate::run(run, None, bindings, scope, &mut code);
    }
    effects::emissions(&reaction.emits, bindings, scope, &mut code);
    code.line("Ok(())");
    code.move_once("event");
    code.unbind();
    code
}

/// The policy of redelivery, as an expression.
fn policy(retry: &Retry) -> String {
    format!(
        "DeliveryPolicy {{ max_attempts: {}, base_delay: {}, max_delay: {}, ..DeliveryPolicy::default() }}",
        retry.max_attempts,
        duration(retry.base_delay),
        duration(retry.max_delay)
    )
}
