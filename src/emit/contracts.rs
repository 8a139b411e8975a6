//! `crates/contracts-*/`.

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::EmitError;
use super::files::Files;
use super::manifest::{self, Ours};
use super::tree::File;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let ours = Ours::new(
        plan.contracts
            .iter()
            .map(|contract| contract.krate.as_str()),
    );
    for contract in &plan.contracts {
        let at = [("contract", contract.krate.as_str())];
        let shown = Value::from(Serde(contract));
        let view = || context! { contract => &shown };
        files.generated("crates/{contract}/src/lib.rs", &at, view())?;
        if contract.types.is_some() {
            files.generated("crates/{contract}/src/types.rs", &at, view())?;
        }
        if contract.api.is_some() {
            files.generated("crates/{contract}/src/api.rs", &at, view())?;
        }
        if contract.client.is_some() {
            files.generated("crates/{contract}/src/client.rs", &at, view())?;
        }
        if !contract.events.is_empty() {
            files.generated("crates/{contract}/src/events/mod.rs", &at, view())?;
            files.generated("crates/{contract}/tests/schemas.rs", &at, view())?;
        }
        if !contract.upcasts.is_empty() {
            files.generated("crates/{contract}/tests/upcasts.rs", &at, view())?;
        }
        for event in &contract.events {
            let at = [
                ("contract", contract.krate.as_str()),
                ("event", event.module.trim_start_matches("r#")),
            ];
            files.generated(
                "crates/{contract}/src/events/{event}.rs",
                &at,
                context! { contract => &shown, event => Serde(event) },
            )?;
        }
        for schema in &contract.schemas {
            let path = format!("crates/{}/schemas/{}", contract.krate, schema.file);
            files.add(path, File::generated(format!("{}\n", schema.text)))?;
        }
        let folder = format!("crates/{}/", contract.krate);
        let (src, tests) = (format!("{folder}src/"), format!("{folder}tests/"));
        let dependencies = manifest::dependencies(
            files.texts_under(&src),
            files.texts_under(&tests),
            &ours,
            &contract.krate,
        );
        files.generated(
            "crates/{contract}/Cargo.toml",
            &at,
            context! { contract => &shown, dependencies => Serde(&dependencies) },
        )?;
    }
    Ok(())
}
