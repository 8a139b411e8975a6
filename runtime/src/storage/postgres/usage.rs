//! How much of the pool of connections is taken, for whoever watches that it suffices.

use std::sync::OnceLock;

use crate::telemetry::{Gauge, Metrics};

/// Counts connections in `database_connections{state}`, once there are metrics.
#[derive(Debug, Default)]
pub(super) struct Usage(OnceLock<Gauge<1>>);

impl Usage {
    pub(super) fn show(&self, most: u32, metrics: &Metrics) {
        let help = "The most connections to the database that this instance opens";
        let limit = metrics.gauge("database_connections_max", help, []);
        limit.set([], f64::from(most));
        let help = "Units of work that hold a connection to the database (in_use), or wait for one (waiting)";
        let gauge = metrics.gauge("database_connections", help, ["state"]);
        for state in ["in_use", "waiting"] {
            gauge.add([state], 0.0);
        }
        let _ = self.0.set(gauge);
    }

    /// Counts one more, until what is given back is dropped.
    pub(super) fn count(&self, state: &'static str) -> Counted {
        let gauge = self.0.get().cloned();
        if let Some(gauge) = &gauge {
            gauge.add([state], 1.0);
        }
        Counted { gauge, state }
    }
}

/// One that is counted.
pub(super) struct Counted {
    gauge: Option<Gauge<1>>,
    state: &'static str,
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(gauge) = &self.gauge {
            gauge.add([self.state], -1.0);
        }
    }
}
