//! What ties the workspace together.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::manifest;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let view = || context! { workspace => Serde(plan) };
    for template in ["Cargo.toml", ".gitattributes"] {
        files.generated(template, &[], view())?;
    }
    files.generated("crates/local/src/main.rs", &[], view())?;
    if plan.local.gateway.is_some() {
        files.generated("crates/local/src/gateway.rs", &[], view())?;
    }
    let ours: Vec<String> = plan
        .services
        .iter()
        .map(|service| service.krate.clone())
        .collect();
    let dependencies = manifest::dependencies(
        files.texts_under("crates/local/src/"),
        std::iter::empty(),
        &ours,
        "local",
    );
    files.generated(
        "crates/local/Cargo.toml",
        &[],
        context! { dependencies => Serde(&dependencies) },
    )?;
    // A system's own folder has these two from the start: `msarch new` writes them, and so do people.
    for template in ["README.md", ".gitignore"] {
        files.scaffolded(template, &[], view())?;
    }
    Ok(())
}
