//! The manifests for Kubernetes, as kustomize puts them together: a base that is what the architecture says, and two overlays.
//!
//! | room | decides |
//! |---|---|
//! | `pod` | what all pods have in common: labels, the restricted security standard, probes |
//! | `service` | the manifests of one service |
//! | `run` | its pods: all alike, or those of each version for themselves |
//! | `migration` | the Job that brings a service's database up to date |
//! | `network` | who may talk to whom: nobody, but for what is declared and what the platform needs |
//! | `gateway` | Envoy, where no mesh stands at the door |
//! | `kustomization` | which file belongs to what |
//! | `settings` | what an overlay sets otherwise than the base |
//! | `development` | an overlay with everything in the cluster |
//! | `production` | an overlay that is told where the databases and the broker are |
//!
//! Only what is stable in Kubernetes 1.33 is used. The base says nothing of where databases, broker, cache and collector are: overlays
//! do, and add the network policies for them, because policies only ever add up.
//!
//! **Migrations** are Jobs, one a release. Plain `kubectl apply -k` orders nothing, and nothing has to be ordered: services that do
//! not migrate themselves (`DATABASE__MIGRATE=false`) do not start before their tables are there, a rolling update takes no old pod away
//! before a new one is ready, and the kubelet tries again. A Job cannot be changed once it is made, so each release needs a name of its
//! own: in production the name ends in the tag of the image, which kustomize copies (`jobs.yaml`), so that nobody can forget it.

pub mod development;
pub mod gateway;
mod kustomization;
mod migration;
mod network;
mod pod;
mod production;
mod run;
mod service;
mod settings;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::deployment::{Deployment, Secret};

/// The folder of all this in the workspace.
pub const FOLDER: &str = "deploy/kubernetes";

/// The version of an image before anybody released one: what a developer builds.
pub const TAG: &str = "dev";

/// The key under which a Secret holds its value.
pub const SECRET_KEY: &str = "value";

/// Where pods find the certificates of authorities that whoever runs the system trusts.
pub const AUTHORITIES: &str = "/run/authorities";

/// Who may change a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// msarch keeps it up to date.
    Generated,
    /// It is written once, and then the user's.
    User,
}

/// One file.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Where, below `deploy/kubernetes/`.
    pub path: String,
    /// Whose it is.
    pub owner: Owner,
    /// What its reader should know, a line each.
    pub about: Vec<String>,
    /// What stands in it.
    pub body: Body,
}

/// What stands in a file.
#[derive(Debug, Clone)]
pub enum Body {
    /// Documents, as YAML.
    Documents(Vec<Value>),
    /// A text of another kind, as it is.
    Text(String),
}

impl Manifest {
    fn generated(path: impl Into<String>, documents: Vec<Value>) -> Self {
        Self {
            path: path.into(),
            owner: Owner::Generated,
            about: Vec::new(),
            body: Body::Documents(documents),
        }
    }

    fn text(path: impl Into<String>, text: String) -> Self {
        Self {
            body: Body::Text(text),
            ..Self::generated(path, Vec::new())
        }
    }

    /// The same file, written once and then the user's.
    fn users(self) -> Self {
        Self {
            owner: Owner::User,
            ..self
        }
    }

    fn about<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.about.extend(lines.into_iter().map(Into::into));
        self
    }
}

/// All manifests; none where the system does not run on Kubernetes.
#[must_use]
pub fn manifests(system: &Deployment) -> Vec<Manifest> {
    if !system.kubernetes {
        return Vec::new();
    }
    let mut all = base(system);
    all.extend(development::manifests(system));
    all.extend(production::manifests(system));
    all
}

/// Whether the door is Envoy, and not the mesh's gateway.
#[must_use]
pub fn has_gateway(system: &Deployment) -> bool {
    system.gateway.is_some() && !system.mesh
}

/// The secrets of all services and of the door, each once, sorted by name.
#[must_use]
pub fn secrets(system: &Deployment) -> Vec<&Secret> {
    let services = system
        .workloads
        .iter()
        .flat_map(|workload| &workload.secrets);
    let door = system.proxy.iter().filter(|_| has_gateway(system));
    let door = door.filter_map(|proxy| proxy.keys.as_ref());
    let by_name: BTreeMap<&str, &Secret> = services
        .chain(door)
        .map(|secret| (secret.name.as_str(), secret))
        .collect();
    by_name.into_values().collect()
}

fn base(system: &Deployment) -> Vec<Manifest> {
    let folder = kustomization::of(&["namespace.yaml"]);
    let mut all = vec![
        namespace(system),
        Manifest::generated("base/namespace/kustomization.yaml", vec![folder]),
        network::everywhere(system),
    ];
    let mut resources = vec!["namespace".to_owned(), "network-policies.yaml".to_owned()];
    if has_gateway(system) {
        all.extend(gateway::manifests(system));
        resources.push("gateway".to_owned());
    }
    for workload in &system.workloads {
        all.extend(service::manifests(system, workload));
        resources.push(format!("services/{}", workload.name));
    }
    let mut built = kustomization::of(&resources);
    built["namespace"] = json!(system.namespace);
    all.push(
        Manifest::generated("base/kustomization.yaml", vec![built]).about([
            "The system as the architecture declares it. It is not applied by itself: an overlay says where the databases are.",
        ]),
    );
    all
}

/// The namespace admits pods of the restricted Pod Security Standard alone.
fn namespace(system: &Deployment) -> Manifest {
    let mut labels = json!({
        "app.kubernetes.io/part-of": system.system,
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.33",
        "pod-security.kubernetes.io/warn": "restricted",
    });
    if system.mesh {
        labels["istio-injection"] = json!("enabled");
    }
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": system.namespace, "labels": labels},
    });
    let manifest = Manifest::generated("base/namespace/namespace.yaml", vec![namespace]).about([
        "Pods that ask for more than the restricted Pod Security Standard allows are not admitted.",
    ]);
    if system.mesh {
        manifest.about([
            "Sidecars need the mesh's CNI plugin for that: without it, they ask for NET_ADMIN.",
        ])
    } else {
        manifest
    }
}
