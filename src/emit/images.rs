//! `services/*/Dockerfile`, and what the builds may see.

use std::collections::BTreeSet;

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::manifest::Ours;
use crate::plan::Workspace;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let ours = Ours::new(
        plan.contracts
            .iter()
            .map(|contract| contract.krate.as_str()),
    );
    for service in &plan.services {
        let crates = needed(files, &ours, &format!("services/{}/", service.krate));
        let libraries: Vec<String> = crates
            .iter()
            .map(|krate| format!("crates/{krate}"))
            .collect();
        files.generated(
            "services/{service}/Dockerfile",
            &[("service", service.krate.as_str())],
            context! { service => Serde(service), libraries => Serde(&libraries) },
        )?;
    }
    files.generated(".dockerignore", &[], context! {})
}

/// The contracts that a folder's sources need, through and through.
fn needed(files: &Files, ours: &Ours, folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for krate in ours.named_in(files.texts_under(&folder)) {
            if found.insert(krate.to_owned()) {
                folders.push(format!("crates/{krate}/"));
            }
        }
    }
    found
}
