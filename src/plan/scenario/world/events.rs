//! Events: those that are emitted, and those that commands raise.

use serde_json::{Map, Value as Json, json};

use super::{Published, Sight, Unfit, World, column};
use crate::model::effect::{Assignment, Emission, Root};
use crate::model::event::CommandRun;
use crate::model::types::Fields;

impl World<'_> {
    /// Publishes events.
    pub(in crate::plan::scenario) fn emissions(
        &mut self,
        emits: &[Emission],
        sight: &Sight,
    ) -> Result<(), Unfit> {
        for emission in emits {
            if !self.holds(&emission.when, sight)? {
                continue;
            }
            let model = self.model;
            let event = &model.events[emission.event];
            let version = &event.versions[emission.version];
            let payload = self.payload(&version.schema, &emission.values, sight);
            self.published.push(Published {
                event: event.name.as_str().to_owned(),
                version: version.number,
                payload,
            });
        }
        Ok(())
    }

    /// A payload, as far as it is known.
    pub(in crate::plan::scenario) fn payload(
        &mut self,
        schema: &Fields,
        values: &[Assignment],
        sight: &Sight,
    ) -> Json {
        let mut payload = Map::new();
        if schema.fields.is_empty() && schema.raw.is_some() {
            for given in values {
                if let Some(value) = self.value(&given.value, sight) {
                    payload.insert(given.field.as_str().to_owned(), value);
                }
            }
        }
        for field in &schema.fields {
            if let Some(value) = self.filled(field, values, sight) {
                payload.insert(field.name.as_str().to_owned(), value);
            }
        }
        Json::Object(payload)
    }

    /// Runs a command that begins an aggregate's life, and gives the record that shows it.
    pub(in crate::plan::scenario) fn begin(
        &mut self,
        run: &CommandRun,
        sight: &Sight,
    ) -> Result<Map<String, Json>, Unfit> {
        let model = self.model;
        let aggregate = &model.aggregates[run.aggregate];
        let command = &aggregate.commands[run.command];
        if !command.creates {
            return Err("the aggregate must be in a state that commands have led to".to_owned());
        }
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
        let mut record = Map::new();
        record.insert("id".to_owned(), id);
        let within = sight
            .clone()
            .with(Root::Input, Json::Object(input))
            .with(Root::State, Json::Object(record.clone()));
        for raise in &command.raises {
            let event = &aggregate.events[raise.event];
            let payload = self.payload(&event.schema, &raise.values, &within);
            let seen = Sight::default().with(Root::Event, payload.clone());
            for given in &event.set {
                if let Some(value) = self.value(&given.value, &seen) {
                    self.fits(aggregate.entity, &given.field, Some(&value))?;
                    record.insert(column(&given.field), value);
                }
            }
            if let (Some(field), Some(state)) = (&aggregate.status, &event.status) {
                record.insert(column(field), json!(state.value));
            }
            if let Some((id, version)) = event.published {
                let (event, version) =
                    (&model.events[id], model.events[id].versions[version].number);
                self.published.push(Published {
                    event: event.name.as_str().to_owned(),
                    version,
                    payload,
                });
            }
        }
        self.records
            .entry(aggregate.entity)
            .or_default()
            .push(record.clone());
        Ok(record)
    }
}
