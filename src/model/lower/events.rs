//! Events with their versions, and who publishes them.

use super::Lowering;
use super::bind::{ByName, Place, Target};
use super::fields::Reader;
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::EventId;
use crate::model::effect::Root;
use crate::model::event::{Compatibility, Event, EventVersion};
use crate::model::name::Name;
use crate::model::types::{Fields, Type};
use crate::syntax::document::{self, Delivery, FieldsDecl, Values};
use crate::syntax::source::Spanned;

/// The major number of a version: `v1`, `1` and `v1.2` are 1.
pub(super) fn version_number(label: &str) -> Option<u32> {
    let digits = label.trim().trim_start_matches(['v', 'V']);
    digits
        .split('.')
        .next()?
        .parse()
        .ok()
        .filter(|number| *number > 0)
}

impl From<document::Compatibility> for Compatibility {
    fn from(word: document::Compatibility) -> Self {
        use document::Compatibility as Word;
        let transitive = matches!(
            word,
            Word::BackwardTransitive | Word::ForwardTransitive | Word::FullTransitive
        );
        Self {
            backward: !matches!(word, Word::Forward | Word::ForwardTransitive),
            forward: !matches!(word, Word::Backward | Word::BackwardTransitive),
            transitive,
        }
    }
}

impl Lowering<'_> {
    /// Makes events, their schemas and their producers known.
    pub(super) fn declare_events(&mut self) {
        let document = self.document;
        self.model.events.reserve(document.events.len());
        for (name, event) in document.events.iter() {
            let id = match self.index.events.get(&name.value) {
                Some(id) => *id,
                None => self.declare_event(name, event),
            };
            self.versions(id, name, event);
            self.producers(id, name, event);
        }
        for id in self.model.events.ids().collect::<Vec<_>>() {
            self.finish_event(id);
        }
    }

    fn declare_event(&mut self, name: &Spanned<String>, event: &document::Event) -> EventId {
        let id = self.model.events.push(Event {
            name: name.into(),
            span: name.span,
            description: event.description.clone(),
            versions: Vec::with_capacity(event.versions.len().max(1)),
            producers: Vec::with_capacity(event.producers.len()),
            consumers: Vec::new(),
            names_producer: event.torn,
            names_consumer: event.torn,
            lost_producer: event.torn,
            external: event.external.unwrap_or(false),
            public: event.public.unwrap_or(false),
            at_most_once: event
                .delivery
                .as_ref()
                .filter(|delivery| delivery.value == Delivery::AtMostOnce)
                .map(|delivery| delivery.span),
            key: event.key.as_ref().map(Name::from),
            compatibility: event.compatibility.map(Compatibility::from),
            renamed_from: event.renamed_from.as_ref().map(Name::from),
        });
        self.index.events.insert(name.value.clone(), id);
        id
    }

    fn versions(&mut self, id: EventId, name: &Spanned<String>, event: &document::Event) {
        if event.versions.is_empty() {
            let label = event
                .version
                .clone()
                .unwrap_or_else(|| Spanned::new("v1".to_owned(), name.span));
            self.version_of(id, &label, event.schema.as_ref(), &Values::new(), false);
        }
        for (label, version) in &event.versions {
            let deprecated = version.deprecated.unwrap_or(false);
            self.version_of(
                id,
                label,
                version.schema.as_ref(),
                &version.upcast,
                deprecated,
            );
        }
    }

    fn version_of(
        &mut self,
        id: EventId,
        label: &Spanned<String>,
        schema: Option<&FieldsDecl>,
        upcast: &Values,
        deprecated: bool,
    ) {
        let name = self.model.events[id].name.to_string();
        let versions = &self.model.events[id].versions;
        let next = versions
            .iter()
            .map(|version| version.number.saturating_add(1))
            .max();
        let number = version_number(label).unwrap_or_else(|| {
            self.fault(
                Fault::new(
                    "invalid-event-schema",
                    label.span,
                    format!("{name}: `{label}` is no version"),
                )
                .about(&name)
                .here("not a version")
                .help("write v1, v2, ..."),
            );
            next.unwrap_or(1)
        });
        if let Some(first) = self.model.events[id]
            .versions
            .iter()
            .find(|version| version.number == number)
        {
            let first = first.label.span;
            self.fault(
                Fault::new(
                    "duplicate-name",
                    label.span,
                    format!("event {name} has two schemas of version {number}"),
                )
                .here("again here")
                .related(first, "first here")
                .help("give the changed schema the next number"),
            );
            return;
        }
        let reader = Reader::of_event(&name);
        let fields = schema.map(|schema| self.fields(schema, reader));
        let version = EventVersion {
            number,
            label: label.clone(),
            has_schema: fields.is_some(),
            schema: fields.unwrap_or_else(|| Fields {
                span: label.span,
                ..Fields::default()
            }),
            upcast: Vec::new(),
            deprecated,
        };
        self.model.events[id].versions.push(version);
        self.pending_upcast(id, number, upcast);
    }

    /// An upcast reads the version before, which the file may name later: it is bound once all are known.
    fn pending_upcast(&mut self, id: EventId, number: u32, upcast: &Values) {
        if !upcast.is_empty() {
            let waiting = self.index.upcasts.entry(id).or_default();
            waiting.push((number, upcast.clone()));
        }
    }

    fn producers(&mut self, id: EventId, name: &Spanned<String>, event: &document::Event) {
        for producer in &event.producers {
            self.model.events[id].names_producer = true;
            if let Some(party) = self.party(producer, format_args!("producer of event {name}")) {
                self.model.events[id]
                    .producers
                    .push(Spanned::new(party, producer.span));
            } else {
                self.model.events[id].lost_producer = true;
            }
        }
    }

    fn finish_event(&mut self, id: EventId) {
        self.model.events[id]
            .versions
            .sort_by_key(|version| version.number);
        for (number, values) in self.index.upcasts.remove(&id).unwrap_or_default() {
            self.upcast(id, number, &values);
        }
        let event = &self.model.events[id];
        let Some(latest) = event.versions.last() else {
            return;
        };
        match &event.key {
            Some(key) if !latest.schema.unknown && latest.schema.find(key.as_str()).is_none() => {
                let (key, role) = (
                    Spanned::new(key.to_string(), key.span()),
                    format!("key of event {}", event.name),
                );
                let fields = latest.schema.fields.iter();
                let known = fields.map(|field| field.name.to_string()).collect();
                self.unresolved(&key, "field", role, |_| known);
                self.model.events[id].key = None;
            }
            Some(_) => {}
            None => {
                let first = latest
                    .schema
                    .fields
                    .iter()
                    .find(|field| field.ty == Type::Uuid && field.required);
                self.model.events[id].key = first.map(|field| field.name.clone());
            }
        }
    }

    fn upcast(&mut self, id: EventId, number: u32, values: &Values) {
        let versions = &self.model.events[id].versions;
        let Some(at) = versions.iter().position(|version| version.number == number) else {
            return;
        };
        let Some(before) = at.checked_sub(1) else {
            let span = versions[at].label.span;
            self.fault(
                Fault::new(
                    "malformed-upcast",
                    span,
                    "the first version has nothing to be made from",
                )
                .here("`upcast` here")
                .help("move it to a later version"),
            );
            return;
        };
        let scope = Scope::default()
            .with(Frame::fields("previous", Root::Previous, &versions[before].schema).open());
        let targets = Target::all(&versions[at].schema);
        let what = format!("version {number} of event {}", self.model.events[id].name);
        let place = Place {
            what: &what,
            span: versions[at].label.span,
            by_request: false,
        };
        let assignments = self.assign(&targets, values, &scope, ByName::Required, &place);
        self.model.events[id].versions[at].upcast = assignments;
    }
}
