//! Caches, mesh, observability, broker, deployment.

use std::time::Duration;

use super::Lowering;
use super::index::spanned;
use crate::model::Fault;
use crate::model::arena::{CacheId, EntityId, ServiceId};
use crate::model::name::Name;
use crate::model::platform::{
    Broker, Cache, ConnectionPool, Deployment, MemoryLevel, Mesh, MeshRetries, MeshService,
    Objective, Observability, OutlierDetection, Promised, Target,
};
use crate::model::service::Party;
use crate::syntax::decode::plain;
use crate::syntax::document::{self, DeploymentTarget, MeshProvider, TracingExporter};
use crate::syntax::source::{Span, Spanned};

/// Where traces go where the file does not say: the collector beside the system.
const COLLECTOR: &str = "http://otel-collector:4318";
/// Entries of a memory level where the file does not say.
const MAX_ENTRIES: u64 = 10_000;

impl Lowering<'_> {
    /// Makes caches known.
    pub(super) fn declare_caches(&mut self) {
        let document = self.document;
        for (name, cache) in document.caches.iter() {
            let Some(service) = self.service(&cache.service, format_args!("owner of cache {name}"))
            else {
                continue;
            };
            let Some(entity) =
                self.entity(service, &cache.of, format_args!("data of cache {name}"))
            else {
                continue;
            };
            self.declare_cache(name, cache, service, entity);
        }
    }

    fn declare_cache(
        &mut self,
        name: &Spanned<String>,
        cache: &document::Cache,
        service: ServiceId,
        entity: EntityId,
    ) {
        let level = |level: &Option<document::CacheLevel>| {
            level
                .as_ref()
                .map(|level| Spanned::new(level.ttl.to_std(), level.ttl.span))
        };
        let events = cache
            .invalidate_on
            .iter()
            .filter_map(|event| self.event(event, format_args!("event that empties cache {name}")))
            .collect();
        let id = self.model.caches.push(Cache {
            name: name.into(),
            span: name.span,
            service,
            entity,
            memory: cache.l1_cache.as_ref().map(|level| MemoryLevel {
                ttl: Spanned::new(level.ttl.to_std(), level.ttl.span),
                max_entries: level.max_entries.map_or(MAX_ENTRIES, |count| *count),
            }),
            shared: level(&cache.l2_cache),
            edge: level(&cache.l3_cache),
            negative_ttl: cache.negative_ttl.as_ref().map(|ttl| ttl.to_std()),
            max_staleness: cache
                .max_staleness
                .as_ref()
                .map(|age| Spanned::new(age.to_std(), age.span)),
            invalidate_on: events,
        });
        self.model.services[service].caches.push(id);
        self.index.caches.insert(name.value.clone(), id);
    }

    /// The cache of a name, or a note that there is none.
    pub(super) fn cache(&mut self, name: &Spanned<String>, role: &str) -> Option<CacheId> {
        let found = self.index.caches.get(&name.value).copied();
        match found {
            Some(id) => self.used(&self.model.caches[id].name),
            // A cache that is declared and could not be read is told already.
            None if self.document.caches.get(name).is_some() => {}
            None => self.unresolved_among(name, "cache", format!("cache of {role}"), |known| {
                let caches = known.model.caches.iter();
                caches.map(|cache| spanned(&cache.name)).collect()
            }),
        }
        found
    }

    /// Reads what the system runs on.
    pub(super) fn define_platform(&mut self) {
        let document = self.document;
        self.model.mesh = document.mesh.as_ref().map(|mesh| self.mesh(mesh));
        self.model.observability = self.observability();
        self.model.broker = document.message_broker.as_ref().map(|broker| Broker {
            kind: broker.r#type.plain(),
            retention: broker.retention.as_ref().map(|time| time.to_std()),
        });
        let event_store = document.event_store.as_ref();
        self.model.event_store = plain(event_store.map(|store| &store.r#type));
        self.model.addressed = self.addressed();
        if let Some(deployment) = &document.deployment {
            self.model.deployment = self.deployment(deployment);
        }
        self.agree_on_namespace();
    }

    fn addressed(&self) -> Vec<String> {
        let document = self.document;
        let broker = document.message_broker.as_ref();
        let store = document.event_store.as_ref();
        let shared = document.caches.iter().filter(|(_, cache)| {
            let level = cache.l2_cache.as_ref();
            level.is_some_and(|level| level.url.is_some())
        });
        let mut keys: Vec<String> = shared
            .map(|(name, _)| format!("caches.{name}.l2_cache.url"))
            .collect();
        if broker.is_some_and(|broker| broker.url.is_some()) {
            keys.push("message_broker.url".to_owned());
        }
        if store.is_some_and(|store| store.url.is_some()) {
            keys.push("event_store.url".to_owned());
        }
        keys
    }

    fn mesh(&mut self, declared: &document::Mesh) -> Mesh {
        let mut services = Vec::new();
        for (name, policy) in &declared.services {
            for version in policy.canary.keys() {
                self.version_name(version);
            }
            if let Some(service) = self.service(name, "service of the mesh") {
                services.push(mesh_service(service, name.span, policy));
            }
        }
        Mesh {
            span: declared.span,
            istio: declared.provider == Some(MeshProvider::Istio),
            mtls: declared.mtls,
            namespace: self.namespace(declared.namespace.as_ref()),
            services,
            manifests: declared.manifests.clone(),
        }
    }

    fn deployment(&mut self, declared: &document::Deployment) -> Deployment {
        if let Some(replicas) = declared.replicas {
            for id in self.model.services.ids().collect::<Vec<_>>() {
                let count = u32::try_from(*replicas).unwrap_or(u32::MAX);
                self.model.services[id].replicas.get_or_insert(count);
            }
        }
        let mut units = Vec::new();
        for (unit, names) in &declared.units {
            let services = names
                .iter()
                .filter_map(|name| {
                    Some(Spanned::new(
                        self.service(name, format_args!("service of release unit {unit}"))?,
                        name.span,
                    ))
                })
                .collect();
            units.push((unit.clone(), services));
        }
        Deployment {
            targets: declared.targets.iter().copied().map(target).collect(),
            namespace: self.namespace(declared.namespace.as_ref()),
            registry: self.registry(declared.registry.as_ref()),
            units,
        }
    }

    /// A namespace as the file names it, where Kubernetes can call one so.
    fn namespace(&mut self, name: Option<&Spanned<String>>) -> Option<Spanned<String>> {
        let name = name?;
        if is_label(name) {
            return Some(name.clone());
        }
        let message = format!("`{}` is no name of a namespace", name.value);
        self.fault(
            Fault::new("invalid-value", name.span, message)
                .here("not a namespace")
                .help("write small letters, digits and dashes, such as shop"),
        );
        None
    }

    /// A registry as it stands in names of images (the reference grammar of the OCI distribution).
    fn registry(&mut self, declared: Option<&Spanned<String>>) -> Option<String> {
        let declared = declared?;
        if is_registry(declared.trim_end_matches('/')) {
            return Some(declared.value.clone());
        }
        let message = format!("`{}` is no registry of images", declared.value);
        self.fault(
            Fault::new("invalid-value", declared.span, message)
                .here("cannot stand in the name of an image")
                .help("write host, port and path without a scheme, such as registry.example:5000/shop"),
        );
        None
    }

    /// Everything of the system is in one namespace.
    fn agree_on_namespace(&mut self) {
        let mesh = self.model.mesh.as_ref();
        let mesh = mesh.and_then(|mesh| mesh.namespace.clone());
        let (Some(mesh), Some(other)) = (mesh, self.model.deployment.namespace.clone()) else {
            return;
        };
        if mesh.value != other.value {
            let message = format!("the system is in the namespace {other} and in {mesh}");
            self.fault(
                Fault::new("invalid-value", other.span, message)
                    .here("not that of `mesh`")
                    .related(mesh.span, "the namespace of `mesh`")
                    .help("name one namespace, at one of both places"),
            );
        }
    }

    /// A version is a label of pods and the name of a subset: Istio refuses what is no name of DNS.
    fn version_name(&mut self, name: &Spanned<String>) {
        if !is_label(name) {
            let message = format!("`{}` is no name of a version", name.value);
            self.fault(
                Fault::new("invalid-value", name.span, message)
                    .here("not a version")
                    .help("write small letters, digits and dashes, such as v2"),
            );
        }
    }

    fn observability(&mut self) -> Observability {
        let mut observability = Observability::default();
        let Some(declared) = &self.document.observability else {
            return observability;
        };
        if let Some(tracing) = &declared.tracing {
            let off = tracing
                .exporter
                .as_ref()
                .filter(|exporter| exporter.value == TracingExporter::None);
            let dropped = tracing
                .sample_ratio
                .as_ref()
                .filter(|ratio| *ratio.value <= 0.0);
            observability.untraced = off
                .map(|exporter| exporter.span)
                .or_else(|| dropped.map(|ratio| ratio.span));
            observability.otlp_span = tracing.endpoint.as_ref().map(|endpoint| endpoint.span);
            let exported = off.is_none();
            observability.otlp_endpoint = exported.then(|| {
                let declared = tracing.endpoint.as_ref();
                declared.map_or_else(|| COLLECTOR.to_owned(), |url| url.plain())
            });
            observability.sample_ratio = tracing
                .sample_ratio
                .as_ref()
                .map_or(1.0, |ratio| *ratio.value);
        }
        if let Some(logging) = &declared.logging {
            if let Some(level) = logging.level {
                level.as_str().clone_into(&mut observability.log_level);
            }
            if let Some(header) = &logging.correlation_header {
                observability.correlation_span = Some(header.span);
                observability.correlation_header = header.to_ascii_lowercase();
            }
        }
        let objectives = declared.slo.iter();
        observability.objectives = objectives
            .filter_map(|(subject, slo)| self.objective(subject, slo))
            .collect();
        if let Some(metrics) = &declared.metrics {
            if let Some(buckets) = &metrics.buckets {
                observability.buckets = buckets.plain();
                observability.buckets_span = Some(buckets.span);
            }
            observability.metrics = metrics
                .custom
                .iter()
                .filter_map(|(name, metric)| self.metric(name, metric))
                .collect();
        }
        observability.count_promised_times();
        observability
    }
}

impl Observability {
    /// A time that is promised is a bucket: only so can be told who kept to it.
    fn count_promised_times(&mut self) {
        let promised = self
            .objectives
            .iter()
            .filter_map(|objective| objective.latency.as_ref());
        for seconds in promised.map(|time| time.value.as_secs_f64()) {
            if !self.buckets.contains(&seconds) {
                self.buckets.push(seconds);
            }
        }
        self.buckets.sort_by(f64::total_cmp);
    }
}

impl Lowering<'_> {
    fn objective(&mut self, subject: &Spanned<String>, slo: &document::Slo) -> Option<Objective> {
        let Some(of) = self.promised(subject) else {
            self.unresolved(
                subject,
                "operation or route",
                "objective".to_owned(),
                |known| known.promising(),
            );
            return None;
        };
        Some(Objective {
            subject: subject.clone(),
            of,
            availability: slo
                .availability
                .as_ref()
                .map(|share| Spanned::new(*share.value, share.span)),
            latency: slo
                .latency
                .as_ref()
                .map(|time| Spanned::new(time.to_std(), time.span)),
        })
    }

    /// `order-service.place_order`, or a route's path.
    fn promised(&self, subject: &Spanned<String>) -> Option<Promised> {
        if let Some((service, operation)) = subject.split_once('.')
            && let Some(service) = self.index.services.get(service)
        {
            let key = (Party::Service(*service), Name::snake_of(operation));
            let found = self.index.endpoints.get(&key).copied()?;
            self.used(&self.model.services[*service].name);
            self.used(&self.model.endpoints[found].name);
            return Some(Promised::Endpoint(found));
        }
        let mut routes = self
            .model
            .gateway
            .iter()
            .flat_map(|gateway| &gateway.routes);
        routes
            .position(|route| route.path.value == subject.value)
            .map(Promised::Route)
    }

    fn promising(&self) -> Vec<String> {
        let routes = self
            .model
            .gateway
            .iter()
            .flat_map(|gateway| &gateway.routes);
        let endpoints = self
            .model
            .endpoints
            .iter()
            .filter_map(|endpoint| match endpoint.owner {
                Party::Service(service) => Some(format!(
                    "{}.{}",
                    self.model.services[service].name, endpoint.name
                )),
                Party::External(_) => None,
            });
        endpoints
            .chain(routes.map(|route| route.path.value.clone()))
            .collect()
    }
}

fn target(target: DeploymentTarget) -> Target {
    match target {
        DeploymentTarget::Local => Target::Local,
        DeploymentTarget::Compose => Target::Compose,
        DeploymentTarget::Kubernetes => Target::Kubernetes,
    }
}

fn mesh_service(service: ServiceId, span: Span, declared: &document::MeshService) -> MeshService {
    let int = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    MeshService {
        service,
        span,
        timeout: declared
            .timeout
            .as_ref()
            .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
        retries: declared.retries.as_ref().map(|retries| MeshRetries {
            span: retries.span,
            attempts: int(*retries.attempts),
            per_try_timeout: retries
                .per_try_timeout
                .as_ref()
                .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
            retry_on: retries.retry_on.clone(),
        }),
        canary: declared
            .canary
            .iter()
            .map(|(version, weight)| (version.clone(), Spanned::new(int(***weight), weight.span)))
            .collect(),
        outlier_detection: declared
            .outlier_detection
            .as_ref()
            .map(|outlier| OutlierDetection {
                span: outlier.span,
                consecutive_errors: outlier.consecutive_errors.map_or(5, |count| int(*count)),
                interval: outlier
                    .interval
                    .map_or(Duration::from_secs(10), |time| time.to_std()),
                base_ejection_time: outlier
                    .base_ejection_time
                    .map_or(Duration::from_secs(30), |time| time.to_std()),
                max_ejection_percent: outlier.max_ejection_percent.map_or(50, |share| int(*share)),
            }),
        connection_pool: declared
            .connection_pool
            .as_ref()
            .map(|pool| ConnectionPool {
                max_connections: pool.max_connections.map(|count| int(*count)),
                max_pending_requests: pool.max_pending_requests.map(|count| int(*count)),
                max_requests_per_connection: pool
                    .max_requests_per_connection
                    .map(|count| int(*count)),
            }),
    }
}

/// Whether it can stand in a name of DNS (RFC 1123), as Kubernetes wants names.
fn is_label(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&name.len())
        && name.chars().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// Whether a name of an image can begin so: a host with or without a port, and then parts of a path in small letters.
fn is_registry(text: &str) -> bool {
    let mut parts = text.split('/');
    let host = parts.next().unwrap_or_default();
    let (host, port) = host.split_once(':').unwrap_or((host, "0"));
    let word = |text: &str, more: &str| {
        let edge = |c: char| c.is_ascii_alphanumeric();
        !text.is_empty()
            && text.starts_with(edge)
            && text.ends_with(edge)
            && text.chars().all(|c| edge(c) || more.contains(c))
    };
    word(host, "-.")
        && port.parse::<u16>().is_ok()
        && parts.all(|part| word(part, "-._") && part == part.to_ascii_lowercase())
}
