//! `deploy/kubernetes/`, and what makes ConfigMaps and Secrets of files that compose reads too.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::yaml;
use crate::plan::Workspace;
use crate::plan::deployment::Workload;
use crate::plan::istio::installation;
use crate::plan::kubernetes::{self, Body, FOLDER, Manifest, Owner, development};

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let system = &plan.deployment;
    if !system.kubernetes {
        return Ok(());
    }
    for manifest in kubernetes::manifests(system) {
        let path = format!("{FOLDER}/{}", manifest.path);
        match manifest.owner {
            Owner::Generated => files.generated_text(&path, &text(&manifest))?,
            Owner::User => files.scaffolded_text(&path, &text(&manifest))?,
        }
    }
    if kubernetes::has_gateway(system) {
        let built = yaml::document(&kubernetes::gateway::configuration());
        files.generated_text("gateway/kustomization.yaml", &built)?;
    }
    for shared in development::configurations(system) {
        let path = format!("deploy/{}/kustomization.yaml", shared.folder);
        files.generated_text(&path, &yaml::document(&shared.kustomization))?;
    }
    if let Some(built) = development::secrets::secrets(system) {
        let about = "# The Secrets, each from the file of its name in this folder, which git ignores: ../secrets.sh makes what is missing.";
        let text = format!("{about}\n{}", yaml::document(&built));
        files.generated_text("deploy/secrets/kustomization.yaml", &text)?;
    }
    let versioned = system.workloads.iter();
    let versioned: Vec<&Workload> = versioned.filter(|it| !it.versions.is_empty()).collect();
    let secrets = kubernetes::secrets(system);
    files.generated(
        "deploy/kubernetes/README.md",
        &[],
        context! {
            system => Serde(system),
            secrets => Serde(&secrets),
            gateway => kubernetes::has_gateway(system),
            versioned => Serde(&versioned),
            made => !plan.compose.secrets.is_empty(),
            key => kubernetes::SECRET_KEY,
            authorities => kubernetes::AUTHORITIES,
            istio => Serde(&installation(system)),
        },
    )
}

/// What is said of it first, then the documents.
fn text(manifest: &Manifest) -> String {
    let about = manifest.about.iter().map(|line| format!("# {line}\n"));
    let body = match &manifest.body {
        Body::Text(text) => text.clone(),
        Body::Documents(documents) => {
            let documents: Vec<String> = documents.iter().map(yaml::document).collect();
            documents.join("---\n")
        }
    };
    about.chain([body]).collect()
}
