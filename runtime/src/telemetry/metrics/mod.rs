//! Prometheus metrics of one service. The registry is a handle, not a global: one process may hold several services.

mod kinds;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::text;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Metric, Registry};

use kinds::histogram_family;
pub use kinds::{Counter, Gauge, Histogram};

/// The label that every metric carries, whether declared or not.
const SERVICE: &str = "service";
const HTTP_BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.7, 1.0, 3.0, 5.0, 7.0, 10.0, 30.0,
];

/// The metrics of one service. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    service: String,
    registry: Mutex<Registry>,
    known: Mutex<BTreeMap<String, Box<dyn Any + Send + Sync>>>,
    http: HttpMetrics,
    worker_restarts: Counter<1>,
}

impl Metrics {
    /// An empty registry for a service, with the usual buckets for the duration of requests.
    #[must_use]
    pub fn new(service: &str) -> Self {
        Self::with_http_buckets(service, &HTTP_BUCKETS)
    }

    /// An empty registry for a service, with the declared buckets (in seconds) for the duration of requests.
    #[must_use]
    pub fn with_http_buckets(service: &str, buckets: &[f64]) -> Self {
        let mut registry =
            Registry::with_labels([(SERVICE.into(), service.to_owned().into())].into_iter());
        let labels = ["method", "route", "status_code"];
        let duration = Histogram {
            names: labels,
            family: histogram_family(buckets),
        };
        let total = Counter {
            names: labels,
            family: Family::default(),
        };
        let in_flight = Gauge {
            names: [],
            family: Family::default(),
        };
        let worker_restarts = Counter {
            names: ["worker"],
            family: Family::default(),
        };
        let began = Gauge {
            names: [],
            family: Family::default(),
        };
        register(
            &mut registry,
            "http_request_duration_seconds",
            "Duration of HTTP requests",
            &duration.family,
        );
        register(
            &mut registry,
            "http_requests_total",
            "HTTP requests served",
            &total.family,
        );
        register(
            &mut registry,
            "http_requests_in_flight",
            "HTTP requests being served",
            &in_flight.family,
        );
        register(
            &mut registry,
            "worker_restarts_total",
            "Failed workers run again",
            &worker_restarts.family,
        );
        register(
            &mut registry,
            "process_start_time_seconds",
            "When the service began, in seconds since 1970",
            &began.family,
        );
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        began.set([], now.unwrap_or_default().as_secs_f64());
        Self(Arc::new(Inner {
            service: service.to_owned(),
            registry: Mutex::new(registry),
            known: Mutex::default(),
            http: HttpMetrics {
                duration,
                total,
                in_flight,
            },
            worker_restarts,
        }))
    }

    /// The service that these metrics are of.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.0.service
    }

    /// A counter with labels. Asked again by the same name, it is the same counter.
    #[must_use]
    pub fn counter<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
    ) -> Counter<N> {
        Counter {
            names: labels,
            family: self.family(name, help, Family::default),
        }
    }

    /// A gauge with labels. Asked again by the same name, it is the same gauge.
    #[must_use]
    pub fn gauge<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
    ) -> Gauge<N> {
        Gauge {
            names: labels,
            family: self.family(name, help, Family::default),
        }
    }

    /// A histogram with labels and the upper bounds of its buckets. Asked again by the same name, it is the same.
    #[must_use]
    pub fn histogram<const N: usize>(
        &self,
        name: &str,
        help: &str,
        labels: [&'static str; N],
        buckets: &[f64],
    ) -> Histogram<N> {
        Histogram {
            names: labels,
            family: self.family(name, help, || histogram_family(buckets)),
        }
    }

    /// The text that Prometheus scrapes (`OpenMetrics`).
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = String::new();
        let registry = self
            .0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = text::encode(&mut out, &registry);
        out
    }

    /// The metrics of the HTTP server.
    #[must_use]
    pub fn http(&self) -> &HttpMetrics {
        &self.0.http
    }

    pub(crate) fn worker_restarts(&self) -> &Counter<1> {
        &self.0.worker_restarts
    }

    fn family<F: Metric + Clone + Any>(
        &self,
        name: &str,
        help: &str,
        make: impl FnOnce() -> F,
    ) -> F {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(family) = known.get(name) {
            if let Some(family) = family.downcast_ref::<F>() {
                return family.clone();
            }
            tracing::error!(
                metric = name,
                "a metric was asked for with two shapes; the second is not exported"
            );
            return make();
        }
        let family = make();
        let mut registry = self
            .0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        register(&mut registry, name, help, &family);
        known.insert(name.to_owned(), Box::new(family.clone()));
        family
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics")
            .field("service", &self.0.service)
            .finish_non_exhaustive()
    }
}

/// The library appends `_total` to counters and a full stop to helps by itself.
fn register<F: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, family: &F) {
    let name = name.strip_suffix("_total").unwrap_or(name);
    registry.register(name, help.trim_end_matches('.'), family.clone());
}

/// The metrics that the HTTP server keeps by itself.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    duration: Histogram<3>,
    total: Counter<3>,
    in_flight: Gauge<0>,
}

impl HttpMetrics {
    pub(crate) fn began(&self) {
        self.in_flight.add([], 1.0);
    }

    pub(crate) fn ended(&self) {
        self.in_flight.add([], -1.0);
    }

    pub(crate) fn served(&self, method: &str, route: &str, status: &str, took: Duration) {
        self.duration
            .observe([method, route, status], took.as_secs_f64());
        self.total.inc([method, route, status]);
    }
}
