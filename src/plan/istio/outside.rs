//! Systems outside that services call, and where the keys of tokens are.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::names::NETWORKING;
use super::{Facts, Manifest, object};

/// Ports of a host, each with whether TLS is spoken there.
type Ports = BTreeMap<u16, bool>;

/// Hosts outside, each with its name and its ports; and the names of systems whose host a variable tells.
type Known<'f> = (BTreeMap<&'f str, (String, Ports)>, Vec<&'f str>);

fn known<'f>(facts: &'f Facts<'_>) -> Known<'f> {
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
    (hosts, unknown)
}

/// Says of which systems outside there is no entry.
pub(super) fn said(facts: &Facts<'_>, manifest: Manifest) -> Manifest {
    let (_, unknown) = known(facts);
    if unknown.is_empty() {
        return manifest;
    }
    manifest.about(format!(
        "No ServiceEntry is here for {}, because a variable says where it is. Where the mesh lets out only what it knows, add one beside your own manifests.",
        unknown.join(", ")
    ))
}

/// One entry for each host outside, so that the mesh knows it by name.
pub(super) fn manifest(facts: &Facts<'_>) -> Option<Manifest> {
    let (hosts, _) = known(facts);
    let entries = hosts.into_iter();
    let documents: Vec<Value> = entries
        .map(|(host, (name, ports))| entry(facts, host, &name, &ports))
        .collect();
    (!documents.is_empty()).then(|| Manifest::new("outside.yaml", documents))
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
