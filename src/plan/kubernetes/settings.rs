//! What an overlay sets otherwise than the base: a file for each service, the user's, and the component that puts them over the base.

use serde_json::{Value, json};

use super::{Manifest, kustomization, service};
use crate::plan::deployment::{Deployment, Workload};

/// The component `settings` of an overlay.
pub(super) fn manifests(system: &Deployment, overlay: &str) -> Vec<Manifest> {
    let at = |file: &str| format!("{overlay}/settings/{file}");
    let generators: Vec<Value> = system
        .workloads
        .iter()
        .map(|workload| {
            json!({
                "name": service::settings_name(workload),
                "behavior": "merge",
                "envs": [file(workload)],
            })
        })
        .collect();
    let mut built = kustomization::component();
    built["configMapGenerator"] = json!(generators);
    let component = Manifest::generated(at("kustomization.yaml"), vec![built]);
    let mut all = vec![component.about([
        "The settings of each service here, over those of the base. A change of one rolls the pods of its service.",
    ])];
    let files = system.workloads.iter();
    all.extend(files.map(|workload| Manifest::text(at(&file(workload)), lines(workload)).users()));
    all
}

fn file(workload: &Workload) -> String {
    format!("{}.env", workload.name)
}

fn lines(workload: &Workload) -> String {
    let name = &workload.name;
    let mut text = format!(
        "# Settings of {name} in this overlay, a line each; docs/services/{name}.md lists them. No secrets.\n"
    );
    if !workload.given.is_empty() {
        text.push_str("# It needs these, and does not start without:\n");
    }
    for variable in &workload.given {
        text.push_str(&format!("{variable}=\n"));
    }
    text
}
