//! Two share a network if, and only if, one is declared to call the other, one keeps the other's data, or the platform asks for it.

use std::collections::{BTreeMap, BTreeSet};

use msarch::model::Model;
use msarch::model::arena::ServiceId;
use msarch::model::event::Event;
use msarch::model::saga::Saga;
use msarch::model::service::{Engine, Party, StoreRole};

use crate::architecture::{ALL, model_of};
use crate::files::Deployed;

type Pairs = BTreeSet<(String, String)>;

fn pair(one: &str, other: &str) -> (String, String) {
    let (first, second) = (one.min(other), one.max(other));
    (first.to_owned(), second.to_owned())
}

/// Who is in which network, as the file has it: `services:`, then a name, then `networks:`, then a list.
fn members(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut section, mut service, mut key) = ("", "", "");
    for line in text.lines().filter(|line| !line.is_empty()) {
        let words = line.trim_start();
        let name = words.trim_end().trim_end_matches(':');
        match line.len() - words.len() {
            0 => section = name,
            2 => service = name,
            4 => key = name,
            6 if section == "services" && key == "networks" => {
                let network = words.strip_prefix("- ").expect("an item of a list");
                members
                    .entry(network.to_owned())
                    .or_default()
                    .insert(service.to_owned());
            }
            _ => {}
        }
    }
    members
}

fn shared(text: &str) -> Pairs {
    let mut pairs = Pairs::new();
    for together in members(text).values() {
        for one in together {
            pairs.extend(
                together
                    .iter()
                    .filter(|other| *other > one)
                    .map(|other| pair(one, other)),
            );
        }
    }
    pairs
}

/// Whether a service publishes, consumes, or takes part in a saga.
fn talks(model: &Model, id: ServiceId) -> bool {
    let produces = |event: &Event| {
        event
            .producers
            .iter()
            .any(|one| one.value == Party::Service(id))
    };
    let service = &model.services[id];
    let cached = service
        .caches
        .iter()
        .any(|cache| !model.caches[*cache].invalidate_on.is_empty());
    let led = |saga: &Saga| {
        saga.coordinator == Some(id) || saga.steps.iter().any(|step| step.service == Some(id))
    };
    !service.consumers.is_empty()
        || cached
        || model.events.iter().any(produces)
        || model.sagas.iter().any(led)
}

/// What the architecture declares, and the platform beside it.
fn declared(model: &Model) -> Pairs {
    let name = |id| model.services[id].name.kebab();
    let traces = model.observability.otlp_endpoint.is_some();
    let mut pairs = Pairs::new();
    for call in model.calls.iter() {
        if let Party::Service(to) = call.to
            && to != call.from
            && !call.operations.is_empty()
        {
            pairs.insert(pair(&name(call.from), &name(to)));
        }
    }
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    pairs.extend(
        routes
            .filter_map(|route| route.service)
            .map(|service| pair("gateway", &name(service))),
    );
    let mut platforms = vec![vec!["prometheus", "alertmanager"]];
    for (id, service) in model.services.entries() {
        let own = name(id);
        let mut stores = service.stores.iter().map(|store| &model.stores[*store]);
        let primary = stores.find(|store| store.role == StoreRole::Primary);
        if primary.is_some_and(|store| store.driver() == Engine::Postgres && store.host.is_none()) {
            pairs.insert(pair(&own, &format!("{own}-db")));
        }
        let cached = service
            .caches
            .iter()
            .any(|cache| model.caches[*cache].shared.is_some());
        let parts = [
            ("nats", talks(model, id)),
            ("redis", cached),
            ("otel-collector", traces),
            ("prometheus", true),
        ];
        let parts: Vec<&str> = parts
            .iter()
            .filter(|(_, wanted)| *wanted)
            .map(|(part, _)| *part)
            .collect();
        pairs.extend(parts.iter().map(|part| pair(&own, part)));
        platforms.push(parts);
    }
    if model.gateway.is_some() {
        pairs.insert(pair("gateway", "prometheus"));
        if traces {
            pairs.insert(pair("gateway", "otel-collector"));
            platforms.push(vec!["otel-collector", "prometheus"]);
        }
    }
    if traces {
        pairs.insert(pair("otel-collector", "jaeger"));
    }
    for parts in platforms {
        for (at, one) in parts.iter().enumerate() {
            pairs.extend(parts[at + 1..].iter().map(|other| pair(one, other)));
        }
    }
    pairs
}

#[test]
fn who_shares_a_network_is_who_was_declared_to_and_nobody_else() {
    let mut seen = 0;
    for path in ALL {
        let model = model_of(path);
        let deployed = Deployed::of(&model);
        if deployed.has("compose.yaml") {
            let (shared, declared) = (shared(&deployed.text("compose.yaml")), declared(&model));
            let missing: Vec<_> = declared.difference(&shared).collect();
            let too_much: Vec<_> = shared.difference(&declared).collect();
            assert!(
                missing.is_empty() && too_much.is_empty(),
                "{path}: {missing:?} {too_much:?}"
            );
            seen += shared.len();
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn one_more_member_of_a_network_is_noticed() {
    let model = model_of("examples/ecommerce.yaml");
    let text = Deployed::of(&model).text("compose.yaml");
    let line = "      - data_customer-service\n";
    assert!(text.contains(line) && shared(&text) == declared(&model));
    let open = text.replacen(
        "      - data_order-service\n",
        &format!("      - data_order-service\n{line}"),
        1,
    );
    assert_ne!(shared(&open), declared(&model));
    let closed = text.replacen(line, "", 1);
    assert_ne!(shared(&closed), declared(&model));
}

#[test]
fn whoever_leaves_the_system_does_so_alone() {
    for path in ALL {
        let deployed = Deployed::of(&model_of(path));
        if !deployed.has("compose.yaml") {
            continue;
        }
        let text = deployed.text("compose.yaml");
        let networks = text
            .split("\nnetworks:\n")
            .nth(1)
            .and_then(|rest| rest.split("\nvolumes:\n").next());
        let mut open = BTreeSet::new();
        let mut name = "";
        for line in networks.expect("there are networks").lines() {
            match line.strip_prefix("  ") {
                Some(line) if !line.starts_with([' ', '#']) => {
                    name = line.trim_end_matches(':');
                    open.insert(name);
                }
                _ if line == "    internal: true" => {
                    open.remove(name);
                }
                _ => {}
            }
        }
        let members = members(&text);
        assert!(!open.is_empty(), "{path}");
        for network in open {
            assert_eq!(members[network].len(), 1, "{path}: {network}");
        }
    }
}
