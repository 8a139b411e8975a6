//! Event-sourced aggregates, and the running of their commands.

mod commands;

use super::Lowering;
use super::bind::{ByName, Place, Target};
use super::fields::Reader;
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{Assignment, Root};
use crate::model::event::{Aggregate, AggregateEvent};
use crate::model::name::Name;
use crate::model::types::Fields;
use crate::syntax::document::{self, Values};
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// Reads the aggregates of all services.
    pub(super) fn define_aggregates(&mut self) {
        let document = self.document;
        let ids: Vec<ServiceId> = self.model.services.ids().collect();
        for (service, (_, declared)) in ids.into_iter().zip(document.services.iter()) {
            for (name, aggregate) in &declared.aggregates {
                self.aggregate(service, name, aggregate);
            }
        }
    }

    fn aggregate(
        &mut self,
        service: ServiceId,
        name: &Spanned<String>,
        declared: &document::Aggregate,
    ) {
        let role = format!("aggregate {name}");
        let Some(entity) = self.entity(service, &declared.entity, format_args!("data of {role}"))
        else {
            self.model.services[service].lost_aggregates += 1;
            return;
        };
        if self.model.entities[entity].fields.is_none() {
            let message = format!("{role} shows its state in data without fields");
            self.fault(
                Fault::new("malformed-aggregate", declared.entity.span, message)
                    .here("given by name only")
                    .help("declare the fields of that data under `data_ownership`"),
            );
        }
        let status = match &declared.status {
            Some(status) => self.status_field(entity, status, &role),
            None => self.default_status(entity),
        };
        let mut aggregate = Aggregate {
            name: name.into(),
            service,
            span: name.span,
            entity,
            status,
            snapshot_every: declared
                .snapshot_every
                .map(|count| u32::try_from(*count).unwrap_or(u32::MAX)),
            events: Vec::new(),
            commands: Vec::new(),
            states: Vec::new(),
        };
        for (event, applied) in declared.events.iter() {
            if let Some(event) = self.aggregate_event(&aggregate, event, applied) {
                aggregate.events.push(event);
            }
        }
        for event in &aggregate.events {
            if let Some(status) = &event.status
                && !aggregate.states.contains(&status.value)
            {
                aggregate.states.push(status.value.clone());
            }
        }
        for (command, declared) in declared.commands.iter() {
            let command = self.aggregate_command(&aggregate, command, declared);
            aggregate.commands.push(command);
        }
        self.first_events(&aggregate);
        let id = self.model.aggregates.push(aggregate);
        self.model.services[service].aggregates.push(id);
        self.index
            .aggregates
            .insert((service, Name::snake_of(name)), id);
    }

    /// A field called `status` holds the state where the file does not say.
    fn default_status(&self, entity: EntityId) -> Option<Name> {
        let fields = self.model.entities[entity].fields.as_ref()?;
        fields.find("status").map(|field| field.name.clone())
    }

    fn status_field(
        &mut self,
        entity: EntityId,
        status: &Spanned<String>,
        role: &str,
    ) -> Option<Name> {
        let fields = self.model.entities[entity].fields.as_ref();
        let found = fields
            .and_then(|fields| fields.find(status))
            .map(|field| field.name.clone());
        let known = fields.is_none_or(|fields| !fields.unknown);
        if found.is_none() && known {
            self.unresolved(status, "field", format!("status of {role}"), |known| {
                let fields = known.model.entities[entity].fields.iter();
                let fields = fields.flat_map(|fields| &fields.fields);
                fields.map(|field| field.name.to_string()).collect()
            });
        }
        found
    }

    fn aggregate_event(
        &mut self,
        aggregate: &Aggregate,
        name: &Spanned<String>,
        applied: &document::AggregateEvent,
    ) -> Option<AggregateEvent> {
        let declared = self.index.events.get(&name.value).copied();
        if let Some(event) = declared {
            self.used(&self.model.events[event].name);
        }
        let published = declared
            .filter(|_| applied.publish.unwrap_or(true))
            .and_then(|event| {
                Some((
                    event,
                    self.model.events[event].versions.len().checked_sub(1)?,
                ))
            });
        let schema = match (&applied.schema, declared) {
            (Some(schema), _) => self.fields(schema, Reader::of(name)),
            (None, Some(event)) => self.model.events[event].versions.last()?.schema.clone(),
            (None, None) => Fields {
                span: name.span,
                ..Fields::default()
            },
        };
        let scope = Scope::default()
            .with(
                self.model
                    .record_frame("state", Root::State, aggregate.entity),
            )
            .with(Frame::fields("event", Root::Event, &schema).open());
        let entity_name = self.model.entities[aggregate.entity].name.to_string();
        let what = format!("data {entity_name}");
        let place = Place {
            what: &what,
            span: name.span,
            by_request: false,
        };
        let targets: Vec<Target> = self.model.entities[aggregate.entity]
            .fields
            .iter()
            .flat_map(Target::all)
            .filter(|target| Some(&target.name) != aggregate.status.as_ref())
            .collect();
        // Of equal names only the event's own fields count, never the state's: setting a field to itself says nothing.
        let own = Scope::default().with(Frame::fields("event", Root::Event, &schema).open());
        let set = match self.model.entities[aggregate.entity].fields {
            Some(_) => self.set_by(&targets, &applied.set, &scope, &own, &place),
            None => Vec::new(),
        };
        let status = applied
            .status
            .clone()
            .filter(|status| self.known_state(aggregate, status));
        Some(AggregateEvent {
            name: name.into(),
            span: name.span,
            published,
            undeclared: applied.publish == Some(true) && declared.is_none(),
            schema,
            set,
            status,
        })
    }

    fn set_by(
        &mut self,
        targets: &[Target],
        given: &Values,
        scope: &Scope,
        own: &Scope,
        place: &Place<'_>,
    ) -> Vec<Assignment> {
        let mut set = self.assign(targets, given, scope, ByName::Never, place);
        let rest: Vec<Target> = targets
            .iter()
            .filter(|target| !set.iter().any(|value| value.field == target.name))
            .cloned()
            .collect();
        let found = self.assign(&rest, &Values::new(), own, ByName::Found, place);
        set.extend(found);
        set
    }

    fn known_state(&mut self, aggregate: &Aggregate, status: &Spanned<String>) -> bool {
        let Some(fields) = &self.model.entities[aggregate.entity].fields else {
            return false;
        };
        let field = aggregate
            .status
            .as_ref()
            .and_then(|name| fields.find(name.as_str()));
        if fields.unknown {
            return true;
        }
        let Some(field) = field else {
            self.fault(
                Fault::new(
                    "malformed-aggregate",
                    status.span,
                    format!("aggregate {} has no status field", aggregate.name),
                )
                .here("leads to a state")
                .help("add `status: <field>` to the aggregate"),
            );
            return false;
        };
        match self
            .model
            .literal(&serde_json::Value::String(status.value.clone()), &field.ty)
        {
            Ok(_) => true,
            Err(fits) => {
                let message = format!("`{status}` is no value of {}", field.name);
                self.fault(
                    Fault::new("type-mismatch", status.span, message)
                        .here(format!("{fits} is needed here"))
                        .help("use a state that the field's type knows"),
                );
                false
            }
        }
    }

    /// The events that begin a life fill every field that must have a value.
    fn first_events(&mut self, aggregate: &Aggregate) {
        let Some(fields) = self.model.entities[aggregate.entity].fields.clone() else {
            return;
        };
        let creating = aggregate.commands.iter().filter(|command| command.creates);
        for command in creating.filter(|command| !command.lost_raise) {
            let events: Vec<&AggregateEvent> = command
                .raises
                .iter()
                .map(|raise| &aggregate.events[raise.event])
                .collect();
            for field in fields
                .fields
                .iter()
                .filter(|field| field.required && field.default.is_none())
            {
                let is_status = Some(&field.name) == aggregate.status.as_ref();
                let filled = |event: &&AggregateEvent| {
                    (is_status && event.status.is_some())
                        || event.set.iter().any(|value| value.field == field.name)
                };
                if !events.iter().any(filled) {
                    let message = format!(
                        "command {} leaves {} of a new {} empty",
                        command.name, field.name, aggregate.name
                    );
                    self.fault(
                        Fault::new("value-without-source", command.span, message)
                            .here("begins a life")
                            .related(field.name.span(), "must have a value")
                            .help(format!(
                                "set {} in the event that the command raises",
                                field.name
                            )),
                    );
                }
            }
        }
    }
}
