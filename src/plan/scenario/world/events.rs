//! Events that are emitted.

use serde_json::{Map, Value as Json};

use super::{Published, Sight, Unfit, World};
use crate::model::effect::{Assignment, Emission};
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
}
