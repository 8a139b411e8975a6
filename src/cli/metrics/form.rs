//! What `msarch metrics --format json` writes. Keys may be added within a version; what is taken away or means something else is a new `version`.
//!
//! `schemas/metrics.schema.json` is made of these records; a test holds it to them.

use serde::Serialize;

/// All figures of an architecture. Null means that a figure is not known: the file does not say what it follows from, or holds an error that
/// makes it meaningless. Shares are numbers from 0 to 1, times are milliseconds. Lists keep the order of the file, teams that of their
/// names.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Figures {
    /// The version of this form: 1.
    pub(super) version: u32,
    /// Who wrote it.
    pub(super) tool: Tool,
    /// How many findings `msarch validate` has.
    pub(super) findings: Findings,
    /// What makes figures uncertain, in words.
    pub(super) notes: Vec<String>,
    /// The system as a whole.
    pub(super) system: System,
    /// Its services.
    pub(super) services: Vec<Service>,
    /// Calls from a service that others rely on to one that changes more easily (Martin's stable dependencies, broken).
    pub(super) unsteady_calls: Vec<Pair>,
    /// Circles of calls.
    pub(super) cycles: Vec<Cycle>,
    /// Routes of the gateway.
    pub(super) routes: Vec<Route>,
    /// Objectives, held against what they rest on.
    pub(super) objectives: Vec<Objective>,
    /// Sagas.
    pub(super) sagas: Vec<Saga>,
    /// Teams.
    pub(super) teams: Vec<Team>,
    /// Events.
    pub(super) events: Vec<Event>,
}

/// The tool.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tool {
    /// `msarch`.
    pub(super) name: &'static str,
    /// Its version.
    pub(super) version: &'static str,
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Findings {
    /// Of severity `error`.
    pub(super) errors: usize,
    /// Of severity `warn`.
    pub(super) warnings: usize,
    /// Of severity `info`.
    pub(super) infos: usize,
}

/// The system as a whole. A pair of services counts once, however many operations one uses of the other.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct System {
    /// Its name.
    pub(super) name: String,
    /// Its services.
    pub(super) services: usize,
    /// Systems that are not ours.
    pub(super) externals: usize,
    /// Pairs of services of which one calls the other.
    pub(super) calling_pairs: usize,
    /// Pairs of services of which one receives events of the other.
    pub(super) listening_pairs: usize,
    /// The share of calling pairs among both.
    pub(super) synchronous_share: Option<f64>,
    /// The longest chain of calls: the services on it, of which each waits for the next. A circle counts as one.
    pub(super) longest_chain: Vec<String>,
    /// Its calls. Null where a chain leads to somebody who is not declared.
    pub(super) longest_chain_calls: Option<usize>,
    /// Calling pairs whose services belong to two teams.
    pub(super) cross_team_pairs: usize,
    /// Their share among calling pairs whose services have an owner.
    pub(super) cross_team_share: Option<f64>,
    /// Modularity of the division into teams, -0.5 to 1 (Newman and Girvan).
    pub(super) conway_fit: Option<f64>,
    /// Services that no team owns.
    pub(super) services_without_team: usize,
}

/// A service.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Service {
    /// Its name.
    pub(super) name: String,
    /// The team that owns it.
    pub(super) team: Option<String>,
    /// Services that call it: fan-in, afferent coupling.
    pub(super) callers: usize,
    /// Services that it calls: efferent coupling.
    pub(super) callees: usize,
    /// Whom it calls, systems that are not ours included: fan-out.
    pub(super) fan_out: Option<usize>,
    /// Its operations that others call, counted once for each caller.
    pub(super) operations_used: Option<usize>,
    /// Operations of others that it calls.
    pub(super) operations_called: Option<usize>,
    /// callees / (callers + callees).
    pub(super) instability: Option<f64>,
    /// Services whose events it receives.
    pub(super) event_sources: usize,
    /// Services that receive its events.
    pub(super) event_listeners: usize,
    /// event_sources / (event_sources + event_listeners).
    pub(super) event_instability: Option<f64>,
    /// Events that it publishes.
    pub(super) events_published: usize,
    /// Events that it receives.
    pub(super) events_received: usize,
    /// Events that it publishes or receives, of all events of the system.
    pub(super) event_coupling: Option<f64>,
    /// Calls that follow one upon another from it on.
    pub(super) depth: Option<usize>,
    /// Other services that fail when it fails.
    pub(super) blast_radius: usize,
    /// Routes that cannot be answered without it. Null without a gateway.
    pub(super) routes: Option<usize>,
    /// Other services that requests from the gateway reach through it alone. Null where none reaches it.
    pub(super) gates: Option<usize>,
    /// How often one request may arrive at it, when everybody on the way tries again. Null on a circle and behind one.
    pub(super) attempts: Option<u64>,
    /// How long it may wait for all that it calls. Null where a call has no timeout.
    pub(super) waiting_ms: Option<u64>,
    /// Whether it lies on a circle of calls.
    pub(super) on_a_cycle: bool,
    /// By name, where one service is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by_name: Option<Neighbours>,
}

/// Who is behind the figures of a service.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Neighbours {
    /// Services that call it.
    pub(super) callers: Vec<String>,
    /// Whom it calls.
    pub(super) callees: Vec<String>,
    /// Services that fail when it fails.
    pub(super) fail_with_it: Vec<String>,
    /// Whom it cannot do without, through any number of calls: 256 at most.
    pub(super) fails_with: Vec<String>,
    /// Paths of the routes that cannot be answered without it.
    pub(super) routes: Vec<String>,
    /// Events that it publishes.
    pub(super) publishes: Vec<String>,
    /// Events that it receives.
    pub(super) receives: Vec<String>,
    /// Sagas that it leads or takes a step of.
    pub(super) sagas: Vec<String>,
}

/// One service and another.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Pair {
    /// Who calls.
    pub(super) from: String,
    /// Who is called.
    pub(super) to: String,
}

/// Services that call each other in circles.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Cycle {
    /// All of them.
    pub(super) services: Vec<String>,
    /// A shortest circle, beginning and ending with the same service; its first call is the cheapest to turn into an event.
    pub(super) path: Vec<String>,
    /// That call: few operations that read, before many that write.
    pub(super) cheapest: Pair,
    /// How many operations it uses. Null where none is known.
    pub(super) cheapest_operations: Option<usize>,
    /// Whether one of them writes. Null where none is known.
    pub(super) cheapest_writes: Option<bool>,
    /// Calls that have to go besides, so that no circle remains: few, not always the fewest.
    pub(super) besides: Vec<Pair>,
}

/// A route of the gateway.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Route {
    /// Its path.
    pub(super) path: String,
    /// Its methods, or ALL.
    pub(super) methods: Vec<String>,
    /// Where it leads. Null where that is not declared.
    pub(super) service: Option<String>,
    /// How available it can be at most.
    pub(super) availability: Availability,
    /// How long the gateway waits, all tries included. Null where it waits for ever.
    pub(super) timeout_ms: Option<u64>,
    /// How long its service may wait for others before it answers. Null where a call has no timeout.
    pub(super) waiting_ms: Option<u64>,
    /// What one request may become at the worst place behind it. Null where a way leads into a circle.
    pub(super) attempts: Option<u64>,
    /// Data behind it that its service owns. Null where the file does not say what lies behind it.
    pub(super) own_data: Option<usize>,
    /// All data behind it.
    pub(super) data: Option<usize>,
}

/// How available something can be: the product over all that it cannot do without, each once.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Availability {
    /// The product of all that is known. Null where nothing is.
    pub(super) at_most: Option<f64>,
    /// How many it rests on: 256 are looked at.
    pub(super) rests_on: usize,
    /// How many of them do not say how available they are.
    pub(super) unknown: usize,
    /// The worst of them, five at most.
    pub(super) weakest: Vec<Share>,
}

/// Somebody with his availability.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Share {
    /// A service, or a system that is not ours.
    pub(super) name: String,
    /// Its own availability.
    pub(super) availability: f64,
}

/// An objective.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Objective {
    /// What it is about, as written.
    pub(super) of: String,
    /// The availability that is promised.
    pub(super) promised: Option<f64>,
    /// How available it can be at most.
    pub(super) availability: Availability,
    /// The time that is promised.
    pub(super) latency_ms: Option<u64>,
    /// What has to be asked first promises this in all. Null where it is not certain what that is.
    pub(super) asked_first_ms: Option<u64>,
}

/// A saga.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Saga {
    /// Its name.
    pub(super) name: String,
    /// Who leads it.
    pub(super) coordinator: Option<String>,
    /// Services that take its steps.
    pub(super) services: usize,
    /// Its steps.
    pub(super) steps: usize,
    /// Steps before the point of no return that change something.
    pub(super) exposed_steps: usize,
    /// Their share.
    pub(super) exposure: Option<f64>,
    /// Its compensations.
    pub(super) compensations: usize,
    /// Steps that nothing undoes, although a later one can fail.
    pub(super) stuck_steps: usize,
    /// Inputs of compensations that nothing gives.
    pub(super) unbound_inputs: usize,
}

/// A team.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Team {
    /// Its name as written.
    pub(super) name: String,
    /// Services that it owns.
    pub(super) services: usize,
    /// Calling pairs within it.
    pub(super) calls_within: usize,
    /// Calling pairs that lead to other teams.
    pub(super) calls_to: Vec<TeamCalls>,
    /// The share of calls that leave it.
    pub(super) leaving_share: Option<f64>,
    /// Services that work more with another team.
    pub(super) misplaced: Vec<Misplaced>,
}

/// Calls to a team.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TeamCalls {
    /// The team.
    pub(super) team: String,
    /// How many pairs.
    pub(super) calls: usize,
}

/// A service that works more with another team than with its own.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Misplaced {
    /// The service.
    pub(super) service: String,
    /// The other team.
    pub(super) team: String,
    /// Services of that team that call it or are called by it.
    pub(super) there: usize,
    /// Services of its own team that do.
    pub(super) own: usize,
}

/// An event.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Event {
    /// Its name.
    pub(super) name: String,
    /// Services that publish it.
    pub(super) publishers: Vec<String>,
    /// Services that receive it.
    pub(super) consumers: Vec<String>,
    /// Teams of its consumers that do not publish it.
    pub(super) other_teams: usize,
    /// Its versions.
    pub(super) versions: usize,
    /// Kinds of change from version to version that break readers. Null where there is nothing to compare.
    pub(super) breaking_changes: Option<Vec<String>>,
    /// Consumers times kinds.
    pub(super) risk: Option<usize>,
}
