//! Statements of tests.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::world::{Given, World};
use crate::model::arena::EntityId;
use crate::model::effect::{Effect, Root};
use crate::plan::effects::record_struct;
use crate::plan::expr::Bindings;
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;

/// How long a line of JSON may be before it is broken.
const WIDTH: usize = 84;

/// A test.
#[derive(Debug, Clone, Serialize)]
pub struct Test {
    /// Its name: a sentence.
    pub name: String,
    /// Why it cannot be run, where it cannot.
    pub ignore: Option<String>,
    /// Its statements.
    pub body: String,
}

/// A test that is put together.
#[derive(Debug)]
pub(super) struct Body {
    lines: Vec<String>,
}

impl Body {
    pub(super) fn new() -> Self {
        Self {
            lines: vec!["let service = harness::start().await;".to_owned()],
        }
    }

    /// Statements within others.
    pub(super) fn empty() -> Self {
        Self { lines: Vec::new() }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    pub(super) fn line(&mut self, line: impl Into<String>) -> &mut Self {
        self.lines.push(line.into());
        self
    }

    /// `let <name> = r#"..."#;`
    pub(super) fn json(&mut self, name: &str, json: &Json) -> &mut Self {
        let text = raw(json, 1);
        self.line(format!("let {name} = {text};"))
    }

    /// The records that are there at the beginning.
    pub(super) fn given(
        &mut self,
        types: &Types<'_>,
        given: &[(EntityId, Map<String, Json>)],
        scope: &mut Scope,
    ) -> &mut Self {
        for (entity, record) in given {
            let name = record_name(types, *entity, scope);
            self.json("given", &Json::Object(record.clone()));
            self.line(format!("service.given::<{name}>(given).await;"));
        }
        self
    }

    /// The commands that led aggregates to where they are at the beginning.
    pub(super) fn led(&mut self, types: &Types<'_>, led: &[Given], scope: &mut Scope) -> &mut Self {
        for of_one in led.chunk_by(|a, b| (a.aggregate, &a.id) == (b.aggregate, &b.id)) {
            let [first, ..] = of_one else { continue };
            let aggregate = &types.model.aggregates[first.aggregate];
            let module = scope.import(&format!(
                "tests::aggregates::{}",
                aggregate.name.identifier()
            ));
            let id = string(&first.id);
            let commands = of_one.iter().map(|given| {
                let command = super::aggregate::sample_name(&aggregate.commands[given.command]);
                format!("{module}::{command}")
            });
            let commands: Vec<String> = commands.collect();
            self.line(format!(
                "{module}::happened(&service, {id}, &[{}]).await;",
                commands.join(", ")
            ));
        }
        self
    }

    /// The records that are there at the end.
    pub(super) fn records(
        &mut self,
        types: &Types<'_>,
        world: &World<'_>,
        scope: &mut Scope,
    ) -> &mut Self {
        for (entity, records) in &world.records {
            let name = record_name(types, *entity, scope);
            self.json(
                "expected",
                &Json::Array(records.iter().cloned().map(Json::Object).collect()),
            );
            self.line(format!("let seen = service.records::<{name}>().await;"));
            self.line("seen.are(expected);");
        }
        self
    }

    /// Only what was there at the beginning is there at the end.
    pub(super) fn unchanged(
        &mut self,
        types: &Types<'_>,
        world: &World<'_>,
        scope: &mut Scope,
    ) -> &mut Self {
        let entities = world.given.iter().map(|(entity, _)| *entity).collect();
        self.still(types, world, &entities, scope)
    }

    /// Of these data, only what was there at the beginning is there at the end.
    pub(super) fn still(
        &mut self,
        types: &Types<'_>,
        world: &World<'_>,
        entities: &BTreeSet<EntityId>,
        scope: &mut Scope,
    ) -> &mut Self {
        for entity in entities {
            let name = record_name(types, *entity, scope);
            let given = world.given.iter().filter(|(of, _)| of == entity);
            let given: Vec<Json> = given
                .map(|(_, record)| Json::Object(record.clone()))
                .collect();
            if given.is_empty() {
                self.line(format!("service.records::<{name}>().await.none();"));
                continue;
            }
            self.json("expected", &Json::Array(given));
            self.line(format!("let seen = service.records::<{name}>().await;"));
            self.line("seen.are(expected);");
        }
        self
    }

    /// Nothing but what was there at the beginning is there at the end, of all data that was looked at.
    pub(super) fn remains(
        &mut self,
        types: &Types<'_>,
        world: &World<'_>,
        scope: &mut Scope,
    ) -> &mut Self {
        self.unchanged(types, world, scope);
        let given = |entity: &EntityId| world.given.iter().any(|(of, _)| of == entity);
        for entity in world.records.keys().filter(|entity| !given(entity)) {
            let name = record_name(types, *entity, scope);
            self.line(format!("service.records::<{name}>().await.none();"));
        }
        self
    }

    /// What there is at the end; of data that effects might have touched and did not, nothing.
    pub(super) fn outcome(
        &mut self,
        types: &Types<'_>,
        world: &World<'_>,
        effects: &[Effect],
        scope: &mut Scope,
    ) -> &mut Self {
        self.records(types, world, scope);
        let touched: BTreeSet<EntityId> = effects.iter().map(|effect| effect.entity).collect();
        for entity in touched
            .iter()
            .filter(|entity| !world.records.contains_key(entity))
        {
            let name = record_name(types, *entity, scope);
            self.line(format!("service.records::<{name}>().await.none();"));
        }
        self.published(world)
    }

    /// The events that were published.
    pub(super) fn published(&mut self, world: &World<'_>) -> &mut Self {
        if world.published.is_empty() {
            return self.line("service.outbox().await.none();");
        }
        let events = world.published.iter().map(|published| {
            json!({ "event": published.event, "version": published.version, "payload": published.payload })
        });
        self.json("expected", &Json::Array(events.collect()));
        self.line("service.outbox().await.are(expected);")
    }

    pub(super) fn test(self, name: impl Into<String>) -> Test {
        Test {
            name: name.into(),
            ignore: None,
            body: self.text(),
        }
    }

    /// The statements as a function has them.
    pub(super) fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| format!("    {line}"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A test that says why it is none.
pub(super) fn unfit(name: &str, reason: &str) -> Test {
    let reason = format!("{reason}: test this in own.rs");
    let mut test = Body::empty().test(name);
    test.ignore = Some(string(&reason));
    test
}

/// The record of an entity, as a file spells it.
pub(super) fn record_name(types: &Types<'_>, entity: EntityId, scope: &mut Scope) -> String {
    let bindings = Bindings::new(types).with(
        Root::Subject,
        "",
        crate::plan::expr::Shape::Plain(crate::plan::rust::RustType::String),
    );
    scope.import(&record_struct(&bindings, entity))
}

/// JSON as a raw string literal, broken into lines where it is long.
pub(super) fn raw(json: &Json, depth: usize) -> String {
    let mut text = spaced(json);
    if text.chars().count() > WIDTH {
        text = lines(json, depth);
    }
    let mut hashes = 1;
    while text.contains(&format!("\"{}", "#".repeat(hashes))) {
        hashes += 1;
    }
    let hashes = "#".repeat(hashes);
    format!("r{hashes}\"{text}\"{hashes}")
}

/// On one line, with spaces as people write them.
fn spaced(json: &Json) -> String {
    let join = |items: Vec<String>| items.join(", ");
    match json {
        Json::Object(object) if object.is_empty() => "{}".to_owned(),
        Json::Object(object) => {
            let members = object
                .iter()
                .map(|(name, value)| format!("{}: {}", json!(name), spaced(value)));
            format!("{{{}}}", join(members.collect()))
        }
        Json::Array(items) => format!("[{}]", join(items.iter().map(spaced).collect())),
        other => other.to_string(),
    }
}

fn lines(json: &Json, depth: usize) -> String {
    let short = spaced(json);
    if short.chars().count() <= WIDTH {
        return short;
    }
    let (inner, outer) = ("    ".repeat(depth + 1), "    ".repeat(depth));
    match json {
        Json::Object(object) => {
            let members = object.iter().map(|(name, value)| {
                format!("{inner}{}: {}", json!(name), lines(value, depth + 1))
            });
            format!("{{\n{}\n{outer}}}", members.collect::<Vec<_>>().join(",\n"))
        }
        Json::Array(items) => {
            let items = items
                .iter()
                .map(|item| format!("{inner}{}", lines(item, depth + 1)));
            format!("[\n{}\n{outer}]", items.collect::<Vec<_>>().join(",\n"))
        }
        _ => short,
    }
}
