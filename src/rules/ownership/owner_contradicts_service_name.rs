//! Where the name says one owner and the list another, both will write.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::graph::ownership::stem;
use crate::model::Model;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("owner-contradicts-service-name"),
    family: Family::Ownership,
    severity: Severity::Warn,
    required: false,
    summary: "a service owns what another is named after, or makes in a saga",
    docs: include_str!("owner_contradicts_service_name.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let named = Named::of(graph.model);
    let owned = graph.model.entities.entries();
    let owned = owned.filter(|(_, entity)| !entity.projection);
    let entities = owned.filter_map(|(id, _)| of_entity(graph, &named, id));
    let services = graph.model.services.ids();
    let capabilities = services.filter_map(|id| of_capability(graph.model, &named, id));
    entities.chain(capabilities).collect()
}

/// A service that a word speaks of.
struct Other<'m> {
    service: Option<ServiceId>,
    name: &'m str,
    span: Span,
    /// What it has to do with the word.
    says: String,
}

/// The words that speak of a service: names of services, declared or only referred to, bounded contexts, and what steps of sagas make.
struct Named<'m> {
    by_word: BTreeMap<String, Vec<Other<'m>>>,
}

/// What a step begins with where it makes or changes the thing that it names.
const VERBS: &[&str] = &[
    "create", "add", "make", "update", "change", "set", "delete", "remove", "cancel",
];

impl<'m> Named<'m> {
    fn of(model: &'m Model) -> Self {
        let mut named = Self {
            by_word: BTreeMap::new(),
        };
        for (id, service) in model.services.entries() {
            let name = &service.name;
            let says = "is named after it".to_owned();
            named.add(
                bare(name.snake()),
                Some(id),
                name.as_str(),
                name.span(),
                says,
            );
            if let Some(context) = &service.bounded_context {
                let says = format!("has the bounded context {}", context.value);
                let word = stem(&Name::snake_of(context)).into_owned();
                named.add(word, Some(id), name.as_str(), context.span, says);
            }
        }
        let unknown = model.unresolved.iter();
        for unknown in unknown.filter(|unknown| unknown.expected == "service") {
            let word = bare(&Name::snake_of(&unknown.name));
            let says = format!("is named here, as {}", unknown.role);
            named.add(word, None, &unknown.name.value, unknown.name.span, says);
        }
        for step in model.sagas.iter().flat_map(|saga| &saga.steps) {
            if let Some((verb, thing)) = step.action.snake().split_once('_')
                && VERBS.contains(&verb)
            {
                let says = format!("does {} in a saga", step.action);
                let name = step.service_name.as_str();
                named.add(
                    stem(thing).into_owned(),
                    step.service,
                    name,
                    step.span,
                    says,
                );
            }
        }
        named
    }

    fn add(
        &mut self,
        word: String,
        service: Option<ServiceId>,
        name: &'m str,
        span: Span,
        says: String,
    ) {
        let other = Other {
            service,
            name,
            span,
            says,
        };
        self.by_word.entry(word).or_default().push(other);
    }

    /// Who a word speaks of, where it does not speak of the service itself.
    fn others(&self, word: &str, own: ServiceId) -> Option<&Other<'m>> {
        let all = self.by_word.get(word)?;
        let itself = all.iter().any(|other| other.service == Some(own));
        all.first().filter(|_| !itself)
    }
}

/// `order_service` and `orders` are about `order`.
fn bare(snake: &str) -> String {
    stem(snake.strip_suffix("_service").unwrap_or(snake)).into_owned()
}

fn of_entity(graph: &Graph<'_>, named: &Named<'_>, id: EntityId) -> Option<Finding> {
    let model = graph.model;
    let entity = &model.entities[id];
    let other = named.others(&stem(entity.name.snake()), entity.service)?;
    // Two that claim it are told as such.
    if graph.ownership.owners(&entity.name).len() > 1 {
        return None;
    }
    let owner = &model.services[entity.service].name;
    let (name, data) = (other.name, &entity.name);
    let message = format!("{owner} owns \"{data}\", but {name} {}", short(other));
    Some(
        RULE.finding(data.span(), message)
            .here(format!("{owner} claims it here"))
            .label(other.span, format!("{name} {}", other.says))
            .about(format!("{owner}.{data}"))
            .about(owner.as_str())
            .help(format!(
                "move \"{data}\" to the `data_ownership` of {name}, or give {name} a name and steps of its own work"
            )),
    )
}

/// One capability that is another service's name; of several, `multiple-capabilities` tells.
fn of_capability(model: &Model, named: &Named<'_>, id: ServiceId) -> Option<Finding> {
    let service = &model.services[id];
    let [capability] = service.capabilities.as_slice() else {
        return None;
    };
    let other = named.others(&stem(&Name::snake_of(capability)), id)?;
    let (own, name) = (&service.name, other.name);
    let message = format!(
        "{own} has the capability \"{}\", but {name} {}",
        capability.value,
        short(other)
    );
    Some(
        RULE.finding(capability.span, message)
            .here(format!("{own} claims it here"))
            .label(other.span, format!("{name} {}", other.says))
            .about(own.as_str())
            .help(format!(
                "leave it to {name}, or name what {own} does by another word"
            )),
    )
}

/// What the message says of the other: where it is declared nowhere, that it is spoken of.
fn short(other: &Other<'_>) -> String {
    match other.says.strip_prefix("is named here") {
        Some(_) => "is named after it, and spoken of though not declared".to_owned(),
        None => other.says.clone(),
    }
}
