//! Records: those that are there at the beginning, and what is written.

use serde_json::{Map, Value as Json, json};

use super::{Sight, Unfit, World, column};
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Root};
use crate::model::name::Name;
use crate::model::types::{Field, Type};
use crate::plan::scenario::sample::{sample_field, uuid};
use crate::syntax::source::Span;

impl World<'_> {
    /// A record that is there at the beginning: the given columns, and samples for the others.
    pub(in crate::plan::scenario) fn give(
        &mut self,
        entity: EntityId,
        columns: &[(Name, Json)],
    ) -> Result<Map<String, Json>, Unfit> {
        self.samples += 1;
        let number = self.samples;
        let declared = &self.model.entities[entity];
        let mut record = Map::new();
        let given = |name: &str| {
            columns
                .iter()
                .find(|(column, _)| column.snake() == name)
                .map(|(_, value)| value.clone())
        };
        record.insert(
            "id".to_owned(),
            given("id").unwrap_or_else(|| json!(uuid(declared.name.snake(), number))),
        );
        record.insert("version".to_owned(), json!(1));
        match &declared.fields {
            None => {
                record.insert(
                    "body".to_owned(),
                    given("body").unwrap_or_else(|| json!({ "note": format!("record {number}") })),
                );
            }
            Some(fields) => {
                for field in &fields.fields {
                    let value = match given(field.name.snake()) {
                        Some(value) => value,
                        None => sample_field(self.model, field, number)
                            .or_else(|| stored(field, number))
                            .ok_or_else(|| unfit(field))?,
                    };
                    record.insert(column(&field.name), value);
                }
            }
        }
        if record
            .values()
            .any(|value| value.as_str().is_some_and(|text| text.starts_with('$')))
        {
            return Err("what must be there is known only while the service runs".to_owned());
        }
        self.given.push((entity, record.clone()));
        self.records.entry(entity).or_default().push(record.clone());
        Ok(record)
    }

    pub(in crate::plan::scenario) fn matching(
        &self,
        entity: EntityId,
        filter: &[(Name, Json)],
    ) -> Vec<usize> {
        let meets = |record: &Map<String, Json>| {
            filter.iter().all(|(name, value)| {
                let found = record
                    .iter()
                    .find(|(column, _)| Name::snake_of(column) == name.snake());
                found.map_or(&Json::Null, |(_, found)| found) == value
            })
        };
        let records = self.records.get(&entity).map_or(&[][..], Vec::as_slice);
        records
            .iter()
            .enumerate()
            .filter(|(_, record)| meets(record))
            .map(|(index, _)| index)
            .collect()
    }

    /// Adds a record, as a create does.
    pub(in crate::plan::scenario) fn create(
        &mut self,
        entity: EntityId,
        values: &[Assignment],
        sight: &Sight,
    ) -> Result<Map<String, Json>, Unfit> {
        let mut record = Map::new();
        let id = values.iter().find(|given| given.field.snake() == "id");
        let id = match id {
            Some(given) => self
                .value(&given.value, sight)
                .ok_or("the id of a record is left open")?,
            None => self.fresh("id"),
        };
        record.insert("id".to_owned(), id);
        record.insert("version".to_owned(), json!(1));
        record.insert("created_at".to_owned(), json!("$now"));
        record.insert("updated_at".to_owned(), json!("$now"));
        let model = self.model;
        match &model.entities[entity].fields {
            None => {
                record.insert("body".to_owned(), json!("$any"));
            }
            Some(fields) => {
                for field in &fields.fields {
                    if let Some(value) = self.filled(field, values, sight) {
                        self.keep(field, &value)?;
                        record.insert(column(&field.name), value);
                    }
                }
            }
        }
        self.records.entry(entity).or_default().push(record.clone());
        Ok(record)
    }

    /// What a field gets: the value that is given, its default, or nothing.
    pub(in crate::plan::scenario) fn filled(
        &mut self,
        field: &Field,
        values: &[Assignment],
        sight: &Sight,
    ) -> Option<Json> {
        let given = values
            .iter()
            .find(|value| value.field.snake() == field.name.snake());
        let value = match given {
            Some(given) => self.value(&given.value, sight)?,
            None => Json::Null,
        };
        match (&value, field.default.as_deref()) {
            (Json::Null, Some(default)) => Some(default.clone()),
            (Json::Null, None) if field.required => None,
            _ => Some(value),
        }
    }

    /// A value that breaks a limit is not written: the sample data does not suffice then.
    pub(in crate::plan::scenario) fn fits(
        &mut self,
        entity: EntityId,
        field: &Name,
        value: Option<&Json>,
    ) -> Result<(), Unfit> {
        let model = self.model;
        let fields = model.entities[entity].fields.as_ref();
        match (fields.and_then(|fields| fields.find(field.snake())), value) {
            (Some(field), Some(value)) => self.keep(field, value),
            _ => Ok(()),
        }
    }

    fn keep(&mut self, field: &Field, value: &Json) -> Result<(), Unfit> {
        let known = value.as_str().is_none_or(|text| !text.starts_with('$'));
        match field.limits.broken_by(value).filter(|_| known) {
            Some(why) => {
                self.beyond = true;
                Err(format!("sample data for `{}` is {why}", field.name))
            }
            None => Ok(()),
        }
    }

    pub(in crate::plan::scenario) fn put(
        &mut self,
        entity: EntityId,
        index: usize,
        field: &Name,
        value: Option<Json>,
    ) {
        let Some(record) = self
            .records
            .get_mut(&entity)
            .and_then(|records| records.get_mut(index))
        else {
            return;
        };
        match value {
            Some(value) => record.insert(column(field), value),
            None => record.remove(&column(field)),
        };
    }

    /// A record was written: its version rises.
    pub(in crate::plan::scenario) fn touch(
        &mut self,
        entity: EntityId,
        index: usize,
    ) -> Map<String, Json> {
        let Some(record) = self
            .records
            .get_mut(&entity)
            .and_then(|records| records.get_mut(index))
        else {
            return Map::new();
        };
        let version = record.get("version").and_then(Json::as_i64).unwrap_or(0);
        record.insert("version".to_owned(), json!(version + 1));
        record.insert("updated_at".to_owned(), json!("$now"));
        record.clone()
    }

    /// Changes the record of an update.
    pub(in crate::plan::scenario) fn update(
        &mut self,
        entity: EntityId,
        index: usize,
        values: &[Assignment],
        partial: bool,
        sight: &Sight,
    ) {
        // Data without fields is what the request brings as a whole.
        if self.model.entities[entity].fields.is_none() {
            let body = sight.find(&Root::Request).and_then(|it| it.get("body"));
            if let Some(body) = body.filter(|body| !body.is_null()).cloned() {
                self.put(
                    entity,
                    index,
                    &Name::new("body", Span::default()),
                    Some(body),
                );
            }
        }
        for given in values {
            let fields = self.model.entities[entity].fields.as_ref();
            let default =
                fields.and_then(|fields| fields.find(given.field.snake())?.default.clone());
            let value = match (self.value(&given.value, sight), default) {
                // What is put in place of another is whole: what it does not say has its default.
                (Some(Json::Null), Some(default)) if !partial && given.required => Some(*default),
                (value, _) => value,
            };
            // In a patch, null clears what may be missing; what is not sent stays.
            let cleared = partial && sight.sends_null(&given.value);
            let kept = value == Some(Json::Null) && (given.required || (partial && !cleared));
            if !kept {
                self.put(entity, index, &given.field, value);
            }
        }
        self.touch(entity, index);
    }

    /// A record as callers see it.
    pub(in crate::plan::scenario) fn shown(
        &self,
        entity: EntityId,
        record: &Map<String, Json>,
    ) -> Json {
        let fields = self.model.entities[entity].fields.as_ref();
        let wire = |name: &str| {
            let field = fields.and_then(|fields| {
                fields
                    .fields
                    .iter()
                    .find(|field| column(&field.name) == name)
            });
            field.map_or_else(|| name.to_owned(), |field| field.name.as_str().to_owned())
        };
        Json::Object(
            record
                .iter()
                .map(|(name, value)| (wire(name), value.clone()))
                .collect(),
        )
    }
}

/// What a field may hold in the table though nothing would write it now: what was stored before a limit was drawn stays.
fn stored(field: &Field, number: u64) -> Option<Json> {
    (field.ty == Type::String).then(|| json!(format!("{} {number}", field.name.snake())))
}

fn unfit(field: &Field) -> Unfit {
    format!("no sample of `{}` is found", field.name)
}
