//! Which operations may ask others before they answer: by this, requests are followed from service to service.
//!
//! The file says which operations of the callee a call uses, not which of the caller makes it. Commands run code, and may make any call of
//! their service; operations that only keep and show its own data ask nobody. Where a service calls others and has no command, the file does
//! not say who asks: then those that write may, and where there are none of these either, all.

use crate::model::Model;
use crate::model::arena::{EndpointId, Id};
use crate::model::endpoint::{Action, Call};
use crate::model::service::Service;

use super::routes::RouteFacts;

/// Who may ask others before it answers.
#[derive(Debug)]
pub struct Asking {
    operations: Vec<bool>,
    routes: Vec<bool>,
}

impl Asking {
    /// The operations of a model, and where its routes lead.
    #[must_use]
    pub fn of(model: &Model, routes: &[RouteFacts]) -> Self {
        let mut asking = Self {
            operations: vec![false; model.endpoints.len()],
            routes: Vec::new(),
        };
        for (id, endpoint) in model.endpoints.entries() {
            asking.operations[id.index()] = runs_code(&endpoint.action);
        }
        for service in model.services.iter().filter(|service| calls(service)) {
            let likely = |id: &EndpointId| likely(&model.endpoints[*id].action);
            let most = service.endpoints.iter().map(likely).max();
            for id in &service.endpoints {
                asking.operations[id.index()] = Some(likely(id)) == most;
            }
        }
        let routes = routes.iter().map(|facts| asking.any(&facts.operations));
        asking.routes = routes.collect();
        asking
    }

    /// Whether an operation may ask others.
    #[must_use]
    pub fn operation(&self, operation: EndpointId) -> bool {
        self.operations[operation.index()]
    }

    /// Whether one of the operations that a call may use asks others in turn.
    #[must_use]
    pub fn call(&self, call: &Call) -> bool {
        self.any(&call.operations)
    }

    /// Whether one of the operations behind a route may ask others.
    #[must_use]
    pub fn route(&self, index: usize) -> bool {
        self.routes[index]
    }

    /// Whether one of some operations may ask others; so it is where the file does not say which these are.
    #[must_use]
    pub fn any(&self, operations: &[EndpointId]) -> bool {
        operations.is_empty() || operations.iter().any(|id| self.operation(*id))
    }
}

/// Whether an operation runs code that may ask, whatever the file says of calls.
#[must_use]
pub fn runs_code(action: &Action) -> bool {
    matches!(action, Action::Command | Action::Aggregate(_))
}

fn calls(service: &Service) -> bool {
    !service.calls.is_empty() || service.lost_calls > 0
}

/// How likely an operation is among those of its service to be the one that asks.
fn likely(action: &Action) -> u8 {
    match action {
        Action::Command | Action::Aggregate(_) => 2,
        Action::Create(_) | Action::Update(_) | Action::Delete(_) => 1,
        Action::Read(_) | Action::List { .. } => 0,
    }
}
