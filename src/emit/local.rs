//! `crates/local/`.

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::EmitError;
use super::files::Files;
use super::manifest::{self, Ours};
use super::tree::File;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let local = Value::from(Serde(&plan.local));
    let view = || context! { name => &plan.name, local => &local };
    files.generated("crates/local/src/main.rs", &[], view())?;
    files.generated("crates/local/src/lib.rs", &[], view())?;
    if plan.local.gateway.is_some() {
        files.generated("crates/local/src/gateway.rs", &[], view())?;
    }
    files.generated("crates/local/tests/system.rs", &[], view())?;
    for body in plan
        .local
        .test
        .probes
        .iter()
        .filter_map(|probe| probe.body.as_ref())
    {
        let path = format!("crates/local/tests/bodies/{}", body.file);
        files.add(path, File::generated(format!("{}\n", body.text)))?;
    }
    let ours = Ours::new(plan.services.iter().map(|service| service.krate.as_str()));
    let dependencies = manifest::dependencies(
        files.texts_under("crates/local/src/"),
        files.texts_under("crates/local/tests/"),
        &ours,
        "local",
    );
    files.generated(
        "crates/local/Cargo.toml",
        &[],
        context! { dependencies => Serde(&dependencies) },
    )
}
