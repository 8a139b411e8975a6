//! The edges that are allowed are those that are declared, and the stated ones of the platform: no more and no less.

use std::collections::BTreeSet;

use msarch::plan::deployment::{Caller, Deployment, Keep};
use serde_json::{Value, json};

use crate::edges::{Allowed, Edge, Node, allowed, pods};
use crate::kustomize::{identity, list};
use crate::{DEVELOPMENT, PRODUCTION, System, built, door, systems};

const WORLD: &str = "an address outside";

/// Whoever is around: an address outside, a pod of somebody else, the platform.
fn around() -> Vec<Node> {
    let node = |name: &str, namespace, labels| Node {
        name: name.to_owned(),
        labels,
        namespace: Some(namespace),
    };
    vec![
        node(WORLD, "", None),
        node(
            "a stranger",
            "elsewhere",
            Some(
                json!({"app.kubernetes.io/name": "order-service", "app.kubernetes.io/component": "service"}),
            ),
        ),
        node("names", "kube-system", Some(json!({"k8s-app": "kube-dns"}))),
        node(
            "another of the platform",
            "kube-system",
            Some(json!({"k8s-app": "metrics-server"})),
        ),
        node(
            "monitoring",
            "monitoring",
            Some(json!({"app": "prometheus"})),
        ),
        node(
            "control plane",
            "istio-system",
            Some(json!({"app": "istiod"})),
        ),
        node(
            "mesh gateway",
            "istio-system",
            Some(json!({"istio": "ingressgateway"})),
        ),
    ]
}

/// Every port that anybody could mean, and some that nobody does.
fn ports(system: &Deployment) -> BTreeSet<u64> {
    let mut ports: BTreeSet<u64> = [
        1, 22, 53, 80, 443, 4222, 4318, 5432, 6222, 6379, 8222, 15012, 15020, 15021, 65535,
    ]
    .into();
    ports.extend(
        system
            .workloads
            .iter()
            .map(|workload| u64::from(workload.port)),
    );
    ports.extend(
        system
            .externals
            .iter()
            .map(|external| u64::from(external.port)),
    );
    ports.extend(system.gateway.map(u64::from));
    ports.extend(
        system
            .proxy
            .iter()
            .map(|proxy| u64::from(proxy.metrics_port)),
    );
    ports.extend(
        system
            .workloads
            .iter()
            .filter_map(|workload| match &workload.keep {
                Keep::Postgres { port, .. } => Some(u64::from(*port)),
                Keep::File => None,
            }),
    );
    ports
}

/// What should be allowed, from the plan alone.
struct Expected<'s> {
    system: &'s Deployment,
    production: bool,
    pods: &'s [Node],
    edges: Allowed,
}

impl Expected<'_> {
    fn add(&mut self, from: &str, to: &str, port: u16) {
        self.edge(from, to, "TCP", port);
    }

    /// Each end that is a pod of the system must allow it.
    fn edge(&mut self, from: &str, to: &str, protocol: &'static str, port: u16) {
        let edge = || (from.to_owned(), to.to_owned(), protocol, u64::from(port));
        let ours = |name: &str| self.pods.iter().any(|pod| pod.name == name);
        let (sends, takes) = (ours(from), ours(to));
        if sends {
            self.edges.out.insert(edge());
        }
        if takes {
            self.edges.into.insert(edge());
        }
    }

    /// A part behind services: a pod of the overlay; or somebody by port, who may be anywhere, but then does not ask a pod of ours.
    fn behind(&mut self, from: &str, part: &str, port: u16, given: bool) {
        if !self.production && !given {
            return self.add(from, part, port);
        }
        for node in around().iter().chain(self.pods) {
            let edge = (from.to_owned(), node.name.clone(), "TCP", u64::from(port));
            self.edges.out.insert(edge);
        }
    }

    fn platform(&mut self) {
        for pod in self.pods {
            for protocol in ["TCP", "UDP"] {
                self.edge(&pod.name, "names", protocol, 53);
            }
            if self.system.mesh {
                self.add(&pod.name, "control plane", 15012);
            }
        }
    }

    fn services(&mut self) {
        let system = self.system;
        for workload in &system.workloads {
            let me = format!("{} service", workload.name);
            self.add(
                "monitoring",
                &me,
                if system.mesh { 15020 } else { workload.port },
            );
            if let Keep::Postgres {
                host, port, given, ..
            } = &workload.keep
            {
                for user in [me.clone(), format!("{} migration", workload.name)] {
                    self.behind(&user, &format!("{host} database"), *port, *given);
                }
            }
            if workload.talks() {
                self.behind(&me, "nats broker", 4222, false);
            }
            if workload.cache {
                self.behind(&me, "redis cache", 6379, false);
            }
            if system.collector {
                self.collector(&me);
            }
            for external in &system.externals {
                if external.callers.contains(&workload.name) {
                    self.add(&me, WORLD, external.port);
                }
            }
            if system.jwks.is_some() {
                self.add(&me, WORLD, 443);
            }
        }
    }

    fn collector(&mut self, from: &str) {
        let to = if self.production {
            "monitoring"
        } else {
            "otel-collector collector"
        };
        self.add(from, to, 4318);
    }

    fn door(&mut self) {
        let system = self.system;
        let door = if system.mesh {
            "mesh gateway"
        } else {
            "gateway gateway"
        };
        for access in &system.access {
            let from = match &access.from {
                Caller::Gateway => door.to_owned(),
                Caller::Service(caller) => format!("{caller} service"),
            };
            self.add(&from, &format!("{} service", access.to), access.port);
        }
        let Some(port) = system.gateway.filter(|_| !system.mesh) else {
            return;
        };
        for node in around().iter().chain(self.pods) {
            let edge = (node.name.clone(), door.to_owned(), "TCP", u64::from(port));
            self.edges.into.insert(edge);
        }
        let proxy = system.proxy.as_ref().expect("the door is Envoy");
        if proxy.metrics.is_some() {
            self.add("monitoring", door, proxy.metrics_port);
        }
        if proxy.traces {
            self.collector(door);
        }
        if system.jwks.is_some() && proxy.keys.is_none() {
            self.add(door, WORLD, 443);
        }
    }
}

fn expected(system: &Deployment, pods: &[Node], production: bool) -> Allowed {
    let mut expected = Expected {
        system,
        production,
        pods,
        edges: Allowed::default(),
    };
    expected.platform();
    expected.services();
    expected.door();
    expected.edges
}

/// What is allowed in a build, and what should be.
fn compared(system: &System, folder: &str, objects: &[Value]) -> (Allowed, Allowed) {
    let plan = &system.plan.deployment;
    let pods = pods(objects);
    let wanted = expected(plan, &pods, folder == PRODUCTION);
    let nodes: Vec<Node> = pods.into_iter().chain(around()).collect();
    (allowed(objects, &nodes, &ports(plan)), wanted)
}

#[test]
fn the_edges_allowed_are_the_edges_declared_and_the_stated_ones_of_the_platform() {
    for system in systems() {
        for folder in [DEVELOPMENT, PRODUCTION] {
            let (allowed, wanted) = compared(&system, folder, &built(&system, folder));
            for (allowed, wanted) in [(&allowed.out, &wanted.out), (&allowed.into, &wanted.into)] {
                let more: Vec<&Edge> = allowed.difference(wanted).collect();
                let less: Vec<&Edge> = wanted.difference(allowed).collect();
                assert!(
                    more.is_empty() && less.is_empty(),
                    "{} {folder}\nmore: {more:#?}\nless: {less:#?}",
                    system.path
                );
                assert!(!allowed.is_empty());
            }
        }
    }
}

#[test]
fn a_policy_too_few_or_one_that_is_too_wide_is_found() {
    let system = door();
    for folder in [DEVELOPMENT, PRODUCTION] {
        let objects = built(&system, folder);
        let policies: Vec<usize> = (0..objects.len())
            .filter(|index| objects[*index]["kind"] == "NetworkPolicy")
            .collect();
        assert!(policies.len() > 6);
        for index in policies {
            let name = identity(&objects[index]);
            let differs = |objects: &[Value]| {
                let (allowed, wanted) = compared(&system, folder, objects);
                allowed != wanted
            };
            let mut fewer = objects.clone();
            fewer.remove(index);
            assert!(differs(&fewer), "{folder}: without {name}");
            for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
                let count = list(&objects[index]["spec"][rules]).count();
                for (rule, key) in (0..count).flat_map(|rule| [(rule, peers), (rule, "ports")]) {
                    let mut wider = objects.clone();
                    let rule = wider[index]["spec"][rules][rule].as_object_mut();
                    if rule.is_some_and(|rule| rule.remove(key).is_some()) {
                        assert!(differs(&wider), "{folder}: {name} without {key}");
                    }
                }
            }
        }
    }
}
