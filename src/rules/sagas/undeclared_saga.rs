//! Who changes the data of several others one after the other has a saga, written down or not.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::{EndpointId, SagaId, ServiceId};
use crate::model::endpoint::Call;
use crate::model::service::{Party, Service};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("undeclared-saga"),
    family: Family::Sagas,
    severity: Severity::Warn,
    required: false,
    summary: "one operation changes data of several services by calls, and nothing undoes half of it",
    docs: include_str!("undeclared_saga.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let sagas = participation(model);
    model
        .services
        .entries()
        .filter_map(|(id, service)| {
            let changed = changed(model, service);
            // More services are changed than there are operations to change them: one changes two.
            let certain =
                changed.len() > 1 && (1..changed.len()).contains(&beginnings(model, service));
            (certain && !covered(&sagas, id, &changed)).then(|| finding(model, service, &changed))
        })
        .collect()
}

/// Others whose data a service changes by calls, with the first operation that does. Calls that name no operation may only read;
/// who can do without what it calls goes on when that fails, so that nothing is to be undone.
fn changed<'m>(model: &'m Model, service: &Service) -> Vec<(&'m Call, EndpointId)> {
    let mut seen = BTreeSet::new();
    let calls = service.calls.iter().map(|call| &model.calls[*call]);
    calls
        .filter(|call| call.operations_named && call.binds())
        .filter_map(|call| {
            let mut operations = call.operations.iter().copied();
            let writing = operations.find(|operation| model.endpoints[*operation].writes)?;
            seen.insert(call.to).then_some((call, writing))
        })
        .collect()
}

/// What may be behind the calls: operations that change something, and reactions to events.
fn beginnings(model: &Model, service: &Service) -> usize {
    let operations = service.endpoints.iter();
    let writing = operations.filter(|operation| model.endpoints[**operation].writes);
    writing.count() + service.consumers.len()
}

/// The sagas that each service has a part in.
fn participation(model: &Model) -> BTreeMap<ServiceId, BTreeSet<SagaId>> {
    let mut sagas: BTreeMap<ServiceId, BTreeSet<SagaId>> = BTreeMap::new();
    for (id, saga) in model.sagas.entries() {
        let steps = saga.steps.iter().filter_map(|step| step.service);
        for service in steps.chain(saga.coordinator) {
            sagas.entry(service).or_default().insert(id);
        }
    }
    sagas
}

/// Whether the service has a part in a saga, or two of the others have in one.
fn covered(
    sagas: &BTreeMap<ServiceId, BTreeSet<SagaId>>,
    service: ServiceId,
    changed: &[(&Call, EndpointId)],
) -> bool {
    let mut met = BTreeSet::new();
    let others = changed.iter().filter_map(|(call, _)| match call.to {
        Party::Service(other) => sagas.get(&other),
        Party::External(_) => None,
    });
    sagas.contains_key(&service) || others.flatten().any(|saga| !met.insert(*saga))
}

fn finding(model: &Model, service: &Service, changed: &[(&Call, EndpointId)]) -> Finding {
    let mut beginnings = service
        .endpoints
        .iter()
        .map(|operation| &model.endpoints[*operation])
        .filter(|operation| operation.writes);
    let who = match (beginnings.next(), beginnings.next()) {
        (Some(only), None) if service.consumers.is_empty() => {
            format!("{} of {}", only.name, service.name)
        }
        _ => format!("an operation of {}", service.name),
    };
    let done = changed.iter().map(|(call, operation)| {
        format!(
            "{} of {}",
            model.endpoints[*operation].name,
            model.name_of(call.to)
        )
    });
    let message = format!(
        "{who} calls {}: when a later one fails, nothing undoes the earlier ones",
        words::some(done, 5)
    );
    let ((first, operation), rest) = (changed[0], &changed[1..]);
    let mut finding = RULE
        .finding(first.span, message)
        .here(format!("{} stays done", model.endpoints[operation].name));
    for (call, operation) in rest.iter().take(4) {
        let name = &model.endpoints[*operation].name;
        finding = finding.label(call.span, format!("when {name} fails"));
    }
    finding.about(service.name.as_str()).help(format!(
        "declare a saga with {} as its `coordinator` and a compensation for each step, instead of the calls",
        service.name
    ))
}
