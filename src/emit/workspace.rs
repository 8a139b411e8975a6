//! What ties the workspace together.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use crate::plan::Workspace;

/// What a system has from its first day on: its folder may hold these before anything is generated, as the user's.
pub(super) fn first(files: &mut Files) -> Result<(), EmitError> {
    let version = env!("CARGO_PKG_VERSION");
    let workflow = ".github/workflows/architecture.yml";
    files.scaffolded(workflow, &[], context! { version })?;
    files.scaffolded(".gitignore", &[], context! {})
}

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    for rename in &plan.renames {
        files.moved(&rename.from, &rename.to)?;
    }
    let contracts = plan.contracts.iter().map(|contract| &contract.krate);
    let services = plan.services.iter().map(|service| &service.krate);
    let (contracts, services): (Vec<_>, Vec<_>) = (contracts.collect(), services.collect());
    let crates = context! {
        members => Serde(&plan.members),
        contracts => Serde(&contracts),
        services => Serde(&services),
    };
    files.generated("Cargo.toml", &[], crates)?;
    for template in [".editorconfig", ".gitattributes"] {
        files.generated(template, &[], context! {})?;
    }
    files.generated(".github/workflows/ci.yml", &[], context! {})?;
    first(files)?;
    // The user's too: `msarch new` writes one that tells how to begin.
    let readme = context! {
        docs => Serde(&plan.docs),
        proxy => Serde(&plan.deployment.proxy),
        compose => plan.deployment.compose,
        kubernetes => plan.deployment.kubernetes,
        mesh => plan.deployment.mesh,
        secrets => !plan.compose.secrets.is_empty(),
    };
    files.scaffolded("README.md", &[], readme)
}
