//! How a command of an aggregate is run by an operation, a reaction or a saga.

use crate::model::effect::Value;
use crate::model::event::{Aggregate, AggregateCommand, CommandRun};
use crate::plan::code::Code;
use crate::plan::expr::{self, Bindings};
use crate::plan::rust::{RustType, Scope};
use crate::plan::types::Place;

/// Runs a command; the projection's record is bound where it is wanted.
pub fn run(
    run: &CommandRun,
    bind: Option<&str>,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let aggregate = &types.model.aggregates[run.aggregate];
    let command = &aggregate.commands[run.command];
    let lib = types.names.service_lib(aggregate.service);
    let module = super::module(types, aggregate);
    let commands = scope.import(&format!("{module}::{}Command", aggregate.name.pascal()));
    let input = scope.import(&format!("{module}::{}", command.name.pascal()));
    scope.import(&format!("{lib}::aggregates"));
    let id = match &run.id {
        Some(path) => {
            let path = Value::Path(path.clone());
            expr::value(&path, &RustType::Uuid, bindings, scope).text
        }
        None => format!("{}::now_v7()", scope.import("uuid::Uuid")),
    };
    code.line(format!("let id = {id};"));
    code.open(format!("let command = {input} {{"));
    code.line("id,");
    code.line(format!("at: {},", bindings.now));
    members(run, aggregate, command, bindings, scope, code);
    code.close("};");
    let bind = bind
        .map(|name| format!("let {name} = "))
        .unwrap_or_default();
    let execute = format!("aggregates::{}::execute", aggregate.name.identifier());
    code.line(format!(
        "{bind}{execute}(uow, id, {commands}::{}(command)).await?;",
        command.name.pascal()
    ));
}

/// The members of the command's input.
fn members(
    run: &CommandRun,
    aggregate: &Aggregate,
    command: &AggregateCommand,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let owner = format!(
        "{}::{}",
        super::module(types, aggregate),
        command.name.pascal()
    );
    let library = super::library(types, aggregate);
    let place = Place {
        owner: &owner,
        library: &library,
    };
    for field in &command.input.fields {
        let rust = types.field(field, place);
        let member = expr::member(field, &rust, &run.input, bindings, scope);
        code.line(format!("{member},"));
    }
}
