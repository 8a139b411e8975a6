//! Systems outside that services call, and where the keys of tokens are.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::names::NETWORKING;
use super::{Facts, Manifest, object};

/// Ports of a host, each with whether TLS is spoken there.
type Ports = BTreeMap<u16, bool>;

/// One entry for each host outside, so that the mesh knows it by name.
pub(super) fn manifest(facts: &Facts<'_>) -> Option<Manifest> {
    let mut hosts: BTreeMap<&str, (String, Ports)> = BTreeMap::new();
    let mut unknown = Vec::new();
    for external in &facts.system.externals {
        match external.host.as_deref() {
            Some(host) if host.contains('.') => {
                let known = hosts.entry(host);
                let (_, ports) = known.or_insert_with(|| (external.name.clone(), Ports::new()));
                ports.insert(external.port, external.tls);
            }
            _ => unknown.push(external.name.as_str()),
        }
    }
    let documents: Vec<Value> = hosts
        .into_iter()
        .map(|(host, (name, ports))| entry(facts, host, &name, &ports))
        .collect();
    if documents.is_empty() {
        return None;
    }
    let manifest = Manifest::new("outside.yaml", documents);
    Some(if unknown.is_empty() {
        manifest
    } else {
        manifest.about(format!(
            "Not here, because a variable says where it is: {}. Add a ServiceEntry for it beside your own manifests.",
            unknown.join(", ")
        ))
    })
}

fn entry(facts: &Facts<'_>, host: &str, name: &str, ports: &Ports) -> Value {
    let ports: Vec<Value> = ports
        .iter()
        .map(|(number, tls)| {
            let (name, protocol) = if *tls {
                ("tls", "TLS")
            } else {
                ("http", "HTTP")
            };
            json!({"number": number, "name": format!("{name}-{number}"), "protocol": protocol})
        })
        .collect();
    let mut spec = json!({"hosts": [host]});
    let address = host.parse::<IpAddr>().is_ok();
    if address {
        spec["hosts"] = json!([format!("{name}.external")]);
        spec["addresses"] = json!([host]);
    }
    spec["location"] = "MESH_EXTERNAL".into();
    spec["resolution"] = if address { "STATIC" } else { "DNS" }.into();
    spec["ports"] = ports.into();
    if address {
        spec["endpoints"] = json!([{"address": host}]);
    }
    spec["exportTo"] = json!(["."]);
    object((NETWORKING, "ServiceEntry"), name, facts, spec)
}
