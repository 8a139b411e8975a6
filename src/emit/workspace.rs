//! What ties the workspace together.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let view = || context! { workspace => Serde(plan) };
    for template in ["Cargo.toml", "README.md", ".gitignore", ".gitattributes"] {
        files.generated(template, &[], view())?;
    }
    Ok(())
}
