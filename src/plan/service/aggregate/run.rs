//! How a command of an aggregate is run by an operation, a reaction or a saga.

use crate::model::effect::Value;
use crate::model::event::{Aggregate, AggregateCommand, CommandRun};
use crate::plan::code::Code;
use crate::plan::expr::{self, Bindings, initialized};
use crate::plan::names::{AggregateTypes, field_beside};
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
    let own = AggregateTypes::new(aggregate);
    let variant = &own.commands[run.command];
    let commands = scope.import(&format!("{module}::{}", own.command()));
    let input = scope.import(&format!("{module}::{variant}"));
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
    let of = initialized(&field_beside("id", &command.input), "id");
    code.line(format!("{of},"));
    let at = field_beside("at", &command.input);
    code.line(format!("{at}: {},", bindings.now));
    let owner = format!("{module}::{variant}");
    members(run, aggregate, command, &owner, bindings, scope, code);
    code.close("};");
    let bind = bind
        .map(|name| format!("let {name} = "))
        .unwrap_or_default();
    let execute = format!("aggregates::{}::execute", aggregate.name.identifier());
    code.line(format!(
        "{bind}{execute}(uow, id, {commands}::{variant}(command)).await?;"
    ));
}

/// The members of the command's input.
fn members(
    run: &CommandRun,
    aggregate: &Aggregate,
    command: &AggregateCommand,
    owner: &str,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let library = super::library(types, aggregate);
    let place = Place {
        owner,
        library: &library,
    };
    for field in &command.input.fields {
        let rust = types.field(field, place);
        let member = expr::member(field, &rust, &run.input, bindings, scope);
        code.line(format!("{member},"));
    }
}
