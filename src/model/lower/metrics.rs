//! Metrics of the business: what they count, and what moves them.

use super::Lowering;
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::ServiceId;
use crate::model::effect::{PathStep, Root};
use crate::model::endpoint::Body;
use crate::model::name::Name;
use crate::model::platform::{Metric, MetricKind, MetricLabel, MetricSource};
use crate::model::saga::Step;
use crate::model::service::Party;
use crate::model::types::{Fields, Type};
use crate::syntax::document::{self, MetricType};
use crate::syntax::source::{Span, Spanned};

/// What moves a metric.
struct Mover {
    source: MetricSource,
    /// What is at hand when it moves.
    scope: Scope,
    /// The services where it happens.
    origin: Vec<ServiceId>,
}

impl Lowering<'_> {
    pub(super) fn ascending(&mut self, buckets: &[f64], span: Span, what: &str) {
        if buckets.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.fault(
                Fault::new("invalid-value", span, format!("{what} are not ascending"))
                    .here("out of order")
                    .help("write each bucket once, the least first"),
            );
        }
    }

    pub(super) fn metric(
        &mut self,
        name: &Spanned<String>,
        declared: &document::CustomMetric,
    ) -> Option<Metric> {
        let role = format!("metric {name}");
        self.ascending(&declared.buckets, name.span, &format!("buckets of {role}"));
        let services: Vec<ServiceId> = declared
            .service
            .iter()
            .filter_map(|service| self.service(service, format_args!("service of {role}")))
            .collect();
        let (on, scope, origin) = match &declared.on {
            Some(on) => match self.metric_source(on, &services, &role) {
                Some(mover) => (Some(mover.source), mover.scope, Some(mover.origin)),
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
    ) -> Option<Mover> {
        let wanted = Name::snake_of(on);
        let mover = self
            .event_that_moves(on)
            .or_else(|| self.operation_that_moves(&wanted, services))
            .or_else(|| self.step_that_moves(&wanted));
        if mover.is_none() {
            let role = format!("what moves {role}");
            self.unresolved(on, "event or operation", role, |known| {
                let events = known.index.events.keys().cloned();
                let endpoints = known.model.endpoints.iter();
                let operations = endpoints.map(|endpoint| endpoint.name.to_string());
                events.chain(operations).collect()
            });
        }
        mover
    }

    fn event_that_moves(&self, on: &Spanned<String>) -> Option<Mover> {
        let event = self.index.events.get(&on.value).copied()?;
        let found = &self.model.events[event];
        self.used(&found.name);
        let none = Fields::default();
        let latest = found.versions.last();
        let fields = latest.map_or(&none, |version| &version.schema);
        let origin = found
            .producers
            .iter()
            .filter_map(|producer| match producer.value {
                Party::Service(service) => Some(service),
                Party::External(_) => None,
            });
        Some(Mover {
            source: MetricSource::Event(event),
            scope: Scope::default().with(Frame::fields("event", Root::Event, fields).open()),
            origin: origin.collect(),
        })
    }

    fn operation_that_moves(&self, wanted: &str, services: &[ServiceId]) -> Option<Mover> {
        let operations = self.model.endpoints.entries();
        let mut own = operations.filter_map(|(id, endpoint)| match endpoint.owner {
            Party::Service(service) => Some((id, endpoint, service)),
            Party::External(_) => None,
        });
        let (id, endpoint, service) = own.find(|(_, endpoint, service)| {
            endpoint.name.snake() == wanted && (services.is_empty() || services.contains(service))
        })?;
        let scope = match &endpoint.response {
            Body::Entity(entity) => {
                let record = Root::Bound(Name::new("record", Span::default()));
                let frame = self.model.record_frame("record", record, *entity);
                Scope::default().with(frame.open())
            }
            _ => Scope::default(),
        };
        Some(Mover {
            source: MetricSource::Endpoint(id),
            scope,
            origin: vec![service],
        })
    }

    fn step_that_moves(&self, wanted: &str) -> Option<Mover> {
        self.model.sagas.entries().find_map(|(id, saga)| {
            let (at, step) = saga
                .steps
                .iter()
                .enumerate()
                .find(|(_, step)| step.action.snake() == wanted)?;
            let inputs = Frame::record("input", Root::Input, step_inputs(step));
            Some(Mover {
                source: MetricSource::Step(id, at),
                scope: Scope::default().with(inputs.open()),
                origin: step.service.into_iter().collect(),
            })
        })
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
