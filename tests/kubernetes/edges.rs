//! Which edges the network policies of a build allow: every pair of pods, both directions, every port that anybody could mean.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::kustomize::{list, pod};

/// Somebody who sends or is sent to.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// What it is called in edges.
    pub(crate) name: String,
    /// Its labels; none for an address outside the cluster.
    pub(crate) labels: Option<Value>,
    /// The namespace; none for the system's own.
    pub(crate) namespace: Option<&'static str>,
}

/// From whom, to whom, protocol, port.
pub(crate) type Edge = (String, String, &'static str, u64);

/// The pods of a build.
pub(crate) fn pods(objects: &[Value]) -> Vec<Node> {
    let made = objects.iter().filter_map(|object| {
        let labels = pod(object)?["metadata"]["labels"].clone();
        let name = labels["app.kubernetes.io/name"].as_str()?;
        let component = labels["app.kubernetes.io/component"].as_str()?;
        let name = format!("{name} {component}");
        Some(Node {
            name,
            labels: Some(labels),
            namespace: None,
        })
    });
    made.collect()
}

/// What the policies of a build allow, each direction for itself: who may send, and who may be sent to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// What pods of the system may send.
    pub(crate) out: BTreeSet<Edge>,
    /// What may be sent to them.
    pub(crate) into: BTreeSet<Edge>,
}

/// What the policies of a build allow among nodes, at the given ports.
pub(crate) fn allowed(objects: &[Value], nodes: &[Node], ports: &BTreeSet<u64>) -> Allowed {
    let policies: Vec<&Value> = objects
        .iter()
        .filter(|object| object["kind"] == "NetworkPolicy")
        .collect();
    let mut allowed = Allowed::default();
    for subject in nodes.iter().filter(|node| node.namespace.is_none()) {
        for (way, sends) in [(&OUT, true), (&IN, false)] {
            let rules = way.rules_of(&policies, subject);
            for other in nodes {
                for (protocol, port) in way.admitted(rules.as_deref(), other, ports) {
                    let (me, them) = (subject.name.clone(), other.name.clone());
                    if sends {
                        allowed.out.insert((me, them, protocol, port));
                    } else {
                        allowed.into.insert((them, me, protocol, port));
                    }
                }
            }
        }
    }
    allowed
}

struct Direction {
    kind: &'static str,
    rules: &'static str,
    peers: &'static str,
}

const OUT: Direction = Direction {
    kind: "Egress",
    rules: "egress",
    peers: "to",
};
const IN: Direction = Direction {
    kind: "Ingress",
    rules: "ingress",
    peers: "from",
};

impl Direction {
    /// The rules that hold for a pod; nothing where no policy says anything, and so everything is allowed.
    fn rules_of<'p>(&self, policies: &[&'p Value], subject: &Node) -> Option<Vec<&'p Value>> {
        let labels = subject.labels.as_ref()?;
        let chosen: Vec<&Value> = policies
            .iter()
            .map(|policy| &policy["spec"])
            .filter(|spec| list(&spec["policyTypes"]).any(|kind| kind == self.kind))
            .filter(|spec| selects(&spec["podSelector"], labels))
            .collect();
        (!chosen.is_empty()).then(|| {
            let rules = chosen.iter().flat_map(|spec| list(&spec[self.rules]));
            rules.collect()
        })
    }

    fn admitted(
        &self,
        rules: Option<&[&Value]>,
        other: &Node,
        ports: &BTreeSet<u64>,
    ) -> Vec<(&'static str, u64)> {
        let fitting = rules.map(|rules| {
            let fits = |rule: &&&Value| {
                let peers = &rule[self.peers];
                peers.is_null() || list(peers).any(|peer| is(peer, other))
            };
            rules.iter().filter(fits).collect::<Vec<_>>()
        });
        let open = |protocol: &str, port: u64| {
            fitting.as_ref().is_none_or(|rules| {
                rules.iter().any(|rule| {
                    let ports = &rule["ports"];
                    ports.is_null()
                        || list(ports).any(|one| one["protocol"] == protocol && one["port"] == port)
                })
            })
        };
        let all = ["TCP", "UDP"].into_iter().flat_map(|protocol| {
            let ports = ports.iter();
            ports.map(move |port| (protocol, *port))
        });
        all.filter(|(protocol, port)| open(protocol, *port))
            .collect()
    }
}

fn is(peer: &Value, node: &Node) -> bool {
    let Some(labels) = &node.labels else {
        return peer["ipBlock"].is_object();
    };
    let namespace = match (&peer["namespaceSelector"], node.namespace) {
        (Value::Null, namespace) => namespace.is_none() && peer["podSelector"].is_object(),
        (selector, Some(name)) => selects(
            selector,
            &serde_json::json!({"kubernetes.io/metadata.name": name}),
        ),
        (_, None) => false,
    };
    namespace && (peer["podSelector"].is_null() || selects(&peer["podSelector"], labels))
}

/// Whether a selector chooses labels; ours know `matchLabels` alone.
pub(crate) fn selects(selector: &Value, labels: &Value) -> bool {
    let keys = selector.as_object().into_iter().flatten();
    assert!(
        keys.into_iter().all(|(key, _)| key == "matchLabels"),
        "{selector}"
    );
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    wanted.into_iter().all(|(key, value)| labels[key] == *value)
}
