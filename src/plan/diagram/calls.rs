//! Who calls whom and waits, for how long, and how often it tries.

use super::{Edge, Flow, context, nodes, spelt};
use crate::model::Model;
use crate::model::endpoint::Call;
use crate::model::gateway::Gateway;

/// The calls.
#[must_use]
pub fn calls(model: &Model) -> Flow {
    let taking: Vec<_> = model
        .services
        .ids()
        .map(|id| nodes::service(model, id, Vec::new()))
        .collect();
    let mut edges: Vec<Edge> = model
        .gateway
        .iter()
        .flat_map(|gateway| routes(model, gateway))
        .collect();
    edges.extend(model.calls.iter().map(|call| Edge {
        from: nodes::service_id(model, call.from),
        to: nodes::party_id(model, call.to),
        label: label(model, call),
        dashed: !call.hard,
    }));
    Flow {
        title: format!("Calls of {}", model.system.name),
        sideways: true,
        groups: Vec::new(),
        nodes: context::outside(model).chain(taking).collect(),
        edges,
    }
}

fn label(model: &Model, call: &Call) -> String {
    let mut parts = Vec::new();
    if call.operations_named && call.operations.len() <= 3 {
        let names: Vec<&str> = call
            .operations
            .iter()
            .map(|id| model.endpoints[*id].name.as_str())
            .collect();
        parts.push(names.join(", "));
    } else if !call.operations.is_empty() {
        parts.push(format!("{} operations", call.operations.len()));
    }
    parts.extend(call.timeout.as_ref().map(|timeout| spelt(timeout.value)));
    parts.extend(
        call.retry
            .as_ref()
            .filter(|retry| retry.max_attempts > 1)
            .map(|retry| format!("{} tries", retry.max_attempts)),
    );
    parts.join(", ")
}

/// One arrow per service that the gateway leads to, with the longest time that it waits.
fn routes<'m>(model: &'m Model, gateway: &'m Gateway) -> impl Iterator<Item = Edge> + 'm {
    nodes::routed(model).into_iter().map(move |service| {
        let routes = gateway
            .routes
            .iter()
            .filter(|route| route.service == Some(service));
        let longest = routes
            .filter_map(|route| route.timeout.as_ref())
            .map(|timeout| timeout.value)
            .max();
        Edge {
            from: nodes::GATEWAY.to_owned(),
            to: nodes::service_id(model, service),
            label: longest.map(spelt).unwrap_or_default(),
            dashed: false,
        }
    })
}
