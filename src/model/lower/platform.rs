//! Caches, mesh, observability, broker, deployment.

use std::time::Duration;

use super::Lowering;
use super::scope::{Frame, Scope};
use crate::model::arena::{CacheId, EntityId, ServiceId};
use crate::model::effect::{PathStep, Root};
use crate::model::endpoint::Body;
use crate::model::name::Name;
use crate::model::platform::{
    Broker, Cache, ConnectionPool, Deployment, MemoryLevel, Mesh, MeshRetries, MeshService, Metric,
    MetricKind, MetricLabel, MetricSource, Observability, OutlierDetection,
};
use crate::model::service::Party;
use crate::model::types::Type;
use crate::model::{Fault, saga::Step};
use crate::syntax::document::{self, MetricType, MutualTls, TracingExporter};
use crate::syntax::source::{Span, Spanned};

/// Entries of a memory level where the file does not say.
const MAX_ENTRIES: u64 = 10_000;

impl Lowering<'_> {
    /// Makes caches known.
    pub(super) fn declare_caches(&mut self) {
        let document = self.document;
        for (name, cache) in document.caches.iter() {
            let Some(service) = self.service(&cache.service, format!("owner of cache {name}"))
            else {
                continue;
            };
            let Some(entity) = self.entity(service, &cache.of, format!("data of cache {name}"))
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
            .filter_map(|event| self.event(event, format!("event that empties cache {name}")))
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
            negative_ttl: cache.negative_ttl.map(|ttl| ttl.to_std()),
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
        if found.is_none() {
            let known = self.index.caches.keys().cloned().collect();
            self.unresolved(name, "cache", format!("cache of {role}"), known);
        }
        found
    }

    /// Reads what the system runs on.
    pub(super) fn define_platform(&mut self) {
        let document = self.document;
        self.model.mesh = document.mesh.as_ref().map(|mesh| self.mesh(mesh));
        self.model.observability = self.observability();
        self.model.broker = document.message_broker.as_ref().map(|broker| Broker {
            kind: broker.r#type.value.clone(),
            retention: broker.retention.map(|time| time.to_std()),
        });
        if let Some(deployment) = &document.deployment {
            self.model.deployment = self.deployment(deployment);
        }
    }

    fn mesh(&mut self, declared: &document::Mesh) -> Mesh {
        let mut services = Vec::new();
        for (name, policy) in &declared.services {
            if let Some(service) = self.service(name, "service of the mesh") {
                services.push(mesh_service(service, name.span, policy));
            }
        }
        Mesh {
            span: declared.span,
            strict_mtls: declared
                .mtls
                .as_ref()
                .is_none_or(|mtls| mtls.value == MutualTls::Strict),
            namespace: declared.namespace.clone(),
            services,
            manifests: declared
                .manifests
                .iter()
                .map(|node| Spanned::new(node.to_json(), node.span))
                .collect(),
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
                        self.service(name, format!("service of release unit {unit}"))?,
                        name.span,
                    ))
                })
                .collect();
            units.push((unit.clone(), services));
        }
        Deployment {
            namespace: declared.namespace.clone(),
            registry: declared.registry.clone(),
            units,
        }
    }

    fn observability(&mut self) -> Observability {
        let mut observability = Observability::default();
        let Some(declared) = &self.document.observability else {
            return observability;
        };
        if let Some(tracing) = &declared.tracing {
            let exported = tracing.exporter != Some(TracingExporter::None);
            observability.otlp_endpoint = tracing
                .endpoint
                .as_ref()
                .filter(|_| exported)
                .map(|url| url.value.clone());
            observability.sample_ratio = tracing.sample_ratio.map_or(1.0, |ratio| *ratio);
        }
        if let Some(logging) = &declared.logging {
            observability.log_level = logging.level.clone().unwrap_or(observability.log_level);
            observability.correlation_header = logging
                .correlation_header
                .clone()
                .unwrap_or(observability.correlation_header);
        }
        if let Some(metrics) = &declared.metrics {
            if let Some(buckets) = &metrics.buckets {
                self.ascending(buckets, buckets.span, "buckets");
                observability.buckets.clone_from(buckets);
            }
            observability.metrics = metrics
                .custom
                .iter()
                .filter_map(|(name, metric)| self.metric(name, metric))
                .collect();
        }
        observability
    }

    fn ascending(&mut self, buckets: &[f64], span: Span, what: &str) {
        if buckets.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.fault(
                Fault::new("invalid-value", span, format!("{what} are not ascending"))
                    .here("out of order")
                    .help("write each bucket once, the least first"),
            );
        }
    }

    fn metric(
        &mut self,
        name: &Spanned<String>,
        declared: &document::CustomMetric,
    ) -> Option<Metric> {
        let role = format!("metric {name}");
        self.ascending(&declared.buckets, name.span, &format!("buckets of {role}"));
        let services: Vec<ServiceId> = declared
            .service
            .iter()
            .filter_map(|service| self.service(service, format!("service of {role}")))
            .collect();
        let (on, scope, origin) = match &declared.on {
            Some(on) => match self.metric_source(on, &services, &role) {
                Some((source, scope, origin)) => (Some(source), scope, Some(origin)),
                None => return None,
            },
            None => (None, Scope::default(), None),
        };
        let value = match &declared.value {
            Some(value) => Some(self.reference(value, &scope)?),
            None => None,
        };
        let labels = declared
            .labels
            .iter()
            .map(|(label, values)| MetricLabel {
                name: label.into(),
                values: values.0.clone(),
                source: scope.by_name(&Name::from(label)),
            })
            .collect();
        Some(Metric {
            name: name.into(),
            span: name.span,
            kind: match declared.r#type {
                MetricType::Counter => MetricKind::Counter,
                MetricType::Histogram => MetricKind::Histogram,
                MetricType::Gauge => MetricKind::Gauge,
            },
            help: declared
                .help
                .clone()
                .unwrap_or_else(|| name.value.replace('_', " ")),
            services: if services.is_empty() {
                origin.into_iter().flatten().collect()
            } else {
                services
            },
            labels,
            buckets: declared.buckets.clone(),
            on,
            value,
        })
    }

    /// What moves a metric: an event, an operation or a saga's action; with what is at hand then, and where.
    fn metric_source(
        &mut self,
        on: &Spanned<String>,
        services: &[ServiceId],
        role: &str,
    ) -> Option<(MetricSource, Scope, Vec<ServiceId>)> {
        if let Some(event) = self.index.events.get(&on.value).copied() {
            let found = &self.model.events[event];
            let fields = found
                .versions
                .last()
                .map(|version| version.schema.steps())
                .unwrap_or_default();
            let origin = found
                .producers
                .iter()
                .filter_map(|producer| match producer.value {
                    Party::Service(service) => Some(service),
                    Party::External(_) => None,
                });
            let origin = origin.collect();
            let scope = Scope::default().with(Frame::record("event", Root::Event, fields).open());
            return Some((MetricSource::Event(event), scope, origin));
        }
        let wanted = Name::snake_of(on);
        let endpoint = self
            .model
            .endpoints
            .entries()
            .find(|(_, endpoint)| match endpoint.owner {
                Party::Service(service) => {
                    endpoint.name.snake() == wanted
                        && (services.is_empty() || services.contains(&service))
                }
                Party::External(_) => false,
            });
        if let Some((id, endpoint)) = endpoint {
            let Party::Service(service) = endpoint.owner else {
                return None;
            };
            let scope = match &endpoint.response {
                Body::Entity(entity) => Scope::default().with(
                    self.model
                        .record_frame(
                            "record",
                            Root::Bound(Name::new("record", Span::default())),
                            *entity,
                        )
                        .open(),
                ),
                _ => Scope::default(),
            };
            return Some((MetricSource::Endpoint(id), scope, vec![service]));
        }
        for (id, saga) in self.model.sagas.entries() {
            if let Some(at) = saga
                .steps
                .iter()
                .position(|step| step.action.snake() == wanted)
            {
                let step = &saga.steps[at];
                let scope = Scope::default()
                    .with(Frame::record("input", Root::Input, step_inputs(step)).open());
                return Some((
                    MetricSource::Step(id, at),
                    scope,
                    step.service.into_iter().collect(),
                ));
            }
        }
        let events = self.index.events.keys().cloned();
        let operations = self
            .model
            .endpoints
            .iter()
            .map(|endpoint| endpoint.name.to_string());
        let known = events.chain(operations).collect();
        self.unresolved(
            on,
            "event or operation",
            format!("what moves {role}"),
            known,
        );
        None
    }
}

fn step_inputs(step: &Step) -> Vec<PathStep> {
    step.inputs
        .iter()
        .map(|input| PathStep {
            field: input.name.clone(),
            ty: input.ty.clone(),
            required: input.required,
        })
        .filter(|step| step.ty != Type::Json)
        .collect()
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
                .map(|timeout| timeout.to_std()),
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
