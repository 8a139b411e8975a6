//! The page of a service.

use serde::Serialize;

use super::catalogue::{FieldRow, party, rows};
use super::markdown::{code, codes, or_dash, text};
use super::settings::{SettingRow, settings};
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::endpoint::Endpoint;
use crate::model::service::{Party, Service};
use crate::plan::diagram::{self, Diagram, spelt};
use crate::plan::service::ServicePlan;

/// `docs/services/<service>.md`.
#[derive(Debug, Clone, Serialize)]
pub struct ServicePage {
    /// Its crate, which names the page.
    pub krate: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Facts: heading and value.
    pub facts: Vec<(&'static str, String)>,
    /// The data that it owns.
    pub data: Vec<DataPage>,
    /// Its operations.
    pub operations: Vec<OperationRow>,
    /// Whom it calls.
    pub calls: Vec<SideRow>,
    /// Who calls it.
    pub callers: String,
    /// Events that it publishes.
    pub produced: String,
    /// Events that it receives.
    pub consumed: Vec<ConsumedRow>,
    /// Steps of sagas that it does, and sagas that it drives.
    pub sagas: Vec<SideRow>,
    /// The variables that set it up.
    pub settings: Vec<SettingRow>,
    /// The events around it.
    #[serde(skip)]
    pub picture: Option<Diagram>,
}

/// Data that a service owns.
#[derive(Debug, Clone, Serialize)]
pub struct DataPage {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: Option<String>,
    /// Whether it is derived.
    pub derived: bool,
    /// Its fields; none where its body is free.
    pub fields: Vec<FieldRow>,
}

/// An operation, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct OperationRow {
    /// Method and path.
    pub route: String,
    /// Its name.
    pub name: String,
    /// Who may call it.
    pub access: String,
    /// What it publishes.
    pub emits: String,
    /// What it is for.
    pub description: String,
}

/// Something named, and what is to be said of it.
#[derive(Debug, Clone, Serialize)]
pub struct SideRow {
    /// What or who.
    pub name: String,
    /// What is to be said.
    pub text: String,
}

/// An event that a service receives.
#[derive(Debug, Clone, Serialize)]
pub struct ConsumedRow {
    /// The event.
    pub event: String,
    /// Its versions.
    pub versions: String,
    /// From whom.
    pub from: String,
    /// What it changes.
    pub changes: String,
}

pub(super) fn page(model: &Model, id: ServiceId, plans: &[ServicePlan]) -> ServicePage {
    let service = &model.services[id];
    let krate = service.name.kebab();
    let plan = plans.iter().find(|plan| plan.krate == krate);
    let events = diagram::events(model, Some(id));
    ServicePage {
        name: text(service.name.as_str()),
        description: service.description.as_deref().map(text),
        facts: facts(model, service),
        data: service
            .entities
            .iter()
            .map(|entity| data(model, *entity))
            .collect(),
        operations: service
            .endpoints
            .iter()
            .map(|endpoint| operation(model, &model.endpoints[*endpoint]))
            .collect(),
        calls: calls(model, service),
        callers: callers(model, id),
        produced: produced(model, id),
        consumed: consumed(model, service),
        sagas: sagas(model, id),
        settings: plan.map_or_else(Vec::new, |plan| settings(model, plan)),
        picture: (!events.edges.is_empty()).then_some(Diagram::Flow(events)),
        krate,
    }
}

fn facts(model: &Model, service: &Service) -> Vec<(&'static str, String)> {
    let place = [
        &service.domain,
        &service.subdomain,
        &service.bounded_context,
    ];
    let place: Vec<String> = place
        .into_iter()
        .flatten()
        .map(|word| text(&word.value))
        .collect();
    let team = service.team.map(|id| &model.teams[id]);
    let mut facts = vec![(
        "Domain, subdomain, bounded context",
        or_dash(place.join(" / ")),
    )];
    facts.push((
        "Team",
        or_dash(
            service
                .team_name
                .as_ref()
                .map(|team| text(&team.value))
                .unwrap_or_default(),
        ),
    ));
    if let Some(contact) = team.and_then(|team| team.contact.as_deref()) {
        facts.push(("Contact", text(contact)));
    }
    facts.push((
        "Capabilities",
        codes(
            service
                .capabilities
                .iter()
                .map(|capability| capability.value.as_str()),
        ),
    ));
    let stores: Vec<String> = service
        .stores
        .iter()
        .map(|id| text(&model.stores[*id].engine.value))
        .collect();
    facts.push(("Stores", or_dash(stores.join(", "))));
    facts.push(("Port", service.port.to_string()));
    facts
}

fn data(model: &Model, id: crate::model::arena::EntityId) -> DataPage {
    let entity = &model.entities[id];
    DataPage {
        name: text(entity.name.as_str()),
        description: entity.description.as_deref().map(text),
        derived: entity.projection,
        fields: entity
            .fields
            .as_ref()
            .map(|fields| rows(model, fields))
            .unwrap_or_default(),
    }
}

fn operation(model: &Model, endpoint: &Endpoint) -> OperationRow {
    let asked = model.authentication().is_some() && !endpoint.public;
    let access = match &endpoint.scope {
        _ if !asked => "anybody".to_owned(),
        Some(scope) => code(&scope.value),
        None => "any token".to_owned(),
    };
    OperationRow {
        route: code(&format!(
            "{} {}",
            endpoint.method.as_str(),
            endpoint.path.value
        )),
        name: code(endpoint.name.as_str()),
        access,
        emits: codes(
            endpoint
                .emits
                .iter()
                .map(|emission| model.events[emission.event].name.as_str()),
        ),
        description: endpoint
            .description
            .as_deref()
            .map(text)
            .unwrap_or_default(),
    }
}

fn calls(model: &Model, service: &Service) -> Vec<SideRow> {
    let row = |id: &crate::model::arena::CallId| {
        let call = &model.calls[*id];
        let what = if call.operations_named {
            codes(
                call.operations
                    .iter()
                    .map(|id| model.endpoints[*id].name.as_str()),
            )
        } else {
            "all operations".to_owned()
        };
        let within = call
            .timeout
            .as_ref()
            .map(|timeout| format!(" within {}", spelt(timeout.value)))
            .unwrap_or_default();
        let fallback = call
            .fallback
            .as_deref()
            .map(|text_| format!("; otherwise: {}", text(text_)))
            .unwrap_or_default();
        SideRow {
            name: code(party(model, call.to)),
            text: format!("{what}{within}{fallback}"),
        }
    };
    service.calls.iter().map(row).collect()
}

fn callers(model: &Model, id: ServiceId) -> String {
    let mut names: Vec<&str> = model
        .calls
        .iter()
        .filter(|call| call.to == Party::Service(id))
        .map(|call| model.services[call.from].name.as_str())
        .collect();
    names.dedup();
    codes(names)
}

fn produced(model: &Model, id: ServiceId) -> String {
    let by_us = |event: &&crate::model::event::Event| {
        event
            .producers
            .iter()
            .any(|producer| producer.value == Party::Service(id))
    };
    codes(
        model
            .events
            .iter()
            .filter(by_us)
            .map(|event| event.name.as_str()),
    )
}

fn consumed(model: &Model, service: &Service) -> Vec<ConsumedRow> {
    let row = |id: &crate::model::arena::ConsumerId| {
        let consumer = &model.consumers[*id];
        let event = &model.events[consumer.event];
        let versions: Vec<String> = consumer
            .versions
            .iter()
            .filter_map(|index| event.versions.get(*index))
            .map(|version| format!("v{}", version.number))
            .collect();
        let mut changes: Vec<String> = Vec::new();
        for effect in &consumer.reaction().effects {
            let name = code(model.entities[effect.entity].name.as_str());
            if !changes.contains(&name) {
                changes.push(name);
            }
        }
        if let Some(run) = &consumer.reaction().runs {
            let aggregate = &model.aggregates[run.aggregate];
            changes.push(code(&format!(
                "{}.{}",
                aggregate.name, aggregate.commands[run.command].name
            )));
        }
        ConsumedRow {
            event: code(event.name.as_str()),
            versions: versions.join(", "),
            from: codes(
                event
                    .producers
                    .iter()
                    .map(|producer| party(model, producer.value)),
            ),
            changes: or_dash(changes.join(", ")),
        }
    };
    service.consumers.iter().map(row).collect()
}

fn sagas(model: &Model, id: ServiceId) -> Vec<SideRow> {
    let mut rows = Vec::new();
    for saga in model.sagas.iter() {
        let mut parts: Vec<String> = Vec::new();
        if saga.coordinator == Some(id) {
            parts.push("drives it".to_owned());
        }
        for step in saga.steps.iter().filter(|step| step.service == Some(id)) {
            let undo = step
                .compensation
                .as_ref()
                .map(|undo| format!(", undone by {}", code(undo.action.as_str())));
            parts.push(format!(
                "does {}{}",
                code(step.action.as_str()),
                undo.unwrap_or_default()
            ));
        }
        if !parts.is_empty() {
            rows.push(SideRow {
                name: code(saga.name.as_str()),
                text: parts.join("; "),
            });
        }
    }
    rows
}
