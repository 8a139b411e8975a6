//! The manifests for Istio 1.30: the door, how requests reach each service, and who may ask whom for what.
//!
//! | room | decides |
//! |---|---|
//! | `names` | how hosts, callers and files are spelt |
//! | `path` | paths of routes as Istio matches them |
//! | `door` | the gateway: who comes in, and where each route leads |
//! | `routing` | timeouts, tries, versions and connections on the way to each service |
//! | `authorization` | who may ask whom for what: nobody, but for what is declared |
//! | `security` | mutual TLS and tokens |
//! | `outside` | systems that are not ours |
//! | `control` | what the control plane and the ingress gateway are installed with |
//!
//! **Tries live in one layer per hop.** Istio repeats requests twice unless it is told not to, so every rule says how often. Where a
//! caller tries again by itself (its client knows which requests are safe to repeat), the mesh does not; where none does, the mesh
//! does what the file declares. From the door there is one proxy and no client: the route's tries hold, else those of the mesh.

mod authorization;
mod control;
mod door;
mod names;
mod outside;
mod path;
mod routing;
mod security;

use serde_json::{Value, json};

pub use control::{Installation, installation};

use super::deployment::{Deployment, deployment};
use crate::model::Model;
use crate::model::platform::Target;

/// The folder of all this in the workspace.
pub const FOLDER: &str = "deploy/istio";

/// One file.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Where, below the folder.
    pub path: String,
    /// What its reader should know, a line each.
    pub about: Vec<String>,
    /// What stands in it.
    pub documents: Vec<Value>,
}

impl Manifest {
    fn new(path: impl Into<String>, documents: Vec<Value>) -> Self {
        Self {
            path: path.into(),
            about: Vec::new(),
            documents,
        }
    }

    fn about(mut self, line: impl Into<String>) -> Self {
        self.about.push(line.into());
        self
    }
}

/// What the manifests are made from.
struct Facts<'m> {
    model: &'m Model,
    system: Deployment,
}

/// Whether Istio runs a mesh between the services on Kubernetes.
#[must_use]
pub fn is_wanted(model: &Model) -> bool {
    let targets = &model.deployment.targets;
    let kubernetes = targets.is_empty() || targets.contains(&Target::Kubernetes);
    kubernetes && model.mesh.as_ref().is_some_and(|mesh| mesh.istio)
}

/// All manifests; none where Istio is not what runs the mesh, or the system does not run on Kubernetes.
#[must_use]
pub fn manifests(model: &Model) -> Vec<Manifest> {
    if !is_wanted(model) {
        return Vec::new();
    }
    let facts = Facts {
        model,
        system: deployment(model),
    };
    let mut all = vec![security::everywhere(&facts)];
    all.extend(door::manifest(&facts));
    // Whoever serves nothing is asked by nobody.
    let serving = model.services.entries();
    for (id, service) in serving.filter(|(_, service)| !service.endpoints.is_empty()) {
        let mut documents = routing::of(&facts, id);
        documents.extend(security::tokens(&facts, id));
        documents.extend(authorization::of(&facts, id));
        let path = format!("services/{}.yaml", service.name.kebab());
        all.push(routing::said(&facts, id, Manifest::new(path, documents)));
    }
    all.extend(outside::manifest(&facts));
    all.extend(control::telemetry(&facts));
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.insert(0, kustomization(&facts, &all));
    all.extend(control::values(&facts));
    all
}

fn kustomization(facts: &Facts<'_>, all: &[Manifest]) -> Manifest {
    let resources: Vec<&str> = all.iter().map(|manifest| manifest.path.as_str()).collect();
    let built = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": facts.system.namespace,
        "resources": resources,
    });
    let manifest = Manifest::new("kustomization.yaml", vec![built])
        .about("Apply it after the system itself: `kubectl apply -k deploy/istio`.")
        .about("The folder values/ holds what Istio's Helm charts are installed with.");
    outside::said(facts, manifest)
}

/// An object of Istio's.
fn object(kind: (&str, &str), name: &str, facts: &Facts<'_>, spec: Value) -> Value {
    json!({
        "apiVersion": kind.0,
        "kind": kind.1,
        "metadata": {
            "name": name,
            "namespace": facts.system.namespace,
            "labels": {"app.kubernetes.io/part-of": facts.system.system},
        },
        "spec": spec,
    })
}

#[cfg(test)]
mod tests;
