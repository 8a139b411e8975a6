//! Owned data and messages while declarations are acted out: references are read, effects done, events published, all as JSON.
//!
//! What only the running service knows (a new id, the moment) has a name that begins with `$`; what the declarations leave open
//! is not mentioned.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::exact::Exact;
use super::sample::{sample_field, uuid};
use crate::model::Model;
use crate::model::arena::EntityId;
use crate::model::effect::{
    Assignment, Condition, Effect, EffectKind, Emission, Path, Root, Value,
};
use crate::model::event::CommandRun;
use crate::model::name::Name;
use crate::model::types::{Field, Fields, Type};

/// Why something is not acted out: a test says so instead.
pub(super) type Unfit = String;

/// What a reference may start at.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight(Vec<(Root, Json)>);

impl Sight {
    pub(super) fn with(mut self, root: Root, value: Json) -> Self {
        self.bind(root, value);
        self
    }

    pub(super) fn bind(&mut self, root: Root, value: Json) {
        self.0.push((root, value));
    }

    fn find(&self, root: &Root) -> Option<&Json> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == root)
            .map(|(_, value)| value)
    }
}

/// An event that was published.
#[derive(Debug, Clone)]
pub(super) struct Published {
    pub(super) event: String,
    pub(super) version: u32,
    pub(super) payload: Json,
}

/// A refusal: a floor was reached.
#[derive(Debug)]
pub(super) enum Stop {
    Refused,
    Unfit(Unfit),
}

impl From<Unfit> for Stop {
    fn from(reason: Unfit) -> Self {
        Self::Unfit(reason)
    }
}

/// The data of a service.
#[derive(Debug, Clone)]
pub(super) struct World<'m> {
    pub(super) model: &'m Model,
    /// The records that are there now.
    pub(super) records: BTreeMap<EntityId, Vec<Map<String, Json>>>,
    /// The records that must be there at the beginning, with those that nothing may happen to.
    pub(super) given: Vec<(EntityId, Map<String, Json>)>,
    pub(super) published: Vec<Published>,
    /// Whether adjusted numbers are given just so that a floor is reached.
    pub(super) scarce: bool,
    pub(super) samples: u64,
    pub(super) fresh: u32,
}

/// The name of an entity's column for a field.
pub(super) fn column(name: &Name) -> String {
    name.identifier().trim_start_matches("r#").to_owned()
}

/// A member of an object, however it is spelt.
pub(super) fn member<'j>(object: &'j Json, name: &Name) -> Option<&'j Json> {
    object
        .as_object()?
        .iter()
        .find(|(key, _)| Name::snake_of(key) == name.snake())
        .map(|(_, value)| value)
}

impl<'m> World<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            records: BTreeMap::new(),
            given: Vec::new(),
            published: Vec::new(),
            scarce: false,
            samples: 100,
            fresh: 0,
        }
    }

    /// A name for what only the running service knows.
    fn fresh(&mut self, what: &str) -> Json {
        self.fresh += 1;
        if self.fresh == 1 {
            json!(format!("${what}"))
        } else {
            json!(format!("${what}{}", self.fresh))
        }
    }

    /// A reference's value; none where the declarations leave it open.
    pub(super) fn path(&self, at: &Path, sight: &Sight) -> Option<Json> {
        let mut value = sight.find(&at.root)?;
        for step in &at.steps {
            if value.is_null() {
                return Some(Json::Null);
            }
            // What a message does not bring is null; what a record does not show is left open.
            match member(value, &step.field) {
                Some(next) => value = next,
                None if matches!(at.root, Root::Bound(_) | Root::State) => return None,
                None if value.is_object() => return Some(Json::Null),
                None => return None,
            }
        }
        Some(value.clone())
    }

    /// A value; none where the declarations leave it open.
    pub(super) fn value(&mut self, value: &Value, sight: &Sight) -> Option<Json> {
        match value {
            Value::Literal(json) => Some(json.clone()),
            Value::Path(at) => self.path(at, sight),
            Value::Negative(at) => {
                let found = self.path(at, sight)?;
                Some(Exact::of(&found)?.negative().json(&found))
            }
            Value::Sum { list, factors, ty } => {
                let items = self.path(list, sight)?;
                let mut sum = Exact::ZERO;
                for item in items.as_array().into_iter().flatten() {
                    let mut product = Exact::of(&json!(1))?;
                    for factor in factors {
                        product = product.times(
                            member(item, &factor.field)
                                .and_then(Exact::of)
                                .unwrap_or(Exact::ZERO),
                        );
                    }
                    sum = sum.plus(product);
                }
                Some(sum.json(&if *ty == Type::Decimal {
                    json!("")
                } else {
                    json!(0)
                }))
            }
            Value::Now => Some(json!("$now")),
            Value::NewId => Some(self.fresh("new_id")),
            Value::Placeholder => None,
        }
    }

    pub(super) fn holds(&self, conditions: &[Condition], sight: &Sight) -> Result<bool, Unfit> {
        conditions.iter().try_fold(true, |all, condition| {
            let found = self
                .path(&condition.path, sight)
                .ok_or("a condition looks at what only the running service knows")?;
            Ok(all && found == condition.equals)
        })
    }

    /// A record that is there at the beginning: the given columns, and samples for the others.
    pub(super) fn give(
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

    /// The indices of records that meet a condition; where there is none, one is given, and one beside it that is none of them.
    fn find(
        &mut self,
        entity: EntityId,
        filter: &[(Name, Json)],
        more: &[(Name, Json)],
    ) -> Result<Vec<usize>, Unfit> {
        let found = self.matching(entity, filter);
        if !found.is_empty() {
            return Ok(found);
        }
        let columns: Vec<(Name, Json)> = filter.iter().chain(more).cloned().collect();
        self.give(entity, &columns)?;
        if !filter.is_empty() {
            let moved: Vec<(Name, Json)> = more.to_vec();
            self.give(entity, &moved)?;
        }
        Ok(self.matching(entity, filter))
    }

    pub(super) fn matching(&self, entity: EntityId, filter: &[(Name, Json)]) -> Vec<usize> {
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

    fn known(&mut self, filter: &[Assignment], sight: &Sight) -> Result<Vec<(Name, Json)>, Unfit> {
        filter
            .iter()
            .map(|given| {
                let value = self
                    .value(&given.value, sight)
                    .ok_or("a condition depends on what the declarations leave open")?;
                Ok((given.field.clone(), value))
            })
            .collect()
    }

    /// Adds a record, as a create does.
    pub(super) fn create(
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
                        record.insert(column(&field.name), value);
                    }
                }
            }
        }
        self.records.entry(entity).or_default().push(record.clone());
        Ok(record)
    }

    /// What a field gets: the value that is given, its default, or nothing.
    fn filled(&mut self, field: &Field, values: &[Assignment], sight: &Sight) -> Option<Json> {
        let given = values
            .iter()
            .find(|value| value.field.snake() == field.name.snake());
        let value = match given {
            Some(given) => self.value(&given.value, sight)?,
            None => Json::Null,
        };
        match (&value, &field.default) {
            (Json::Null, Some(default)) => Some(default.clone()),
            (Json::Null, None) if field.required => None,
            _ => Some(value),
        }
    }

    /// Does effects, one after the other.
    pub(super) fn effects(&mut self, effects: &[Effect], sight: &mut Sight) -> Result<(), Stop> {
        for effect in effects {
            let items = match &effect.for_each {
                None => vec![None],
                Some(list) => match self.path(list, sight) {
                    Some(Json::Array(items)) => items.into_iter().map(Some).collect(),
                    Some(Json::Null) => Vec::new(),
                    _ => return Err(Stop::Unfit("a list is left open".to_owned())),
                },
            };
            for item in items {
                let mut within = sight.clone();
                if let Some(item) = item {
                    within.bind(Root::Item, item);
                }
                if !self.holds(&effect.when, &within)? {
                    continue;
                }
                let record = self.effect(effect, &within)?;
                if let (Some(name), Some(record)) = (&effect.binds, record) {
                    sight.bind(Root::Bound(name.clone()), Json::Object(record));
                }
            }
        }
        Ok(())
    }

    fn effect(
        &mut self,
        effect: &Effect,
        sight: &Sight,
    ) -> Result<Option<Map<String, Json>>, Stop> {
        let entity = effect.entity;
        match &effect.kind {
            EffectKind::Create { values } => Ok(Some(self.create(entity, values, sight)?)),
            EffectKind::Set {
                filter,
                values,
                or_create,
            } => {
                let known = self.known(filter, sight)?;
                if *or_create && self.matching(entity, &known).is_empty() {
                    let all: Vec<Assignment> = filter.iter().chain(values).cloned().collect();
                    return Ok(Some(self.create(entity, &all, sight)?));
                }
                let mut changed = None;
                for index in self.find(entity, &known, &[])? {
                    for given in values {
                        let value = self.value(&given.value, sight);
                        self.put(entity, index, &given.field, value);
                    }
                    changed = Some(self.touch(entity, index));
                }
                Ok(changed)
            }
            EffectKind::Adjust { filter, by, floors } => {
                self.adjust(entity, filter, by, floors, sight)
            }
        }
    }

    fn adjust(
        &mut self,
        entity: EntityId,
        filter: &[Assignment],
        by: &[Assignment],
        floors: &[(Name, serde_json::Number)],
        sight: &Sight,
    ) -> Result<Option<Map<String, Json>>, Stop> {
        let known = self.known(filter, sight)?;
        let mut deltas = Vec::new();
        for given in by {
            let delta = self.value(&given.value, sight).as_ref().and_then(Exact::of);
            deltas.push((
                given,
                delta.ok_or_else(|| "a difference is left open".to_owned())?,
            ));
        }
        let more: Vec<(Name, Json)> = deltas
            .iter()
            .map(|(given, delta)| (given.field.clone(), self.stock(given, *delta, floors)))
            .collect();
        let mut changed = None;
        for index in self.find(entity, &known, &more)? {
            for (given, delta) in &deltas {
                let before = self.records[&entity][index]
                    .get(&column(&given.field))
                    .cloned()
                    .unwrap_or(Json::Null);
                let after = Exact::of(&before).unwrap_or(Exact::ZERO).plus(*delta);
                let floor = floors
                    .iter()
                    .find(|(field, _)| field.snake() == given.field.snake());
                if let Some(floor) =
                    floor.and_then(|(_, floor)| Exact::of(&Json::Number(floor.clone())))
                    && after.plus(floor.negative()).is_below_zero()
                {
                    return Err(Stop::Refused);
                }
                self.put(entity, index, &given.field, Some(after.json(&before)));
            }
            changed = Some(self.touch(entity, index));
        }
        Ok(changed)
    }

    /// Enough of a number that is to be adjusted; one too little where it shall be scarce.
    fn stock(
        &self,
        given: &Assignment,
        delta: Exact,
        floors: &[(Name, serde_json::Number)],
    ) -> Json {
        let floor = floors
            .iter()
            .find(|(field, _)| field.snake() == given.field.snake());
        let floor = floor.and_then(|(_, floor)| Exact::of(&Json::Number(floor.clone())));
        let like = match given.ty {
            Type::Integer => json!(1),
            Type::Number => json!(1.0),
            _ => json!("1"),
        };
        match floor {
            Some(floor) if self.scarce => floor
                .plus(delta.negative())
                .plus(Exact::of(&json!(-1)).unwrap_or(Exact::ZERO))
                .json(&like),
            // Exactly enough for one: off by one shows.
            Some(floor) if self.exact() => floor.plus(delta.negative()).json(&like),
            _ => Exact::of(&json!(1000)).unwrap_or(Exact::ZERO).json(&like),
        }
    }

    fn exact(&self) -> bool {
        self.given.is_empty()
    }

    fn put(&mut self, entity: EntityId, index: usize, field: &Name, value: Option<Json>) {
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
    pub(super) fn touch(&mut self, entity: EntityId, index: usize) -> Map<String, Json> {
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
    pub(super) fn update(
        &mut self,
        entity: EntityId,
        index: usize,
        values: &[Assignment],
        partial: bool,
        sight: &Sight,
    ) {
        for given in values {
            let fields = self.model.entities[entity].fields.as_ref();
            let default =
                fields.and_then(|fields| fields.find(given.field.snake())?.default.clone());
            let value = match (self.value(&given.value, sight), default) {
                // What is put in place of another is whole: what it does not say has its default.
                (Some(Json::Null), Some(default)) if !partial && given.required => Some(default),
                (value, _) => value,
            };
            let kept = value == Some(Json::Null) && (partial || given.required);
            if !kept {
                self.put(entity, index, &given.field, value);
            }
        }
        self.touch(entity, index);
    }

    /// Runs a command that begins an aggregate's life, and gives the record that shows it.
    pub(super) fn begin(
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

    /// Publishes events.
    pub(super) fn emissions(&mut self, emits: &[Emission], sight: &Sight) -> Result<(), Unfit> {
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
    pub(super) fn payload(
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

    /// A record as callers see it.
    pub(super) fn shown(&self, entity: EntityId, record: &Map<String, Json>) -> Json {
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

/// What a field may hold in the table though no request would bring it: limits are checked of requests alone.
fn stored(field: &Field, number: u64) -> Option<Json> {
    (field.ty == Type::String).then(|| json!(format!("{} {number}", field.name.snake())))
}

fn unfit(field: &Field) -> Unfit {
    format!("no sample of `{}` is found", field.name)
}
