//! The manifests for Kubernetes: they build, they are valid, they allow what is declared and nothing else, and they hold no secret.

#[path = "../architecture/mod.rs"]
mod architecture;
mod edges;
mod kustomize;
#[path = "../part/mod.rs"]
mod part;
mod policies;
mod security;
mod tools;
mod yaml;

use std::collections::BTreeSet;

use architecture::{ALL, model_of, model_of_text};
use kustomize::{Files, build, containers, identity, list, pod, strings};
use msarch::emit::emit;
use msarch::model::Model;
use msarch::plan::Workspace;
use msarch::plan::deployment::Keep;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;
use serde_json::Value;

const DEVELOPMENT: &str = "deploy/kubernetes/overlays/development";
const PRODUCTION: &str = "deploy/kubernetes/overlays/production";
const SECRETS: &str = "deploy/kubernetes/overlays/development/secrets";

/// No mesh, several replicas, a database that somebody else runs, a cache, systems outside, a registry with a port.
const DOOR: &str = "
msarch: 1
name: shop
teams: {team: {size: 7}}
externals:
  bank: {url: 'https://${BANK_HOST}:8443/v1', endpoints: {pay: {method: POST, path: /pay}}}
services:
  order-service:
    bounded_context: Orders
    team_ownership: team
    port: 3001
    replicas: 3
    data_ownership: {orders: {fields: {total: decimal}}}
    calls:
      - {to: price-service, operations: [get_price], timeout: 1s}
      - {to: bank, operations: [pay], timeout: 1s}
    endpoints: [GET /orders, POST /orders]
  price-service:
    bounded_context: Prices
    team_ownership: team
    port: 3002
    data_ownership: {prices: {fields: {amount: decimal}}}
    endpoints: {get_price: {method: GET, path: '/prices/{id}'}, set_price: {method: POST, path: /prices}}
  stock-service:
    bounded_context: Stock
    team_ownership: team
    port: 3003
    data_ownership: [items]
data_management:
  order-service: {database_type: PostgreSQL, database: orders, tables: [orders]}
  price-service: {database_type: PostgreSQL, host: 'db.corp.example:5433', tables: [prices]}
  stock-service: {database_type: MongoDB, collections: [items]}
events:
  OrderPlaced: {schema: {orderId: uuid}, producers: [order-service], consumers: [stock-service]}
message_broker: {type: NATS}
observability: {tracing: {exporter: otlp, endpoint: 'http://collector:4318'}}
deployment: {registry: 'registry.corp.example:5000/shop'}
gateway:
  authentication: {type: JWT, algorithms: [RS256], jwks: 'https://id.corp.example/jwks.json'}
  routes:
    - {path: /api/orders/*, method: GET, service: order-service, rewrite: /orders, timeout: 5s, public: true}
";

struct System {
    path: String,
    plan: Workspace,
    files: Files,
}

fn system(path: &str, model: &Model) -> System {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    let tree = emit(&plan).unwrap_or_else(|error| panic!("{path}: {error}"));
    let ours = |path: &str| path.starts_with("deploy/kubernetes/") || path.starts_with("gateway/");
    let files = tree
        .iter()
        .filter(|(path, _)| ours(path))
        .map(|(path, file)| {
            let text = String::from_utf8(file.contents.to_vec()).expect("it is text");
            (path.to_owned(), text)
        });
    let mut files: Files = files.collect();
    if files.contains_key("gateway/kustomization.yaml") {
        let stub = || "stub: until the gateway is generated\n".to_owned();
        files
            .entry("gateway/envoy.yaml".to_owned())
            .or_insert_with(stub);
    }
    System {
        files,
        path: path.to_owned(),
        plan,
    }
}

/// Every architecture that is deployed on Kubernetes.
fn systems() -> Vec<System> {
    let all = ALL.iter().map(|path| system(path, &model_of(path)));
    let mut all: Vec<System> = all.chain([door()]).collect();
    all.retain(|system| system.plan.deployment.kubernetes);
    assert!(all.len() >= 4, "{}", all.len());
    all
}

fn door() -> System {
    system("a system without a mesh", &model_of_text(DOOR))
}

fn built(system: &System, folder: &str) -> Vec<Value> {
    build(&system.files, folder).unwrap_or_else(|error| panic!("{}: {error}", system.path))
}

/// The folders that can be applied.
fn folders(system: &System) -> impl Iterator<Item = &'static str> {
    [DEVELOPMENT, PRODUCTION, SECRETS]
        .into_iter()
        .filter(|folder| {
            let file = format!("{folder}/kustomization.yaml");
            *folder != SECRETS || system.files.contains_key(&file)
        })
}

#[test]
fn the_declared_targets_decide_whether_there_are_manifests() {
    let local = system("local", &model_of("tests/architectures/ride_hailing.yaml"));
    assert!(
        local
            .files
            .keys()
            .all(|path| !path.starts_with("deploy/kubernetes/"))
    );
    assert!(
        door()
            .files
            .contains_key("deploy/kubernetes/base/kustomization.yaml")
    );
}

#[test]
fn every_kustomization_names_what_is_there_and_every_file_is_named() {
    for system in systems() {
        for folder in folders(&system) {
            built(&system, folder);
        }
        let mut unused: BTreeSet<&String> = system.files.keys().collect();
        for path in system.files.keys() {
            let mut less = system.files.clone();
            less.remove(path);
            let fails = folders(&system).any(|folder| build(&less, folder).is_err());
            if fails
                || path.ends_with(".md")
                || path.ends_with(".gitignore")
                || path.ends_with(".sh")
            {
                unused.remove(path);
            }
        }
        assert!(unused.is_empty(), "{}: {unused:?}", system.path);
    }
}

#[test]
fn a_patch_or_image_that_hits_nothing_is_found() {
    let mut system = door();
    let path = format!("{PRODUCTION}/kustomization.yaml");
    let text = system.files.get_mut(&path).expect("it is there");
    *text = text.replace("shop/order-service", "shop/another-service");
    assert!(build(&system.files, PRODUCTION).is_err());
    let mut system = door();
    let path = format!("{DEVELOPMENT}/kustomization.yaml");
    let text = system.files.get_mut(&path).expect("it is there");
    *text = text.replace("kind: PodDisruptionBudget", "kind: PodPreset");
    assert!(build(&system.files, DEVELOPMENT).is_err());
}

#[test]
fn every_pod_keeps_to_the_restricted_standard_and_a_pod_that_does_not_is_found() {
    for system in systems() {
        for object in folders(&system).flat_map(|folder| built(&system, folder)) {
            let faults = security::faults(&object);
            assert!(
                faults.is_empty(),
                "{}: {}: {faults:?}",
                system.path,
                identity(&object)
            );
        }
    }
    let objects = built(&door(), PRODUCTION);
    let good = objects
        .iter()
        .find(|object| pod(object).is_some())
        .expect("there are pods");
    for (pointer, value) in [
        ("/spec/template/spec/hostNetwork", serde_json::json!(true)),
        (
            "/spec/template/spec/securityContext/runAsUser",
            serde_json::json!(0),
        ),
        (
            "/spec/template/spec/securityContext/runAsNonRoot",
            Value::Null,
        ),
        (
            "/spec/template/spec/securityContext/seccompProfile",
            Value::Null,
        ),
        (
            "/spec/template/spec/automountServiceAccountToken",
            Value::Null,
        ),
        (
            "/spec/template/spec/volumes/0",
            serde_json::json!({"name": "x", "hostPath": {"path": "/"}}),
        ),
        (
            "/spec/template/spec/containers/0/securityContext/capabilities",
            serde_json::json!({"drop": ["NET_RAW"]}),
        ),
        (
            "/spec/template/spec/containers/0/securityContext/privileged",
            serde_json::json!(true),
        ),
        (
            "/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation",
            Value::Null,
        ),
        (
            "/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem",
            Value::Null,
        ),
        ("/spec/template/spec/containers/0/resources", Value::Null),
        (
            "/spec/template/spec/containers/0/ports",
            serde_json::json!([{"hostPort": 80}]),
        ),
        (
            "/spec/template/spec/containers/0/image",
            serde_json::json!("busybox"),
        ),
    ] {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a path");
        let parent = bad.pointer_mut(parent).expect("it is there");
        match key.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[key] = value,
        }
        assert!(!security::faults(&bad).is_empty(), "{pointer}");
    }
}

#[test]
fn the_namespace_admits_restricted_pods_alone() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        let namespace = objects.iter().find(|object| object["kind"] == "Namespace");
        let labels = &namespace.expect("there is one")["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
    }
}

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
                let authority = value
                    .split_once("://")
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
            assert!(
                made.iter()
                    .any(|object| identity(object) == format!("Secret {name}")),
                "{name}"
            );
            let script = &system.files[&format!("{SECRETS}/make.sh")];
            assert!(script.contains(&format!(" {name} '")), "{name}");
        }
        for object in built(&system, DEVELOPMENT)
            .iter()
            .chain(&built(&system, PRODUCTION))
        {
            for name in secrets_of(object) {
                assert!(known.contains(&name), "{}: {name}", identity(object));
            }
        }
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
            let runs = find(&objects, &format!("{kind} {}", workload.name));
            let mounted: BTreeSet<String> = secrets_of(runs)
                .into_iter()
                .map(|name| format!("/run/secrets/{name}"))
                .collect();
            let named: BTreeSet<String> = settings["data"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(key, _)| key.ends_with("_FILE"))
                .filter_map(|(_, value)| value.as_str().map(str::to_owned))
                .collect();
            assert_eq!(mounted, named, "{}", workload.name);
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
                refers(object, &objects);
            }
        }
    }
}

/// ConfigMaps, accounts, the pods of a Service, what an autoscaler scales.
fn refers(object: &Value, objects: &[Value]) {
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
        let mounted = list(&pod["spec"]["volumes"]).map(|volume| &volume["configMap"]["name"]);
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
            assert_eq!(
                chosen(&object["spec"]["selector"]),
                1,
                "{}",
                identity(object)
            );
        }
        Some("PodDisruptionBudget") => {
            assert_eq!(
                chosen(&object["spec"]["selector"]["matchLabels"]),
                1,
                "{}",
                identity(object)
            );
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
            assert_eq!(
                there(format!("HorizontalPodAutoscaler {name}")),
                !file,
                "{name}"
            );
            assert_eq!(
                there(format!("PodDisruptionBudget {name}")),
                workload.replicas > 1,
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
            } else {
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
                object["metadata"]["name"] == workload.name.as_str() && pod(object).is_some()
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
fn every_file_of_an_overlay_that_is_its_owners_says_so() {
    let system = door();
    let yours: BTreeSet<&str> = system
        .files
        .iter()
        .filter(|(_, text)| text.starts_with("# Written once by msarch, yours"))
        .map(|(path, _)| path.as_str())
        .filter(|path| path.starts_with(PRODUCTION))
        .filter_map(|path| path.strip_prefix(PRODUCTION))
        .collect();
    let wanted = [
        "/kustomization.yaml",
        "/outside/nats.yaml",
        "/outside/order-service-db.yaml",
        "/outside/otel-collector.yaml",
    ];
    assert!(wanted.iter().all(|path| yours.contains(path)), "{yours:?}");
    let policies = &system.files[&format!("{PRODUCTION}/outside/network-policies.yaml")];
    assert!(policies.starts_with("# Generated by msarch"));
    let base = built(&system, PRODUCTION);
    assert!(strings(&base[0]["none"]).next().is_none());
    assert!(matches!(
        system.plan.deployment.workloads[1].keep,
        Keep::Postgres { given: true, .. }
    ));
}
