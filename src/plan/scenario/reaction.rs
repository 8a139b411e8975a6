//! The tests of a consumer: what it declares, held against what becomes of an event that is delivered.

use serde_json::Value as Json;

use super::print::{Body, Test, raw, unfit};
use super::sample::sample_fields;
use super::world::{Sight, Stop, World};
use super::{Constant, TestFile};
use crate::model::effect::{Condition, EffectKind, Root};
use crate::model::event::Consumer;
use crate::model::name::Name;
use crate::model::types::Type;
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// Plans the tests of a subscription, a file per version.
pub(super) fn files(types: &Types<'_>, consumer: &Consumer) -> Vec<TestFile> {
    consumer
        .versions
        .iter()
        .map(|version| file(types, consumer, *version))
        .collect()
}

fn file(types: &Types<'_>, consumer: &Consumer, version: usize) -> TestFile {
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
    let service = types
        .names
        .party(crate::model::service::Party::Service(consumer.service));
    let group = format!("{service}.{}-v{}", event.name.kebab(), declared.number);
    let mut constants = vec![Constant {
        name: "CONSUMER".to_owned(),
        doc: "The consumer's name.".to_owned(),
        value: string(&group),
    }];
    let mut tests = Vec::new();
    match sample_fields(types.model, &declared.schema, 1) {
        Some(sample) => {
            let sample = holding(sample, &consumer.when);
            constants.push(Constant {
                name: "EVENT".to_owned(),
                doc: "An event that fits.".to_owned(),
                value: raw(&sample, 0),
            });
            tests = Reaction {
                types,
                consumer,
                ty,
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
        tests,
    }
}

struct Reaction<'a, 'm> {
    types: &'a Types<'m>,
    consumer: &'a Consumer,
    ty: String,
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
        if !world.holds(&self.consumer.when, &sight)? {
            return Ok(());
        }
        world.effects(&self.consumer.effects, &mut sight)?;
        if let Some(run) = &self.consumer.runs {
            world.begin(run, &sight)?;
        }
        world.emissions(&self.consumer.emits, &sight)?;
        Ok(())
    }

    fn once(&mut self, world: &World<'_>) -> Test {
        let mut test = Body::new();
        test.given(self.types, &world.given, self.scope);
        test.line(format!("let event = message::<{}>(EVENT);", self.ty));
        test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        test.line("assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);");
        test.records(self.types, world, self.scope).published(world);
        test.test("it_takes_effect_once_however_often_it_comes")
    }

    /// A floor is refused: nothing happens, and the event is given up in the end.
    fn scarce(&mut self) -> Option<Test> {
        let floors = |kind: &EffectKind| matches!(kind, EffectKind::Adjust { floors, .. } if !floors.is_empty());
        if !self
            .consumer
            .effects
            .iter()
            .any(|effect| floors(&effect.kind))
        {
            return None;
        }
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

    /// An event that the consumer's condition leaves alone.
    fn passed_over(&mut self) -> Option<Test> {
        let condition = self.consumer.when.first()?;
        let event = other(self.sample.clone(), condition)?;
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
        self.consumer
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

/// The sample with the values that conditions ask for.
fn holding(mut sample: Json, when: &[Condition]) -> Json {
    for condition in when {
        if let ([step], Some(object)) = (condition.path.steps.as_slice(), sample.as_object_mut()) {
            put(object, &step.field, condition.equals.clone());
        }
    }
    sample
}

fn put(object: &mut serde_json::Map<String, Json>, field: &Name, value: Json) {
    let key = object
        .keys()
        .find(|key| Name::snake_of(key) == field.snake())
        .cloned();
    object.insert(key.unwrap_or_else(|| field.as_str().to_owned()), value);
}

/// The sample with another value than a condition asks for.
fn other(mut sample: Json, condition: &Condition) -> Option<Json> {
    let [step] = condition.path.steps.as_slice() else {
        return None;
    };
    let value = match (&step.ty, &condition.equals) {
        (Type::Enum(words), Json::String(word)) => {
            Json::String(words.iter().find(|other| *other != word)?.clone())
        }
        (Type::Boolean, Json::Bool(yes)) => Json::Bool(!yes),
        (Type::String, _) => Json::String("something else".to_owned()),
        (Type::Integer, Json::Number(number)) => (number.as_i64()? + 1).into(),
        _ => return None,
    };
    put(sample.as_object_mut()?, &step.field, value);
    Some(sample)
}
