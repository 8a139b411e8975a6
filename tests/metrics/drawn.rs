//! Figures of systems drawn at random, held against the plainest way to count.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Instant;

use msarch::graph::Graph;
use msarch::graph::metrics::Metrics;
use msarch::graph::observations::Observations;
use msarch::model::Model;
use msarch::model::arena::{EndpointId, Id, ServiceId};
use msarch::model::endpoint::Action;
use msarch::model::lower;
use msarch::model::service::Party;
use msarch::syntax::document::read;
use msarch::syntax::include::load_text;

use super::random::{Random, architecture};

fn meaning(text: &str) -> Model {
    let mut loaded = load_text("architecture.yaml", text);
    lower(&read(&mut loaded).unwrap())
}

/// Services that call each other at random, in circles too, some of them through the gateway. Some show their data, and some of these have
/// a command; calls and routes lead to either, or to what the file does not say.
fn tangle(seed: u64, services: usize, calls: usize) -> String {
    let mut random = Random::new(seed);
    let mut text = String::from("msarch: 1\nname: tangle\nservices:\n");
    let offered: Vec<usize> = (0..services).map(|_| random.below(3)).collect();
    for (at, offers) in offered.iter().enumerate() {
        let team = random.below(4);
        writeln!(
            text,
            "  s{at}:\n    team_ownership: t{team}\n    data_ownership: [d{at}]"
        )
        .unwrap();
        let operations = [("show", "GET", ""), ("run", "POST", "/run")];
        for (nth, (name, method, rest)) in operations.iter().take(*offers).enumerate() {
            let head = if nth == 0 { "    endpoints:\n" } else { "" };
            writeln!(
                text,
                "{head}      {name}: {{method: {method}, path: /d{at}{rest}}}"
            )
            .unwrap();
        }
        for nth in 0..random.below(calls + 1) {
            let head = if nth == 0 { "    calls:\n" } else { "" };
            let (to, soft) = (random.below(services), random.below(3) == 0);
            let (tries, soft) = (
                random.below(3),
                if soft { ", dependency: soft" } else { "" },
            );
            let named = match random.below(offered[to] + 1) {
                0 => "",
                1 => ", operations: [show]",
                _ => ", operations: [run]",
            };
            writeln!(
                text,
                "{head}      - {{to: s{to}, timeout: 1s, retries: {tries}{soft}{named}}}"
            )
            .unwrap();
        }
    }
    text.push_str("gateway:\n  routes:\n");
    for at in 0..=random.below(services) {
        let to = random.below(services);
        let (path, method) = match random.below(offered[to] + 1) {
            0 => (format!("p{at}"), "GET"),
            1 => (format!("d{to}"), "GET"),
            _ => (format!("d{to}/run"), "POST"),
        };
        writeln!(
            text,
            "    - {{path: /{path}, method: {method}, service: s{to}, timeout: 5s, public: true}}"
        )
        .unwrap();
    }
    text
}

/// Whether one of some operations is of the kind that asks others in its service: a command, else what writes, else any.
fn may_ask(model: &Model, operations: &[EndpointId]) -> bool {
    let rank = |id: &EndpointId| match model.endpoints[*id].action {
        Action::Command | Action::Aggregate(_) => 2,
        Action::Create(_) | Action::Update(_) | Action::Delete(_) => 1,
        Action::Read(_) | Action::List { .. } => 0,
    };
    let asks = |id: &EndpointId| match model.endpoints[*id].owner {
        Party::Service(service) => {
            let offered = &model.services[service].endpoints;
            offered.iter().all(|other| rank(other) <= rank(id))
        }
        Party::External(_) => false,
    };
    operations.is_empty() || operations.iter().any(asks)
}

/// Where requests arrive, and whether at something that may ask others.
type Start = (ServiceId, bool);

/// Who is reached from a start over some calls, without passing another: itself is, unless it is the one.
fn reached(
    model: &Model,
    from: Start,
    hard: bool,
    without: Option<ServiceId>,
) -> BTreeSet<ServiceId> {
    let mut found = BTreeSet::new();
    let mut queue = vec![from];
    while let Some((at, asks)) = queue.pop() {
        if Some(at) == without || !found.insert((at, asks)) || !asks {
            continue;
        }
        for call in model.services[at]
            .calls
            .iter()
            .map(|call| &model.calls[*call])
        {
            if let (Party::Service(to), true) = (call.to, call.binds() || !hard) {
                queue.push((to, may_ask(model, &call.operations)));
            }
        }
    }
    found.into_iter().map(|(service, _)| service).collect()
}

fn starts(graph: &Graph<'_>) -> Vec<Start> {
    let routes = graph.model.gateway.iter().flat_map(|it| &it.routes);
    let starts = routes.zip(&graph.routes).map(|(route, facts)| {
        let asks = may_ask(graph.model, &facts.operations);
        Some((route.service?, asks))
    });
    starts.flatten().collect()
}

fn from_outside(graph: &Graph<'_>, without: Option<ServiceId>) -> BTreeSet<ServiceId> {
    let starts = starts(graph).into_iter();
    starts
        .flat_map(|start| reached(graph.model, start, false, without))
        .collect()
}

fn holds(text: &str) {
    let model = meaning(text);
    let graph = Graph::new(&model, Observations::default());
    let metrics = Metrics::of(&graph);
    let all: Vec<ServiceId> = model.services.ids().collect();
    let needs: Vec<BTreeSet<ServiceId>> = all
        .iter()
        .map(|id| reached(&model, (*id, true), true, None))
        .collect();
    let starts = starts(&graph).into_iter();
    let needed: Vec<BTreeSet<ServiceId>> = starts
        .map(|start| reached(&model, start, true, None))
        .collect();
    let outside = from_outside(&graph, None);
    for id in &all {
        let figures = &metrics.services[id.index()];
        let failing: Vec<ServiceId> = all
            .iter()
            .copied()
            .filter(|other| other != id && needs[other.index()].contains(id))
            .collect();
        assert_eq!(figures.blast, failing.len(), "{id:?}\n{text}");
        assert_eq!(graph.reach.failing_with(*id), failing, "{id:?}\n{text}");
        let routes = needed.iter().filter(|needed| needed.contains(id)).count();
        assert_eq!(
            figures.routes,
            model.gateway.is_some().then_some(routes),
            "{id:?}\n{text}"
        );
        // What the rules are told of routes are the first sixteen of the same.
        assert_eq!(
            graph.dependencies.routes_through(*id).len(),
            routes.min(16),
            "{id:?}\n{text}"
        );
        let gates = outside
            .contains(id)
            .then(|| outside.len() - from_outside(&graph, Some(*id)).len() - 1);
        assert_eq!(figures.gates, gates, "{id:?}\n{text}");
        assert!(
            figures
                .instability
                .is_none_or(|it| (0.0..=1.0).contains(&it)),
            "{text}"
        );
    }
    let callers: usize = metrics.services.iter().map(|it| it.callers).sum();
    let callees: usize = metrics.services.iter().map(|it| it.callees).sum();
    assert_eq!(
        (callers, callees),
        (metrics.system.calls, metrics.system.calls)
    );
    assert!(
        metrics
            .system
            .teams
            .fit
            .is_none_or(|fit| (-0.5..=1.0).contains(&fit)),
        "{text}"
    );
    opens(&model, &metrics, text);
}

/// No circle remains without the calls that the figures name.
fn opens(model: &Model, metrics: &Metrics<'_>, text: &str) {
    let pair =
        |call: &msarch::model::arena::CallId| (model.calls[*call].from, model.calls[*call].to);
    let gone: BTreeSet<(ServiceId, Party)> = metrics
        .cycles
        .iter()
        .flat_map(|cycle| cycle.path[..1].iter().chain(&cycle.besides))
        .map(pair)
        .collect();
    let mut left: Vec<(ServiceId, ServiceId)> = model
        .calls
        .iter()
        .filter(|call| !gone.contains(&(call.from, call.to)))
        .filter_map(|call| match call.to {
            Party::Service(to) => Some((call.from, to)),
            Party::External(_) => None,
        })
        .collect();
    // What calls nobody that is left lies on no circle.
    loop {
        let callers: BTreeSet<ServiceId> = left.iter().map(|(from, _)| *from).collect();
        let before = left.len();
        left.retain(|(_, to)| callers.contains(to));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "circles remain: {left:?}\n{text}");
}

#[test]
fn figures_of_valid_systems_are_what_plain_counting_gives() {
    for seed in 0..100 {
        holds(&architecture(seed));
    }
}

#[test]
fn figures_of_tangled_systems_are_what_plain_counting_gives() {
    for seed in 0..200 {
        let services = 1 + usize::try_from(seed % 17).unwrap();
        let calls = 1 + usize::try_from(seed % 4).unwrap();
        holds(&tangle(seed, services, calls));
    }
}

#[test]
fn more_services_than_one_pass_counts_are_counted_all_the_same() {
    // A chain of 5,000, cut once: each service takes those before it along.
    let mut text = String::from("msarch: 1\nname: chain\nservices:\n");
    for at in 0..5_000 {
        let calls = match at {
            2_499 | 4_999 => String::new(),
            _ => format!(", calls: [{{to: s{}, timeout: 1s}}]", at + 1),
        };
        writeln!(text, "  s{at}: {{data_ownership: [d{at}]{calls}}}").unwrap();
    }
    let model = meaning(&text);
    let metrics = Metrics::of(&Graph::new(&model, Observations::default()));
    for (at, figures) in metrics.services.iter().enumerate() {
        assert_eq!(figures.blast, at % 2_500, "s{at}");
        assert_eq!(figures.depth, Some(2_499 - at % 2_500), "s{at}");
    }
}

#[test]
fn a_thousand_services_are_measured_in_less_time_than_they_are_read() {
    let text = tangle(1, 1_000, 20);
    let start = Instant::now();
    let model = meaning(&text);
    let graph = Graph::new(&model, Observations::default());
    let read = start.elapsed();
    let start = Instant::now();
    let metrics = Metrics::of(&graph);
    let measured = start.elapsed();
    assert_eq!(metrics.services.len(), 1_000);
    assert!(
        measured < read * 2,
        "read in {read:?}, measured in {measured:?}"
    );
}
