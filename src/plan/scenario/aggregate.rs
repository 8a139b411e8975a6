//! The tests of an event-sourced aggregate: when each of its commands is possible, what comes of it, and how events of older versions
//! are read.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::print::{Body, Test, raw, record_name, unfit};
use super::sample::{sample_fields, uuid};
use super::upcast;
use super::world::{World, input, lives, possible};
use crate::model::arena::AggregateId;
use crate::model::event::{Aggregate, AggregateCommand};
use crate::model::name::Name;
use crate::plan::names::{AggregateTypes, field_beside};
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// What the file says itself.
const OWN: &[&str] = &["ID", "handle", "happened", "refused"];
/// What every file imports.
const IMPORTED: &[&str] = &[
    "http::StatusCode",
    "msarch_runtime::problem::Result",
    "msarch_runtime::testing::Fixture",
    "msarch_runtime::testing::once",
    "msarch_runtime::testing::uuid",
    "tests::harness",
];

/// The tests of an aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct AggregateTests {
    /// The module.
    pub module: String,
    /// The aggregate, as written.
    pub name: String,
    /// The type of its commands, spelt.
    pub commands: String,
    /// The record that shows it, spelt.
    pub record: String,
    /// What the file imports.
    pub imports: Scope,
    /// The identity of the one under test.
    pub id: String,
    /// A command each, with input that fits.
    pub samples: Vec<SampleCommand>,
    /// The tests.
    pub tests: Vec<Test>,
}

/// A command with input that fits.
#[derive(Debug, Clone, Serialize)]
pub struct SampleCommand {
    /// The function that makes it.
    pub function: String,
    /// The command, as written.
    pub written: String,
    /// Its variant.
    pub name: String,
    /// Its struct, spelt.
    pub ty: String,
    /// The field that tells of which one it is asked, and that which tells when.
    pub id: String,
    /// See above.
    pub at: String,
    /// Field → JSON, as a literal.
    pub fields: Vec<(String, String)>,
}

/// The function that makes a command with input that fits.
pub(super) fn sample_name(command: &AggregateCommand) -> String {
    let name = command.name.identifier();
    let imported = IMPORTED.iter().filter_map(|path| path.rsplit("::").next());
    let mut taken = imported
        .chain(["execute", "read"])
        .chain(OWN.iter().copied());
    if taken.any(|taken| taken == name) {
        format!("{name}_command")
    } else {
        name
    }
}

/// Plans the tests of an aggregate; none where nothing begins its life.
pub(super) fn file(types: &Types<'_>, id: AggregateId) -> Option<AggregateTests> {
    let aggregate = &types.model.aggregates[id];
    let lives = lives(aggregate);
    if lives.is_empty() {
        return None;
    }
    let samples = (0..aggregate.commands.len()).map(|index| sample(types, aggregate, index));
    let mut samples = samples.collect::<Option<Vec<_>>>()?;
    let module = format!(
        "{}::aggregates::{}",
        types.names.service_lib(aggregate.service),
        aggregate.name.snake()
    );
    let mut scope = Scope::new("tests::aggregate");
    OWN.iter().for_each(|own| scope.define(*own));
    samples
        .iter()
        .for_each(|sample| scope.define(sample.function.clone()));
    scope.all(IMPORTED.iter().copied());
    if samples.iter().any(|sample| !sample.fields.is_empty()) {
        scope.import("msarch_runtime::testing::read");
    }
    scope.import(&format!("{module}::execute"));
    for sample in &mut samples {
        sample.ty = scope.import(&format!("{module}::{}", sample.name));
    }
    let own = AggregateTypes::new(aggregate);
    let mut tests = AggregateTests {
        module: aggregate.name.identifier(),
        name: aggregate.name.as_str().to_owned(),
        commands: scope.import(&format!("{module}::{}", own.command())),
        record: record_name(types, aggregate.entity, &mut scope),
        imports: Scope::default(),
        id: string(&uuid(aggregate.name.snake(), 1)),
        samples,
        tests: Vec::new(),
    };
    tests.tests = Aggregates {
        types,
        id,
        aggregate,
        lives,
        state: scope.import(&format!("{module}::{}", own.state)),
        record: tests.record.clone(),
        scope: &mut scope,
    }
    .tests();
    tests.imports = scope;
    Some(tests)
}

fn sample(types: &Types<'_>, aggregate: &Aggregate, index: usize) -> Option<SampleCommand> {
    let command = &aggregate.commands[index];
    let input = input(types.model, aggregate, index).ok()?;
    let fields = command.input.fields.iter().map(|field| {
        let value = input.get(field.name.as_str()).unwrap_or(&Json::Null);
        (field.name.identifier(), raw(value, 3))
    });
    Some(SampleCommand {
        function: sample_name(command),
        written: command.name.as_str().to_owned(),
        name: AggregateTypes::new(aggregate).commands[index].clone(),
        ty: String::new(),
        id: field_beside("id", &command.input),
        at: field_beside("at", &command.input),
        fields: fields.collect(),
    })
}

struct Aggregates<'a, 'm> {
    types: &'a Types<'m>,
    id: AggregateId,
    aggregate: &'m Aggregate,
    /// The states that commands lead to, with those commands.
    lives: BTreeMap<Option<String>, Vec<usize>>,
    /// The type of its state, and that of the record that shows it.
    state: String,
    record: String,
    scope: &'a mut Scope,
}

impl Aggregates<'_, '_> {
    fn tests(mut self) -> Vec<Test> {
        let mut tests = Vec::new();
        for command in 0..self.aggregate.commands.len() {
            tests.extend(self.possible(command));
            tests.push(self.refused(command));
        }
        tests.push(self.changed());
        tests.extend(self.older());
        tests
    }

    fn key(&self) -> String {
        uuid(self.aggregate.name.snake(), 1)
    }

    /// `create_order(ID)`.
    fn call(&self, command: usize) -> String {
        let command = &self.aggregate.commands[command];
        format!("{}(ID)", sample_name(command))
    }

    /// `happened(&service, ID, &[create_order]).await;`
    fn happened(&self, path: &[usize]) -> String {
        let commands = path.iter().map(|index| &self.aggregate.commands[*index]);
        let commands: Vec<String> = commands.map(sample_name).collect();
        format!("happened(&service, ID, &[{}]).await;", commands.join(", "))
    }

    /// What comes of a command, from each state in which it is possible.
    fn possible(&mut self, command: usize) -> Vec<Test> {
        let aggregate = self.aggregate;
        let name = aggregate.commands[command].name.snake();
        if possible(aggregate, command, None) {
            let name = format!("{name}_begins_a_life");
            return vec![self.done(name, &[], command)];
        }
        let lives = self.lives.clone().into_iter();
        let from = lives.filter(|(state, _)| possible(aggregate, command, Some(state)));
        from.map(|(state, path)| {
            let after = state.map_or_else(
                || "once_it_has_begun".to_owned(),
                |state| format!("while_{}", Name::snake_of(&state)),
            );
            self.done(format!("{name}_is_possible_{after}"), &path, command)
        })
        .collect()
    }

    fn done(&mut self, name: String, path: &[usize], command: usize) -> Test {
        let mut world = World::new(self.types.model);
        let all: Vec<usize> = path.iter().copied().chain([command]).collect();
        if let Err(reason) = world.live(self.id, &all, &self.key()) {
            return unfit(&name, &reason);
        }
        let mut test = Body::new();
        if !path.is_empty() {
            test.line(self.happened(path));
        }
        let call = self.call(command);
        test.line(format!("let done = handle(&service, ID, {call}).await;"))
            .line("done.expect(\"it is possible\");");
        test.records(self.types, &world, self.scope)
            .published(&world);
        let (state, record) = (&self.state, &self.record);
        test.line(format!(
            "service.shows_its_events::<{state}, {record}>(uuid(ID)).await;"
        ));
        test.test(name)
    }

    /// A command is refused wherever it is not declared to be possible.
    fn refused(&mut self, command: usize) -> Test {
        let aggregate = self.aggregate;
        let call = self.call(command);
        let mut test = Body::new();
        if !aggregate.commands[command].creates {
            test.line(format!(
                "refused(&service, {call}, StatusCode::NOT_FOUND).await;"
            ));
        }
        let others = self.lives.iter();
        let others = others.filter(|(state, _)| !possible(aggregate, command, Some(state)));
        for (index, (_, path)) in others.enumerate() {
            if index > 0 {
                test.line("let service = harness::start().await;");
            }
            test.line(self.happened(path));
            test.line(format!(
                "refused(&service, {call}, StatusCode::CONFLICT).await;"
            ));
        }
        let name = aggregate.commands[command].name.snake();
        test.test(format!("{name}_is_refused_at_any_other_time"))
    }

    /// Who knows another version than the present one is told so.
    fn changed(&mut self) -> Test {
        let state = &self.state;
        let first = self.lives.values().map(|path| path[0]).min().unwrap_or(0);
        let mut test = Body::new();
        test.line(format!("let command = {};", self.call(first)));
        test.line("let changed = service.works(async |uow| {");
        test.line(format!("    let mut all = uow.aggregates::<{state}>();"));
        test.line("    all.execute_at(uuid(ID), 7, command).await");
        test.line("});");
        test.line("let told = changed.await.expect_err(\"it is at no such version\");");
        test.line("assert_eq!(told.status(), StatusCode::CONFLICT);");
        test.test("a_version_that_was_changed_since_is_refused")
    }

    /// Events of versions before the present one are read as those of the present one.
    fn older(&mut self) -> Vec<Test> {
        let (model, aggregate) = (self.types.model, self.aggregate);
        let mut tests = Vec::new();
        for event in &aggregate.events {
            let Some((id, present)) = event.published else {
                continue;
            };
            let versions = &model.events[id].versions;
            for before in 0..present {
                let Some(stored) = sample_fields(model, &versions[before].schema, 1) else {
                    continue;
                };
                let mut world = World::new(model);
                let read = (before + 1..=present).try_fold(stored.clone(), |payload, version| {
                    upcast::next(&mut world, &model.events[id], version, &payload)
                });
                let Some(read) = read else { continue };
                let mut state = Map::new();
                if world.apply(aggregate, event, &read, &mut state).is_err() {
                    continue;
                }
                let mut test = Body::new();
                test.json("stored", &stored);
                test.line(format!(
                    "service.stored::<{}>(uuid(ID), {}, {}, stored).await;",
                    self.state,
                    string(&event.name.pascal()),
                    versions[before].number
                ));
                test.json("expected", &json!([state]));
                test.line(format!(
                    "service.replayed::<{}>(uuid(ID)).await.are(expected);",
                    self.state
                ));
                tests.push(test.test(format!(
                    "{}_of_version_{}_is_read_as_of_version_{}",
                    event.name.snake(),
                    versions[before].number,
                    versions[present].number
                )));
            }
        }
        tests
    }
}
