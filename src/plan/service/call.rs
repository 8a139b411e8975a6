//! The services that a service calls, each with its policy.

use std::time::Duration;

use serde::Serialize;

use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::endpoint::Call;
use crate::model::service::Party;
use crate::plan::contract::client_name;
use crate::plan::rust::{Scope, float, string};
use crate::plan::types::Types;

use super::operation::duration;

/// How long one try of a call may take where the file does not say.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// A client that a service has.
#[derive(Debug, Clone, Serialize)]
pub struct ClientPlan {
    /// Who is called, as written.
    pub of: String,
    /// The field that holds it.
    pub field: String,
    /// The setting with its address.
    pub url_field: String,
    /// On whose behalf it calls: tokens of our callers are nothing for systems that are not ours.
    pub call_as: &'static str,
    /// The setting with the token that it calls with by itself.
    pub token_field: String,
    /// Whether it is the first to this party: the setting is declared once.
    pub first: bool,
    /// The constant with its policy.
    pub constant: String,
    /// Its type, spelt.
    pub ty: String,
    /// Where it is by default, as a Rust string.
    pub url: String,
    /// Whether variables of the environment tell where it is.
    pub by_variable: bool,
    /// The policy, as fields of a `CallPolicy`.
    pub timeout: String,
    /// See above.
    pub retry: String,
    /// See above.
    pub breaker: String,
    /// See above.
    pub bulkhead: String,
    /// What stands in when it fails, as a sentence for people.
    pub fallback: Option<String>,
    /// The service's crate, where it is one of ours.
    pub service: Option<String>,
}

/// `clients.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct ClientsPlan {
    /// What the file imports.
    pub imports: Scope,
    /// The clients.
    pub clients: Vec<ClientPlan>,
}

/// Plans the clients of a service. Calls without operations of their own have nothing to call with.
pub fn clients(types: &Types<'_>, id: ServiceId) -> ClientsPlan {
    let model = types.model;
    let mut scope = Scope::new(format!("{}::clients", types.names.service_lib(id)));
    let mut clients: Vec<ClientPlan> = Vec::new();
    for call in &model.services[id].calls {
        let call = &model.calls[*call];
        if !model
            .endpoints
            .iter()
            .any(|endpoint| endpoint.owner == call.to)
        {
            continue;
        }
        let client = client(types, call, &clients, &mut scope);
        clients.push(client);
    }
    if !clients.is_empty() {
        scope.all([
            "msarch_runtime::client::CallAs",
            "msarch_runtime::client::CallPolicy",
            "msarch_runtime::client::Client",
            "msarch_runtime::client::ClientError",
            "msarch_runtime::client::FixedToken",
            "msarch_runtime::config::Secret",
            "msarch_runtime::resilience::RetryPolicy",
            "msarch_runtime::telemetry::Metrics",
            "std::time::Duration",
        ]);
        scope.import(&format!("{}::Settings", types.names.service_lib(id)));
    }
    ClientsPlan {
        imports: scope,
        clients,
    }
}

fn client(types: &Types<'_>, call: &Call, others: &[ClientPlan], scope: &mut Scope) -> ClientPlan {
    let name = types.names.party(call.to);
    let mut field = name.snake().to_owned();
    // A second call to the same party has a policy of its own, so it has a client of its own.
    let same = others
        .iter()
        .filter(|other| other.of == name.as_str())
        .count();
    if same > 0 {
        field = format!("{field}_{}", same + 1);
    }
    let (url, service) = address(types.model, call.to);
    let ty = scope.import(&format!(
        "{}::{}",
        types.names.contract_lib(call.to),
        client_name(name)
    ));
    ClientPlan {
        of: name.as_str().to_owned(),
        url_field: format!("{}_url", name.snake()),
        call_as: if service.is_some() {
            "CallAs::Caller"
        } else {
            "CallAs::Service"
        },
        token_field: if service.is_some() {
            "token".to_owned()
        } else {
            format!("{}_token", name.snake())
        },
        first: same == 0,
        constant: field.to_ascii_uppercase(),
        ty,
        by_variable: url.contains("${"),
        url: string(&url),
        timeout: duration(
            call.timeout
                .as_ref()
                .map_or(CALL_TIMEOUT, |timeout| timeout.value),
        ),
        retry: retry(call),
        breaker: breaker(call, scope),
        bulkhead: bulkhead(call, scope),
        fallback: call.fallback.clone(),
        service,
        field,
    }
}

/// Where a party is by default, and its crate, where it is one of ours.
fn address(model: &Model, party: Party) -> (String, Option<String>) {
    match party {
        Party::Service(id) => {
            let callee = &model.services[id];
            let name = callee.name.kebab();
            (format!("http://{name}:{}", callee.port), Some(name))
        }
        Party::External(id) => (model.address(id), None),
    }
}

fn retry(call: &Call) -> String {
    let Some(retry) = call.retry.as_ref().filter(|retry| retry.max_attempts > 1) else {
        return "RetryPolicy::NEVER".to_owned();
    };
    format!(
        "RetryPolicy {{ max_attempts: {}, base_delay: {}, max_delay: {}, backoff_factor: {}, jitter: {} }}",
        retry.max_attempts,
        duration(retry.base_delay),
        duration(retry.max_delay),
        float(retry.backoff_factor),
        retry.jitter
    )
}

fn breaker(call: &Call, scope: &mut Scope) -> String {
    let Some(breaker) = &call.circuit_breaker else {
        return "None".to_owned();
    };
    let name = scope.import("msarch_runtime::resilience::BreakerPolicy");
    format!(
        "Some({name} {{ failure_threshold: {}, monitor_window: {}, recovery_timeout: {}, success_threshold: {} }})",
        breaker.failure_threshold,
        duration(breaker.monitor_window),
        duration(breaker.recovery_timeout),
        breaker.success_threshold
    )
}

fn bulkhead(call: &Call, scope: &mut Scope) -> String {
    let Some(bulkhead) = &call.bulkhead else {
        return "None".to_owned();
    };
    let name = scope.import("msarch_runtime::resilience::BulkheadPolicy");
    format!(
        "Some({name} {{ max_concurrent: {}, max_waiting: {} }})",
        bulkhead.max_concurrent, bulkhead.max_waiting
    )
}
