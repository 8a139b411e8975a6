//! Runs a service: the server and the workers, until the stop, and then in order to the end.

use std::fmt;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::{Instrument, Span};

use super::Service;
use crate::http::{bind, serve};
use crate::problem::chain;
use crate::shutdown::Shutdown;
use crate::telemetry::{count_traces, flush_traces, service_span};
use crate::worker::{BoxError, supervise};

/// Why a program ends before its time. It shows itself in words in `fn main() -> Result<(), Failure>`.
pub struct Failure(BoxError);

impl<E: Into<BoxError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&chain(&*self.0))
    }
}

impl Service {
    /// Binds the address of the settings and runs until SIGTERM or Ctrl-C.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn run_until_stopped(self) -> Result<(), Failure> {
        let listener = bind(self.settings.address).await?;
        self.run(listener, Shutdown::on_signals()).await;
        flush_traces().await;
        Ok(())
    }

    /// Runs on a listener until the shutdown is triggered: first unready, then no new requests, then no workers.
    pub async fn run(self, listener: TcpListener, shutdown: Shutdown) {
        let span = service_span(&self.name);
        self.run_in_span(listener, shutdown).instrument(span).await;
    }

    async fn run_in_span(self, listener: TcpListener, shutdown: Shutdown) {
        match listener.local_addr() {
            Ok(address) => tracing::info!(address = %address, "service started"),
            Err(error) => tracing::warn!(error = %error, "service started at an unknown address"),
        }
        count_traces(&self.metrics);
        let (grace, delay) = (self.settings.grace, self.settings.delay);
        let router = self.router_until(&shutdown);
        let mut workers = JoinSet::new();
        for worker in self.workers {
            let restarts = self.metrics.worker_restarts().clone();
            workers
                .spawn(supervise(worker, restarts, shutdown.clone()).instrument(Span::current()));
        }
        serve(listener, router, delayed(&shutdown, delay), grace).await;
        finish(workers, grace).await;
        tracing::info!("service stopped");
    }
}

/// A stop that comes later than another.
fn delayed(shutdown: &Shutdown, delay: Duration) -> Shutdown {
    if delay.is_zero() {
        return shutdown.clone();
    }
    let (first, later) = (shutdown.clone(), Shutdown::new());
    let handle = later.clone();
    tokio::spawn(async move {
        first.wait().await;
        tokio::time::sleep(delay).await;
        handle.trigger();
    });
    later
}

async fn finish(mut workers: JoinSet<()>, grace: Duration) {
    let all = async { while workers.join_next().await.is_some() {} };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!(
            workers.left = workers.len(),
            "workers were still running at the end of the grace period"
        );
        workers.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::config::Config;
    use crate::service::ServiceSettings;
    use crate::worker::Worker;

    struct Tidy(Arc<AtomicBool>);

    #[async_trait]
    impl Worker for Tidy {
        fn name(&self) -> &str {
            "tidy"
        }

        async fn run(&self, shutdown: &Shutdown) -> Result<(), BoxError> {
            shutdown.wait().await;
            self.0.store(true, Ordering::SeqCst);
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_service_serves_and_stops_with_its_workers() {
        let mut config = Config::from_pairs("test", [("TEST__HTTP__ADDRESS", "127.0.0.1:0")]);
        let settings = ServiceSettings::read(&mut config, 1);
        let listener = bind(settings.address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tidied = Arc::new(AtomicBool::new(false));
        let service = Service::builder("test", settings)
            .worker(Tidy(tidied.clone()))
            .build();
        let shutdown = Shutdown::new();
        let running = tokio::spawn(service.run(listener, shutdown.clone()));

        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

        shutdown.trigger();
        running.await.unwrap();
        assert!(tidied.load(Ordering::SeqCst));
    }

    #[test]
    fn a_failure_tells_its_causes() {
        let source = std::io::Error::other("disk on fire");
        let failure = Failure::from(crate::http::ServeError::Address(source));
        assert!(format!("{failure:?}").contains("disk on fire"));
    }
}
