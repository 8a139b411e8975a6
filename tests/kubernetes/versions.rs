//! Versions of a service beside each other: the mesh leads requests to the pods that there are, and there are no pods that it leads nobody to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kustomize::{containers, identity, list, pod};
use crate::{DEVELOPMENT, PRODUCTION, System, built, system, systems};

/// Of each service the versions that are led to, and the values of the label that choose their pods.
fn led(system: &System) -> BTreeMap<String, BTreeSet<String>> {
    let mut led: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let documents = system.plan.istio.iter().flat_map(|file| &file.documents);
    let documents: Vec<&Value> = documents.collect();
    for rule in documents
        .iter()
        .filter(|it| it["kind"] == "DestinationRule")
    {
        for subset in list(&rule["spec"]["subsets"]) {
            let labels = subset["labels"].as_object().expect("it has labels");
            assert_eq!(labels.len(), 1, "{subset}");
            let service = rule["metadata"]["name"].as_str().expect("a name");
            let version = labels["version"].as_str().expect("a version");
            let versions = led.entry(service.to_owned()).or_default();
            versions.insert(version.to_owned());
        }
    }
    led
}

/// Of each service the versions of its pods.
fn running(objects: &[Value]) -> BTreeMap<String, BTreeSet<String>> {
    let mut running: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for labels in objects
        .iter()
        .filter_map(pod)
        .map(|pod| &pod["metadata"]["labels"])
    {
        if let Some(version) = labels["version"].as_str() {
            let service = labels["app.kubernetes.io/name"].as_str().expect("a name");
            let versions = running.entry(service.to_owned()).or_default();
            versions.insert(version.to_owned());
        }
    }
    running
}

#[test]
fn the_versions_that_are_led_to_are_the_versions_that_run() {
    let mut divided = 0;
    for system in systems() {
        let led = led(&system);
        divided += led.len();
        for folder in [DEVELOPMENT, PRODUCTION] {
            let objects = built(&system, folder);
            assert_eq!(led, running(&objects), "{} {folder}", system.path);
            for object in objects.iter().filter(|object| object["kind"] == "Service") {
                assert!(object["spec"]["selector"]["version"].is_null());
            }
        }
    }
    assert!(divided >= 2, "{divided}");
}

#[test]
fn pods_of_one_version_are_no_pods_of_another() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        let sets = objects
            .iter()
            .filter(|object| object["kind"] == "Deployment");
        let sets: Vec<&Value> = sets.collect();
        for one in &sets {
            let labels = &pod(one).expect("it has pods")["metadata"]["labels"];
            let choosing = sets
                .iter()
                .filter(|set| crate::edges::selects(&set["spec"]["selector"], labels));
            assert_eq!(choosing.count(), 1, "{}", identity(one));
        }
    }
}

#[test]
fn each_version_has_an_image_that_can_be_set_and_its_share_of_the_copies() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        let overlay = &system.files[&format!("{PRODUCTION}/kustomization.yaml")];
        let overlay = crate::yaml::documents(overlay).remove(0);
        for workload in &system.plan.deployment.workloads {
            let mut images = BTreeSet::new();
            for version in &workload.versions {
                let name = format!("{}-{}", workload.name, version.name);
                let find = |kind: &str| {
                    let wanted = format!("{kind} {name}");
                    let mut all = objects.iter();
                    all.find(|object| identity(object) == wanted)
                        .expect("it is there")
                };
                let image = containers(find("Deployment"))[0]["image"]
                    .as_str()
                    .expect("an image");
                let (image, _) = image.rsplit_once(':').expect("a tag");
                assert!(images.insert(image.to_owned()), "{image}");
                let mut set = list(&overlay["images"]);
                let set = set.find(|one| one["name"] == image).expect("it can be set");
                let registry = &system.plan.deployment.registry;
                assert_eq!(set["newName"], format!("{registry}{}", workload.name));
                let scaled = &find("HorizontalPodAutoscaler")["spec"];
                assert_eq!(scaled["minReplicas"], version.replicas);
                assert!(version.replicas >= 1 && version.replicas <= workload.replicas.max(1));
            }
        }
    }
}

const FILE: &str = "
msarch: 1
name: shop
services:
  price-service:
    port: 3001
    data_ownership: [prices]
    endpoints: [GET /prices]
mesh: {provider: istio, services: {price-service: {canary: {v1: 90, v2: 10}}}}
";

#[test]
fn data_in_a_file_has_no_versions_and_without_istio_there_are_none() {
    let database =
        "data_management: {price-service: {database_type: PostgreSQL, tables: [prices]}}\n";
    let moving = format!("{FILE}{database}");
    for (text, versions) in [
        (FILE.to_owned(), 0),
        (moving.clone(), 2),
        (moving.replace("provider: istio, ", ""), 0),
    ] {
        let system = system(&text, &crate::model_of_text(&text));
        let count = |all: BTreeMap<String, BTreeSet<String>>| -> usize {
            all.values().map(BTreeSet::len).sum()
        };
        assert_eq!(count(led(&system)), versions, "{text}");
        assert_eq!(
            count(running(&built(&system, PRODUCTION))),
            versions,
            "{text}"
        );
        let told = system
            .plan
            .notices
            .iter()
            .any(|told| told.contains("`canary`"));
        assert_eq!(told, text == FILE, "{text}");
    }
}
