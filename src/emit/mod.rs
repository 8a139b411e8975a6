//! From the plan to a tree of files in memory. Nothing is decided here: views are printed by templates.
//!
//! `templates/` mirrors the workspace one to one: `templates/services/{service}/src/main.rs.j2` becomes
//! `services/orders/src/main.rs`, and the braces are the only loop.
//!
//! To add a file:
//! 1. Put its template under `templates/`, at the path that it will have, with `.j2` at the end. It may use what its view
//!    holds and nothing else (undefined names are errors). Rust is written one statement a line, however long: `layout` breaks it.
//! 2. If the view lacks something, decide it in `plan` and spell it there: a template prints `{{ x }}`, `for` and `if flag`.
//! 3. Add one line to the function of its folder: `contracts`, `services` or `workspace` below. `generated` files are kept up
//!    to date, `scaffolded` ones are written once, `frozen` ones never change.
//!
//! `macros.j2` at the top of `templates/` holds what several templates share.

mod contracts;
mod deploy;
mod descriptions;
pub mod diagram;
mod docs;
mod files;
mod gateway;
mod images;
mod istio;
mod kubernetes;
mod layout;
mod local;
mod manifest;
mod runtime;
mod scenarios;
mod services;
mod template;
pub mod tree;
mod workspace;
pub mod yaml;

use crate::plan::Workspace;
use files::Files;
use tree::{Tree, TreeError};

pub use template::TemplateError;

/// The tree could not be made: our failure, not the user's.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Two files want one place, or a path is unfit.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// Prints the plan.
///
/// # Errors
/// When a template does not fit its view, or two files want one place.
pub fn emit(plan: &Workspace) -> Result<Tree, EmitError> {
    let mut files = Files::default();
    runtime::emit(&mut files)?;
    contracts::emit(&mut files, plan)?;
    services::emit(&mut files, plan)?;
    local::emit(&mut files, plan)?;
    descriptions::emit(&mut files, plan)?;
    images::emit(&mut files, plan)?;
    istio::emit(&mut files, plan)?;
    gateway::emit(&mut files, plan)?;
    kubernetes::emit(&mut files, plan)?;
    deploy::emit(&mut files, plan)?;
    docs::emit(&mut files, plan)?;
    workspace::emit(&mut files, plan)?;
    Ok(files.into_tree())
}

/// The files that a system has from its first day on, before anything is generated.
///
/// # Errors
/// When a template does not fit its view.
pub fn first_files() -> Result<Tree, EmitError> {
    let mut files = Files::default();
    workspace::first(&mut files)?;
    Ok(files.into_tree())
}
