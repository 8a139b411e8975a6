//! Versions of a service that run beside each other, because the mesh divides its requests among them.

use serde::Serialize;

use crate::model::Model;
use crate::model::arena::ServiceId;

/// A version of a service that runs beside others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// What it is called: the value of the label `version`.
    pub name: String,
    /// Its share of the requests, in percent.
    pub share: u32,
    /// How many of the copies are of it: its share, and one at least.
    pub replicas: u32,
}

/// The versions that Istio leads requests to.
pub(super) fn versions(model: &Model, id: ServiceId, replicas: u32) -> Vec<Version> {
    let mesh = model.mesh.as_ref().filter(|mesh| mesh.istio);
    let policies = mesh.iter().flat_map(|mesh| &mesh.services);
    let serves = !model.services[id].endpoints.is_empty();
    let own = policies.filter(|policy| serves && policy.service == id);
    let shares = own.flat_map(|policy| &policy.canary);
    shares
        .map(|(name, share)| Version {
            name: name.value.clone(),
            share: share.value,
            replicas: replicas
                .saturating_mul(share.value)
                .saturating_add(50)
                .div_euclid(100)
                .max(1),
        })
        .collect()
}
