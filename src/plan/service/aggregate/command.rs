//! Commands of an aggregate: when they are refused, and what they raise.

use serde::Serialize;

use super::Draft;
use crate::model::effect::{Assignment, Root};
use crate::model::event::{AggregateCommand, Raise};
use crate::model::name::Name;
use crate::plan::code::{Code, replace_word};
use crate::plan::contract::enums_in_place;
use crate::plan::effects;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::names::field_beside;
use crate::plan::rust::{FieldDef, RustType, literal, string, words};
use crate::plan::types::Place;

/// A command of an aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct CommandPlan {
    /// The variant and the struct of its input.
    pub name: String,
    /// The method.
    pub method: String,
    /// Its name, as written.
    pub written: String,
    /// The field of its input that tells of which one it is asked, and that which tells when.
    pub id: String,
    /// See above.
    pub at: String,
    /// Fields of its input.
    pub input: Vec<FieldDef>,
    /// Statements that decide.
    pub decide: String,
}

impl Draft<'_, '_> {
    pub(super) fn command(&mut self, at: usize) -> CommandPlan {
        let command = &self.aggregate.commands[at];
        let name = self.own.commands[at].clone();
        let owner = format!("{}::{name}", self.module);
        self.enums.extend(enums_in_place(&command.input, &name));
        let input = self.fields(&command.input, &owner);
        CommandPlan {
            method: method(&command.name),
            id: field_beside("id", &command.input),
            at: field_beside("at", &command.input),
            written: command.name.as_str().to_owned(),
            decide: self.decide(command, owner).text(2),
            name,
            input,
        }
    }

    /// Refuses a command, or gives the events that it raises.
    fn decide(&mut self, command: &AggregateCommand, owner: String) -> Code {
        let shape = Shape::Struct {
            owner,
            library: self.library.clone(),
        };
        let bindings = Bindings {
            now: format!("command.{}", field_beside("at", &command.input)),
            ..Bindings::new(self.types)
        }
        .with(Root::Input, "command", shape)
        .with(Root::State, "self", Shape::Fields(self.state_fields()));
        let mut code = Code::new();
        self.guard(command, &mut code);
        let raised: Vec<String> = command
            .raises
            .iter()
            .map(|raise| self.raised(command, raise, &bindings))
            .collect();
        match raised.as_slice() {
            [] => code.line("Ok(Vec::new())"),
            [one] => code.line(format!("Ok(vec![{one}])")),
            many => {
                code.open("Ok(vec![");
                many.iter().for_each(|event| code.line(format!("{event},")));
                code.close("])");
            }
        }
        code.move_once("command");
        code
    }

    /// The state as a command sees it, its identity included.
    fn state_fields(&self) -> Vec<(String, RustType)> {
        let state = self.state();
        let own = state.fields.iter().map(|field| {
            (
                field.name.snake().to_owned(),
                self.types.entity_field(self.aggregate.entity, field),
            )
        });
        std::iter::once(("id".to_owned(), RustType::Uuid))
            .chain(own)
            .collect()
    }

    /// An event that a command raises, as an expression.
    fn raised(
        &mut self,
        command: &AggregateCommand,
        raise: &Raise,
        bindings: &Bindings<'_>,
    ) -> String {
        let event = &self.aggregate.events[raise.event];
        let (path, shape) = self.payload(raise.event);
        let text = match event.published {
            Some((id, version)) => {
                let schema = &self.types.model.events[id].versions[version].schema;
                let scope = &mut self.scope;
                effects::payload(&path, &shape, schema, &raise.values, bindings, scope)
            }
            None => self.own_payload(raise.event, &path, &raise.values, bindings),
        };
        // The identity is the command's: the state knows none.
        let id = format!("command.{}", field_beside("id", &command.input));
        let text = replace_word(&text, "self.id", &id);
        format!("{}Event::{}({text})", self.own.state, event.name.pascal())
    }

    fn own_payload(
        &mut self,
        event: usize,
        owner: &str,
        values: &[Assignment],
        bindings: &Bindings<'_>,
    ) -> String {
        let name = self.own.events[event].clone();
        let event = &self.aggregate.events[event];
        let place = Place {
            owner,
            library: &self.library,
        };
        let fields: Vec<String> = event
            .schema
            .fields
            .iter()
            .map(|field| {
                let rust = self.types.field(field, place);
                expr::member(field, &rust, values, bindings, &mut self.scope)
            })
            .collect();
        if fields.is_empty() {
            format!("{name} {{}}")
        } else {
            format!("{name} {{ {} }}", fields.join(", "))
        }
    }

    /// Refuses a command that the state does not allow.
    fn guard(&mut self, command: &AggregateCommand, code: &mut Code) {
        let what = words(&self.aggregate.name);
        let begun = self.begun();
        let (unless, problem) = if command.creates {
            (
                format!("self.{begun}"),
                format!("conflict(\"this {what} exists already\")"),
            )
        } else {
            (
                format!("!self.{begun}"),
                format!("not_found(\"there is no such {what}\")"),
            )
        };
        code.open(format!("if {unless} {{"));
        code.line(format!("return Err(Problem::{problem});"));
        code.close("}");
        if !command.creates && !command.from.is_empty() {
            self.guard_status(command, code);
        }
    }

    /// Refuses a command that does not begin at the status that the aggregate has.
    fn guard_status(&mut self, command: &AggregateCommand, code: &mut Code) {
        let Some(field) = self.status() else {
            return;
        };
        let rust = self.types.entity_field(self.aggregate.entity, &field);
        let ident = field.name.identifier();
        let allowed = self.allowed(command, &ident, &rust);
        code.open(format!("if !{allowed} {{"));
        let shown = if rust.is_option() { "{:?}" } else { "{}" };
        code.line(format!(
            "return Err(Problem::conflict(format!(\"`{}` is not possible while it is {shown}\", self.{ident})));",
            command.name
        ));
        code.close("}");
    }

    /// The condition that the status is one from which the command begins.
    fn allowed(&mut self, command: &AggregateCommand, ident: &str, rust: &RustType) -> String {
        let from = command.from.iter();
        if let RustType::Enum(_) = rust.inner() {
            let states = from.map(|state| {
                let state = serde_json::Value::String(state.value.clone());
                literal(&state, rust, &mut self.scope)
            });
            let states: Vec<String> = states.collect();
            return format!("matches!(self.{ident}, {})", states.join(" | "));
        }
        let states: Vec<String> = from.map(|state| string(&state.value)).collect();
        let text = if rust.is_option() {
            format!("self.{ident}.as_deref().unwrap_or_default()")
        } else {
            format!("self.{ident}.as_str()")
        };
        format!("[{}].contains(&{text})", states.join(", "))
    }
}

/// The method that decides: some names would promise readers of Rust something else.
fn method(command: &Name) -> String {
    let name = command.snake();
    if name == "new" || name.starts_with("from_") || name.starts_with("into_") {
        format!("decide_{name}")
    } else {
        command.identifier()
    }
}
