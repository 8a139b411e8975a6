//! A call of the operation, acted out.

use serde_json::{Map, Value as Json, json};

use super::Operation;
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, Root};
use crate::model::endpoint::{Action, Body as Content, Method, Segment};
use crate::model::name::Name;
use crate::plan::scenario::body;
use crate::plan::scenario::sample::uuid;
use crate::plan::scenario::world::{Sight, Stop, Unfit, World};
use crate::syntax::source::Span;

/// What became of a call that was acted out.
pub(super) struct Played<'m> {
    pub(super) world: World<'m>,
    /// The body that was sent.
    pub(super) body: Option<Json>,
    /// What the answer shows.
    pub(super) answer: Option<Json>,
}

impl<'m> Operation<'_, 'm> {
    pub(super) fn play(&self, number: u64, scarce: bool) -> Result<Played<'m>, Stop> {
        let body = body::full(self.types, self.endpoint, number)?;
        self.act(
            World {
                scarce,
                ..World::new(self.types.model)
            },
            body,
        )
    }

    /// Acts the call out: the action, then the effects, then the events.
    pub(super) fn act(&self, mut world: World<'m>, body: Option<Json>) -> Result<Played<'m>, Stop> {
        let endpoint = self.endpoint;
        let Some(answered) = &endpoint.answer else {
            return Err(Stop::Unfit("its handler makes the answer".to_owned()));
        };
        let mut sight = self.sight(body.as_ref());
        let record = Root::Bound(Name::new("record", Span::default()));
        let mut acted = None;
        match &endpoint.action {
            Action::Create(entity) => {
                let made = world.create(*entity, &endpoint.record, &sight)?;
                acted = Some((*entity, made));
            }
            Action::Read(entity) | Action::Update(entity) | Action::Delete(entity) => {
                let found = world.give(*entity, &self.identity())?;
                world.give(*entity, &[])?;
                acted = Some((*entity, self.change(*entity, found, &mut world, &sight)));
            }
            Action::Aggregate(run) => {
                let made = world.run(run, &sight)?;
                acted = Some((self.types.model.aggregates[run.aggregate].entity, made));
            }
            Action::List { .. } => return Err(Stop::Unfit("it is a list".to_owned())),
            Action::Command => {}
        }
        if let Some((_, made)) = &acted {
            sight.bind(record, Json::Object(made.clone()));
        }
        world.effects(&endpoint.effects, &mut sight)?;
        world.emissions(&endpoint.emits, &sight)?;
        let answer = self.answer(&mut world, acted.as_ref(), answered, &sight)?;
        Ok(Played {
            world,
            body,
            answer,
        })
    }

    /// What a call has at hand.
    pub(super) fn sight(&self, body: Option<&Json>) -> Sight {
        let parameters: Map<String, Json> = self
            .endpoint
            .segments
            .iter()
            .filter_map(|segment| match segment {
                Segment::Parameter(name) => {
                    Some((name.as_str().to_owned(), json!(uuid(name.snake(), 1))))
                }
                Segment::Literal(_) => None,
            })
            .collect();
        let mut sight = Sight::default().with(Root::PathParameter, Json::Object(parameters));
        if self.secured && !self.endpoint.public {
            sight.bind(Root::Subject, json!("tester"));
        }
        sight.bind(Root::Request, self.received(body));
        sight
    }

    /// A body as the service reads it: what is not sent has its default.
    fn received(&self, body: Option<&Json>) -> Json {
        let mut body = body.cloned().unwrap_or(Json::Null);
        if let Json::Object(sent) = &mut body {
            for field in body::fields(self.types, self.endpoint) {
                if let Some(default) = field.default.filter(|_| field.required) {
                    sent.entry(field.name.as_str()).or_insert(*default);
                }
            }
        }
        body
    }

    fn change(
        &self,
        entity: EntityId,
        found: Map<String, Json>,
        world: &mut World<'_>,
        sight: &Sight,
    ) -> Map<String, Json> {
        let index = world.records[&entity]
            .iter()
            .position(|record| *record == found)
            .unwrap_or(0);
        match self.endpoint.action {
            Action::Update(_) => {
                let partial = self.endpoint.method == Method::Patch;
                world.update(entity, index, &self.endpoint.record, partial, sight);
                world.records[&entity][index].clone()
            }
            Action::Delete(_) => {
                world
                    .records
                    .get_mut(&entity)
                    .map(|records| records.remove(index));
                found
            }
            _ => found,
        }
    }

    fn answer(
        &self,
        world: &mut World<'_>,
        acted: Option<&(EntityId, Map<String, Json>)>,
        answered: &[Assignment],
        sight: &Sight,
    ) -> Result<Option<Json>, Unfit> {
        let types = self.types;
        Ok(match &self.endpoint.response {
            Content::None | Content::Page(_) => None,
            Content::Entity(entity) => match acted {
                Some((of, record)) if of == entity => Some(world.shown(*entity, record)),
                _ if world.records.contains_key(entity) => {
                    let found = world.matching(*entity, &self.identity());
                    match found.as_slice() {
                        [index] => Some(world.shown(*entity, &world.records[entity][*index])),
                        _ => Some(json!({})),
                    }
                }
                _ => {
                    let found = world.give(*entity, &self.identity())?;
                    Some(world.shown(*entity, &found))
                }
            },
            Content::Type(ty) => {
                let fields = types.record_of(ty);
                Some(world.payload(&fields, answered, sight))
            }
            Content::Fields(fields) => Some(world.payload(fields, answered, sight)),
        })
    }
}
