//! What the architecture calls otherwise than before: folders and files that move along, with all that a person put there.

use std::collections::BTreeSet;

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::model::saga::{Saga, Step};
use crate::model::service::{Party, Service};
use crate::plan::names::step_name;

/// A path that is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// What it was.
    pub from: String,
    /// What it is.
    pub to: String,
}

/// Every rename, those of folders before those of files in them.
pub fn renames(model: &Model) -> Vec<Rename> {
    let mut renames = Vec::new();
    for service in model.services.iter() {
        if let Some(former) = former_name(model, service) {
            let (from, to) = (former.kebab(), service.name.kebab());
            for (before, after) in [
                ("services/", ""),
                ("crates/contracts-", ""),
                ("docs/services/", ".md"),
            ] {
                renames.push(Rename {
                    from: format!("{before}{from}{after}"),
                    to: format!("{before}{to}{after}"),
                });
            }
        }
    }
    for consumer in model.consumers.iter() {
        let event = &model.events[consumer.event];
        let taken = |name: &Name| {
            model
                .events
                .iter()
                .any(|event| event.name.snake() == name.snake())
        };
        let Some(former) = event
            .renamed_from
            .as_ref()
            .filter(|name| is_plain(name) && !taken(name))
        else {
            continue;
        };
        let service = model.services[consumer.service].name.kebab();
        for version in &consumer.versions {
            let number = event.versions[*version].number;
            let handler = |name: &Name| {
                format!(
                    "services/{service}/src/handlers/on_{}_v{number}.rs",
                    name.snake()
                )
            };
            renames.push(Rename {
                from: handler(former),
                to: handler(&event.name),
            });
        }
    }
    renames.extend(steps(model));
    renames
}

/// Handlers of steps that were called by the step alone, as long as no other saga had one of its name.
fn steps(model: &Model) -> Vec<Rename> {
    let all = model.sagas.iter();
    let all: Vec<(&Saga, &Step)> = all
        .flat_map(|saga| saga.steps.iter().map(move |step| (saga, step)))
        .collect();
    let path = |service: ServiceId, name: &str| {
        let service = model.services[service].name.kebab();
        format!("services/{service}/src/handlers/step_{name}.rs")
    };
    let renamed = all.iter().filter_map(|(saga, step)| {
        let service = step.service?;
        let alike = |(_, other): &&(&Saga, &Step)| {
            other.service == step.service && other.action == step.action
        };
        let alone = all.iter().filter(alike).count() == 1;
        alone.then(|| Rename {
            from: path(service, step.action.snake()),
            to: path(service, step_name(saga, step).snake()),
        })
    });
    let renamed: Vec<Rename> = renamed.collect();
    // What has such a name today stays where it is.
    let operations = model.endpoints.iter().filter_map(|endpoint| {
        let Party::Service(service) = endpoint.owner else {
            return None;
        };
        Some(path(service, endpoint.name.snake().strip_prefix("step_")?))
    });
    let steps = renamed.iter().map(|rename| rename.to.clone());
    let taken: BTreeSet<String> = steps.chain(operations).collect();
    let moved = renamed.into_iter();
    moved
        .filter(|rename| !taken.contains(&rename.from))
        .collect()
}

/// What a service was called before; nothing where another service has that name now.
pub fn former_name<'m>(model: &'m Model, service: &'m Service) -> Option<&'m Name> {
    let taken = |name: &Name| {
        model
            .services
            .iter()
            .any(|service| service.name.snake() == name.snake())
    };
    service
        .renamed_from
        .as_ref()
        .filter(|name| is_plain(name) && !taken(name))
}

/// Whether a name can be a part of a path.
fn is_plain(name: &Name) -> bool {
    let snake = name.snake();
    !snake.is_empty()
        && snake
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '_')
}
