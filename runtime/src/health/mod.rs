//! Is the process alive, and can it serve? Liveness says yes as long as it answers; readiness asks each dependency by name.
//!
//! ```
//! use msarch_runtime::health::Health;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let health = Health::new().check("storage", || async { Ok(()) });
//! assert!(health.report().await.ready);
//! # }
//! ```

mod ask;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join, join_all};
use serde::Serialize;

use crate::problem::chain;
use crate::shutdown::Shutdown;
use crate::worker::{BoxError, Worker};

pub use ask::{NotReady, ask};

const PATIENCE: Duration = Duration::from_secs(2);
/// What is only watched must not make the whole answer late: whoever asks has little patience, too.
const GLANCE: Duration = Duration::from_millis(500);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// The readiness checks of a service, by name.
#[derive(Clone, Default)]
pub struct Health {
    checks: BTreeMap<String, Check>,
    watched: BTreeMap<String, Check>,
    workers: Vec<Arc<dyn Worker>>,
    shutdown: Option<Shutdown>,
}

/// What the readiness endpoint answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthReport {
    /// Whether every check passed and the service is not stopping.
    pub ready: bool,
    /// Each check: `ok`, `failed`, or `too slow`; and background work that is `waiting` for something that is not available,
    /// which keeps no request from being served. The cause stands in the log, not here, but for what is only watched: that says what is wrong.
    pub checks: BTreeMap<String, Cow<'static, str>>,
}

impl Health {
    /// No checks: ready as soon as it answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check. It has two seconds to answer.
    #[must_use]
    pub fn check<F, R>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.checks
            .insert(name.into(), Arc::new(move || check().boxed()));
        self
    }

    /// Adds a check of something without which requests are served all the same. What is wrong with it is told in its own words. It has
    /// half a second to answer.
    #[must_use]
    pub fn watch<F, R>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.watched
            .insert(name.into(), Arc::new(move || check().boxed()));
        self
    }

    /// Tells when background work waits for something that is not available.
    #[must_use]
    pub fn worker(mut self, worker: Arc<dyn Worker>) -> Self {
        self.workers.push(worker);
        self
    }

    /// Not ready any more once the shutdown is triggered, so that no new requests are sent here.
    #[must_use]
    pub fn until(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = Some(shutdown);
        self
    }

    /// Runs all checks at once.
    pub async fn report(&self) -> HealthReport {
        let checks = join_all(
            self.checks
                .iter()
                .map(|(name, check)| run(name, check, PATIENCE)),
        );
        let watched = join_all(
            self.watched
                .iter()
                .map(|(name, check)| run(name, check, GLANCE)),
        );
        let (checks, watched) = join(checks, watched).await;
        let stopping = self.shutdown.as_ref().is_some_and(Shutdown::is_triggered);
        let ready = !stopping
            && checks
                .iter()
                .all(|(_, outcome)| *outcome == Outcome::Passed);
        let waiting = self.workers.iter().filter(|one| one.waits_for().is_some());
        let waiting = waiting.map(|worker| (worker.name().to_owned(), "waiting".into()));
        let checks = checks
            .into_iter()
            .map(|(name, outcome)| (name.clone(), outcome.kind().into()));
        let watched = watched
            .into_iter()
            .map(|(name, outcome)| (name.clone(), outcome.told()));
        let checks = checks.chain(watched).chain(waiting).collect();
        HealthReport { ready, checks }
    }
}

#[derive(PartialEq)]
enum Outcome {
    Passed,
    Failed(String),
    Late,
}

impl Outcome {
    fn kind(&self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed(_) => "failed",
            Self::Late => "too slow",
        }
    }

    fn told(self) -> Cow<'static, str> {
        match self {
            Self::Failed(what) => what.into(),
            other => other.kind().into(),
        }
    }
}

async fn run<'a>(name: &'a String, check: &Check, patience: Duration) -> (&'a String, Outcome) {
    let outcome = match tokio::time::timeout(patience, check()).await {
        Ok(Ok(())) => Outcome::Passed,
        Ok(Err(error)) => {
            tracing::warn!(
                check = name,
                error = chain(&*error),
                "readiness check failed"
            );
            Outcome::Failed(error.to_string())
        }
        Err(_) => {
            tracing::warn!(check = name, "readiness check did not answer in time");
            Outcome::Late
        }
    };
    (name, outcome)
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("checks", &self.checks.keys())
            .field("watched", &self.watched.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_failed_check_makes_the_service_unready_and_is_named() {
        let health = Health::new()
            .check("storage", || async { Ok(()) })
            .check("broker", || async { Err("no route".into()) });
        let report = health.report().await;
        assert!(!report.ready);
        assert_eq!(report.checks["broker"], "failed");
        assert_eq!(report.checks["storage"], "ok");
    }

    #[tokio::test]
    async fn what_is_only_watched_says_what_is_wrong_and_keeps_no_request_away() {
        let wrong = || async { Err("it does not let `desk` in".into()) };
        let report = Health::new().watch("broker", wrong).report().await;
        assert!(report.ready);
        assert_eq!(report.checks["broker"], "it does not let `desk` in");
        let well = Health::new().watch("broker", || async { Ok(()) });
        assert_eq!(well.report().await.checks["broker"], "ok");
    }

    #[tokio::test]
    async fn background_work_that_waits_is_told_and_keeps_no_request_away() {
        struct Waits;
        #[async_trait::async_trait]
        impl Worker for Waits {
            fn name(&self) -> &str {
                "invoices"
            }
            fn waits_for(&self) -> Option<String> {
                Some("the printer".to_owned())
            }
            async fn run(&self, _: &Shutdown) -> Result<(), BoxError> {
                Ok(())
            }
        }
        let report = Health::new().worker(Arc::new(Waits)).report().await;
        assert!(report.ready);
        assert_eq!(report.checks["invoices"], "waiting");
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_hangs_is_too_slow() {
        let health = Health::new().check("storage", std::future::pending);
        assert_eq!(health.report().await.checks["storage"], "too slow");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_only_watched_keeps_nobody_waiting() {
        let health = Health::new().watch("broker", std::future::pending);
        let began = tokio::time::Instant::now();
        let report = health.report().await;
        assert_eq!(report.checks["broker"], "too slow");
        assert!(report.ready && began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_stopping_service_is_not_ready() {
        let shutdown = Shutdown::new();
        let health = Health::new().until(shutdown.clone());
        assert!(health.report().await.ready);
        shutdown.trigger();
        assert!(!health.report().await.ready);
    }
}
