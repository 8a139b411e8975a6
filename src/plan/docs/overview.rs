//! The system as a whole: services, calls, sagas, with their pictures.

use serde::Serialize;

use super::catalogue::party;
use super::markdown::{code, codes, link, or_dash, text};
use crate::model::Model;
use crate::model::arena::SagaId;
use crate::model::saga::{Step, StepKind};
use crate::plan::diagram::{self, Diagram, spelt};

/// `docs/architecture.md`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Overview {
    /// The system's name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its services.
    pub services: Vec<ServiceRow>,
    /// Its calls.
    pub calls: Vec<CallRow>,
    /// Its sagas.
    pub sagas: Vec<SagaPage>,
    /// Pictures by name: `context`, `calls`, `events`, `data`.
    #[serde(skip)]
    pub pictures: Vec<(&'static str, Diagram)>,
}

/// A service, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceRow {
    /// Its name, as a link to its page.
    pub link: String,
    /// Its bounded context.
    pub context: String,
    /// Its team.
    pub team: String,
    /// What it can do.
    pub capabilities: String,
    /// The data that it owns.
    pub data: String,
}

/// A call, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct CallRow {
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// For what.
    pub operations: String,
    /// How long one try may take.
    pub timeout: String,
    /// How often it is tried.
    pub tries: u32,
    /// When the circuit opens.
    pub breaker: String,
    /// What stands in when it fails.
    pub fallback: String,
}

/// A saga.
#[derive(Debug, Clone, Serialize)]
pub struct SagaPage {
    /// Its name.
    pub name: String,
    /// What it brings about.
    pub description: Option<String>,
    /// Who drives it.
    pub coordinator: String,
    /// Its steps.
    pub steps: Vec<StepRow>,
    /// Its picture.
    #[serde(skip)]
    pub picture: Option<Diagram>,
}

/// A step, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct StepRow {
    /// What is done.
    pub action: String,
    /// Who does it.
    pub service: String,
    /// What kind of step it is.
    pub kind: &'static str,
    /// How long one try may take.
    pub timeout: String,
    /// How often it is tried.
    pub tries: u32,
    /// What undoes it.
    pub compensation: String,
}

pub(super) fn overview(model: &Model) -> Overview {
    Overview {
        name: text(model.system.name.as_str()),
        description: model.system.description.as_deref().map(text),
        services: services(model),
        calls: calls(model),
        sagas: model.sagas.ids().map(|id| saga(model, id)).collect(),
        pictures: vec![
            ("context", Diagram::Flow(diagram::context(model))),
            ("calls", Diagram::Flow(diagram::calls(model))),
            ("events", Diagram::Flow(diagram::events(model, None))),
            ("data", Diagram::Flow(diagram::data(model))),
        ],
    }
}

fn services(model: &Model) -> Vec<ServiceRow> {
    let row = |service: &crate::model::service::Service| ServiceRow {
        link: link(
            service.name.as_str(),
            &format!("services/{}.md", service.name.kebab()),
        ),
        context: or_dash(
            service
                .bounded_context
                .as_ref()
                .map(|context| text(&context.value))
                .unwrap_or_default(),
        ),
        team: or_dash(
            service
                .team_name
                .as_ref()
                .map(|team| text(&team.value))
                .unwrap_or_default(),
        ),
        capabilities: codes(
            service
                .capabilities
                .iter()
                .map(|capability| capability.value.as_str()),
        ),
        data: codes(
            service
                .entities
                .iter()
                .map(|id| model.entities[*id].name.as_str()),
        ),
    };
    model.services.iter().map(row).collect()
}

fn calls(model: &Model) -> Vec<CallRow> {
    let row = |call: &crate::model::endpoint::Call| CallRow {
        from: code(model.services[call.from].name.as_str()),
        to: code(party(model, call.to)),
        operations: if call.operations_named {
            codes(
                call.operations
                    .iter()
                    .map(|id| model.endpoints[*id].name.as_str()),
            )
        } else {
            "all".to_owned()
        },
        timeout: or_dash(
            call.timeout
                .as_ref()
                .map(|timeout| spelt(timeout.value))
                .unwrap_or_default(),
        ),
        tries: call.retry.as_ref().map_or(1, |retry| retry.max_attempts),
        breaker: match &call.circuit_breaker {
            Some(breaker) => format!(
                "{} failures in {}, {} open",
                breaker.failure_threshold,
                spelt(breaker.monitor_window),
                spelt(breaker.recovery_timeout)
            ),
            None => "–".to_owned(),
        },
        fallback: or_dash(call.fallback.as_deref().map(text).unwrap_or_default()),
    };
    model.calls.iter().map(row).collect()
}

fn saga(model: &Model, id: SagaId) -> SagaPage {
    let saga = &model.sagas[id];
    let coordinator = saga.coordinator.map(|id| model.services[id].name.as_str());
    SagaPage {
        name: text(saga.name.as_str()),
        description: saga.description.as_deref().map(text),
        coordinator: codes(coordinator),
        steps: saga.steps.iter().map(|step| row(model, step)).collect(),
        picture: Some(Diagram::Sequence(diagram::saga(model, id))),
    }
}

fn row(model: &Model, step: &Step) -> StepRow {
    StepRow {
        action: code(step.action.as_str()),
        service: codes(step.service.map(|id| model.services[id].name.as_str())),
        kind: match step.kind {
            StepKind::Compensatable => "compensatable",
            StepKind::Pivot => "pivot",
            StepKind::Retriable => "retriable",
            StepKind::Read => "read",
        },
        timeout: spelt(step.timeout),
        tries: step.retry.as_ref().map_or(1, |retry| retry.max_attempts),
        compensation: codes(step.compensation.as_ref().map(|undo| undo.action.as_str())),
    }
}
