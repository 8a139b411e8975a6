//! Who receives events, and what they do then, once for each version that they take.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use super::Lowering;
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::{EventId, ServiceId};
use crate::model::effect::Root;
use crate::model::event::{CommandRun, Consumer, EventVersion, Reaction};
use crate::syntax::document::{self, NameOr, Values};
use crate::syntax::source::{Span, Spanned};

/// Versions that a consumer takes at most: what it does is read anew for each.
const MOST_VERSIONS: usize = 32;

impl Lowering<'_> {
    /// Reads who receives events, and what they do then.
    pub(super) fn define_consumers(&mut self) {
        let document = self.document;
        let consumers = document
            .events
            .iter()
            .map(|(_, event)| event.consumers.len());
        self.model.consumers.reserve(consumers.sum());
        for (name, event) in document.events.iter() {
            let id = self.index.events[&name.value];
            for (service, consumer) in event.consumers.iter() {
                self.model.events[id].names_consumer = true;
                if let Some(service) =
                    self.service(service, format_args!("consumer of event {name}"))
                {
                    self.consumer(id, service, consumer, name);
                }
            }
        }
    }

    fn consumer(
        &mut self,
        event: EventId,
        service: ServiceId,
        consumer: &document::Consumer,
        name: &Spanned<String>,
    ) {
        let role = format!("{} on {name}", self.model.services[service].name);
        let versions = self.taken(event, service, consumer, &role);
        if versions.is_empty() {
            return;
        }
        let reactions = self.reactions(event, &versions, service, consumer, &role);
        let retry = consumer
            .retry
            .as_ref()
            .and_then(|retry| self.retry(Some(retry), &role));
        let id = self.model.consumers.push(Consumer {
            service,
            event,
            span: consumer.span,
            versions,
            reactions,
            fields: consumer.fields.clone(),
            retry,
            idempotency_key: consumer.idempotency_key.clone(),
        });
        self.model.events[event].consumers.push(id);
        self.model.services[service].consumers.push(id);
    }

    /// The versions that a consumer takes, ascending. A service takes each version once.
    fn taken(
        &mut self,
        event: EventId,
        service: ServiceId,
        consumer: &document::Consumer,
        role: &str,
    ) -> Vec<usize> {
        let labels = consumer.versions.iter();
        let mut named: Vec<(usize, Span)> = labels
            .filter_map(|label| Some((self.version(event, Some(label), role)?, label.span)))
            .collect();
        if named.is_empty() {
            let latest = self.model.events[event].versions.len().checked_sub(1);
            named.extend(latest.map(|latest| (latest, consumer.span)));
        }
        let mut versions = Vec::new();
        for (version, span) in named {
            match self.index.taken.entry((event, service, version)) {
                Entry::Vacant(free) => {
                    free.insert(span);
                    versions.push((version, span));
                }
                Entry::Occupied(first) => {
                    let first = *first.get();
                    self.taken_twice(event, service, version, [first, span]);
                }
            }
        }
        if let Some((_, span)) = versions.get(MOST_VERSIONS) {
            let message = format!("{role} takes more than {MOST_VERSIONS} versions");
            let fault = Fault::new("invalid-value", *span, message);
            self.fault(
                fault
                    .here("too many")
                    .help("take the newest, and retire the others"),
            );
            versions.truncate(MOST_VERSIONS);
        }
        versions.sort_unstable();
        versions.into_iter().map(|(version, _)| version).collect()
    }

    fn taken_twice(
        &mut self,
        event: EventId,
        service: ServiceId,
        version: usize,
        [first, again]: [Span; 2],
    ) {
        let event = &self.model.events[event];
        let message = format!(
            "{} takes {} {} twice",
            self.model.services[service].name, event.name, event.versions[version].label
        );
        let fault = Fault::new("duplicate-name", again, message)
            .about(self.model.services[service].name.as_str())
            .about(event.name.as_str());
        self.fault(
            fault
                .here("again here")
                .related(first, "first here")
                .help("take each version once; name different `versions`, or merge the two"),
        );
    }

    /// What a consumer does with each version. What is wrong for some of them only is told of each of these.
    fn reactions(
        &mut self,
        event: EventId,
        versions: &[usize],
        service: ServiceId,
        consumer: &document::Consumer,
        role: &str,
    ) -> Vec<Reaction> {
        let before = self.model.faults.len();
        let mut found: Vec<Vec<Fault>> = Vec::with_capacity(versions.len());
        let mut reactions = Vec::with_capacity(versions.len());
        for version in versions {
            let unresolved = self.model.unresolved.len();
            reactions.push(self.reaction(event, *version, service, consumer, role));
            if !found.is_empty() {
                // Names of data, events and commands lead to the same whatever the version.
                self.model.unresolved.truncate(unresolved);
            }
            found.push(self.model.faults.split_off(before));
        }
        if found.iter().all(Vec::is_empty) {
            return reactions;
        }
        let key = |fault: &Fault| (fault.rule, fault.span, fault.message.clone());
        let everywhere = found
            .iter()
            .map(|faults| faults.iter().map(key).collect::<BTreeSet<_>>())
            .reduce(|both, faults| &both & &faults)
            .unwrap_or_default();
        for (at, (version, faults)) in versions.iter().zip(found).enumerate() {
            let declared = &self.model.events[event];
            let name = declared.name.to_string();
            let version = declared.versions[*version].clone();
            for fault in faults {
                if !everywhere.contains(&key(&fault)) {
                    self.fault(of_version(fault, &name, &version));
                } else if at == 0 {
                    self.fault(fault);
                }
            }
        }
        reactions
    }

    fn reaction(
        &mut self,
        event: EventId,
        version: usize,
        service: ServiceId,
        consumer: &document::Consumer,
        role: &str,
    ) -> Reaction {
        let mut scope = Scope::default();
        if reacts(consumer) {
            let schema = &self.model.events[event].versions[version].schema;
            scope.push(Frame::fields("event", Root::Event, schema).open());
        }
        Reaction {
            when: self.conditions(&consumer.when, &scope),
            effects: self.effects(service, &consumer.effects, &mut scope, role),
            runs: consumer
                .runs
                .as_ref()
                .and_then(|runs| self.runs(service, runs, &scope, role)),
            emits: self.emissions(&consumer.emits, &scope, role),
        }
    }

    fn runs(
        &mut self,
        service: ServiceId,
        runs: &document::Runs,
        scope: &Scope,
        role: &str,
    ) -> Option<CommandRun> {
        let none = Values::new();
        let (command, id, values) = match runs {
            NameOr::Name(name) => (name, None, &none),
            NameOr::Here(record) => (&record.command, record.id.as_ref(), &record.values),
        };
        self.command_run(service, command, id, values, scope, role)
    }
}

/// A fault that is one for this version, and not for others that the same consumer takes.
fn of_version(fault: Fault, event: &str, version: &EventVersion) -> Fault {
    let label = &version.label;
    let message = format!("for {event} {label}, {}", fault.message);
    let help = format!("{}; or take {label} in an entry of its own", fault.help);
    Fault {
        message,
        suggestion: None,
        ..fault
    }
    .related(label.span, format!("{label} is declared here"))
    .about(event)
    .help(help)
}

/// Whether a consumer does anything that could refer to the event.
fn reacts(consumer: &document::Consumer) -> bool {
    let still = consumer.when.is_empty()
        && consumer.effects.is_empty()
        && consumer.runs.is_none()
        && consumer.emits.is_empty();
    !still
}
