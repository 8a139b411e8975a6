//! Who may talk to whom: nobody, but for the declared edges, to port, and for what the platform needs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::pod::{self, component};
use super::{Manifest, has_gateway};
use crate::plan::deployment::surroundings::{MONITORING, NAMESPACE_LABEL, dns, mesh};
use crate::plan::deployment::{Caller, Deployment, Keep, Proxy, Workload, host, web_port};

/// What holds in the whole namespace.
pub(super) fn everywhere(system: &Deployment) -> Manifest {
    let deny = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
    let names = json!({
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{
            "to": [elsewhere(dns::NAMESPACE, Some(dns::LABEL))],
            "ports": [port("UDP", dns::PORT), port("TCP", dns::PORT)],
        }],
    });
    let mut documents = vec![
        shared(system, "deny-by-default", deny),
        shared(system, "ask-for-names", names),
    ];
    if system.mesh {
        let control = json!({
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [{
                "to": [elsewhere(mesh::NAMESPACE, Some(mesh::CONTROL))],
                "ports": [port("TCP", mesh::CONTROL_PORT)],
            }],
        });
        documents.push(shared(system, "ask-the-control-plane", control));
    }
    Manifest::generated("base/network-policies.yaml", documents).about([
        "Nobody talks to anybody. What is declared is allowed beside each service, what lies behind services by the overlays.",
    ])
}

fn shared(system: &Deployment, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": system.system}},
        "spec": spec,
    })
}

/// The declared edges of one service, both ways.
pub(super) fn service(system: &Deployment, workload: &Workload) -> Value {
    let name = workload.name.as_str();
    let callers: Vec<Value> = system
        .access
        .iter()
        .filter(|access| access.to == name)
        .map(|access| match &access.from {
            Caller::Gateway if system.mesh => elsewhere(mesh::NAMESPACE, Some(mesh::GATEWAY)),
            Caller::Gateway => pods(host::GATEWAY, component::GATEWAY),
            Caller::Service(caller) => pods(caller, component::SERVICE),
        })
        .collect();
    let mut ingress = Vec::new();
    if !callers.is_empty() {
        ingress.push(json!({"from": callers, "ports": [port("TCP", workload.port)]}));
    }
    let scraped = if system.mesh {
        mesh::METRICS_PORT
    } else {
        workload.port
    };
    ingress.push(json!({
        "from": [elsewhere(MONITORING, None)],
        "ports": [port("TCP", scraped)],
    }));
    let from = Caller::Service(workload.name.clone());
    let mut egress = callees(system, &from);
    let outside = system.externals.iter();
    let called = outside.filter(|external| external.callers.contains(&workload.name));
    let mut ports: BTreeSet<u16> = called.map(|external| external.port).collect();
    ports.extend(system.jwks.as_deref().and_then(web_port));
    egress.extend(ports.into_iter().map(outside_cluster));
    let spec = json!({
        "podSelector": {"matchLabels": pod::selector(name, component::SERVICE)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    });
    policy(system, name, (name, component::SERVICE), spec)
}

/// The door: anybody may come in, and it goes where its routes lead.
pub(super) fn gateway(system: &Deployment, proxy: &Proxy) -> Value {
    let mut egress = callees(system, &Caller::Gateway);
    let fetched = system.jwks.as_deref().filter(|_| proxy.keys.is_none());
    let keys = fetched.and_then(web_port);
    egress.extend(keys.map(outside_cluster));
    let mut ingress = vec![anywhere(proxy.port)];
    if proxy.metrics.is_some() {
        ingress.push(json!({
            "from": [elsewhere(MONITORING, None)],
            "ports": [port("TCP", proxy.metrics_port)],
        }));
    }
    let spec = json!({
        "podSelector": {"matchLabels": pod::selector(host::GATEWAY, component::GATEWAY)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    });
    let of = (host::GATEWAY, component::GATEWAY);
    policy(system, host::GATEWAY, of, spec)
}

/// The services that somebody may ask, each at its port.
fn callees(system: &Deployment, from: &Caller) -> Vec<Value> {
    let asked = system.access.iter().filter(|access| access.from == *from);
    asked
        .map(|access| to(pods(&access.to, component::SERVICE), access.port))
        .collect()
}

pub(super) fn policy(system: &Deployment, name: &str, of: (&str, &str), spec: Value) -> Value {
    let kind = ("networking.k8s.io/v1", "NetworkPolicy");
    pod::object(system, kind, name, of, json!({"spec": spec}))
}

/// What lies behind services: a policy of its users, where it is, and its port.
pub(super) struct Behind<'d> {
    /// What it is called.
    pub name: &'d str,
    /// What part it plays.
    pub component: &'static str,
    /// Its port.
    pub port: u16,
    /// Whether the file names its host: a server that somebody else runs.
    pub given: bool,
    /// The pods that use it: names and components.
    pub users: Vec<(&'d str, &'static str)>,
}

/// Everything that lies behind services and is the system's own.
pub(super) fn behind(system: &Deployment) -> Vec<Behind<'_>> {
    let using = |uses: &dyn Fn(&Workload) -> bool| {
        let users = system.workloads.iter().filter(|workload| uses(workload));
        users
            .map(|workload| (workload.name.as_str(), component::SERVICE))
            .collect::<Vec<_>>()
    };
    let mut all: Vec<Behind<'_>> = system.workloads.iter().filter_map(database).collect();
    if system.broker {
        all.push(Behind {
            name: host::BROKER,
            component: component::BROKER,
            port: host::BROKER_PORT,
            given: false,
            users: using(&Workload::talks),
        });
    }
    if system.cache {
        all.push(Behind {
            name: host::CACHE,
            component: component::CACHE,
            port: host::CACHE_PORT,
            given: false,
            users: using(&|workload| workload.cache),
        });
    }
    if system.collector {
        let mut users = using(&|_| true);
        let traces = system.proxy.as_ref().is_some_and(|proxy| proxy.traces);
        if has_gateway(system) && traces {
            users.push((host::GATEWAY, component::GATEWAY));
        }
        all.push(Behind {
            name: host::COLLECTOR,
            component: component::COLLECTOR,
            port: host::COLLECTOR_PORT,
            given: false,
            users,
        });
    }
    all
}

/// The database of a service, used by the service and by its migration.
fn database(workload: &Workload) -> Option<Behind<'_>> {
    match &workload.keep {
        Keep::Postgres {
            host, port, given, ..
        } => Some(Behind {
            name: host,
            component: component::DATABASE,
            port: *port,
            given: *given,
            users: vec![
                (workload.name.as_str(), component::SERVICE),
                (workload.name.as_str(), component::MIGRATION),
            ],
        }),
        Keep::File => None,
    }
}

/// What users of something need: the way to it.
pub(super) fn way_to(system: &Deployment, behind: &Behind<'_>, egress: &Value) -> Vec<Value> {
    let users = behind.users.iter();
    users
        .map(|(user, component)| {
            let spec = json!({
                "podSelector": {"matchLabels": pod::selector(user, component)},
                "policyTypes": ["Egress"],
                "egress": [egress],
            });
            let name = format!("{user}-{component}-to-{}", behind.name.replace('.', "-"));
            policy(system, &name, (user, component), spec)
        })
        .collect()
}

/// Something in the cluster that its users may come to, and that goes nowhere.
pub(super) fn way_from(system: &Deployment, behind: &Behind<'_>) -> Value {
    let users: Vec<Value> = behind
        .users
        .iter()
        .map(|(user, component)| pods(user, component))
        .collect();
    let spec = json!({
        "podSelector": {"matchLabels": pod::selector(behind.name, behind.component)},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": users, "ports": [port("TCP", behind.port)]}],
    });
    let of = (behind.name, behind.component);
    policy(system, behind.name, of, spec)
}

/// The port of a Service for something behind services. A mesh is told that nobody speaks HTTP there: NATS speaks first, and the mesh
/// would wait for the client to.
pub(super) fn port_of(system: &Deployment, behind: &Behind<'_>) -> Value {
    let mut port = json!({"name": "tcp", "port": behind.port});
    if behind.component == component::COLLECTOR {
        port["name"] = json!("http");
    }
    if system.mesh {
        port["appProtocol"] = port["name"].clone();
    }
    port
}

/// Something in the same namespace.
pub(super) fn in_cluster(behind: &Behind<'_>) -> Value {
    to(pods(behind.name, behind.component), behind.port)
}

/// Something that may be anywhere, by its port.
pub(super) fn anywhere(number: u16) -> Value {
    json!({"ports": [port("TCP", number)]})
}

/// Pods of another namespace, at a port.
pub(super) fn in_namespace(namespace: &str, number: u16) -> Value {
    to(elsewhere(namespace, None), number)
}

fn to(peer: Value, number: u16) -> Value {
    json!({"to": [peer], "ports": [port("TCP", number)]})
}

/// Any address outside the cluster, but for the one where clouds tell machines their secrets.
fn outside_cluster(number: u16) -> Value {
    json!({
        "to": [
            {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
            {"ipBlock": {"cidr": "::/0", "except": ["fe80::/10"]}},
        ],
        "ports": [port("TCP", number)],
    })
}

fn pods(name: &str, component: &str) -> Value {
    json!({"podSelector": {"matchLabels": pod::selector(name, component)}})
}

fn elsewhere(namespace: &str, label: Option<(&str, &str)>) -> Value {
    let mut peer = json!({"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: namespace}}});
    if let Some((key, value)) = label {
        peer["podSelector"] = json!({"matchLabels": {key: value}});
    }
    peer
}

fn port(protocol: &str, number: u16) -> Value {
    json!({"protocol": protocol, "port": number})
}
