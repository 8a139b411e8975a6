//! The manifests for Kubernetes: they build, they are valid, they allow what is declared and nothing else, and they hold no secret.

#[path = "../architecture/mod.rs"]
mod architecture;
mod edges;
mod kustomize;
mod objects;
#[path = "../part/mod.rs"]
mod part;
mod policies;
mod security;
mod tools;
mod versions;
mod yaml;

use std::collections::BTreeSet;

use architecture::{ALL, model_of, model_of_text};
use kustomize::{Files, build};
use msarch::emit::emit;
use msarch::model::Model;
use msarch::plan::Workspace;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;
use serde_json::Value;

const DEVELOPMENT: &str = "deploy/kubernetes/overlays/development";
const PRODUCTION: &str = "deploy/kubernetes/overlays/production";
const SECRETS: &str = "deploy/secrets";

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
    let folders = ["kubernetes/", "nats/", "postgres/", "redis/", "secrets"];
    let ours = |path: &str| {
        let deployed = path.strip_prefix("deploy/");
        path.starts_with("gateway/")
            || deployed.is_some_and(|path| folders.iter().any(|folder| path.starts_with(folder)))
    };
    let files = tree
        .iter()
        .filter(|(path, _)| ours(path))
        .map(|(path, file)| {
            let text = String::from_utf8(file.contents.to_vec()).expect("it is text");
            (path.to_owned(), text)
        });
    let files: Files = files.collect();
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
            // Where a mesh has the door, the gateway's configuration is for compose alone.
            let elsewhere = system.plan.deployment.mesh && path == "gateway/envoy.yaml";
            if elsewhere
                || fails
                || path.ends_with(".md")
                || path.ends_with(".gitignore")
                // What `secrets.sh` makes the users of the cache from.
                || path.ends_with(".acl")
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
fn the_namespace_admits_restricted_pods_alone() {
    for system in systems() {
        let objects = built(&system, PRODUCTION);
        let namespace = objects.iter().find(|object| object["kind"] == "Namespace");
        let labels = &namespace.expect("there is one")["metadata"]["labels"];
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
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
}
