//! Effects on owned data.

use serde_json::{Map, Value as Json, json};

use super::{Sight, Stop, Unfit, World, column};
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Effect, EffectKind, Root};
use crate::model::name::Name;
use crate::model::types::Type;
use crate::plan::scenario::exact::Exact;

impl World<'_> {
    /// Does effects, one after the other.
    pub(in crate::plan::scenario) fn effects(
        &mut self,
        effects: &[Effect],
        sight: &mut Sight,
    ) -> Result<(), Stop> {
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
                        self.fits(entity, &given.field, value.as_ref())?;
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
            .map(|(given, delta)| {
                let room = self.room(entity, given, *delta, floors);
                (given.field.clone(), self.stock(given, *delta, room))
            })
            .collect();
        let mut changed = None;
        for index in self.find(entity, &known, &more)? {
            for (given, delta) in &deltas {
                let before = self.records[&entity][index]
                    .get(&column(&given.field))
                    .cloned()
                    .unwrap_or(Json::Null);
                let after = Exact::of(&before).unwrap_or(Exact::ZERO).plus(*delta);
                let (least, most) = self.room(entity, given, *delta, floors);
                let below = least.is_some_and(|least| after.minus(least).is_below_zero());
                let above = most.is_some_and(|most| most.minus(after).is_below_zero());
                if below || above {
                    return Err(Stop::Refused);
                }
                self.put(entity, index, &given.field, Some(after.json(&before)));
            }
            changed = Some(self.touch(entity, index));
        }
        Ok(changed)
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

    /// What a number may become by an adjustment at least, and at most.
    fn room(
        &self,
        entity: EntityId,
        given: &Assignment,
        delta: Exact,
        floors: &[(Name, serde_json::Number)],
    ) -> (Option<Exact>, Option<Exact>) {
        let floor = floors
            .iter()
            .find(|(field, _)| field.snake() == given.field.snake());
        let floor = floor.and_then(|(_, floor)| Exact::of(&Json::Number(floor.clone())));
        let fields = self.model.entities[entity].fields.as_ref();
        let limits = fields
            .and_then(|fields| fields.find(given.field.snake()))
            .map(|field| &field.limits);
        let limit = |limit: Option<f64>| limit.and_then(|limit| Exact::of(&json!(limit)));
        let min = limit(limits.and_then(|limits| limits.min)).filter(|_| delta.is_below_zero());
        let least = match (floor, min) {
            (Some(floor), Some(min)) if floor.minus(min).is_below_zero() => Some(min),
            (floor, min) => floor.or(min),
        };
        (least, limit(limits.and_then(|limits| limits.max)))
    }

    /// Enough of a number that is to be adjusted; one too little where it shall be scarce.
    fn stock(
        &self,
        given: &Assignment,
        delta: Exact,
        (least, most): (Option<Exact>, Option<Exact>),
    ) -> Json {
        let like = match given.ty {
            Type::Integer => json!(1),
            Type::Number => json!(1.0),
            _ => json!("1"),
        };
        let whole = |number: i64| Exact::of(&json!(number)).unwrap_or(Exact::ZERO);
        let plenty = whole(1000);
        let stock = match (least, most) {
            (Some(least), _) if self.scarce => least.minus(delta).plus(whole(-1)),
            // Exactly enough for one: off by one shows.
            (Some(least), _) if self.exact() => least.minus(delta),
            (_, Some(most)) if most.minus(delta).minus(plenty).is_below_zero() => {
                if delta.is_below_zero() {
                    most
                } else {
                    most.minus(delta)
                }
            }
            _ => plenty,
        };
        stock.json(&like)
    }

    fn exact(&self) -> bool {
        self.given.is_empty()
    }
}
