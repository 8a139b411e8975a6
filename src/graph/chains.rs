//! How many services a request passes one after the other, each waiting for the next.

use crate::model::Model;
use crate::model::arena::{CallId, ServiceId};
use crate::model::service::Party;

use super::asking::Asking;
use super::calls::Calls;

/// Chains of synchronous calls.
#[derive(Debug)]
pub struct Chains {
    /// Chains as long as can be from services that nobody calls, the longest first. Each call is in one chain at most, and a circle
    /// counts as one service. A chain ends where an operation asks nobody.
    pub longest: Vec<Vec<CallId>>,
    hops: Vec<usize>,
}

/// What a chain looks like from one place on.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    hops: usize,
    next: Option<CallId>,
    /// Whether somebody calls what may ask further.
    called: bool,
}

impl Chains {
    /// The chains in a model.
    #[must_use]
    pub fn of(model: &Model, calls: &Calls, asking: &Asking) -> Self {
        let onwards = |call: CallId| match model.calls[call].to {
            Party::Service(to) => {
                let (from, to) = (calls.component(model.calls[call].from), calls.component(to));
                (from != to).then_some((from, to))
            }
            Party::External(_) => None,
        };
        let mut rests = vec![Rest::default(); model.services.len()];
        for service in calls.callees_first() {
            let mut made: Vec<CallId> = calls.from(service).collect();
            made.sort_unstable();
            for call in made {
                let Some((from, to)) = onwards(call) else {
                    continue;
                };
                let asks = asking.call(&model.calls[call]);
                rests[to].called |= asks;
                let hops = if asks { rests[to].hops + 1 } else { 1 };
                if hops > rests[from].hops {
                    rests[from].hops = hops;
                    rests[from].next = Some(call);
                }
            }
        }
        let mut heads: Vec<usize> = (0..rests.len())
            .filter(|at| rests[*at].next.is_some() && !rests[*at].called)
            .collect();
        heads.sort_by_key(|at| (std::cmp::Reverse(rests[*at].hops), rests[*at].next));
        let mut passed = vec![false; rests.len()];
        let longest = heads
            .into_iter()
            .filter_map(|head| {
                let mut chain = Vec::new();
                let mut at = head;
                while let Some(call) = rests[at].next {
                    if std::mem::replace(&mut passed[at], true) {
                        return None;
                    }
                    chain.push(call);
                    if !asking.call(&model.calls[call]) {
                        break;
                    }
                    at = onwards(call)?.1;
                }
                Some(chain)
            })
            .collect();
        let hops = rests.iter().map(|rest| rest.hops).collect();
        Self { longest, hops }
    }

    /// How many calls follow one upon another from a service on, at most; a circle counts as one service.
    #[must_use]
    pub fn depth(&self, calls: &Calls, service: ServiceId) -> usize {
        self.hops[calls.component(service)]
    }
}
