//! The local binary: the whole system in one process.

pub mod gateway;
pub mod probe;

use serde::Serialize;

pub use gateway::GatewayPlan;
pub use probe::ProbePlan;

use super::rust::{Scope, string};
use super::service::ServicePlan;
use super::types::Types;
use crate::model::Model;
use crate::model::service::Party;

/// The port of the gateway where none is declared.
const GATEWAY_PORT: u16 = 8080;
/// The port of the admin page where none is declared.
pub(crate) const ADMIN_PORT: u16 = 8081;

/// `crates/local/`.
#[derive(Debug, Clone, Serialize)]
pub struct LocalPlan {
    /// What `lib.rs` imports.
    pub imports: Scope,
    /// Fields of the defaults: `name: value`.
    pub defaults: Vec<String>,
    /// The services, sorted by name.
    pub services: Vec<LocalService>,
    /// The way in, where one is declared.
    pub gateway: Option<GatewayPlan>,
    /// What its test asks, and what that file imports.
    pub test: TestPlan,
}

/// A service as the local binary starts it.
#[derive(Debug, Clone, Serialize)]
pub struct LocalService {
    /// Its name, as written.
    pub name: String,
    /// Its crate, as Rust spells it.
    pub lib: String,
}

/// `tests/system.rs`.
#[derive(Debug, Clone, Serialize)]
pub struct TestPlan {
    /// Requests that must be answered.
    pub probes: Vec<ProbePlan>,
    /// A path that no route takes, if there is one.
    pub lost: Option<String>,
}

/// Plans the local binary from the services that were planned.
pub fn local(types: &Types<'_>, services: &[ServicePlan]) -> LocalPlan {
    let model = types.model;
    let mut imports = Scope::new("local");
    imports.all([
        "msarch_runtime::local::Local",
        "msarch_runtime::local::LocalDefaults",
    ]);
    let probes = probe::probes(types);
    let defaults = defaults(model, &probes, &mut imports);
    LocalPlan {
        imports,
        defaults,
        services: services
            .iter()
            .map(|service| LocalService {
                name: service.name.clone(),
                lib: service.lib.clone(),
            })
            .collect(),
        gateway: model
            .gateway
            .as_ref()
            .map(|declared| gateway::gateway(model, declared)),
        test: TestPlan {
            lost: probe::lost(model),
            probes,
        },
    }
}

fn defaults(model: &Model, probes: &[ProbePlan], imports: &mut Scope) -> Vec<String> {
    let gateway = model.gateway.as_ref();
    let port = gateway.map_or(GATEWAY_PORT, |gateway| gateway.port);
    let admin = gateway
        .and_then(|gateway| gateway.monitoring)
        .map_or(ADMIN_PORT, |monitoring| monitoring.port);
    let mut fields = vec![format!("port: {port}")];
    // Without a port of its own, the admin page stands beside the gateway.
    fields.push(format!(
        "admin_port: {}",
        if admin == port {
            port.checked_add(1).unwrap_or(0)
        } else {
            admin
        }
    ));
    if let Some(declared) = model.authentication() {
        let expected = imports.import("msarch_runtime::auth::Expected");
        let maybe = |text: Option<&String>| {
            text.map_or_else(
                || "None".to_owned(),
                |text| format!("Some({}.to_owned())", string(text)),
            )
        };
        fields.push(format!(
            "expected: {expected} {{ issuer: {}, audience: {} }}",
            maybe(declared.issuer.as_ref()),
            maybe(declared.audience.as_ref())
        ));
    }
    let scopes = service_scopes(model);
    if !scopes.is_empty() {
        fields.push(format!("service_scopes: {}", owned(&scopes)));
    }
    if let Some(probe) = probes.iter().find(|probe| probe.body.is_none()) {
        let example = imports.import("msarch_runtime::local::Example");
        fields.push(format!(
            "example: Some({example} {{ path: {}.to_owned(), scopes: {}, open: {} }})",
            string(&probe.path),
            owned(&probe.scopes),
            probe.open
        ));
    }
    fields
}

/// What services need to call each other where nobody called them, as in reactions to events.
fn service_scopes(model: &Model) -> Vec<String> {
    let mut scopes: Vec<String> = model
        .calls
        .iter()
        .filter(|call| matches!(call.to, Party::Service(_)))
        .flat_map(|call| {
            model
                .endpoints
                .iter()
                .filter(|endpoint| endpoint.owner == call.to)
        })
        .filter_map(|endpoint| endpoint.scope.as_ref())
        .map(|scope| scope.value.clone())
        .collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

fn owned(texts: &[String]) -> String {
    if texts.is_empty() {
        return "Vec::new()".to_owned();
    }
    let texts: Vec<String> = texts
        .iter()
        .map(|text| format!("{}.to_owned()", string(text)))
        .collect();
    format!("vec![{}]", texts.join(", "))
}
