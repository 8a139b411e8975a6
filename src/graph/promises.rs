//! What can be promised at best: the share of requests that can succeed, and the time that others take to be asked.

use std::collections::BTreeMap;
use std::time::Duration;

use super::asking::runs_code;
use super::{Graph, dependencies};
use crate::model::Model;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::endpoint::Call;
use crate::model::platform::Promised;
use crate::model::service::Party;
use crate::syntax::source::{Span, Spanned};

/// The best that something can be, because of what it cannot do without.
#[derive(Debug, Clone)]
pub struct Ceiling {
    /// What it rests on and how available that is, 0 to 1, the worst first.
    pub known: Vec<(f64, Party)>,
    /// What it rests on and says nothing of its availability: what is below the ceiling on their account is not known.
    pub unknown: Vec<Party>,
}

impl Ceiling {
    /// The share of requests that can succeed at most: the product of all that is known, each once (AWS, "Availability and Beyond", equation
    /// 4). An upper estimate: failures that hang together make it worse. None where nothing is known.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let product = self.known.iter().map(|(share, _)| share).product();
        (!self.known.is_empty()).then_some(product)
    }
}

/// The ceiling of a promise; none where it is not known what answers. No more than 256 parties are looked at, the nearest.
#[must_use]
pub fn ceiling(graph: &Graph<'_>, of: Promised) -> Option<Ceiling> {
    let model = graph.model;
    let mut ceiling = Ceiling {
        known: Vec::new(),
        unknown: Vec::new(),
    };
    for party in rests_on(graph, of)? {
        match availability(model, party) {
            Some(share) => ceiling.known.push((share, party)),
            None => ceiling.unknown.push(party),
        }
    }
    ceiling
        .known
        .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Some(ceiling)
}

/// What an answer rests on. Operations that only keep and show their service's own data ask nobody else.
fn rests_on(graph: &Graph<'_>, of: Promised) -> Option<Vec<Party>> {
    let model = graph.model;
    let (party, asks) = match of {
        Promised::Endpoint(endpoint) => {
            let asks = graph.asking.operation(endpoint);
            (model.endpoints[endpoint].owner, asks)
        }
        Promised::Route(index) => {
            let service = model.route(index)?.service?;
            (Party::Service(service), graph.asking.route(index))
        }
    };
    match party {
        Party::Service(service) if asks => {
            Some(dependencies::behind(model, &graph.asking, service))
        }
        Party::External(_) if asks => None,
        party => Some(vec![party]),
    }
}

fn availability(model: &Model, party: Party) -> Option<f64> {
    match party {
        Party::Service(service) => model.services[service].availability,
        Party::External(external) => model.externals[external].availability,
    }
}

/// The times that operations promise.
#[derive(Debug)]
pub struct Latencies<'m> {
    promised: BTreeMap<EndpointId, &'m Spanned<Duration>>,
}

impl<'m> Latencies<'m> {
    /// The objectives of a model that name an operation and a time.
    #[must_use]
    pub fn of(model: &'m Model) -> Self {
        let objectives = model.observability.objectives.iter();
        let promised = objectives.filter_map(|objective| match objective.of {
            Promised::Endpoint(endpoint) => Some((endpoint, objective.latency.as_ref()?)),
            Promised::Route(_) => None,
        });
        Self {
            promised: promised.collect(),
        }
    }

    /// The promises of what an operation has to ask, one after the other; calls of one group run side by side, and the slowest counts. None
    /// where another operation of the service may be the one that asks. 99th percentiles do not add exactly: the sum is an upper estimate.
    #[must_use]
    pub fn asked_first(&self, model: &Model, of: Promised) -> Option<Vec<(Duration, Span)>> {
        let service = &model.services[alone(model, of)?];
        let mut groups: BTreeMap<&str, (Duration, Span)> = BTreeMap::new();
        let mut parts: Vec<(Duration, Span)> = Vec::new();
        let calls = service.calls.iter().map(|call| &model.calls[*call]);
        for call in calls.filter(|call| call.binds() && call.operations_named) {
            let Some(least) = self.quickest(call) else {
                continue;
            };
            match &call.parallel {
                Some(group) => {
                    let slowest = groups.entry(group).or_insert(least);
                    *slowest = (*slowest).max(least);
                }
                None => parts.push(least),
            }
        }
        parts.extend(groups.into_values());
        Some(parts)
    }

    /// The shortest promise among the operations of a call.
    fn quickest(&self, call: &Call) -> Option<(Duration, Span)> {
        let times = call.operations.iter().map(|operation| {
            let time = self.promised.get(operation)?;
            Some((time.value, time.span))
        });
        let times: Option<Vec<_>> = times.collect();
        times?.into_iter().min()
    }
}

/// The service of an operation that alone in it may ask others.
fn alone(model: &Model, of: Promised) -> Option<ServiceId> {
    let Promised::Endpoint(endpoint) = of else {
        return None;
    };
    let Party::Service(service) = model.endpoints[endpoint].owner else {
        return None;
    };
    let operations = model.services[service].endpoints.iter();
    let mut asking = operations.filter(|id| runs_code(&model.endpoints[**id].action));
    (asking.next() == Some(&endpoint) && asking.next().is_none()).then_some(service)
}
