//! The service mesh: its policies, and raw manifests of Istio.

pub mod bad_weights;
pub mod deprecated_or_unknown_field;
pub mod mtls_missing_or_contradictory;
pub mod retry_budget_exceeds_timeout;
pub mod shapes;
pub mod unknown_mesh_host_or_subset;
pub mod unreachable_mesh_rule;
pub mod virtual_service_without_host_or_destination;

use super::rule::Rule;
use crate::graph::mesh::Manifest;
use crate::syntax::finding::Finding;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    bad_weights::RULE,
    deprecated_or_unknown_field::RULE,
    mtls_missing_or_contradictory::RULE,
    retry_budget_exceeds_timeout::RULE,
    unknown_mesh_host_or_subset::RULE,
    unreachable_mesh_rule::RULE,
    virtual_service_without_host_or_destination::RULE,
];

/// Names the manifest that a finding is about.
fn about(finding: Finding, manifest: &Manifest<'_>) -> Finding {
    let subject = match manifest.name {
        "" => manifest.kind,
        name => name,
    };
    finding.about(subject)
}
