//! Prometheus metrics of one service. The registry is a handle, not a global: one process may hold several services.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder, text};
use prometheus_client::metrics::counter::Counter as RawCounter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge as RawGauge;
use prometheus_client::metrics::histogram::Histogram as RawHistogram;
use prometheus_client::registry::{Metric, Registry};
use std::sync::atomic::AtomicU64;

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

fn histogram_family<const N: usize>(buckets: &[f64]) -> HistogramFamily<N> {
    let mut bounds: Vec<f64> = buckets
        .iter()
        .copied()
        .filter(|bound| bound.is_finite())
        .collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    Family::new_with_constructor(Buckets(bounds.into()))
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

type HistogramFamily<const N: usize> = Family<Labels<N>, RawHistogram, Buckets>;

#[derive(Clone, Debug)]
struct Buckets(Arc<[f64]>);

impl MetricConstructor<RawHistogram> for Buckets {
    fn new_metric(&self) -> RawHistogram {
        RawHistogram::new(self.0.iter().copied())
    }
}

/// The values of a metric's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Labels<const N: usize> {
    names: [&'static str; N],
    values: [String; N],
}

impl<const N: usize> Labels<N> {
    fn new(names: [&'static str; N], values: [&str; N]) -> Self {
        Self {
            names,
            values: values.map(str::to_owned),
        }
    }
}

impl<const N: usize> EncodeLabelSet for Labels<N> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        let pairs = self
            .names
            .into_iter()
            .zip(self.values.iter().map(String::as_str));
        let pairs: Vec<_> = pairs.filter(|(name, _)| *name != SERVICE).collect();
        pairs.as_slice().encode(encoder)
    }
}

/// A number that only grows, per combination of labels.
#[derive(Clone, Debug)]
pub struct Counter<const N: usize> {
    names: [&'static str; N],
    family: Family<Labels<N>, RawCounter>,
}

impl<const N: usize> Counter<N> {
    /// Counts one, for the values of the labels in their declared order.
    pub fn inc(&self, labels: [&str; N]) {
        self.inc_by(labels, 1);
    }

    /// Counts several at once.
    pub fn inc_by(&self, labels: [&str; N], count: u64) {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .inc_by(count);
    }

    /// What was counted so far.
    #[must_use]
    pub fn get(&self, labels: [&str; N]) -> u64 {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .get()
    }
}

/// A number that goes up and down, per combination of labels.
#[derive(Clone, Debug)]
pub struct Gauge<const N: usize> {
    names: [&'static str; N],
    family: Family<Labels<N>, RawGauge<f64, AtomicU64>>,
}

impl<const N: usize> Gauge<N> {
    /// Sets the value, for the values of the labels in their declared order.
    pub fn set(&self, labels: [&str; N], value: f64) {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .set(value);
    }

    /// Moves the value; a negative amount lowers it.
    pub fn add(&self, labels: [&str; N], amount: f64) {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .inc_by(amount);
    }

    /// The value now.
    #[must_use]
    pub fn get(&self, labels: [&str; N]) -> f64 {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .get()
    }
}

/// A distribution over buckets, per combination of labels.
#[derive(Clone, Debug)]
pub struct Histogram<const N: usize> {
    names: [&'static str; N],
    family: HistogramFamily<N>,
}

impl<const N: usize> Histogram<N> {
    /// Counts one value, for the values of the labels in their declared order.
    pub fn observe(&self, labels: [&str; N], value: f64) {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .observe(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_keeps_the_name_that_was_declared() {
        let metrics = Metrics::new("s");
        metrics
            .counter("things_total", "Things", ["kind"])
            .inc(["a"]);
        metrics.counter("bare", "No suffix", []).inc([]);
        let text = metrics.render();
        assert!(
            text.contains("things_total{service=\"s\",kind=\"a\"} 1"),
            "{text}"
        );
        assert!(text.contains("bare_total{service=\"s\"} 1"), "{text}");
    }

    #[test]
    fn asked_twice_a_counter_is_the_same() {
        let metrics = Metrics::new("s");
        metrics.counter("n_total", "N", []).inc([]);
        metrics.counter("n_total", "N", []).inc([]);
        assert_eq!(metrics.counter("n_total", "N", []).get([]), 2);
        assert_eq!(metrics.render().matches("# TYPE n counter").count(), 1);
    }

    #[test]
    fn two_shapes_under_one_name_export_only_the_first() {
        let metrics = Metrics::new("s");
        metrics.counter("n", "N", []).inc([]);
        metrics.gauge("n", "N", []).set([], 5.0);
        assert!(!metrics.render().contains('5'));
    }

    #[test]
    fn a_declared_service_label_is_not_written_twice() {
        let metrics = Metrics::new("s");
        metrics
            .gauge(
                "database_connections_active",
                "Open",
                ["database", "service"],
            )
            .set(["main", "s"], 2.0);
        let text = metrics.render();
        assert!(
            text.contains("database_connections_active{service=\"s\",database=\"main\"} 2.0"),
            "{text}"
        );
    }

    #[test]
    fn a_histogram_has_the_declared_buckets() {
        let metrics = Metrics::new("s");
        let histogram = metrics.histogram("value", "Value", ["tier"], &[10.0, 5.0]);
        histogram.observe(["gold"], 7.0);
        let text = metrics.render();
        assert!(
            text.contains("value_bucket{service=\"s\",le=\"5.0\",tier=\"gold\"} 0"),
            "{text}"
        );
        assert!(
            text.contains("value_bucket{service=\"s\",le=\"10.0\",tier=\"gold\"} 1"),
            "{text}"
        );
    }

    #[test]
    fn two_services_in_one_process_do_not_mix() {
        let (one, two) = (Metrics::new("one"), Metrics::new("two"));
        one.counter("n_total", "N", []).inc([]);
        assert!(!two.render().contains("n_total"));
    }
}
