//! `crates/local/`.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::manifest;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let view = || context! { workspace => Serde(plan), local => Serde(&plan.local) };
    files.generated("crates/local/src/main.rs", &[], view())?;
    files.generated("crates/local/src/lib.rs", &[], view())?;
    if plan.local.gateway.is_some() {
        files.generated("crates/local/src/gateway.rs", &[], view())?;
    }
    files.generated("crates/local/tests/system.rs", &[], view())?;
    let ours: Vec<String> = plan
        .services
        .iter()
        .map(|service| service.krate.clone())
        .collect();
    let dependencies = manifest::dependencies(
        files.texts_under("crates/local/src/"),
        files.texts_under("crates/local/tests/"),
        &ours,
        "local",
    );
    files.generated(
        "crates/local/Cargo.toml",
        &[],
        context! { workspace => Serde(plan), dependencies => Serde(&dependencies) },
    )
}
