//! Puts a service together.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::Router;

use super::settings::ServiceSettings;
use crate::auth::Authenticate;
use crate::health::Health;
use crate::http::{Stack, operations, standard};
use crate::shutdown::Shutdown;
use crate::telemetry::Metrics;
use crate::worker::{BoxError, Worker};

/// A service, ready to run.
pub struct Service {
    pub(super) name: String,
    pub(super) settings: ServiceSettings,
    pub(super) metrics: Metrics,
    pub(super) workers: Vec<Arc<dyn Worker>>,
    routes: Router,
    health: Health,
    openapi: Option<&'static str>,
    authenticator: Option<Arc<dyn Authenticate>>,
}

impl Service {
    /// Begins a service with its name and settings.
    #[must_use]
    pub fn builder(name: &str, settings: ServiceSettings) -> ServiceBuilder {
        ServiceBuilder(Self {
            name: name.to_owned(),
            metrics: Metrics::new(name),
            settings,
            workers: Vec::new(),
            routes: Router::new(),
            health: Health::new(),
            openapi: None,
            authenticator: None,
        })
    }

    /// The name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The settings that the service runs with.
    #[must_use]
    pub fn settings(&self) -> &ServiceSettings {
        &self.settings
    }

    /// The description of its operations, as it is served.
    #[must_use]
    pub fn openapi(&self) -> Option<&'static str> {
        self.openapi
    }

    /// The routes of its operations, without what every service answers besides.
    pub fn routes(&self) -> &Router {
        &self.routes
    }

    /// The metrics of the service.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The background work, for tests to run one by one.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn workers(&self) -> &[Arc<dyn Worker>] {
        &self.workers
    }

    /// The whole router, with every layer around it: what tests call without a socket.
    pub fn router(&self) -> Router {
        self.router_until(&Shutdown::new())
    }

    pub(super) fn router_until(&self, shutdown: &Shutdown) -> Router {
        let stack = Stack {
            metrics: self.metrics.clone(),
            timeout: self.settings.timeout,
            body_limit: self.settings.body_limit,
            correlation: self.settings.correlation_header.clone(),
            authenticator: self.authenticator.clone(),
        };
        let health = self.health.clone().until(shutdown.clone());
        // Scrapes and probes come every few seconds: they pass no layer, and fill no log.
        operations(health, self.metrics.clone(), self.openapi)
            .fallback_service(standard(self.routes.clone(), stack))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Collects what a service consists of.
#[derive(Debug)]
pub struct ServiceBuilder(Service);

impl ServiceBuilder {
    /// Uses a registry in which metrics were declared already.
    #[must_use]
    pub fn metrics(mut self, metrics: Metrics) -> Self {
        self.0.metrics = metrics;
        self
    }

    /// Adds routes.
    #[must_use]
    pub fn routes(mut self, routes: Router) -> Self {
        self.0.routes = self.0.routes.merge(routes);
        self
    }

    /// Serves a description of the API.
    #[must_use]
    pub fn openapi(mut self, text: &'static str) -> Self {
        self.0.openapi = Some(text);
        self
    }

    /// Asks callers who they are.
    #[must_use]
    pub fn authenticator(mut self, authenticator: Arc<dyn Authenticate>) -> Self {
        self.0.authenticator = Some(authenticator);
        self
    }

    /// Adds a readiness check.
    #[must_use]
    pub fn check<F, R>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.0.health = self.0.health.check(name, check);
        self
    }

    /// Adds something that readiness tells of, and that keeps no request away.
    #[must_use]
    pub fn watch<F, R>(mut self, name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        self.0.health = self.0.health.watch(name, check);
        self
    }

    /// Adds background work.
    #[must_use]
    pub fn worker(mut self, worker: impl Worker) -> Self {
        let worker: Arc<dyn Worker> = Arc::new(worker);
        self.0.health = self.0.health.worker(worker.clone());
        self.0.workers.push(worker);
        self
    }

    /// The finished service.
    #[must_use]
    pub fn build(self) -> Service {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;
    use crate::http::endpoint;
    use crate::service::ServiceDefaults;

    fn service() -> Service {
        let mut config = Config::from_pairs("test", [("TEST__HTTP__BODY_LIMIT", "10")]);
        let defaults = ServiceDefaults {
            timeout: Duration::from_secs(60),
            ..ServiceDefaults::from(3001)
        };
        let settings = ServiceSettings::read(&mut config, defaults);
        config.finish().unwrap();
        let routes = Router::new().route(
            "/things/{id}",
            get(async || "thing").layer(endpoint("read").public()),
        );
        Service::builder("test", settings)
            .routes(routes)
            .openapi("openapi: 3.1.0")
            .build()
    }

    async fn status(service: &Service, path: &str) -> StatusCode {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        service.router().oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn routes_are_measured_by_their_pattern_and_probes_not_at_all() {
        let service = service();
        for path in ["/things/1", "/health/live", "/metrics", "/openapi.yaml"] {
            assert_eq!(status(&service, path).await, StatusCode::OK, "{path}");
        }
        assert_eq!(status(&service, "/nowhere").await, StatusCode::NOT_FOUND);
        let text = service.metrics().render();
        assert!(
            text.contains(r#"route="/things/{id}",status_code="200"} 1"#),
            "{text}"
        );
        assert!(!text.contains("health"), "{text}");
    }

    #[test]
    fn what_is_declared_is_the_default_and_the_environment_wins() {
        let settings = service().settings().clone();
        assert_eq!(
            (settings.timeout, settings.body_limit),
            (Duration::from_secs(60), 10)
        );
        assert_eq!(settings.address.port(), 3001);
    }
}
