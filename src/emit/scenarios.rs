//! `services/*/tests/`.

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::EmitError;
use super::files::Files;
use crate::plan::service::ServicePlan;

const FOLDER: &str = "services/{service}/tests/service";

pub(super) fn emit(
    files: &mut Files,
    service: &ServicePlan,
    view: &Value,
) -> Result<(), EmitError> {
    let krate = ("service", service.krate.as_str());
    let view = || context! { service => view };
    for file in ["main.rs", "harness.rs"] {
        files.generated(&format!("{FOLDER}/{file}"), &[krate], view())?;
    }
    files.scaffolded(&format!("{FOLDER}/own.rs"), &[krate], view())?;
    let groups = [
        ("operations", "operation", &service.tests.operations),
        ("reactions", "consumer", &service.tests.reactions),
    ];
    for (folder, brace, group) in groups {
        if group.is_empty() {
            continue;
        }
        files.generated(&format!("{FOLDER}/{folder}/mod.rs"), &[krate], view())?;
        for file in group {
            let at = [krate, (brace, file.module.trim_start_matches("r#"))];
            let template = format!("{FOLDER}/{folder}/{{{brace}}}.rs");
            files.generated(&template, &at, context! { file => Serde(file) })?;
        }
    }
    Ok(())
}
