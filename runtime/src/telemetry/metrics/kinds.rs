//! The kinds of metrics, with labels whose number the type knows.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter as RawCounter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge as RawGauge;
use prometheus_client::metrics::histogram::Histogram as RawHistogram;

use super::SERVICE;

pub(super) fn histogram_family<const N: usize>(buckets: &[f64]) -> HistogramFamily<N> {
    let mut bounds: Vec<f64> = buckets
        .iter()
        .copied()
        .filter(|bound| bound.is_finite())
        .collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    Family::new_with_constructor(Buckets(bounds.into()))
}

pub(super) type HistogramFamily<const N: usize> = Family<Labels<N>, RawHistogram, Buckets>;

#[derive(Clone, Debug)]
pub(super) struct Buckets(Arc<[f64]>);

impl MetricConstructor<RawHistogram> for Buckets {
    fn new_metric(&self) -> RawHistogram {
        RawHistogram::new(self.0.iter().copied())
    }
}

/// The values of a metric's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Labels<const N: usize> {
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
    pub(super) names: [&'static str; N],
    pub(super) family: Family<Labels<N>, RawCounter>,
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
    pub(super) names: [&'static str; N],
    pub(super) family: Family<Labels<N>, RawGauge<f64, AtomicU64>>,
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
    pub(super) names: [&'static str; N],
    pub(super) family: HistogramFamily<N>,
}

impl<const N: usize> Histogram<N> {
    /// Counts one value, for the values of the labels in their declared order.
    pub fn observe(&self, labels: [&str; N], value: f64) {
        self.family
            .get_or_create(&Labels::new(self.names, labels))
            .observe(value);
    }
}
