//! The objects of a build: what they refer to is there, what they are told is true, and none of them holds a secret.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kustomize::{containers, identity, list, pod};
use crate::{DEVELOPMENT, PRODUCTION, SECRETS, System, built, edges, folders, systems, yaml};

#[test]
fn no_file_holds_the_value_of_a_secret() {
    for system in systems() {
        for (path, text) in system
            .files
            .iter()
            .filter(|(path, _)| path.ends_with(".yaml"))
        {
            for document in yaml::documents(text) {
                assert_ne!(document["kind"], "Secret", "{path}");
            }
        }
        for object in folders(&system).flat_map(|folder| built(&system, folder)) {
            let data = object["data"].as_object().into_iter().flatten();
            let data = data.map(|(key, value)| (key.clone(), value));
            let variables = containers(&object)
                .into_iter()
                .flat_map(|one| list(&one["env"]));
            let given = variables
                .filter_map(|one| Some((one["name"].as_str()?.to_owned(), one.get("value")?)));
            for (key, value) in data.chain(given) {
                let secret = ["PASSWORD", "SECRET", "TOKEN"]
                    .iter()
                    .any(|word| key.contains(word));
                let value = value.as_str().unwrap_or_default();
                assert!(
                    !secret || key.ends_with("_FILE") && value.starts_with("/run/secrets/"),
                    "{key}={value}"
                );
                // An address; the configuration of a part is a text of many lines.
                let address = Some(value).filter(|value| !value.contains('\n'));
                let authority = address
                    .and_then(|address| address.split_once("://"))
                    .and_then(|(_, rest)| rest.split_once('@'));
                assert!(
                    !authority.is_some_and(|(user, _)| user.contains(':')),
                    "{key}={value}"
                );
            }
        }
    }
}

#[test]
fn every_secret_that_a_pod_reads_is_told_to_its_owner_and_made_for_development() {
    for system in systems() {
        let known: BTreeSet<String> = msarch::plan::kubernetes::secrets(&system.plan.deployment)
            .iter()
            .map(|secret| secret.name.clone())
            .collect();
        let readme = &system.files["deploy/kubernetes/README.md"];
        let made = built(&system, SECRETS);
        for name in &known {
            assert!(readme.contains(&format!("| `{name}` |")), "{name}");
        }
        let made = made.iter().filter(|object| object["kind"] == "Secret");
        let made: BTreeSet<String> = made
            .filter_map(|object| Some(object["metadata"]["name"].as_str()?.to_owned()))
            .collect();
        let script = &system.files["deploy/secrets.sh"];
        for name in &made {
            let word = |line: &str| line.split_whitespace().any(|word| word == name);
            assert!(script.lines().any(word), "{name}");
        }
        let read = |folder| -> BTreeSet<String> {
            let objects = built(&system, folder);
            objects.iter().flat_map(secrets_of).collect()
        };
        assert_eq!(read(PRODUCTION), known, "{}", system.path);
        assert_eq!(read(DEVELOPMENT), made, "{}", system.path);
    }
}

fn secrets_of(object: &Value) -> Vec<String> {
    let volumes = pod(object)
        .into_iter()
        .flat_map(|pod| list(&pod["spec"]["volumes"]));
    let projected = volumes.flat_map(|volume| list(&volume["projected"]["sources"]));
    let files = projected.map(|source| &source["secret"]["name"]);
    let containers = containers(object);
    let variables = containers.iter().flat_map(|one| list(&one["env"]));
    let variables = variables.map(|one| &one["valueFrom"]["secretKeyRef"]["name"]);
    files
        .chain(variables)
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_variable_that_names_a_file_names_one_that_is_mounted() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        for workload in &system.plan.deployment.workloads {
            let settings = find(&objects, &format!("ConfigMap {}-settings", workload.name));
            let kind = if workload.keep.is_file() {
                "StatefulSet"
            } else {
                "Deployment"
            };
            let versions = workload.versions.iter();
            let mut names: Vec<String> = versions
                .map(|version| format!("{kind} {}-{}", workload.name, version.name))
                .collect();
            if names.is_empty() {
                names.push(format!("{kind} {}", workload.name));
            }
            let named: BTreeSet<String> = settings["data"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(key, _)| key.ends_with("_FILE"))
                .filter_map(|(_, value)| value.as_str().map(str::to_owned))
                .collect();
            for runs in names {
                let mounted: BTreeSet<String> = secrets_of(find(&objects, &runs))
                    .into_iter()
                    .map(|name| format!("/run/secrets/{name}"))
                    .collect();
                assert_eq!(mounted, named, "{runs}");
            }
        }
    }
}

fn find<'o>(objects: &'o [Value], wanted: &str) -> &'o Value {
    let found = objects.iter().find(|object| identity(object) == wanted);
    found.unwrap_or_else(|| panic!("there is no {wanted}"))
}

#[test]
fn what_an_object_refers_to_is_there() {
    for system in systems() {
        for folder in [DEVELOPMENT, PRODUCTION] {
            let objects = built(&system, folder);
            for object in &objects {
                refers(&system, object, &objects);
            }
        }
    }
}

/// Of how many kinds the pods of a service are: one a version, where it has any.
fn kinds(system: &System, name: &str) -> usize {
    let mut workloads = system.plan.deployment.workloads.iter();
    let workload = workloads.find(|workload| workload.name == name);
    workload.map_or(1, |workload| workload.versions.len().max(1))
}

/// ConfigMaps, accounts, the pods of a Service, what an autoscaler scales.
fn refers(system: &System, object: &Value, objects: &[Value]) {
    if let Some(pod) = pod(object) {
        let account = pod["spec"]["serviceAccountName"]
            .as_str()
            .expect("it has an account");
        let account = find(objects, &format!("ServiceAccount {account}"));
        assert_eq!(account["automountServiceAccountToken"], false);
        let all = containers(object);
        let read = all
            .iter()
            .flat_map(|one| list(&one["envFrom"]))
            .map(|from| &from["configMapRef"]["name"]);
        let mounted = list(&pod["spec"]["volumes"])
            .map(|volume| &volume["configMap"])
            // What is optional, whoever runs the system makes or does not make.
            .filter(|map| map["optional"] != true)
            .map(|map| &map["name"]);
        for name in read.chain(mounted).filter_map(Value::as_str) {
            find(objects, &format!("ConfigMap {name}"));
        }
        let claims =
            list(&object["spec"]["volumeClaimTemplates"]).map(|claim| &claim["metadata"]["name"]);
        let volumes = list(&pod["spec"]["volumes"]).map(|volume| &volume["name"]);
        let volumes: Vec<&Value> = volumes.chain(claims).collect();
        for mount in all.iter().flat_map(|one| list(&one["volumeMounts"])) {
            assert!(
                volumes.contains(&&mount["name"]),
                "{}: {mount}",
                identity(object)
            );
        }
    }
    let chosen = |selector: &Value| {
        let wanted = serde_json::json!({"matchLabels": selector});
        let pods = objects.iter().filter(|other| {
            pod(other).is_some_and(|pod| edges::selects(&wanted, &pod["metadata"]["labels"]))
        });
        pods.count()
    };
    match object["kind"].as_str() {
        Some("Service") if object["spec"]["type"] != "ExternalName" => {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let pods = chosen(&object["spec"]["selector"]);
            assert_eq!(pods, kinds(system, name), "{}", identity(object));
        }
        Some("PodDisruptionBudget") => {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let pods = chosen(&object["spec"]["selector"]["matchLabels"]);
            assert_eq!(pods, kinds(system, name), "{}", identity(object));
        }
        Some("HorizontalPodAutoscaler") => {
            let scaled = &object["spec"]["scaleTargetRef"];
            let wanted =
                serde_json::json!({"kind": scaled["kind"], "metadata": {"name": scaled["name"]}});
            let scaled = find(objects, &identity(&wanted));
            assert!(scaled["spec"]["replicas"].is_null(), "two say how many");
        }
        _ => {}
    }
}

#[test]
fn data_in_a_file_has_one_pod_and_a_volume_and_other_services_grow_and_migrate_by_a_job() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        let there = |wanted: String| objects.iter().any(|object| identity(object) == wanted);
        for workload in &system.plan.deployment.workloads {
            let name = &workload.name;
            let file = workload.keep.is_file();
            let one = workload.versions.is_empty();
            assert_eq!(
                there(format!("HorizontalPodAutoscaler {name}")),
                !file && one,
                "{name}"
            );
            assert_eq!(
                there(format!("PodDisruptionBudget {name}")),
                workload.replicas > 1 || !one,
                "{name}"
            );
            assert_eq!(there(format!("Job {name}-migrate-dev")), !file, "{name}");
            let settings = find(&objects, &format!("ConfigMap {name}-settings"));
            let migrates = &settings["data"][format!("{}__DATABASE__MIGRATE", workload.screaming)];
            assert_eq!(migrates == "false", !file, "{name}");
            if file {
                let set = find(&objects, &format!("StatefulSet {name}"));
                assert_eq!(set["spec"]["replicas"], 1);
                assert_eq!(list(&set["spec"]["volumeClaimTemplates"]).count(), 1);
            } else if one {
                let scaled = find(&objects, &format!("HorizontalPodAutoscaler {name}"));
                assert_eq!(scaled["spec"]["minReplicas"], workload.replicas);
            }
        }
    }
}

#[test]
fn a_pod_is_given_the_time_that_its_service_takes_to_stop() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        for workload in &system.plan.deployment.workloads {
            let settings = find(&objects, &format!("ConfigMap {}-settings", workload.name));
            let seconds = |key: &str| {
                let value = &settings["data"][format!("{}__SHUTDOWN__{key}", workload.screaming)];
                let value = value.as_str().and_then(|value| value.strip_suffix('s'));
                value
                    .and_then(|value| value.parse::<u64>().ok())
                    .expect("it is a time in seconds")
            };
            let runs = objects.iter().find(|object| {
                let labels = &object["metadata"]["labels"];
                labels["app.kubernetes.io/name"] == workload.name.as_str()
                    && labels["app.kubernetes.io/component"] == "service"
                    && pod(object).is_some()
            });
            let runs = runs.and_then(pod).expect("it runs");
            let given = runs["spec"]["terminationGracePeriodSeconds"].as_u64();
            assert!(
                given > Some(seconds("GRACE") + seconds("DELAY")),
                "{}",
                workload.name
            );
        }
    }
}

#[test]
fn a_mesh_is_told_which_protocol_is_spoken_at_every_port() {
    let mut meshes = 0;
    for system in systems() {
        let mesh = system.plan.deployment.mesh;
        meshes += usize::from(mesh);
        for object in [DEVELOPMENT, PRODUCTION].map(|folder| built(&system, folder)) {
            let services = object.iter().filter(|object| object["kind"] == "Service");
            for service in services {
                let part = service["metadata"]["labels"]["app.kubernetes.io/component"].as_str();
                let tcp = ["database", "broker", "cache"].map(Some).contains(&part);
                for port in list(&service["spec"]["ports"]) {
                    let told = port["appProtocol"].as_str();
                    let wanted = if tcp { "tcp" } else { "http" };
                    assert!(told == Some(wanted) || !mesh && told.is_none(), "{service}");
                }
            }
        }
    }
    assert!(meshes > 0);
}
