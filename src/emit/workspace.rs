//! What ties the workspace together.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let view = || context! { workspace => Serde(plan) };
    files.generated("Cargo.toml", &[], view())?;
    for template in [".editorconfig", ".gitattributes"] {
        files.generated(template, &[], context! {})?;
    }
    let version = env!("CARGO_PKG_VERSION");
    files.generated(".github/workflows/ci.yml", &[], context! { version })?;
    // A system's own folder has these two from the start: `msarch new` writes them, and so do people.
    files.scaffolded("README.md", &[], context! { docs => Serde(&plan.docs) })?;
    files.scaffolded(".gitignore", &[], context! {})
}
