//! One layer repeats a request of a hop, and whoever is nearer to the service gives up first.

use std::time::Duration;

use msarch::graph::mesh::duration;
use msarch::model::Model;
use msarch::model::platform::{MeshRetries, MeshService};
use msarch::model::service::Party;
use msarch::syntax::source::Span;
use serde_json::Value;

use super::{emitted, every, meshed};

/// The routing of a service, as callers in the mesh meet it.
fn routing(documents: &[Value], service: &str) -> Value {
    let mut all = documents.iter();
    let found = all.find(|it| it["kind"] == "VirtualService" && it["metadata"]["name"] == service);
    found.unwrap_or_else(|| panic!("no routing of {service}"))["spec"].clone()
}

/// The rule that a caller's requests meet: the first that fits.
fn rule<'s>(spec: &'s Value, caller: &str) -> &'s Value {
    let mut rules = spec["http"].as_array().expect("rules").iter();
    let fits = |rule: &&Value| {
        let Some(matches) = rule["match"].as_array() else {
            return true;
        };
        let mut names = matches.iter();
        names.any(|one| one["sourceLabels"]["app.kubernetes.io/name"] == caller)
    };
    rules.find(fits).expect("the last rule takes everybody")
}

fn documents(model: &Model) -> Vec<Value> {
    emitted(model).iter().map(|node| node.to_json()).collect()
}

/// A mesh that repeats whatever it is asked to carry.
fn repeating(path: &str) -> Model {
    let mut model = meshed(path);
    let services: Vec<_> = model.services.ids().collect();
    let policies = services.into_iter().map(|service| MeshService {
        service,
        span: Span::default(),
        timeout: None,
        retries: Some(MeshRetries {
            span: Span::default(),
            attempts: 2,
            per_try_timeout: None,
            retry_on: None,
        }),
        canary: Vec::new(),
        outlier_detection: None,
        connection_pool: None,
    });
    model.mesh.as_mut().expect("a mesh").services = policies.collect();
    model
}

#[test]
fn a_hop_is_repeated_by_the_client_or_by_the_mesh_and_never_by_both() {
    let (mut clients, mut meshes) = (0, 0);
    for path in every() {
        let model = repeating(&path);
        let documents = documents(&model);
        for call in model.calls.iter() {
            let Party::Service(to) = call.to else {
                continue;
            };
            let spec = routing(&documents, &model.services[to].name.kebab());
            let rule = rule(&spec, &model.services[call.from].name.kebab());
            let attempts = rule["retries"]["attempts"].as_u64();
            if call.tries() > 1 {
                assert_eq!(attempts, Some(0), "{path}: both repeat");
                clients += 1;
            } else {
                meshes += u64::from(attempts == Some(2));
            }
        }
    }
    assert!(
        clients > 0 && meshes > 0,
        "{clients} and {meshes}: one side was never looked at"
    );
}

#[test]
fn every_rule_says_how_often_it_repeats() {
    for path in every() {
        let documents = documents(&meshed(&path));
        for service in documents.iter().filter(|it| it["kind"] == "VirtualService") {
            for rule in service["spec"]["http"].as_array().expect("rules") {
                assert!(
                    rule["retries"]["attempts"].is_u64(),
                    "{path}: Istio would repeat twice: {rule}"
                );
            }
        }
    }
}

#[test]
fn whoever_is_nearer_to_the_service_gives_up_first() {
    let mut compared = 0;
    for path in every() {
        let model = meshed(&path);
        let documents = documents(&model);
        let time = |value: &Value| value.as_str().and_then(duration);
        for call in model.calls.iter() {
            let (Party::Service(to), Some(client)) = (call.to, call.timeout) else {
                continue;
            };
            let spec = routing(&documents, &model.services[to].name.kebab());
            if let Some(mesh) =
                time(&rule(&spec, &model.services[call.from].name.kebab())["timeout"])
            {
                assert!(
                    mesh < client.value,
                    "{path}: the mesh waits {mesh:?}, its caller {client:?}"
                );
                compared += 1;
            }
        }
        let Some(gateway) = &model.gateway else {
            continue;
        };
        let longest = gateway.routes.iter().filter_map(|route| route.timeout);
        let longest = longest
            .map(|time| time.value)
            .max()
            .unwrap_or(Duration::MAX);
        let doors = documents
            .iter()
            .filter(|it| it["spec"]["gateways"][0] != "mesh");
        for rule in doors
            .filter_map(|door| door["spec"]["http"].as_array())
            .flatten()
        {
            let door = time(&rule["timeout"]).expect("the door does not wait for ever");
            assert!(door <= longest, "{path}: the door waits {door:?}");
            compared += 1;
        }
    }
    assert!(compared > 20, "{compared} are too few to mean anything");
}
