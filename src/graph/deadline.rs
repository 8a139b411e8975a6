//! How long a call may last in the worst case: its tries and the pauses between them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Graph;
use crate::model::Model;
use crate::model::arena::{CallId, EndpointId, Id, ServiceId};
use crate::model::endpoint::Call;
use crate::model::policy::Retry;

/// How long calls may last.
#[derive(Debug)]
pub struct Deadlines {
    slowest: Vec<Vec<(Duration, CallId)>>,
}

impl Deadlines {
    /// The calls of a model that have a timeout.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let mut slowest = vec![Vec::new(); model.services.len()];
        for (id, call) in model.calls.entries() {
            if let Some(worst) = worst_case(call) {
                slowest[call.from.index()].push((worst, id));
            }
        }
        for calls in &mut slowest {
            calls.sort_by_key(|(worst, id)| (std::cmp::Reverse(*worst), *id));
        }
        Self { slowest }
    }

    /// The calls of a service that have a timeout, the slowest first.
    #[must_use]
    pub fn slowest(&self, service: ServiceId) -> &[(Duration, CallId)] {
        &self.slowest[service.index()]
    }
}

/// How long a service may wait for all that it calls, one after the other, where calls of one group run side by side: the slowest of them
/// counts. None where a call has no end of its own, or its callee is not declared.
#[must_use]
pub fn waiting(model: &Model, service: ServiceId) -> Option<Duration> {
    let service = &model.services[service];
    let mut groups: BTreeMap<&str, Duration> = BTreeMap::new();
    let mut sum = Duration::ZERO;
    for call in service.calls.iter().map(|call| &model.calls[*call]) {
        let worst = worst_case(call)?;
        match &call.parallel {
            Some(group) => {
                let slowest = groups.entry(group).or_default();
                *slowest = (*slowest).max(worst);
            }
            None => sum = sum.saturating_add(worst),
        }
    }
    let side_by_side = groups.into_values();
    let sum = side_by_side.fold(sum, Duration::saturating_add);
    (service.lost_calls == 0).then_some(sum)
}

/// How long those of some operations that may ask others allow themselves at most; none where one of them sets no end, or none asks.
#[must_use]
pub fn allowed(graph: &Graph<'_>, operations: &[EndpointId]) -> Option<Duration> {
    let asking = operations.iter().filter(|id| graph.asking.operation(**id));
    let times: Option<Vec<Duration>> = asking
        .map(|id| Some(graph.model.endpoints[*id].timeout.as_ref()?.value))
        .collect();
    times?.into_iter().max()
}

/// How long a call may last: every try to its timeout, and every pause in between. Jitter only shortens pauses, so it is left out.
#[must_use]
pub fn worst_case(call: &Call) -> Option<Duration> {
    let per_try = call
        .timeout
        .as_ref()
        .filter(|timeout| !timeout.value.is_zero())?
        .value;
    let Some(retry) = &call.retry else {
        return Some(per_try);
    };
    Some(
        per_try
            .saturating_mul(retry.max_attempts.max(1))
            .saturating_add(pauses(retry)),
    )
}

/// The sum of the pauses between the tries.
#[must_use]
pub fn pauses(retry: &Retry) -> Duration {
    let longest = retry.max_delay.as_secs_f64();
    let mut pause = retry.base_delay.as_secs_f64();
    let mut sum = 0.0;
    let gaps = retry.max_attempts.saturating_sub(1);
    for gap in 0..gaps {
        if pause >= longest || retry.backoff_factor <= 1.0 {
            sum += f64::from(gaps - gap) * pause.min(longest);
            break;
        }
        sum += pause;
        pause *= retry.backoff_factor;
    }
    Duration::try_from_secs_f64(sum).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::RetryPlaces;
    use crate::syntax::source::Span;

    fn retry(max_attempts: u32) -> Retry {
        Retry {
            max_attempts,
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(2),
            backoff_factor: 2.0,
            jitter: true,
            span: Span::default(),
            written: RetryPlaces::default(),
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        assert_eq!(pauses(&retry(1)), Duration::ZERO);
        assert_eq!(pauses(&retry(3)), Duration::from_millis(300));
        assert_eq!(
            pauses(&retry(7)),
            Duration::from_millis(100 + 200 + 400 + 800 + 1600 + 2000)
        );
    }

    #[test]
    fn a_million_tries_are_summed_at_once() {
        assert!(pauses(&retry(u32::MAX)) > Duration::from_secs(1_000_000));
    }
}
