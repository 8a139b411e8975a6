//! The tests of a consumer: what it declares, held against what becomes of an event that is delivered.

use serde_json::Value as Json;

use super::body;
use super::condition;
use super::print::{Body, Test, raw, unfit};
use super::sample::sample_fields;
use super::world::{Sight, Stop, World};
use super::{Constant, TestFile};
use crate::model::effect::{Condition, Root};
use crate::model::event::{self, Consumer};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::model::types::{Field, Fields};
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// Plans the tests of a subscription, a file per version.
pub(super) fn files(types: &Types<'_>, consumer: &Consumer) -> Vec<TestFile> {
    consumer
        .by_version()
        .map(|(version, reaction)| file(types, consumer, version, reaction))
        .collect()
}

fn file(
    types: &Types<'_>,
    consumer: &Consumer,
    version: usize,
    reaction: &event::Reaction,
) -> TestFile {
    let event = &types.model.events[consumer.event];
    let declared = &event.versions[version];
    let mut scope = Scope::new("tests::reaction");
    for own in ["EVENT", "CONSUMER"] {
        scope.define(own);
    }
    scope.all([
        "msarch_runtime::testing::Dealt",
        "msarch_runtime::testing::message",
    ]);
    scope.import("tests::harness");
    let ty = scope.import(&types.names.event_type(consumer.event, version));
    let service = types.names.party(Party::Service(consumer.service));
    let group = format!("{service}.{}-v{}", event.name.kebab(), declared.number);
    let mut constants = vec![Constant {
        name: "CONSUMER".to_owned(),
        doc: "The consumer's name.".to_owned(),
        value: string(&group),
    }];
    let mut tests = Vec::new();
    let schema = fed(types, reaction, &declared.schema);
    match sample_fields(types.model, &schema, 1) {
        Some(sample) => {
            let sample = condition::holding(sample, conditions(reaction));
            constants.push(Constant {
                name: "EVENT".to_owned(),
                doc: "An event that fits.".to_owned(),
                value: raw(&sample, 0),
            });
            tests = Reaction {
                types,
                consumer,
                reaction,
                ty,
                own: &declared.schema,
                fed: &schema,
                sample,
                scope: &mut scope,
            }
            .tests();
        }
        None => tests.push(unfit(
            "it_does_what_is_declared",
            "no sample of the event is found",
        )),
    }
    constants.sort_by(|a, b| a.name.cmp(&b.name));
    TestFile {
        module: format!("{}_v{}", event.name.snake(), declared.number),
        doc: format!(
            "When `{}` arrives, version {}: what the architecture declares of it.",
            event.name, declared.number
        ),
        imports: scope,
        constants,
        call: None,
        prepare: None,
        tests,
    }
}

struct Reaction<'a, 'm> {
    types: &'a Types<'m>,
    consumer: &'a Consumer,
    reaction: &'a event::Reaction,
    ty: String,
    /// The event's fields, with their own limits and with those of the data that they go into.
    own: &'a Fields,
    fed: &'a Fields,
    sample: Json,
    scope: &'a mut Scope,
}

impl<'m> Reaction<'_, 'm> {
    fn tests(mut self) -> Vec<Test> {
        let mut tests = Vec::new();
        match self.play(&self.sample.clone(), false) {
            Ok(world) => {
                tests.push(self.once(&world));
                tests.extend(self.scarce());
                tests.extend(self.beyond());
                tests.extend(self.conditional());
            }
            Err(Stop::Refused) => tests.push(unfit(
                "it_takes_effect_once",
                "sample data does not suffice for its effects",
            )),
            Err(Stop::Unfit(reason)) => tests.push(unfit("it_takes_effect_once", &reason)),
        }
        tests.extend(self.passed_over());
        tests.push(self.malformed());
        tests
    }

    /// What the event does to the data of the service.
    fn play(&self, event: &Json, scarce: bool) -> Result<World<'m>, Stop> {
        let mut world = World {
            scarce,
            ..World::new(self.types.model)
        };
        self.act(&mut world, event)?;
        Ok(world)
    }

    fn act(&self, world: &mut World<'_>, event: &Json) -> Result<(), Stop> {
        let mut sight = Sight::default().with(Root::Event, event.clone());
        if !world.holds(&self.reaction.when, &sight)? {
            return Ok(());
        }
        world.effects(&self.reaction.effects, &mut sight)?;
        if let Some(run) = &self.reaction.runs {
            world.run(run, &sight)?;
        }
        world.emissions(&self.reaction.emits, &sight)?;
        Ok(())
    }

    fn once(&mut self, world: &World<'_>) -> Test {
        let mut test = Body::new();
        test.given(self.types, &world.given, self.scope)
            .led(self.types, &world.led, self.scope);
        test.line(format!("let event = message::<{}>(EVENT);", self.ty));
        test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        if self.consumer.known_by(self.own).is_some() {
            test.line("// Sent again under another id.");
            test.line(format!("let event = message::<{}>(EVENT);", self.ty));
            test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        }
        test.records(self.types, world, self.scope).published(world);
        test.test("it_takes_effect_once_however_often_it_comes")
    }

    /// A floor is refused: nothing happens, and the event is given up in the end.
    fn scarce(&mut self) -> Option<Test> {
        let model = self.types.model;
        let mut world = World {
            scarce: true,
            ..World::new(model)
        };
        if !matches!(self.act(&mut world, &self.sample), Err(Stop::Refused)) {
            return None;
        }
        let mut test = Body::new();
        test.given(self.types, &world.given, self.scope);
        test.line(format!("let event = message::<{}>(EVENT);", self.ty));
        test.line("let dealt = service.deliver_at_last(CONSUMER, &event).await;");
        test.line("assert!(matches!(dealt, Dealt::GivenUp(_)), \"{dealt:?}\");");
        test.unchanged(self.types, &world, self.scope)
            .line("service.outbox().await.none();");
        Some(test.test("a_floor_holds_and_the_event_is_given_up"))
    }

    /// A value that the event may have and owned data may not: nothing happens, and the event is given up at once.
    fn beyond(&mut self) -> Option<Test> {
        let (event, world) = self.outside().into_iter().find_map(|(field, value)| {
            let mut event = self.sample.clone();
            condition::put(event.as_object_mut()?, &field, value);
            let mut world = World::new(self.types.model);
            let broken = self.act(&mut world, &event).is_err() && world.beyond;
            broken.then_some((event, world))
        })?;
        let mut test = Body::new();
        test.given(self.types, &world.given, self.scope);
        test.json("event", &event);
        test.line(format!("let event = message::<{}>(event);", self.ty));
        test.line("let dealt = service.deliver(CONSUMER, &event).await;");
        test.line("assert!(matches!(dealt, Dealt::GivenUp(_)), \"{dealt:?}\");");
        test.remains(self.types, &world, self.scope)
            .line("service.outbox().await.none();");
        Some(test.test("a_value_beyond_the_limits_of_the_data_is_given_up"))
    }

    /// Values that the event's own limits allow, and those of the data do not.
    fn outside(&self) -> Vec<(Name, Json)> {
        let pairs = self.own.fields.iter().zip(&self.fed.fields);
        let outside = pairs.filter_map(|(own, fed)| {
            let ty = self.types.model.resolved(&fed.ty).clone();
            let (_, outside) = body::edges(&Field { ty, ..fed.clone() });
            let value = outside
                .into_iter()
                .find(|value| own.limits.broken_by(value).is_none());
            Some((fed.name.clone(), value?))
        });
        outside.collect()
    }

    /// Each value that a condition of an effect or emission asks for, and one that none asks for.
    fn conditional(&mut self) -> Vec<Test> {
        let (whole, effects) = (&self.reaction.when, &self.reaction.effects);
        let variants = condition::variants(&self.sample, conditions(self.reaction));
        let mut tests = Vec::new();
        for (name, event) in variants {
            let mut sight = Sight::default();
            sight.bind(Root::Event, event.clone());
            let world = World::new(self.types.model);
            if !matches!(world.holds(whole, &sight), Ok(true)) {
                continue;
            }
            let Ok(world) = self.play(&event, false) else {
                continue;
            };
            let mut test = Body::new();
            test.given(self.types, &world.given, self.scope);
            test.json("event", &event);
            test.line(format!("let event = message::<{}>(event);", self.ty));
            test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
            test.outcome(self.types, &world, effects, self.scope);
            tests.push(test.test(format!("it_does_what_is_declared_where_{name}")));
        }
        tests
    }

    /// An event that the consumer's condition leaves alone.
    fn passed_over(&mut self) -> Option<Test> {
        let condition = self.reaction.when.first()?;
        let event = condition::failing(&self.sample, condition)?;
        let mut test = Body::new();
        test.json("event", &event);
        test.line(format!("let event = message::<{}>(event);", self.ty));
        test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        for entity in self.touched() {
            let name = super::print::record_name(self.types, entity, self.scope);
            test.line(format!("service.records::<{name}>().await.none();"));
        }
        test.line("service.outbox().await.none();");
        Some(test.test("an_event_that_is_not_meant_has_no_effect"))
    }

    fn touched(&self) -> std::collections::BTreeSet<crate::model::arena::EntityId> {
        self.reaction
            .effects
            .iter()
            .map(|effect| effect.entity)
            .collect()
    }

    /// What cannot be read is kept aside at once.
    fn malformed(&mut self) -> Test {
        let mut test = Body::new();
        test.line(format!("let mut event = message::<{}>(EVENT);", self.ty));
        test.line("event.payload = \"no such thing\".into();");
        test.line("let dealt = service.deliver(CONSUMER, &event).await;");
        test.line("assert!(matches!(dealt, Dealt::GivenUp(_)), \"{dealt:?}\");");
        let mut test = test.test("an_event_that_cannot_be_read_is_given_up");
        if self
            .sample
            .as_object()
            .is_none_or(serde_json::Map::is_empty)
            || self.any()
        {
            test.ignore = Some(string("any JSON can be read as this event"));
        }
        test
    }

    fn any(&self) -> bool {
        let event = &self.types.model.events[self.consumer.event];
        self.consumer
            .versions
            .iter()
            .any(|version| event.versions[*version].schema.fields.is_empty())
    }
}

/// The fields of an event with the limits of the data that they go into: what a sample brings fits there.
fn fed(types: &Types<'_>, reaction: &event::Reaction, schema: &Fields) -> Fields {
    let (effects, run) = (&reaction.effects, reaction.runs.as_ref());
    types.model.fed(&Root::Event, schema, None, effects, run)
}

/// All conditions of a reaction: its own, and those of what it does.
fn conditions(reaction: &event::Reaction) -> impl Iterator<Item = &Condition> {
    let effects = reaction.effects.iter().flat_map(|effect| &effect.when);
    let emits = reaction.emits.iter().flat_map(|emission| &emission.when);
    reaction.when.iter().chain(effects).chain(emits)
}
