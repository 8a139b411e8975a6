//! The tests of a saga that a service leads: its steps in order, the way back from each, and both ends.

use serde::Serialize;
use serde_json::json;

use super::Constant;
use super::course::Course;
use super::print::{Body, Test, raw, unfit};
use super::world::{Stop, World};
use crate::model::arena::{SagaId, ServiceId};
use crate::model::effect::Root;
use crate::model::saga::{Outcome, Saga, Step, StepKind};
use crate::model::service::Party;
use crate::plan::names::saga_type;
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// What participants say that refuse, as the fixture has it.
const REFUSAL: &str = "the test says no";

/// The tests of a saga.
#[derive(Debug, Clone, Serialize)]
pub struct SagaTests {
    /// The module.
    pub module: String,
    /// The saga, as written.
    pub name: String,
    /// What the file imports.
    pub imports: Scope,
    /// What it starts with.
    pub constants: Vec<Constant>,
    /// Its steps.
    pub steps: Vec<DeclaredStep>,
    /// Statements that begin it.
    pub begin: Vec<String>,
    /// Statements that hold the bad end against what is declared, where it is the same from every step.
    pub undone: Option<String>,
    /// The tests.
    pub tests: Vec<Test>,
}

/// A step as its saga declares it.
#[derive(Debug, Clone, Serialize)]
pub struct DeclaredStep {
    /// The name of its constant.
    pub constant: String,
    /// Its name, as written.
    pub action: String,
    /// Who takes it.
    pub service: String,
    /// What takes it back, as written.
    pub compensation: Option<String>,
    /// What it works on and gives, as literals.
    pub input: String,
    /// See above.
    pub output: String,
}

/// Plans the tests of the sagas that a service leads.
pub(super) fn files(types: &Types<'_>, service: ServiceId) -> Vec<SagaTests> {
    let sagas = &types.model.sagas;
    let ids = sagas
        .ids()
        .filter(|id| sagas[*id].coordinator == Some(service));
    ids.filter_map(|id| file(types, service, id)).collect()
}

fn file(types: &Types<'_>, service: ServiceId, id: SagaId) -> Option<SagaTests> {
    let saga = &types.model.sagas[id];
    let course = Course::of(types.model, saga).ok()?;
    let mut scope = Scope::new("tests::saga");
    let steps = steps(types, &course);
    for own in ["CONSUMER", "ID", "START", "begun", "undone"] {
        scope.define(own);
    }
    steps
        .iter()
        .for_each(|step| scope.define(step.constant.clone()));
    scope.all([
        "msarch_runtime::testing::Declared",
        "msarch_runtime::testing::Fixture",
        "msarch_runtime::testing::Led",
        "tests::harness",
    ]);
    let (constants, begin) = begin(types, service, &course, &mut scope);
    let mut leading = Leading {
        types,
        names: steps.iter().map(|step| step.constant.clone()).collect(),
        course,
        undone: None,
        scope: &mut scope,
    };
    let tests = leading.tests();
    let undone = leading.undone.take();
    Some(SagaTests {
        module: saga.name.identifier(),
        name: saga.name.as_str().to_owned(),
        imports: scope,
        constants,
        steps,
        begin,
        undone,
        tests,
    })
}

fn steps(types: &Types<'_>, course: &Course<'_>) -> Vec<DeclaredStep> {
    let mut world = World::new(types.model);
    let steps = course.saga.steps.iter().enumerate();
    let declared = steps.map(|(at, step)| {
        let name = step.action.screaming();
        let service = step.service.map(|id| &types.model.services[id].name);
        let back = step.compensation.as_ref();
        DeclaredStep {
            constant: match name.as_str() {
                "CONSUMER" | "ID" | "START" => format!("{name}_STEP"),
                _ => name,
            },
            action: string(step.action.as_str()),
            service: string(service.map_or("", |name| name.as_str())),
            compensation: back.map(|back| string(back.action.as_str())),
            input: raw(&course.input(&mut world, at), 1),
            output: raw(&course.outputs[at], 1),
        }
    });
    declared.collect()
}

/// What starts the saga, twice.
fn begin(
    types: &Types<'_>,
    service: ServiceId,
    course: &Course<'_>,
    scope: &mut Scope,
) -> (Vec<Constant>, Vec<String>) {
    let saga = course.saga;
    let constant = |name: &str, doc: &str, value: String| Constant {
        name: name.to_owned(),
        doc: doc.to_owned(),
        value,
    };
    let start = constant("START", "What starts the saga.", raw(&course.trigger, 0));
    if let Some((event, version)) = saga.trigger {
        let ty = scope.import(&types.names.event_type(event, version));
        scope.all([
            "msarch_runtime::testing::Dealt",
            "msarch_runtime::testing::message",
        ]);
        let party = types.names.party(Party::Service(service));
        let group = string(&format!("{party}.{}", saga.name.kebab()));
        let consumer = constant("CONSUMER", "Who waits for what starts the saga.", group);
        let deliver = "assert_eq!(service.deliver(CONSUMER, &event).await, Dealt::Done);";
        let lines = vec![
            format!("let event = message::<{ty}>(START);"),
            deliver.to_owned(),
            deliver.to_owned(),
        ];
        return (vec![consumer, start], lines);
    }
    let module = format!(
        "{}::saga::{}",
        types.names.service_lib(service),
        saga.name.snake()
    );
    let input = scope.import(&format!("{module}::{}Input", saga_type(saga)));
    let begin = scope.import(&format!("{module}::start"));
    scope.all([
        "msarch_runtime::testing::read",
        "msarch_runtime::testing::uuid",
    ]);
    let id = string(&super::sample::uuid(saga.name.snake(), 1));
    let lines = vec![
        format!("let input: {input} = read(START);"),
        "for _ in 0..2 {".to_owned(),
        format!(
            "    let started = service.works(async |uow| {begin}(uow, uuid(ID), &input).await);"
        ),
        "    started.await.expect(\"it can be started\");".to_owned(),
        "}".to_owned(),
    ];
    let id = constant("ID", "The saga under test.", id);
    (vec![id, start], lines)
}

struct Leading<'a, 'm> {
    types: &'a Types<'m>,
    /// The constants of its steps.
    names: Vec<String>,
    course: Course<'m>,
    /// What the bad end comes to, where that is the same from every step.
    undone: Option<String>,
    scope: &'a mut Scope,
}

impl<'m> Leading<'_, 'm> {
    fn tests(&mut self) -> Vec<Test> {
        let saga = self.course.saga;
        let mut tests = vec![self.good()];
        self.undone = self.alike();
        for at in 0..saga.steps.len() {
            tests.push(if self.course.forward_only(at) {
                self.forward(at)
            } else {
                self.bad(at)
            });
        }
        tests
    }

    /// `let mut saga = begun(&service).await;` and the steps before one.
    fn begun(&mut self, world: &World<'_>, before: usize) -> Body {
        let mut test = Body::new();
        test.given(self.types, &world.given, self.scope)
            .led(self.types, &world.led, self.scope);
        test.line("let mut saga = begun(&service).await;");
        for name in &self.names[..before] {
            test.line(format!("saga.takes(&{name}).await;"));
        }
        test
    }

    /// What an end of the saga brings about.
    fn end(&self, outcome: Option<&Outcome>, failed: Option<&Step>) -> Result<World<'m>, String> {
        let mut world = World::new(self.types.model);
        let Some(outcome) = outcome else {
            return Ok(world);
        };
        let mut sight = self.course.sight();
        if let Some(step) = failed {
            let failure = json!({ "step": step.action.as_str(), "reason": REFUSAL });
            sight.bind(Root::Failure, failure);
        }
        world
            .effects(&outcome.effects, &mut sight)
            .map_err(|stop| match stop {
                Stop::Refused => "sample data does not suffice for how it ends".to_owned(),
                Stop::Unfit(reason) => reason,
            })?;
        if let Some(run) = &outcome.runs {
            world.run(run, &sight)?;
        }
        world.emissions(&outcome.emits, &sight)?;
        Ok(world)
    }

    fn good(&mut self) -> Test {
        let name = "it_goes_from_step_to_step_to_a_good_end";
        let world = match self.end(self.course.saga.on_success.as_ref(), None) {
            Ok(world) => world,
            Err(reason) => return unfit(name, &reason),
        };
        let mut test = self.begun(&world, self.names.len());
        test.line("saga.ends(\"committed\").await;");
        test.records(self.types, &world, self.scope)
            .published(&world);
        test.test(name)
    }

    /// The bad end, where it is the same from every step, of which there are several.
    fn alike(&mut self) -> Option<String> {
        let saga: &Saga = self.course.saga;
        let back = (0..saga.steps.len()).filter(|at| !self.course.forward_only(*at));
        let ends = back.map(|at| self.end(saga.on_failure.as_ref(), Some(&saga.steps[at])));
        let ends = ends.collect::<Result<Vec<World<'_>>, String>>().ok()?;
        let mut texts = ends.iter().map(|world| {
            let mut body = Body::empty();
            body.records(self.types, world, self.scope).published(world);
            body.text()
        });
        let first = texts.next().filter(|text| text.contains("expected"))?;
        let rest: Vec<String> = texts.collect();
        (!rest.is_empty() && rest.iter().all(|text| *text == first)).then_some(first)
    }

    /// A step is refused: what was done before is taken back, the last step first.
    fn bad(&mut self, at: usize) -> Test {
        let saga: &Saga = self.course.saga;
        let name = format!(
            "when_{}_is_refused_what_was_done_is_taken_back",
            saga.steps[at].action.snake()
        );
        let world = match self.end(saga.on_failure.as_ref(), Some(&saga.steps[at])) {
            Ok(world) => world,
            Err(reason) => return unfit(&name, &reason),
        };
        let mut test = self.begun(&world, at);
        test.line(format!("saga.refuses(&{}).await;", self.names[at]));
        for before in (0..at).rev() {
            if saga.steps[before].kind != StepKind::Read {
                test.line(format!("saga.takes_back(&{}).await;", self.names[before]));
            }
        }
        test.line("saga.ends(\"compensated\").await;");
        if self.undone.is_some() {
            test.line("undone(&service).await;");
        } else {
            test.records(self.types, &world, self.scope)
                .published(&world);
        }
        test.test(name)
    }

    /// A step is refused of which the saga cannot go back: it is tried again.
    fn forward(&mut self, at: usize) -> Test {
        let mut test = self.begun(&World::new(self.types.model), at);
        test.line(format!("saga.refuses(&{}).await;", self.names[at]))
            .line("saga.goes_forward().await;");
        test.test(format!(
            "when_{}_is_refused_nothing_is_taken_back",
            self.course.saga.steps[at].action.snake()
        ))
    }
}
