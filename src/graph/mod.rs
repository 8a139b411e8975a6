//! What follows from the model: who calls whom and in which circles, how long a call may last, who owns what, where events come from.
//!
//! Computed once, linear in the size of the model, for all rules. Facts in, facts out: nothing here reads a file or judges.

pub mod activity;
pub mod asking;
pub mod attempts;
pub mod calls;
pub mod causality;
pub mod chains;
pub mod composition;
pub mod coupling;
pub mod deadline;
pub mod dependencies;
pub mod events;
pub mod evolution;
pub mod exposure;
pub mod gates;
pub mod listening;
pub mod mesh;
pub mod metrics;
pub mod names;
pub mod observations;
pub mod ownership;
pub mod promises;
pub mod reach;
pub mod records;
pub mod routes;
pub mod spellings;
pub mod teams;
pub mod undoing;
pub mod writes;

use crate::model::Model;
use activity::Activity;
use asking::Asking;
use attempts::Attempts;
use calls::Calls;
use causality::Causality;
use chains::Chains;
use coupling::Coupling;
use deadline::Deadlines;
use dependencies::Dependencies;
use events::EventFlow;
use evolution::{Evolution, Older};
use exposure::Exposure;
use mesh::{Manifest, MeshPolicies};
use observations::Observations;
use ownership::Ownership;
use reach::Reach;
use routes::RouteFacts;
use spellings::Alike;
use writes::Writes;

/// The architecture with everything that follows from it.
#[derive(Debug)]
pub struct Graph<'m> {
    /// The architecture as meant.
    pub model: &'m Model,
    /// Synchronous calls between services.
    pub calls: Calls,
    /// Which operations may ask others before they answer.
    pub asking: Asking,
    /// Who calls whom, each pair once.
    pub coupling: Coupling,
    /// The longest chains of calls.
    pub chains: Chains,
    /// How often one request may arrive at the end of a chain.
    pub attempts: Attempts,
    /// Who cannot do without whom, hop by hop.
    pub dependencies: Dependencies,
    /// The same through any number of hops.
    pub reach: Reach,
    /// How long calls may last.
    pub deadlines: Deadlines,
    /// Who owns which data, and who touches it besides.
    pub ownership: Ownership,
    /// Where events come from and go to.
    pub events: EventFlow,
    /// What services do besides answering.
    pub activity: Activity,
    /// Which event brings about which.
    pub causality: Causality,
    /// Who writes which owned data directly.
    pub writes: Writes,
    /// What the mesh does on the way to a service.
    pub mesh: MeshPolicies,
    /// Raw manifests of the mesh.
    pub manifests: Vec<Manifest<'m>>,
    /// Where the gateway's routes lead, in the order of the file.
    pub routes: Vec<RouteFacts>,
    /// What raw manifests open past the gateway.
    pub exposed: Vec<Exposure>,
    /// Names that look like one.
    pub alike: Vec<Alike>,
    /// What was seen in the code of an existing workspace.
    pub observations: Observations,
    /// What became of it since older versions; nothing where none is given.
    pub evolution: Evolution,
}

impl<'m> Graph<'m> {
    /// Works out what follows from a model and from what was seen of its code.
    #[must_use]
    pub fn new(model: &'m Model, observations: Observations) -> Self {
        let calls = Calls::of(model);
        let routes = routes::of(model);
        let asking = Asking::of(model, &routes);
        let reach = Reach::of(model, &asking);
        let mesh = MeshPolicies::of(model);
        let events = EventFlow::of(model);
        let manifests = mesh::manifests(model);
        Self {
            model,
            coupling: Coupling::of(model),
            chains: Chains::of(model, &calls, &asking),
            attempts: Attempts::of(model, &calls, &mesh, &asking),
            dependencies: Dependencies::of(model, &reach, &asking),
            reach,
            asking,
            calls,
            deadlines: Deadlines::of(model),
            ownership: Ownership::of(model),
            activity: Activity::of(model, &events),
            events,
            routes,
            causality: Causality::of(model),
            writes: Writes::of(model),
            mesh,
            exposed: exposure::of(model, &manifests),
            manifests,
            alike: spellings::alike(model),
            observations,
            evolution: Evolution::default(),
        }
    }

    /// The same, held against older versions.
    #[must_use]
    pub fn against(mut self, older: &[Older]) -> Self {
        self.evolution = Evolution::of(self.model, older);
        self
    }
}
