//! What ties the workspace together.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::manifest;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let view = || context! { workspace => Serde(plan) };
    files.generated("Cargo.toml", &[], view())?;
    for template in [".editorconfig", ".gitattributes"] {
        files.generated(template, &[], context! {})?;
    }
    let version = env!("CARGO_PKG_VERSION");
    files.generated(".github/workflows/ci.yml", &[], context! { version })?;
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
    files.scaffolded("README.md", &[], context! { docs => Serde(&plan.docs) })?;
    files.scaffolded(".gitignore", &[], context! {})
}
