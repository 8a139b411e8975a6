//! What stands behind services here: one pod each, with a Service and a network policy.

use serde_json::{Value, json};

use super::{FOLDER, broker, cache, collector, database};
use crate::plan::deployment::Deployment;
use crate::plan::kubernetes::network::{self, Behind};
use crate::plan::kubernetes::pod::{self, component};
use crate::plan::kubernetes::{Manifest, kustomization, service};

/// A part: its documents, and what it is configured with.
pub(super) struct Part {
    /// What it is called.
    pub name: String,
    /// Its objects.
    pub documents: Vec<Value>,
    /// The configuration that it reads, where it is its own: the name of the file, and what stands in it.
    pub configuration: Option<(&'static str, Value)>,
}

/// The pod of a part.
pub(super) struct Pod {
    /// Which image.
    pub image: &'static str,
    /// As whom it runs.
    pub user: u32,
    /// What its container has beyond the usual.
    pub container: Value,
    /// Its volumes, but for a claim.
    pub volumes: Vec<Value>,
    /// How large a volume it keeps its data on.
    pub claim: Option<&'static str>,
    /// How it is asked whether it answers.
    pub probe: Value,
    /// How much memory it gets.
    pub memory: &'static str,
}

/// All parts.
pub(super) fn parts(system: &Deployment) -> Vec<Part> {
    network::behind(system)
        .iter()
        .filter(|behind| !behind.given)
        .filter_map(|behind| match behind.component {
            component::DATABASE => database::part(system, behind),
            component::BROKER => Some(broker::part(system, behind)),
            component::CACHE => Some(cache::part(system, behind)),
            _ => Some(collector::part(system, behind)),
        })
        .collect()
}

impl Part {
    pub(super) fn new(system: &Deployment, behind: &Behind<'_>, pod: Pod) -> Self {
        let mut documents = vec![
            account(system, behind),
            address(system, behind),
            set(system, behind, pod),
            network::way_from(system, behind),
        ];
        documents.extend(network::way_to(
            system,
            behind,
            &network::in_cluster(behind),
        ));
        Self {
            name: behind.name.to_owned(),
            documents,
            configuration: None,
        }
    }

    pub(super) fn manifests(self) -> Vec<Manifest> {
        let Self {
            name,
            documents,
            configuration,
        } = self;
        let at = |file: &str| format!("{FOLDER}/parts/{name}/{file}");
        let file = format!("{name}.yaml");
        let mut built = kustomization::of(&[&file]);
        let mut all = vec![Manifest::generated(at(&file), documents)];
        if let Some((file, value)) = configuration {
            built["configMapGenerator"] = json!([{"name": name, "files": [file]}]);
            all.push(Manifest::generated(at(file), vec![value]));
        }
        all.push(Manifest::generated(at("kustomization.yaml"), vec![built]));
        all
    }
}

fn account(system: &Deployment, behind: &Behind<'_>) -> Value {
    let rest = json!({"automountServiceAccountToken": false});
    let of = (behind.name, behind.component);
    pod::object(system, ("v1", "ServiceAccount"), behind.name, of, rest)
}

fn address(system: &Deployment, behind: &Behind<'_>) -> Value {
    let of = (behind.name, behind.component);
    let mut port = network::port_of(system, behind);
    port["targetPort"] = json!("main");
    let rest = json!({"spec": {"selector": pod::selector(of.0, of.1), "ports": [port]}});
    pod::object(system, ("v1", "Service"), behind.name, of, rest)
}

fn set(system: &Deployment, behind: &Behind<'_>, pod: Pod) -> Value {
    let of = (behind.name, behind.component);
    let mut container = json!({
        "name": behind.component,
        "image": pod.image,
        "ports": [{"name": "main", "containerPort": behind.port}],
        "startupProbe": pod::probe(pod.probe.clone(), 2, 60),
        "readinessProbe": pod::probe(pod.probe, 5, 3),
        "resources": pod::resources("100m", pod.memory),
        "securityContext": pod::contained(),
    });
    pod::merge(&mut container, pod.container);
    let mut labels = pod::labels(system, of.0, of.1);
    if system.mesh {
        pod::beside_the_mesh(&mut labels);
    }
    let spec = json!({
        "serviceAccountName": behind.name,
        "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": 30,
        "securityContext": pod::security(pod.user),
        "containers": [container],
        "volumes": pod.volumes,
    });
    let mut rest = json!({"spec": {
        "replicas": 1,
        "serviceName": behind.name,
        "selector": {"matchLabels": pod::selector(of.0, of.1)},
        "template": {"metadata": {"labels": labels}, "spec": spec},
    }});
    if let Some(size) = pod.claim {
        rest["spec"]["volumeClaimTemplates"] = json!([service::claim(size)]);
    }
    pod::object(system, ("apps/v1", "StatefulSet"), behind.name, of, rest)
}
