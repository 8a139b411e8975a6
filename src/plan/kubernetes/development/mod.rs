//! An overlay with everything in the cluster: databases, broker, cache and collector, each one pod of a pinned image.

mod broker;
mod cache;
mod collector;
mod database;
mod part;
pub mod secrets;

use serde_json::{Value, json};

use super::{Manifest, has_gateway, kustomization, network, settings};
use crate::plan::deployment::{Deployment, Keep, Workload};

/// Where it lies.
pub(super) const FOLDER: &str = "overlays/development";

/// The overlay.
pub(super) fn manifests(system: &Deployment) -> Vec<Manifest> {
    let mut resources = vec!["../../base".to_owned()];
    let shared = configurations(system).into_iter();
    resources.extend(shared.map(|shared| format!("../../../{}", shared.folder)));
    let mut all = Vec::new();
    for part in part::parts(system) {
        resources.push(format!("parts/{}", part.name));
        all.extend(part.manifests());
    }
    let elsewhere = elsewhere(system);
    if !elsewhere.is_empty() {
        let path = format!("{FOLDER}/network-policies.yaml");
        let policies = Manifest::generated(path, elsewhere);
        all.push(policies.about([
            "Servers that the architecture names by host: somebody else runs them, and they are reached by port.",
        ]));
        resources.push("network-policies.yaml".to_owned());
    }
    let mut built = kustomization::of(&resources);
    built["namespace"] = json!(system.namespace);
    built["components"] = json!(["settings"]);
    all.extend(settings::manifests(system, FOLDER));
    let images = images(system);
    if !images.is_empty() {
        built["images"] = json!(images);
    }
    let patches = patches(system);
    if !patches.is_empty() {
        built["patches"] = json!(patches);
    }
    let path = format!("{FOLDER}/kustomization.yaml");
    all.push(Manifest::generated(path, vec![built]).about([
        "Everything in the cluster, one pod of each: to try things out, not to keep data in.",
        "Secrets are not part of it, so that it can be built anywhere: they are made by deploy/secrets.sh, and applied from deploy/secrets.",
    ]));
    all
}

/// A folder of `deploy/` with a file that compose reads too; its kustomization makes a ConfigMap of it.
pub struct Shared {
    /// The folder.
    pub folder: &'static str,
    /// Its kustomization.
    pub kustomization: Value,
}

/// What broker, cache and databases are configured with.
#[must_use]
pub fn configurations(system: &Deployment) -> Vec<Shared> {
    let own = |workload: &Workload| matches!(workload.keep, Keep::Postgres { given: false, .. });
    let databases = system.workloads.iter().any(own);
    let all = [
        (system.broker, "nats", broker::CONFIGURATION, "nats.conf"),
        (databases, "postgres", database::FIRST, "init.sh"),
        (system.cache, "redis", cache::CONFIGURATION, "redis.conf"),
    ];
    let wanted = all.into_iter().filter(|(there, ..)| *there);
    wanted
        .map(|(_, folder, name, file)| Shared {
            folder,
            kustomization: kustomization::map(name, file),
        })
        .collect()
}

/// The ways to servers that somebody else runs.
fn elsewhere(system: &Deployment) -> Vec<Value> {
    network::behind(system)
        .iter()
        .filter(|behind| behind.given)
        .flat_map(|behind| network::way_to(system, behind, &network::anywhere(behind.port)))
        .collect()
}

/// All versions of a service are the one image that was built, until somebody says otherwise.
fn images(system: &Deployment) -> Vec<Value> {
    let workloads = system.workloads.iter();
    let versions = workloads.flat_map(|workload| {
        let versions = workload.versions.iter();
        versions.map(|version| super::run::versioned(workload, version)).map(|name| {
            let registry = &system.registry;
            json!({"name": format!("{registry}{name}"), "newName": format!("{registry}{}", workload.name)})
        })
    });
    versions.collect()
}

/// One pod of each, and nothing that keeps or makes more.
fn patches(system: &Deployment) -> Vec<Value> {
    let gateway = has_gateway(system);
    let grows = gateway || system.workloads.iter().any(super::service::moves);
    let several = gateway || system.workloads.iter().any(super::service::several);
    let kinds = [
        (grows, "autoscaling/v2", "HorizontalPodAutoscaler"),
        (several, "policy/v1", "PodDisruptionBudget"),
    ];
    let wanted = kinds.iter().filter(|(there, ..)| *there);
    wanted
        .map(|(_, version, kind)| {
            let patch = format!(
                "apiVersion: {version}\nkind: {kind}\nmetadata: {{name: any}}\n$patch: delete"
            );
            json!({"target": {"kind": kind}, "patch": patch})
        })
        .collect()
}
