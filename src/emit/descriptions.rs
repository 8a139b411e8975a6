//! `services/*/openapi.yaml`.

use super::EmitError;
use super::files::Files;
use super::yaml;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    for (krate, description) in &plan.descriptions {
        let path = format!("services/{krate}/openapi.yaml");
        files.generated_text(&path, &yaml::document(description))?;
    }
    Ok(())
}
