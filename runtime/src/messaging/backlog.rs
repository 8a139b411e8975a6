//! What a group still has before it and what it gave up, as metrics.

use std::time::Duration;

use super::{Bus, BusResult};
use crate::telemetry::{Gauge, Metrics};

/// How often the broker is asked.
const INTERVAL: Duration = Duration::from_secs(15);

/// The metrics of a group.
pub(super) struct Backlog {
    lag: Gauge<2>,
    dead: Gauge<1>,
}

impl Backlog {
    pub(super) fn new(metrics: &Metrics) -> Self {
        let help = "Messages of a topic that a group has not dealt with";
        let lag = metrics.gauge("messages_lag", help, ["topic", "group"]);
        let help = "Messages that a group gave up and that were not replayed";
        let dead = metrics.gauge("dead_letters", help, ["group"]);
        Self { lag, dead }
    }

    #[allow(clippy::cast_precision_loss, reason = "nobody counts that far")]
    async fn look(&self, bus: &dyn Bus, topic: &str, group: &str) -> BusResult<()> {
        self.lag
            .set([topic, group], bus.lag(topic, group).await? as f64);
        self.dead
            .set([group], bus.dead_letter_count(group).await? as f64);
        Ok(())
    }
}

/// Keeps the metrics up to date without end. While the broker does not answer, they stay as they were.
pub(super) async fn watch(backlog: Option<&Backlog>, bus: &dyn Bus, topic: &str, group: &str) {
    let Some(backlog) = backlog else {
        return std::future::pending().await;
    };
    loop {
        if let Err(error) = backlog.look(bus, topic, group).await {
            tracing::debug!(topic, group, error = %error, "the lag is not known");
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::Envelope;
    use crate::messaging::embedded::EmbeddedBus;

    #[tokio::test]
    async fn lag_and_dead_letters_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(folder.path().join("broker.db"))
            .await
            .unwrap();
        let metrics = Metrics::new("tests");
        let backlog = Backlog::new(&metrics);
        let now = chrono::Utc::now();
        let said = |key: &str| Envelope::new("t", "Said", 1, key.into(), "s", now, ().into());
        bus.publish(&[said("a"), said("b"), said("c")])
            .await
            .unwrap();
        let mut group = bus.subscribe("t", "g").await.unwrap();
        group.next().await.unwrap().give_up("no").await.unwrap();
        backlog.look(&bus, "t", "g").await.unwrap();
        let text = metrics.render();
        assert!(
            text.contains(r#"messages_lag{service="tests",topic="t",group="g"} 2"#),
            "{text}"
        );
        assert!(
            text.contains(r#"dead_letters{service="tests",group="g"} 1"#),
            "{text}"
        );
    }
}
