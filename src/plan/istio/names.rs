//! How hosts, callers and durations are spelt.

use std::time::Duration;

use serde_json::{Value, json};

use super::Facts;
use crate::model::arena::ServiceId;
use crate::plan::deployment::surroundings::mesh::{INGRESS, NAMESPACE, TRUST_DOMAIN};

/// `networking.istio.io/v1`
pub(super) const NETWORKING: &str = "networking.istio.io/v1";
/// `security.istio.io/v1`
pub(super) const SECURITY: &str = "security.istio.io/v1";

/// A host in full, so that it means the same in every namespace.
pub(super) fn host(facts: &Facts<'_>, name: &str) -> String {
    format!("{name}.{}.svc.{TRUST_DOMAIN}", facts.system.namespace)
}

/// A service's host in full.
pub(super) fn service_host(facts: &Facts<'_>, id: ServiceId) -> String {
    host(facts, &facts.model.services[id].name.kebab())
}

/// Who a workload of the system proves to be.
pub(super) fn principal(facts: &Facts<'_>, name: &str) -> String {
    format!("{TRUST_DOMAIN}/ns/{}/sa/{name}", facts.system.namespace)
}

/// Who the ingress gateway proves to be.
pub(super) fn ingress() -> String {
    format!("{TRUST_DOMAIN}/ns/{NAMESPACE}/sa/{INGRESS}")
}

/// The labels of a workload's pods.
pub(super) fn labels(name: &str) -> Value {
    json!({"app.kubernetes.io/name": name})
}

/// What chooses a workload's pods.
pub(super) fn selector(name: &str) -> Value {
    json!({"matchLabels": labels(name)})
}

/// A duration as Istio reads it: `30s`, `800ms`.
pub(super) fn duration(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}
