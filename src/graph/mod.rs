//! What follows from the model: who calls whom and in which circles, how long a call may last, who owns what, where events come from.
//!
//! Computed once, linear in the size of the model, for all rules. Facts in, facts out: nothing here reads a file or judges.

pub mod calls;
pub mod deadline;
pub mod events;
pub mod mesh;
pub mod names;
pub mod observations;
pub mod ownership;
pub mod routes;

use crate::model::Model;
use calls::Calls;
use deadline::Deadlines;
use events::EventFlow;
use mesh::MeshPolicies;
use observations::Observations;
use ownership::Ownership;
use routes::RouteFacts;

/// The architecture with everything that follows from it.
#[derive(Debug)]
pub struct Graph<'m> {
    /// The architecture as meant.
    pub model: &'m Model,
    /// Synchronous calls between services.
    pub calls: Calls,
    /// How long calls may last.
    pub deadlines: Deadlines,
    /// Who owns which data, and who touches it besides.
    pub ownership: Ownership,
    /// Where events come from and go to.
    pub events: EventFlow,
    /// What the mesh does on the way to a service.
    pub mesh: MeshPolicies,
    /// Where the gateway's routes lead, in the order of the file.
    pub routes: Vec<RouteFacts>,
    /// Every name that becomes something, by scope.
    pub names: Vec<names::Scope<'m>>,
    /// What was seen in the code of an existing workspace.
    pub observations: Observations,
}

impl<'m> Graph<'m> {
    /// Works out what follows from a model and from what was seen of its code.
    #[must_use]
    pub fn new(model: &'m Model, observations: Observations) -> Self {
        Self {
            model,
            calls: Calls::of(model),
            deadlines: Deadlines::of(model),
            ownership: Ownership::of(model),
            events: EventFlow::of(model),
            mesh: MeshPolicies::of(model),
            routes: routes::of(model),
            names: names::scopes(model),
            observations,
        }
    }
}
