//! How long those who ask wait for an answer, and the alert on requests that take longer.

use std::collections::BTreeMap;
use std::time::Duration;

use super::promises::requests;
use super::rule::{Alert, Series};
use super::services::{alert, case, found, growing};
use crate::graph::mesh::MeshPolicies;
use crate::graph::routes::{self, RouteFacts};
use crate::model::Model;
use crate::model::arena::{EndpointId, ServiceId};
use crate::plan::local::gateway::ROUTE_TIMEOUT;
use crate::plan::service::CALL_TIMEOUT;

/// How long a request may take where its operation does not say.
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long those who ask wait.
pub(super) struct Patience<'m> {
    model: &'m Model,
    routes: Vec<RouteFacts>,
    mesh: MeshPolicies,
}

impl<'m> Patience<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        Self {
            model,
            routes: routes::of(model),
            mesh: MeshPolicies::of(model),
        }
    }

    /// The shortest time: that of the operation itself, of a route that leads to it, of a call that names it, of the mesh before it.
    fn for_operation(&self, service: ServiceId, endpoint: EndpointId) -> Duration {
        let own = self.model.endpoints[endpoint].timeout;
        let own = own.map_or(USUAL_TIMEOUT, |timeout| timeout.value);
        let declared = self.model.gateway.iter().flat_map(|it| &it.routes);
        let routes = declared
            .zip(&self.routes)
            .filter(|(_, facts)| facts.operations.contains(&endpoint))
            .map(|(route, _)| route.timeout.map_or(ROUTE_TIMEOUT, |timeout| timeout.value));
        let calls = self.model.calls.iter();
        let calls = calls
            .filter(|call| call.operations.contains(&endpoint))
            .map(|call| call.timeout.map_or(CALL_TIMEOUT, |timeout| timeout.value));
        let mesh = self.mesh.to(service).iter();
        let mesh = mesh.filter_map(|policy| policy.timeout);
        let all = routes.chain(calls).chain(mesh);
        all.filter(|time| !time.is_zero()).fold(own, Duration::min)
    }

    /// The operations of a service by the bucket that they are judged by: the longest that is shorter than anybody waits.
    /// Where none is that short, a request that is given up cannot be told from one that was answered in time.
    fn judged(&self, service: ServiceId) -> Vec<Judged> {
        let buckets = &self.model.observability.buckets;
        let endpoints = &self.model.services[service].endpoints;
        let mut by_bucket: BTreeMap<usize, Vec<EndpointId>> = BTreeMap::new();
        for endpoint in endpoints {
            let time = self.for_operation(service, *endpoint).as_secs_f64();
            if let Some(bucket) = buckets.iter().rposition(|bucket| *bucket < time) {
                by_bucket.entry(bucket).or_default().push(*endpoint);
            }
        }
        let name = self.model.services[service].name.as_str();
        let judged = by_bucket.into_iter().map(|(bucket, of)| Judged {
            bucket: buckets[bucket],
            requests: if of.len() == endpoints.len() {
                vec![format!("service='{name}'")]
            } else {
                let each = of.iter().filter_map(|id| requests(self.model, *id));
                each.collect()
            },
            operations: of.iter().map(|id| self.spelt(*id)).collect(),
        });
        judged.collect()
    }

    fn spelt(&self, endpoint: EndpointId) -> String {
        let endpoint = &self.model.endpoints[endpoint];
        format!("{} {}", endpoint.method.as_str(), endpoint.path.value)
    }

    /// A service is slow where one in a hundred requests of a kind takes longer than the bucket that it is judged by.
    pub(super) fn slow(&self, service: ServiceId) -> Option<Alert> {
        let judged = self.judged(service);
        if judged.is_empty() {
            return None;
        }
        let name = self.model.services[service].name.as_str();
        let exprs: Vec<String> = judged.iter().map(Judged::expr).collect();
        let cases = judged.iter().map(|one| {
            case(
                &format!("one in fifty takes longer than {} s", one.bucket),
                one.series(980),
                vec![found([("service", name)])],
            )
        });
        let all = judged.iter().flat_map(|one| one.series(999)).collect();
        let silent = case("one in a thousand is slow", all, Vec::new());
        let mut slow = alert(
            "SlowRequests",
            exprs.join(" or "),
            Some("10m"),
            false,
            [
                "{{ $labels.service }} is slow",
                "",
                "See which route is slow and where its traces spend the time: the database, a service that it calls, or waiting for a connection.",
            ],
            cases.chain([silent]).collect(),
        );
        slow.labels.push(("service", name.to_owned()));
        slow.description = described(&judged);
        Some(slow)
    }
}

fn described(judged: &[Judged]) -> String {
    let times = judged.iter().map(|one| match judged {
        [_] => format!("{} s", one.bucket),
        _ => format!("{} s ({})", one.bucket, one.operations.join(", ")),
    });
    let times: Vec<String> = times.collect();
    format!(
        "More than one in a hundred requests takes longer than {}. Those who ask do not wait much longer: they give up, and ask again.",
        times.join(" or ")
    )
}

/// Requests that are judged by the same time.
struct Judged {
    bucket: f64,
    /// The labels of each kind.
    requests: Vec<String>,
    /// Methods and paths, for people.
    operations: Vec<String>,
}

impl Judged {
    fn in_time(labels: &str, bucket: f64) -> String {
        format!("http_request_duration_seconds_bucket{{{labels}, le='{bucket:?}'}}")
    }

    fn all(labels: &str) -> String {
        format!("http_request_duration_seconds_count{{{labels}}}")
    }

    fn expr(&self) -> String {
        let sum = |series: &dyn Fn(&str) -> String| {
            let rates = self.requests.iter();
            let rates: Vec<String> = rates
                .map(|labels| format!("rate({}[5m])", series(labels)))
                .collect();
            format!("sum by (service) ({})", rates.join(" or "))
        };
        let in_time = sum(&|labels| Self::in_time(labels, self.bucket));
        format!("1 - {in_time} / {} > 0.01", sum(&Self::all))
    }

    /// Of a thousand requests a minute, so many are fast.
    fn series(&self, fast: u32) -> Vec<Series> {
        let first = self.requests.first().map_or("", String::as_str);
        vec![
            growing(Self::in_time(first, self.bucket), fast),
            growing(Self::all(first), 1000),
        ]
    }
}
