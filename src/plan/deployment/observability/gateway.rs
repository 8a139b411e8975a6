//! Alerts on what the gateway counts. A request that it gives up, or that reaches no copy of a service, fails for whoever sent it, and no
//! service counts it as its own failure.

use super::rule::Alert;
use super::services::{alert, case, found, growing};
use crate::model::Model;
use crate::plan::deployment::Deployment;
use crate::plan::envoy;

/// The alerts, where the gateway shows its metrics and leads to a service.
pub(super) fn alerts(model: &Model, deployment: &Deployment) -> Vec<Alert> {
    let clusters = envoy::clusters(model);
    let shown = deployment
        .proxy
        .as_ref()
        .is_some_and(|proxy| proxy.metrics.is_some());
    match clusters.first() {
        Some(first) if shown => {
            let gateway = Counted {
                ways: clusters.join("|"),
                first,
            };
            vec![gateway.errors(), gateway.timeouts()]
        }
        _ => Vec::new(),
    }
}

/// What Envoy counts on its ways to services: its own affairs, such as traces, have ways too.
struct Counted<'c> {
    ways: String,
    first: &'c str,
}

impl Counted<'_> {
    /// The share of one counter in all answers, by way.
    fn share(&self, counter: &str, labels: &str) -> String {
        let sum = |counter: &str, labels: &str| {
            let ways = &self.ways;
            let series = format!("{counter}{{envoy_cluster_name=~'{ways}'{labels}}}");
            format!("sum by (envoy_cluster_name) (rate({series}[5m]))")
        };
        format!(
            "{} / {}",
            sum(counter, labels),
            sum("envoy_cluster_upstream_rq_xx", "")
        )
    }

    fn answers(&self, class: u8) -> String {
        format!(
            "envoy_cluster_upstream_rq_xx{{envoy_cluster_name='{}', envoy_response_code_class='{class}'}}",
            self.first
        )
    }

    fn errors(&self) -> Alert {
        let failed = ", envoy_response_code_class='5'";
        let share = self.share("envoy_cluster_upstream_rq_xx", failed);
        let answers = |good, bad| {
            vec![
                growing(self.answers(2), good),
                growing(self.answers(5), bad),
            ]
        };
        alert(
            "GatewayErrors",
            format!("{share} > 0.05"),
            Some("5m"),
            true,
            [
                "requests to {{ $labels.envoy_cluster_name }} fail at the gateway",
                "More than one in twenty requests ends in a server error at the gateway, those among them that it gave up and those that reached no copy of the service.",
                "See whether {{ $labels.envoy_cluster_name }} is up and answers in time, then the gateway's log (status, upstream); undo the last change to it or to what it calls.",
            ],
            vec![
                case(
                    "one in ten fails",
                    answers(90, 10),
                    vec![found([("envoy_cluster_name", self.first)])],
                ),
                case("one in a hundred fails", answers(99, 1), Vec::new()),
            ],
        )
    }

    fn timeouts(&self) -> Alert {
        let counter = "envoy_cluster_upstream_rq_timeout";
        let given_up = format!("{counter}{{envoy_cluster_name='{}'}}", self.first);
        let answers = |good, late| {
            vec![
                growing(self.answers(2), good),
                growing(self.answers(5), late),
                growing(given_up.clone(), late),
            ]
        };
        alert(
            "GatewayTimeouts",
            format!("{} > 0.01", self.share(counter, "")),
            Some("5m"),
            false,
            [
                "the gateway gives up requests to {{ $labels.envoy_cluster_name }}",
                "More than one in a hundred requests is not answered within the timeout of its route.",
                "See what {{ $labels.envoy_cluster_name }} waits for: its database, a service that it calls, a lock. It counts these requests with status 499 or 504.",
            ],
            vec![
                case(
                    "one in fifty is given up",
                    answers(98, 2),
                    vec![found([("envoy_cluster_name", self.first)])],
                ),
                case("one in a thousand is given up", answers(999, 1), Vec::new()),
            ],
        )
    }
}
