//! Aggregates: commands that lead them from state to state.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value as Json, json};

use super::{Published, Sight, Unfit, World, column};
use crate::model::Model;
use crate::model::arena::AggregateId;
use crate::model::effect::Root;
use crate::model::event::{Aggregate, AggregateEvent, CommandRun};
use crate::plan::scenario::sample::{MOMENT, sample_fields};

/// A command with sample input that happened before a test begins.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::plan::scenario) struct Given {
    pub(in crate::plan::scenario) aggregate: AggregateId,
    pub(in crate::plan::scenario) command: usize,
    pub(in crate::plan::scenario) id: String,
}

/// The states that commands lead an aggregate to, each with the fewest commands that do. One without states is in no other than none.
pub(in crate::plan::scenario) fn lives(
    aggregate: &Aggregate,
) -> BTreeMap<Option<String>, Vec<usize>> {
    let mut found = BTreeMap::new();
    let mut next = VecDeque::new();
    let mut visit = |state: Option<String>, path: Vec<usize>, next: &mut VecDeque<_>| {
        if !found.contains_key(&state) {
            found.insert(state.clone(), path.clone());
            next.push_back((state, path));
        }
    };
    for index in commands(aggregate, None) {
        visit(after(aggregate, index, None), vec![index], &mut next);
    }
    while let Some((state, path)) = next.pop_front() {
        for index in commands(aggregate, Some(&state)) {
            let path = path.iter().copied().chain([index]).collect();
            visit(after(aggregate, index, state.clone()), path, &mut next);
        }
    }
    found
}

/// The commands that are possible in a state; before the beginning, where there is none.
fn commands(aggregate: &Aggregate, state: Option<&Option<String>>) -> Vec<usize> {
    (0..aggregate.commands.len())
        .filter(|index| possible(aggregate, *index, state))
        .collect()
}

/// Whether a command is possible in a state; before the beginning, where there is none.
pub(in crate::plan::scenario) fn possible(
    aggregate: &Aggregate,
    command: usize,
    state: Option<&Option<String>>,
) -> bool {
    let command = &aggregate.commands[command];
    let from = |state: &Option<String>| {
        let named = |from: &str| state.as_deref() == Some(from);
        command.from.is_empty() || command.from.iter().any(|from| named(&from.value))
    };
    state.map_or(command.creates, |state| !command.creates && from(state))
}

/// The state that a command leads to.
fn after(aggregate: &Aggregate, command: usize, before: Option<String>) -> Option<String> {
    let raised = aggregate.commands[command].raises.iter();
    raised.fold(before, |state, raise| {
        let status = aggregate.events[raise.event].status.as_ref();
        status.map(|status| status.value.clone()).or(state)
    })
}

/// A command's input that fits.
pub(in crate::plan::scenario) fn input(
    model: &Model,
    aggregate: &Aggregate,
    command: usize,
) -> Result<Json, Unfit> {
    let command = &aggregate.commands[command];
    if command.input.fields.is_empty() {
        return Ok(json!({}));
    }
    sample_fields(model, &command.input, 1)
        .ok_or_else(|| format!("no sample of the input of `{}` is found", command.name))
}

impl World<'_> {
    /// Runs a command as it is declared somewhere, and gives the record that shows the aggregate.
    pub(in crate::plan::scenario) fn run(
        &mut self,
        run: &CommandRun,
        sight: &Sight,
    ) -> Result<Map<String, Json>, Unfit> {
        let mut input = Map::new();
        for given in &run.input {
            if let Some(value) = self.value(&given.value, sight) {
                input.insert(given.field.as_str().to_owned(), value);
            }
        }
        let id = match &run.id {
            Some(id) => self
                .path(id, sight)
                .ok_or("the id of the aggregate is left open")?,
            None => self.fresh("id"),
        };
        self.lead(run, &id)?;
        self.command(run.aggregate, run.command, &id, &Json::Object(input))
    }

    /// Lets sample commands happen until this one is possible.
    fn lead(&mut self, run: &CommandRun, id: &Json) -> Result<(), Unfit> {
        let model = self.model;
        let aggregate = &model.aggregates[run.aggregate];
        if aggregate.commands[run.command].creates || self.index(run.aggregate, id).is_some() {
            return Ok(());
        }
        let Some(id) = id.as_str().filter(|id| !id.starts_with('$')) else {
            return Err("which aggregate it is is known only while the service runs".to_owned());
        };
        let lives = lives(aggregate);
        let path = lives
            .iter()
            .filter(|(state, _)| possible(aggregate, run.command, Some(state)))
            .map(|(_, path)| path)
            .min_by_key(|path| path.len());
        let path = path.ok_or("no command leads the aggregate to where it is possible")?;
        self.live(run.aggregate, path, id)
    }

    /// Lets sample commands happen before the test begins.
    pub(in crate::plan::scenario) fn live(
        &mut self,
        aggregate: AggregateId,
        path: &[usize],
        id: &str,
    ) -> Result<(), Unfit> {
        let declared = &self.model.aggregates[aggregate];
        let inputs = (0..declared.commands.len()).map(|index| input(self.model, declared, index));
        let inputs = inputs.collect::<Result<Vec<Json>, Unfit>>()?;
        let now = std::mem::replace(&mut self.now, json!(MOMENT));
        for command in path {
            self.command(aggregate, *command, &json!(id), &inputs[*command])?;
            self.led.push(Given {
                aggregate,
                command: *command,
                id: id.to_owned(),
            });
        }
        self.now = now;
        Ok(())
    }

    /// Does what a command does, and gives the record that shows the aggregate.
    pub(in crate::plan::scenario) fn command(
        &mut self,
        id: AggregateId,
        command: usize,
        key: &Json,
        input: &Json,
    ) -> Result<Map<String, Json>, Unfit> {
        let model = self.model;
        let aggregate = &model.aggregates[id];
        let found = self.index(id, key);
        let mut record = match found {
            Some(index) => self.records[&aggregate.entity][index].clone(),
            None => self.unbegun(aggregate, key),
        };
        // What is raised is decided before any of it is taken in.
        let sight = Sight::default()
            .with(Root::Input, input.clone())
            .with(Root::State, Json::Object(record.clone()));
        for raise in &aggregate.commands[command].raises {
            let event = &aggregate.events[raise.event];
            let payload = self.payload(&event.schema, &raise.values, &sight);
            self.apply(aggregate, event, &payload, &mut record)?;
            if let Some((id, version)) = event.published {
                let event = &model.events[id];
                self.published.push(Published {
                    event: event.name.as_str().to_owned(),
                    version: event.versions[version].number,
                    payload,
                });
            }
        }
        let records = self.records.entry(aggregate.entity).or_default();
        match found {
            Some(index) => {
                records[index] = record;
                Ok(self.touch(aggregate.entity, index))
            }
            None => {
                record.insert("version".to_owned(), json!(1));
                record.insert("created_at".to_owned(), json!("$now"));
                record.insert("updated_at".to_owned(), json!("$now"));
                records.push(record.clone());
                Ok(record)
            }
        }
    }

    /// The record of an aggregate to which nothing has happened yet.
    fn unbegun(&self, aggregate: &Aggregate, key: &Json) -> Map<String, Json> {
        let fields = self.model.entities[aggregate.entity].fields.iter();
        let given = fields.flat_map(|own| &own.fields).filter_map(|field| {
            let default = field.default.clone()?;
            Some((column(&field.name), *default))
        });
        let id = ("id".to_owned(), key.clone());
        std::iter::once(id).chain(given).collect()
    }

    /// Takes an event into the record that shows its aggregate.
    pub(in crate::plan::scenario) fn apply(
        &mut self,
        aggregate: &Aggregate,
        event: &AggregateEvent,
        payload: &Json,
        record: &mut Map<String, Json>,
    ) -> Result<(), Unfit> {
        let sight = Sight::default().with(Root::Event, payload.clone());
        for given in &event.set {
            let value = self.value(&given.value, &sight);
            self.fits(aggregate.entity, &given.field, value.as_ref())?;
            match value {
                Some(value) => record.insert(column(&given.field), value),
                None => record.remove(&column(&given.field)),
            };
        }
        if let (Some(field), Some(state)) = (&aggregate.status, &event.status) {
            record.insert(column(field), json!(state.value));
        }
        Ok(())
    }

    fn index(&self, aggregate: AggregateId, id: &Json) -> Option<usize> {
        let records = self.records.get(&self.model.aggregates[aggregate].entity)?;
        records
            .iter()
            .position(|record| record.get("id") == Some(id))
    }
}
