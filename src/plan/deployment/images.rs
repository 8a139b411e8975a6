//! The images of what is not ours, each by its version: the one place where they are raised, for compose and Kubernetes alike.

/// The gateway.
pub const ENVOY: &str = "docker.io/envoyproxy/envoy:distroless-v1.40.0";
/// A database server; its user `postgres` is 999.
pub const POSTGRES: &str = "docker.io/library/postgres:17.11-bookworm";
/// The broker.
pub const NATS: &str = "docker.io/library/nats:2.12.8-alpine";
/// The second level of caches.
pub const REDIS: &str = "docker.io/library/redis:8.2.8-bookworm";
/// Who takes traces.
pub const COLLECTOR: &str = "docker.io/otel/opentelemetry-collector:0.158.0";
/// Who keeps metrics and judges them.
pub const PROMETHEUS: &str = "docker.io/prom/prometheus:v3.12.0";
/// Who tells people.
pub const ALERTMANAGER: &str = "docker.io/prom/alertmanager:v0.33.0";
/// Who keeps traces and shows them.
pub const JAEGER: &str = "docker.io/jaegertracing/jaeger:2.17.0";
