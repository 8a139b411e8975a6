//! Commands of aggregates: what they take, what they raise, and how operations and steps run them.

use crate::model::Fault;
use crate::model::arena::{AggregateId, ServiceId};
use crate::model::effect::{PathStep, Root};
use crate::model::event::{Aggregate, AggregateCommand, CommandRun, Raise};
use crate::model::lower::Lowering;
use crate::model::lower::bind::{ByName, Place, Target};
use crate::model::lower::fields::Reader;
use crate::model::lower::scope::{Frame, Scope};
use crate::model::name::{Name, singular};
use crate::model::types::{Fields, Type};
use crate::syntax::document::{self, Values};
use crate::syntax::source::{Span, Spanned};

impl Lowering<'_> {
    pub(super) fn aggregate_command(
        &mut self,
        aggregate: &Aggregate,
        name: &Spanned<String>,
        declared: &document::AggregateCommand,
    ) -> AggregateCommand {
        let owner = format!("command {name}");
        let reader = Reader::of(&owner);
        let input = declared
            .input
            .as_ref()
            .map(|input| self.fields(input, reader))
            .unwrap_or_default();
        let creates = declared.from.is_empty();
        for state in &declared.from {
            if !aggregate.states.contains(&state.value) {
                let role = format!("state from which {name} runs");
                self.unresolved(state, "state", role, |_| aggregate.states.clone());
            }
        }
        let mut scope = Scope::default();
        scope.push(self.state_frame(aggregate, creates));
        scope.push(Frame::fields("input", Root::Input, &input).open());
        let raises = self.raised(aggregate, name, declared);
        let raises = self.raises(
            aggregate,
            (&raises, declared.raises.len()),
            &declared.values,
            &scope,
            name,
        );
        AggregateCommand {
            name: name.into(),
            span: name.span,
            input,
            from: declared.from.0.clone(),
            creates,
            lost_raise: raises.len() < declared.raises.len(),
            raises,
        }
    }

    /// The events that a command raises, by their places in the aggregate.
    fn raised(
        &mut self,
        aggregate: &Aggregate,
        name: &Spanned<String>,
        declared: &document::AggregateCommand,
    ) -> Vec<usize> {
        let mut raises = Vec::new();
        for raised in &declared.raises {
            let found = aggregate
                .events
                .iter()
                .position(|event| event.name.as_str() == raised.value);
            match found {
                Some(event) => raises.push(event),
                None => {
                    self.unresolved(
                        raised,
                        "event of the aggregate",
                        format!("event raised by {name}"),
                        |_| {
                            aggregate
                                .events
                                .iter()
                                .map(|event| event.name.to_string())
                                .collect()
                        },
                    );
                }
            }
        }
        raises
    }

    /// A new aggregate has an id and nothing else yet.
    fn state_frame(&self, aggregate: &Aggregate, creates: bool) -> Frame {
        if !creates {
            return self
                .model
                .record_frame("state", Root::State, aggregate.entity);
        }
        let id = PathStep {
            field: Name::new("id", Span::default()),
            ty: Type::Uuid,
            required: true,
        };
        let alias = format!(
            "{}_id",
            singular(self.model.entities[aggregate.entity].name.snake())
        );
        Frame::record("state", Root::State, vec![id]).with_id_alias(alias)
    }

    fn raises(
        &mut self,
        aggregate: &Aggregate,
        (events, raised): (&[usize], usize),
        values: &Values,
        scope: &Scope,
        command: &Spanned<String>,
    ) -> Vec<Raise> {
        let mut used = Vec::new();
        let mut raises = Vec::new();
        for &event in events {
            let schema = &aggregate.events[event].schema;
            let targets = Target::all(schema);
            let mine: Values = values
                .iter()
                .filter(|(name, _)| schema.unknown || schema.find(name).is_some())
                .map(|(name, node)| (name.clone(), node.clone()))
                .collect();
            used.extend(mine.keys().map(|name| name.span));
            let what = format!("event {}", aggregate.events[event].name);
            let place = Place {
                what: &what,
                span: command.span,
                by_request: false,
            };
            let values = self.assign(&targets, &mine, scope, ByName::Required, &place);
            raises.push(Raise { event, values });
        }
        // An event whose name leads nowhere may have any field.
        let all_known = events.len() == raised;
        let unused = values.keys().filter(|name| !used.contains(&name.span));
        for name in unused.filter(|_| all_known) {
            let message = format!("no event raised by {command} has a field {name}");
            self.fault(
                Fault::new("undeclared-field", name.span, message)
                    .here("not declared")
                    .help("name a field of one of the events that the command raises"),
            );
        }
        raises
    }
}

impl Lowering<'_> {
    /// A command on an aggregate of the service: found by its name, with its id and input.
    pub(in crate::model::lower) fn command_run(
        &mut self,
        service: ServiceId,
        command: &Spanned<String>,
        id: Option<&Spanned<String>>,
        values: &Values,
        scope: &Scope,
        role: &str,
    ) -> Option<CommandRun> {
        let (aggregate, at) = self.find_command(service, command, role)?;
        let found = &self.model.aggregates[aggregate].commands[at];
        let (creates, targets) = (found.creates, Target::all(&found.input));
        let what = format!("command {command}");
        let place = Place {
            what: &what,
            span: command.span,
            by_request: scope.of_call(),
        };
        let input = self.assign(&targets, values, scope, ByName::Required, &place);
        let id = match id {
            Some(id) => Some(self.reference(id, scope)?),
            None if creates => None,
            None => Some(self.id_by_name(aggregate, command, scope)?),
        };
        if let Some(id) = &id
            && self.model.conversion(&id.ty, &Type::Uuid).is_none()
        {
            self.fault(
                Fault::new("type-mismatch", id.span, "an aggregate's id is a uuid")
                    .here(format!("this is of type {}", self.model.spell(&id.ty)))
                    .help("refer to the aggregate's id"),
            );
            return None;
        }
        Some(CommandRun {
            span: command.span,
            aggregate,
            command: at,
            id,
            input,
        })
    }

    fn id_by_name(
        &mut self,
        aggregate: AggregateId,
        command: &Spanned<String>,
        scope: &Scope,
    ) -> Option<crate::model::effect::Path> {
        let aggregate = &self.model.aggregates[aggregate];
        let entity = singular(self.model.entities[aggregate.entity].name.snake());
        let names = [
            format!("{}_id", aggregate.name.snake()),
            format!("{entity}_id"),
            "id".to_owned(),
        ];
        let found = names
            .iter()
            .find_map(|name| scope.by_name(&Name::new(name.clone(), command.span)));
        if found.is_none() {
            self.fault(
                Fault::new(
                    "value-without-source",
                    command.span,
                    format!("nothing says on which one {command} runs"),
                )
                .here("the id is missing")
                .help(format!(
                    "add `id: $...`, or have a field {} at hand",
                    names[0]
                )),
            );
        }
        found
    }

    /// What a command of one of the service's aggregates takes.
    pub(in crate::model::lower) fn command_input(
        &self,
        service: ServiceId,
        command: &str,
    ) -> Option<&Fields> {
        let wanted = Name::snake_of(command);
        let aggregates = self.model.services[service].aggregates.iter();
        let mut commands = aggregates.flat_map(|id| &self.model.aggregates[*id].commands);
        let found = commands.find(|found| found.name.snake() == wanted)?;
        Some(&found.input)
    }

    fn find_command(
        &mut self,
        service: ServiceId,
        command: &Spanned<String>,
        role: &str,
    ) -> Option<(AggregateId, usize)> {
        let wanted = Name::snake_of(command);
        let mut known = Vec::new();
        for id in self.model.services[service].aggregates.clone() {
            let commands = &self.model.aggregates[id].commands;
            if let Some(at) = commands
                .iter()
                .position(|found| found.name.snake() == wanted)
            {
                return Some((id, at));
            }
            known.extend(commands.iter().map(|found| found.name.to_string()));
        }
        // An aggregate that could not be read, which is told, may have it.
        if self.model.services[service].lost_aggregates == 0 {
            self.unresolved(command, "command", format!("command run by {role}"), |_| {
                known
            });
        }
        None
    }
}
