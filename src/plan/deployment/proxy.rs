//! The gateway as it runs when it is deployed: Envoy, one version for all targets.

use serde::Serialize;

use super::quantity::mebibytes;
use super::{SECRETS, Secret, images};
use crate::model::Model;
use crate::model::gateway::{Gateway, Middleware};
use crate::plan::local::ADMIN_PORT;
use crate::plan::local::gateway::passed;

/// Where the configuration lies in the workspace.
pub const PROXY_FILE: &str = "gateway/envoy.yaml";
/// The memory that it may take, as Kubernetes writes it; Envoy itself stops short of it.
pub const PROXY_MEMORY: &str = "512Mi";
/// The heap at which it lets go, in bytes.
pub const PROXY_HEAP: u64 = 400 * 1024 * 1024;
/// Where it tells whether it is ready, on the port of its metrics.
pub const PROXY_READY: &str = "/ready";
/// Where its metrics are, on a port of their own.
pub const PROXY_METRICS: &str = "/stats/prometheus";
/// The file with the keys that tokens are checked with, where they come as a file: a JSON Web Key Set (RFC 7517).
pub const KEYS: &str = "/run/secrets/token-keys";

/// The port of its administration, on loopback alone, where nothing else listens there.
const ADMINISTRATION_PORT: u16 = 9901;

/// The gateway as it runs.
#[derive(Debug, Clone, Serialize)]
pub struct Proxy {
    /// Its image.
    pub image: &'static str,
    /// Its configuration, from the root of the workspace.
    pub file: &'static str,
    /// The memory that it may take.
    pub memory: &'static str,
    /// The same in mebibytes.
    pub mebibytes: u64,
    /// The port that it listens on.
    pub port: u16,
    /// The port that tells whether it is ready, and its metrics.
    pub metrics_port: u16,
    /// The path that tells whether it is ready.
    pub ready: &'static str,
    /// The path of its metrics, where they are declared.
    pub metrics: Option<&'static str>,
    /// The keys that tokens are checked with, where they come as a file.
    pub keys: Option<Secret>,
    /// Whether it exports traces.
    pub traces: bool,
}

/// The port of its metrics: the declared one, or one beside that which it listens on.
pub fn metrics_port(gateway: &Gateway) -> u16 {
    let declared = gateway.monitoring.as_ref();
    declared.map_or_else(
        || free(ADMIN_PORT, &[gateway.port]),
        |declared| declared.port,
    )
}

/// The port of its administration, out of the way of those that the file may name.
pub fn administration_port(gateway: &Gateway) -> u16 {
    free(ADMINISTRATION_PORT, &[gateway.port, metrics_port(gateway)])
}

/// The first port from one on that is not taken.
fn free(from: u16, taken: &[u16]) -> u16 {
    let mut ports = from..;
    ports.find(|port| !taken.contains(port)).unwrap_or(from)
}

pub(super) fn proxy(model: &Model) -> Option<Proxy> {
    let gateway = model.gateway.as_ref()?;
    let passed = passed(gateway);
    let declared = gateway.authentication.as_ref();
    let from_file = declared.filter(|declared| !super::fetched(declared));
    let keys = from_file.map(|declared| Secret {
        variable: String::new(),
        name: KEYS.trim_start_matches(SECRETS).trim_start_matches('/').to_owned(),
        path: KEYS.to_owned(),
        purpose: if declared.jwks.is_some() {
            "keys that tokens are checked with, as a JSON Web Key Set".to_owned()
        } else {
            "shared secret that tokens are signed with, as a JSON Web Key Set: {\"keys\": [{\"kty\": \"oct\", \"alg\": \"HS256\", \"k\": base64url}]}"
                .to_owned()
        },
        given: true,
    });
    Some(Proxy {
        image: images::ENVOY,
        file: PROXY_FILE,
        memory: PROXY_MEMORY,
        mebibytes: mebibytes(PROXY_MEMORY).unwrap_or_default(),
        port: gateway.port,
        metrics_port: metrics_port(gateway),
        ready: PROXY_READY,
        metrics: passed
            .contains(&Middleware::Metrics)
            .then_some(PROXY_METRICS),
        keys,
        traces: passed.contains(&Middleware::Tracing)
            && model.observability.otlp_endpoint.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    /// Where the gateway listens, tells its metrics and is administered.
    fn ports(gateway: &str) -> [u16; 3] {
        let text = format!("{{msarch: 1, name: s, services: {{a: {{}}}}, gateway: {gateway}}}");
        let mut loaded = load_text("architecture.yaml", &text);
        let model = lower(&document::read(&mut loaded).unwrap());
        let gateway = model.gateway.unwrap();
        [
            gateway.port,
            metrics_port(&gateway),
            administration_port(&gateway),
        ]
    }

    #[test]
    fn envoy_listens_on_three_ports_whichever_are_declared() {
        assert_eq!(ports("{}"), [8080, 8081, 9901]);
        assert_eq!(ports("{port: 8081}"), [8081, 8082, 9901]);
        assert_eq!(ports("{port: 9901}"), [9901, 8081, 9902]);
        let both = "{port: 9901, monitoring: {port: 9902}}";
        assert_eq!(ports(both), [9901, 9902, 9903]);
        assert_eq!(ports("{monitoring: {port: 9901}}"), [8080, 9901, 9902]);
    }

    #[test]
    fn envoy_lets_go_before_the_machine_takes_its_memory_away() {
        let most = mebibytes(PROXY_MEMORY).unwrap() << 20;
        assert!(PROXY_HEAP < most && most - PROXY_HEAP >= most / 8);
    }
}
