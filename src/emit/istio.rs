//! `deploy/istio/`.

use std::fmt::Write as _;

use super::EmitError;
use super::files::Files;
use super::yaml;
use crate::plan::Workspace;
use crate::plan::istio::FOLDER;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    for manifest in &plan.istio {
        let mut text = String::new();
        for line in &manifest.about {
            let _ = writeln!(text, "# {line}");
        }
        let documents: Vec<String> = manifest.documents.iter().map(yaml::document).collect();
        text.push_str(&documents.join("---\n"));
        files.generated_text(&format!("{FOLDER}/{}", manifest.path), &text)?;
    }
    Ok(())
}
