//! The tests of a step that a service takes in a saga: it takes effect once, is refused as a whole, and is taken back exactly.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::course::{Course, inputs};
use super::print::{Body, Test, raw, unfit};
use super::world::{Stop, World};
use super::{Constant, TestFile};
use crate::model::arena::{EntityId, SagaId, ServiceId};
use crate::model::effect::{EffectKind, Root};
use crate::model::saga::{Step, StepKind};
use crate::model::types::Type;
use crate::plan::names::step_name;
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// Plans the tests of the steps that a service takes, a file each.
pub(super) fn files(types: &Types<'_>, service: ServiceId) -> Vec<TestFile> {
    let sagas = &types.model.sagas;
    let all: Vec<(SagaId, usize)> = sagas
        .ids()
        .flat_map(|saga| (0..sagas[saga].steps.len()).map(move |at| (saga, at)))
        .filter(|(saga, at)| sagas[*saga].steps[*at].service == Some(service))
        .collect();
    all.iter()
        .map(|(saga, at)| {
            let name = step_name(&sagas[*saga], &sagas[*saga].steps[*at]);
            file(types, *saga, *at, name.identifier())
        })
        .collect()
}

fn file(types: &Types<'_>, saga: SagaId, at: usize, module: String) -> TestFile {
    let declared = &types.model.sagas[saga];
    let step = &declared.steps[at];
    let mut scope = Scope::new("tests::step");
    for own in ["INPUT", "prepared", "step"] {
        scope.define(own);
    }
    scope.all([
        "msarch_runtime::testing::Asked",
        "msarch_runtime::testing::Fixture",
        "tests::harness",
    ]);
    let back = step.compensation.as_ref().map_or_else(String::new, |back| {
        format!(", and `{}`, which takes it back", back.action)
    });
    let mut file = TestFile {
        module,
        doc: format!(
            "The step `{}` of `{}`{back}: what the architecture declares.",
            step.action, declared.name
        ),
        imports: Scope::default(),
        constants: Vec::new(),
        call: Some(format!(
            "service.step({}, {})",
            string(declared.name.as_str()),
            string(step.action.as_str())
        )),
        prepare: None,
        tests: Vec::new(),
    };
    match Course::of(types.model, declared) {
        Err(reason) => file.tests.push(unfit("it_takes_effect_once", &reason)),
        Ok(course) => participant(types, course, at, &mut scope, &mut file),
    }
    file.imports = scope;
    file
}

/// Fills the file of a step with its tests.
fn participant(
    types: &Types<'_>,
    course: Course<'_>,
    at: usize,
    scope: &mut Scope,
    file: &mut TestFile,
) {
    let input = course.input(&mut World::new(types.model), at);
    file.constants.push(Constant {
        name: "INPUT".to_owned(),
        doc: "What the step works on.".to_owned(),
        value: raw(&input, 0),
    });
    let forward_only = course.forward_only(at);
    if let Some(call) = file.call.as_mut().filter(|_| forward_only) {
        call.push_str(".forward_only()");
    }
    let mut participant = Participant {
        types,
        step: &course.saga.steps[at],
        course,
        at,
        input,
        forward_only,
        usual: Vec::new(),
        scope,
    };
    file.tests = participant.tests();
    let Participant { usual, scope, .. } = participant;
    if !usual.is_empty() {
        let mut body = Body::empty();
        body.given(types, &usual, scope);
        file.prepare = Some(body.text());
    }
}

struct Participant<'a, 'm> {
    types: &'a Types<'m>,
    course: Course<'m>,
    at: usize,
    step: &'m Step,
    input: Json,
    forward_only: bool,
    /// What it finds where nothing is scarce.
    usual: Vec<(EntityId, Map<String, Json>)>,
    scope: &'a mut Scope,
}

impl<'m> Participant<'_, 'm> {
    fn tests(&mut self) -> Vec<Test> {
        let mut tests = Vec::new();
        let mut world = World::new(self.types.model);
        match self.act(&mut world) {
            Err(stop) => {
                let reason = match stop {
                    Stop::Refused => "sample data does not suffice for its effects".to_owned(),
                    Stop::Unfit(reason) => reason,
                };
                tests.push(unfit("it_takes_effect_once", &reason));
            }
            Ok(output) => {
                self.usual.clone_from(&world.given);
                tests.push(self.once(&world, &output));
                if !world.given.is_empty() {
                    tests.push(self.empty());
                }
                if self.step.kind == StepKind::Compensatable && !self.forward_only {
                    tests.push(self.back(&world, &output));
                    tests.push(self.never(&world));
                }
            }
        }
        tests.extend(self.scarce());
        tests.extend(self.missing());
        tests
    }

    /// Acts the step out, and says what it gives.
    fn act(&self, world: &mut World<'m>) -> Result<Json, Stop> {
        let mut sight = super::world::Sight::default().with(Root::Input, self.input.clone());
        world.effects(&self.step.effects, &mut sight)?;
        world.emissions(&self.step.emits, &sight)?;
        let mut output = Map::new();
        for declared in &self.step.outputs {
            if let Some(value) = world.value(&declared.value, &sight) {
                output.insert(declared.name.as_str().to_owned(), value);
            }
        }
        Ok(Json::Object(output))
    }

    /// The data that a test begins with: what most of them do is written once.
    fn given(&mut self, world: &World<'_>) -> Body {
        let mut test = Body::new();
        if !self.usual.is_empty() && world.given == self.usual {
            test.line("prepared(&service).await;");
        } else {
            test.given(self.types, &world.given, self.scope);
        }
        test.line("let step = step(&service);");
        test
    }

    /// Asked for twice, it takes effect once and is answered alike.
    fn once(&mut self, world: &World<'_>, output: &Json) -> Test {
        let mut test = self.given(world);
        test.json("output", output)
            .line("step.run(INPUT).await.done(output);")
            .line("step.run(INPUT).await.done(output);");
        test.records(self.types, world, self.scope).published(world);
        test.test("it_takes_effect_once_however_often_it_is_asked_for")
    }

    /// What it works on is not there.
    fn empty(&mut self) -> Test {
        let mut test = Body::new();
        test.line("let step = step(&service);")
            .line(self.refused("INPUT"));
        let none = World::new(self.types.model);
        test.still(self.types, &none, &self.touched(), self.scope)
            .line("service.outbox().await.none();");
        test.test("what_is_not_there_cannot_be_changed")
    }

    /// A floor is refused as a whole and for good; where the saga cannot go back, until it can be done.
    fn scarce(&mut self) -> Option<Test> {
        let floors = |kind: &EffectKind| matches!(kind, EffectKind::Adjust { floors, .. } if !floors.is_empty());
        let mut world = World {
            scarce: true,
            ..World::new(self.types.model)
        };
        let has = self.step.effects.iter().any(|it| floors(&it.kind));
        if !has || !matches!(self.act(&mut world), Err(Stop::Refused)) {
            return None;
        }
        let mut test = self.given(&world);
        test.line(self.refused("INPUT")).line(self.refused("INPUT"));
        if self.step.kind == StepKind::Compensatable && !self.forward_only {
            test.line("step.compensate().await.done(\"null\");");
        }
        test.still(self.types, &world, &self.touched(), self.scope)
            .line("service.outbox().await.none();");
        Some(test.test("a_floor_holds_and_nothing_remains_of_the_step"))
    }

    /// An input that is not there, where all else is.
    fn missing(&mut self) -> Option<Test> {
        let must = |input: &&crate::model::saga::Input| input.required && input.ty != Type::Json;
        let inputs = self.step.inputs.iter().filter(must);
        let pointers: Vec<String> = inputs.map(|it| string(&format!("/{}", it.name))).collect();
        if pointers.is_empty() {
            return None;
        }
        self.scope.import("msarch_runtime::testing::without");
        let mut test = Body::new();
        if !self.usual.is_empty() {
            test.line("prepared(&service).await;");
        }
        test.line(format!("for input in [{}] {{", pointers.join(", ")))
            .line("    let step = step(&service);")
            .line(format!("    {}", self.refused("&without(INPUT, input)")))
            .line("}");
        test.line("service.outbox().await.none();");
        Some(test.test("an_input_that_is_missing_is_refused"))
    }

    /// `step.run(INPUT).await.rejected();`
    fn refused(&self, input: &str) -> String {
        let how = if self.forward_only {
            "failed"
        } else {
            "rejected"
        };
        format!("step.run({input}).await.{how}();")
    }

    /// Taken back twice, it is taken back once: exactly what it did, or what is declared instead.
    fn back(&mut self, done: &World<'m>, output: &Json) -> Test {
        let name = "it_is_taken_back_once_however_often_that_is_asked_for";
        let world = match self.undo(done, output) {
            Ok(world) => world,
            Err(Stop::Unfit(reason)) => return unfit(name, &reason),
            Err(Stop::Refused) => {
                return unfit(name, "sample data does not suffice for the way back");
            }
        };
        let mut test = self.given(&world);
        test.json("output", output)
            .line("step.run(INPUT).await.done(output);")
            .line("step.compensate().await.done(\"null\");")
            .line("step.compensate().await.done(\"null\");");
        test.records(self.types, &world, self.scope)
            .published(&world);
        test.test(name)
    }

    fn undo(&self, done: &World<'m>, output: &Json) -> Result<World<'m>, Stop> {
        let mut world = done.clone();
        let declared = self.step.compensation.as_ref();
        if declared.is_none_or(|back| back.effects.is_empty()) {
            world.undo();
        }
        let Some(back) = declared else {
            return Ok(world);
        };
        let mut course = self.course.clone();
        course.outputs[self.at] = output.clone();
        let input = inputs(&mut world, &back.inputs, &course.sight());
        let mut sight = super::world::Sight::default().with(Root::Input, input);
        world.effects(&back.effects, &mut sight)?;
        world.emissions(&back.emits, &sight)?;
        Ok(world)
    }

    /// What was never taken is not taken back, and not taken any more.
    fn never(&mut self, done: &World<'_>) -> Test {
        let mut test = self.given(done);
        test.line("step.compensate().await.done(\"null\");")
            .line("step.run(INPUT).await.rejected();")
            .line("step.compensate().await.done(\"null\");");
        test.still(self.types, done, &self.touched(), self.scope)
            .line("service.outbox().await.none();");
        test.test("what_was_never_taken_is_not_taken_back_nor_taken_later")
    }

    /// The data that the step or its way back changes.
    fn touched(&self) -> BTreeSet<EntityId> {
        let back = self.step.compensation.iter().flat_map(|back| &back.effects);
        let effects = self.step.effects.iter().chain(back);
        effects.map(|effect| effect.entity).collect()
    }
}

impl World<'_> {
    /// Takes back what was done: what was there is as it was, changed once more for each change, and what was not is gone.
    fn undo(&mut self) {
        for (entity, records) in &mut self.records {
            let before = |id: &Json| {
                let mut given = self.given.iter();
                given.find(|(of, record)| of == entity && record.get("id") == Some(id))
            };
            let undone = records.iter().filter_map(|record| {
                let (_, before) = before(record.get("id")?)?;
                let version = |record: &Map<String, Json>| record.get("version")?.as_i64();
                let (first, last) = (version(before)?, version(record)?);
                let mut undone = before.clone();
                if last > first {
                    undone.insert("version".to_owned(), json!(last + last - first));
                    undone.insert("updated_at".to_owned(), json!("$now"));
                }
                Some(undone)
            });
            *records = undone.collect();
        }
    }
}
