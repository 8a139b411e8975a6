//! An overlay that is told where the databases, the broker and the cache are, and which release runs.

use serde_json::{Value, json};

use super::network::{self, Behind};
use super::pod::{self, component};
use super::{Manifest, has_gateway, kustomization, migration, run, service, settings};
use crate::plan::deployment::surroundings::MONITORING;
use crate::plan::deployment::{Deployment, Workload, host};

const FOLDER: &str = "overlays/production";

/// The file that names Jobs after releases.
const JOBS: &str = "jobs.yaml";

/// The first release.
const FIRST: &str = "0.1.0";

/// The overlay.
pub(super) fn manifests(system: &Deployment) -> Vec<Manifest> {
    let mut all = vec![overlay(system)];
    all.extend(migrates(system).then(|| jobs(system)));
    all.extend(settings::manifests(system, FOLDER));
    all.extend(outside(system));
    all
}

/// What its owner changes: releases, sizes, how the door opens.
fn overlay(system: &Deployment) -> Manifest {
    let mut built = kustomization::of(&["../../base", "outside"]);
    built["namespace"] = json!(system.namespace);
    built["components"] = json!(["settings"]);
    let images: Vec<Value> = system
        .workloads
        .iter()
        .flat_map(|workload| images(system, workload))
        .collect();
    built["images"] = json!(images);
    if migrates(system) {
        built["replacements"] = json!([{"path": JOBS}]);
    }
    if has_gateway(system) {
        let patch = "- op: add\n  path: /spec/type\n  value: LoadBalancer";
        built["patches"] = json!([{
            "target": {"kind": "Service", "name": host::GATEWAY},
            "patch": patch,
        }]);
    }
    let path = format!("{FOLDER}/kustomization.yaml");
    let release = format!(
        "Set the release of each image: `newTag`, at most {} small letters, digits and dashes, and `digest` beside it where you hold images to one.",
        longest_tag(system)
    );
    let overlay = Manifest::generated(path, vec![built]).users().about([
        "Production: databases, broker and cache are elsewhere (outside/), Secrets are made by whatever keeps yours.",
        release.as_str(),
        "More pods: a patch of `minReplicas` of a HorizontalPodAutoscaler. Settings: settings/.",
    ]);
    if system.workloads.iter().all(|one| one.versions.is_empty()) {
        return overlay;
    }
    overlay.about([
        "Where the mesh divides requests among versions, each has its release here, and the migration has the newest.",
    ])
}

/// The release of a service; where it runs in versions, that of its migration, and of each version.
fn images(system: &Deployment, workload: &Workload) -> Vec<Value> {
    let name = format!("{}{}", system.registry, workload.name);
    let versions = workload.versions.iter().map(|version| {
        let placeholder = format!("{}{}", system.registry, run::versioned(workload, version));
        json!({"name": placeholder, "newName": name, "newTag": FIRST})
    });
    let own = json!({"name": name, "newTag": FIRST});
    std::iter::once(own).chain(versions).collect()
}

/// How long a tag may be: migrations are called after their service and its tag, and no Job has a longer name than a label.
fn longest_tag(system: &Deployment) -> usize {
    const LABEL: usize = 63;
    let moving = system.workloads.iter().filter(|one| service::moves(one));
    let names = moving.map(|workload| workload.name.len() + "-migrate-".len());
    LABEL - names.max().unwrap_or(0).min(LABEL)
}

/// Whether any service migrates by a Job.
fn migrates(system: &Deployment) -> bool {
    system.workloads.iter().any(service::moves)
}

/// Each migration's Job ends in the tag of its image, so that a release never changes the Job of another.
fn jobs(system: &Deployment) -> Manifest {
    let colon = system.registry.matches(':').count() + 1;
    let moving = system.workloads.iter();
    let replacements: Vec<Value> = moving
        .filter(|workload| service::moves(workload))
        .flat_map(|workload| named(workload, colon))
        .collect();
    let path = format!("{FOLDER}/{JOBS}");
    Manifest::generated(path, vec![json!(replacements)]).about([
        "A Job cannot be changed once it is made: the name of each migration ends in the tag of its image, copied here.",
        "A tag is what stands behind the colon, and before the @ of a digest.",
    ])
}

fn named(workload: &Workload, colon: usize) -> [Value; 2] {
    const TAG: &str = "metadata.labels.[app.kubernetes.io/version]";
    let job = json!({"kind": "Job", "name": migration::name(workload)});
    let from = |field: &str, delimiter: &str, index: usize| {
        let mut source = job.clone();
        source["fieldPath"] = json!(field);
        source["options"] = json!({"delimiter": delimiter, "index": index});
        source
    };
    let image = "spec.template.spec.containers.0.image";
    [
        json!({
            "source": from(image, ":", colon),
            "targets": [{"select": job, "fieldPaths": [TAG], "options": {"create": true}}],
        }),
        json!({
            "source": from(TAG, "@", 0),
            "targets": [
                {"select": job, "fieldPaths": [TAG]},
                {
                    "select": job,
                    "fieldPaths": ["metadata.name"],
                    "options": {"delimiter": "-", "index": migration::release(workload)},
                },
            ],
        }),
    ]
}

/// What is elsewhere: an address for each, which its owner fills in, and the ways to them.
fn outside(system: &Deployment) -> Vec<Manifest> {
    let at = |file: &str| format!("{FOLDER}/outside/{file}");
    let behind = network::behind(system);
    let mut resources = Vec::new();
    let mut all = Vec::new();
    let ways: Vec<Value> = behind
        .iter()
        .flat_map(|behind| network::way_to(system, behind, &way(behind)))
        .collect();
    if !ways.is_empty() {
        resources.push("network-policies.yaml".to_owned());
        let policies = Manifest::generated(at("network-policies.yaml"), ways);
        all.push(policies.about([
            "The ways to what is elsewhere, by port: nobody but you knows the addresses. To narrow them, patch `to` into them.",
        ]));
    }
    for behind in behind.iter().filter(|behind| !behind.given) {
        let file = format!("{}.yaml", behind.name);
        all.push(address(system, behind, &at(&file)));
        resources.push(file);
    }
    let mut built = kustomization::of(&resources);
    built["namespace"] = json!(system.namespace);
    all.push(Manifest::generated(at("kustomization.yaml"), vec![built]));
    all
}

fn way(behind: &Behind<'_>) -> Value {
    if behind.component == component::COLLECTOR {
        network::in_namespace(MONITORING, behind.port)
    } else {
        network::anywhere(behind.port)
    }
}

fn address(system: &Deployment, behind: &Behind<'_>, path: &str) -> Manifest {
    let monitoring = behind.component == component::COLLECTOR;
    let (known, said) = if monitoring {
        (
            format!("{}.{MONITORING}.svc.cluster.local", behind.name),
            "The collector of the cluster. Put another name here if yours is elsewhere.",
        )
    } else {
        (
            format!("{}.example", behind.name),
            "Put the name of your server here; it must listen on the port that the settings of its users name.",
        )
    };
    let of = (behind.name, behind.component);
    let port = network::port_of(system, behind);
    let rest = json!({"spec": {"type": "ExternalName", "externalName": known, "ports": [port]}});
    let service = pod::object(system, ("v1", "Service"), behind.name, of, rest);
    Manifest::generated(path, vec![service])
        .users()
        .about([said])
}
