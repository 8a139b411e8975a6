//! Event-sourced aggregates: their events, their commands, and how a command is run.

use crate::model::event::CommandRun;
use crate::plan::code::Code;
use crate::plan::expr::Bindings;
use crate::plan::rust::Scope;

/// Runs a command; the projection's record is bound where it is wanted.
pub fn run(
    run: &CommandRun,
    bind: Option<&str>,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let _ = (run, bind, bindings, scope, code);
}
