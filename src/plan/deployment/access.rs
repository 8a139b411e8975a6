//! Who may ask whom for what: the declared calls, the gateway's routes, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::graph::routes;
use crate::model::Model;
use crate::model::arena::EndpointId;
use crate::model::endpoint::{Method, Segment};
use crate::model::service::Party;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The gateway.
    Gateway,
    /// A service, by its name.
    Service(String),
}

/// An operation that may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Operation {
    /// The method. Whoever may read by GET may ask for the head of it.
    pub method: &'static str,
    /// The path, with `*` for a segment that differs from request to request.
    pub path: String,
}

/// What one caller may ask of one service.
#[derive(Debug, Clone, Serialize)]
pub struct Access {
    /// Who asks.
    pub from: Caller,
    /// The service that answers.
    pub to: String,
    /// Its port.
    pub port: u16,
    /// For what; sorted.
    pub operations: Vec<Operation>,
}

/// A system outside that services call.
#[derive(Debug, Clone, Serialize)]
pub struct ExternalHost {
    /// Its name, as hosts are spelt.
    pub name: String,
    /// Its address as declared, variables of the environment included.
    pub url: String,
    /// The host, where the address names it outright.
    pub host: Option<String>,
    /// The port.
    pub port: u16,
    /// Whether it is spoken to by TLS.
    pub tls: bool,
    /// The services that call it, sorted.
    pub callers: Vec<String>,
}

/// Who may ask whom for what: sorted by callee, then by caller.
pub(super) fn access(model: &Model) -> Vec<Access> {
    let mut allowed: BTreeMap<(String, Caller), (u16, BTreeSet<Operation>)> = BTreeMap::new();
    let mut allow = |from: Caller, endpoint: EndpointId| {
        let endpoint = &model.endpoints[endpoint];
        let Party::Service(callee) = endpoint.owner else {
            return;
        };
        let callee = &model.services[callee];
        let (_, operations) = allowed
            .entry((callee.name.kebab(), from))
            .or_insert_with(|| (callee.port, BTreeSet::new()));
        operations.extend(asked(endpoint.method).map(|method| Operation {
            method: method.as_str(),
            path: path(&endpoint.segments),
        }));
    };
    for call in model.calls.iter() {
        let caller = Caller::Service(model.services[call.from].name.kebab());
        for endpoint in &call.operations {
            allow(caller.clone(), *endpoint);
        }
    }
    for route in routes::of(model) {
        for endpoint in route.operations {
            allow(Caller::Gateway, endpoint);
        }
    }
    allowed
        .into_iter()
        .map(|((to, from), (port, operations))| Access {
            from,
            to,
            port,
            operations: operations.into_iter().collect(),
        })
        .collect()
}

/// The systems outside that services call, sorted by name.
pub(super) fn externals(model: &Model) -> Vec<ExternalHost> {
    let mut found: Vec<ExternalHost> = Vec::new();
    for (id, external) in model.externals.entries() {
        let callers: BTreeSet<String> = model
            .calls
            .iter()
            .filter(|call| call.to == Party::External(id))
            .map(|call| model.services[call.from].name.kebab())
            .collect();
        if callers.is_empty() {
            continue;
        }
        let url = model.address(id);
        let tls = !url.starts_with("http://");
        let (host, port) = authority(&url, if tls { 443 } else { 80 });
        found.push(ExternalHost {
            name: external.name.kebab(),
            host,
            port,
            tls,
            callers: callers.into_iter().collect(),
            url,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Whoever answers GET answers HEAD.
fn asked(method: Method) -> impl Iterator<Item = Method> {
    let head = (method == Method::Get).then_some(Method::Head);
    std::iter::once(method).chain(head)
}

fn path(segments: &[Segment]) -> String {
    let path = segments.iter().fold(String::new(), |path, segment| {
        let segment = match segment {
            Segment::Literal(text) => text.as_str(),
            Segment::Parameter(_) => "*",
        };
        format!("{path}/{segment}")
    });
    if path.is_empty() {
        "/".to_owned()
    } else {
        path
    }
}

/// The port of an address on the web; none where it is a file.
#[must_use]
pub fn web_port(url: &str) -> Option<u16> {
    let usual = match url.split_once("://")?.0 {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some(authority(url, usual).1)
}

/// Host and port of an address; no host where a variable stands for it.
pub(crate) fn authority(url: &str, usual: u16) -> (Option<String>, u16) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().unwrap_or(usual)),
        None => (authority, usual),
    };
    let known = !host.is_empty() && !host.contains('$');
    (known.then(|| host.to_owned()), port)
}

#[cfg(test)]
mod tests {
    use super::authority;

    #[test]
    fn an_address_tells_its_host_and_port_unless_a_variable_does() {
        let host = |url| authority(url, 443);
        assert_eq!(
            host("https://pay.example/v1"),
            (Some("pay.example".into()), 443)
        );
        assert_eq!(
            host("http://pay.example:8080?x"),
            (Some("pay.example".into()), 8080)
        );
        assert_eq!(host("https://${PAY_HOST}:99/v1"), (None, 99));
        assert_eq!(host("${PAY_URL}"), (None, 443));
    }
}
