//! A mesh that takes plain text proves nothing about who is calling.

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Host, Hosts, Manifest};
use crate::model::platform::Mesh;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::document::MutualTls;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("mtls-missing-or-contradictory"),
    family: Family::Mesh,
    severity: Severity::Warn,
    required: false,
    summary: "nothing in the mesh requires mutual TLS, or something contradicts what does",
    docs: include_str!("mtls_missing_or_contradictory.md"),
    check: Check::Graph(check),
};

/// Something that requires mutual TLS everywhere.
struct Strict {
    span: Span,
    said: String,
}

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let Some(mesh) = &graph.model.mesh else {
        return Vec::new();
    };
    let owns_data = graph
        .model
        .services
        .iter()
        .any(|service| !service.entities.is_empty());
    let strict = strict(graph, mesh);
    let mut findings = Vec::new();
    if owns_data {
        findings.extend(missing(mesh, strict.as_ref()));
    }
    if let Some(strict) = strict.as_ref().filter(|_| !graph.manifests.is_empty()) {
        let hosts = Hosts::of(graph.model, &graph.manifests);
        let contradicting = graph.manifests.iter();
        findings.extend(contradicting.flat_map(|manifest| against(&hosts, strict, manifest)));
    }
    findings
}

/// What requires it: the file, or a PeerAuthentication for a whole namespace.
fn strict(graph: &Graph<'_>, mesh: &Mesh) -> Option<Strict> {
    if let Some(mtls) = mesh.mtls.filter(|mtls| mtls.value == MutualTls::Strict) {
        return Some(Strict {
            span: mtls.span,
            said: "asks for mutual TLS everywhere".to_owned(),
        });
    }
    let mut policies = graph
        .manifests
        .iter()
        .filter(|it| it.is("PeerAuthentication"));
    let raw =
        policies.find(|policy| policy.spec("selector").is_none() && mode(policy) == Some("STRICT"));
    if let Some(policy) = raw {
        return Some(Strict {
            span: policy.place(),
            said: "asks for mutual TLS everywhere".to_owned(),
        });
    }
    (mesh.istio && mesh.mtls.is_none()).then(|| Strict {
        span: mesh.span,
        said: "asks for mutual TLS, which is the default".to_owned(),
    })
}

fn mode<'m>(policy: &Manifest<'m>) -> Option<&'m str> {
    policy.spec("mtls")?.get("mode")?.as_str()
}

fn missing(mesh: &Mesh, strict: Option<&Strict>) -> Option<Finding> {
    if let Some(mtls) = mesh.mtls.filter(|mtls| mtls.value != MutualTls::Strict) {
        let finding = RULE
            .finding(mtls.span, "the mesh lets services talk in plain text")
            .here(format!("{} accepts callers that prove nothing", mtls.value));
        return Some(
            finding
                .about("mtls")
                .help("write `mtls: STRICT`; PERMISSIVE is for the days of a migration"),
        );
    }
    // A file whose mesh is declared and not of raw manifests alone has the default, which is strict.
    if strict.is_some() || mesh.manifests.is_empty() {
        return None;
    }
    let finding = RULE
        .finding(mesh.span, "the mesh is on, and nothing requires mutual TLS")
        .here("accepts plain text");
    Some(
        finding
            .about("mtls")
            .help("write `mtls: STRICT`, or add a PeerAuthentication with `mode: STRICT`"),
    )
}

fn against(hosts: &Hosts<'_>, strict: &Strict, manifest: &Manifest<'_>) -> Vec<Finding> {
    let (places, said): (Vec<&Node>, _) = match manifest.kind {
        "DestinationRule" if inside(hosts, manifest) => {
            (plain_callers(manifest), "callers do not prove who they are")
        }
        "PeerAuthentication" => (plain_callees(manifest), "accepts plain text"),
        _ => return Vec::new(),
    };
    let findings = places.into_iter().map(|mode| {
        let word = mode.as_str().unwrap_or_default();
        let message = format!(
            "{} says {word}, against the mutual TLS of the mesh",
            manifest.title()
        );
        let finding = RULE.finding(mode.span, message).here(said);
        let finding = finding.label(strict.span, strict.said.clone());
        let help = match manifest.kind {
            "DestinationRule" => "write ISTIO_MUTUAL, or leave `tls` out",
            _ => "write STRICT, or say `mtls: PERMISSIVE` for the mesh while services move in",
        };
        about(finding, manifest).help(help)
    });
    findings.collect()
}

/// Whether a DestinationRule is for services of the mesh.
fn inside(hosts: &Hosts<'_>, manifest: &Manifest<'_>) -> bool {
    let host = manifest.spec("host").and_then(Node::as_str);
    host.is_some_and(|host| {
        matches!(hosts.find(host), Host::Service(_)) || host == "*" || host == "*.local"
    })
}

fn plain_callers<'m>(manifest: &Manifest<'m>) -> Vec<&'m Node> {
    let subsets = manifest.spec("subsets").and_then(Node::as_list);
    let subsets = subsets.into_iter().flatten();
    let policies = subsets.filter_map(|subset| subset.get("trafficPolicy"));
    let policies = manifest.spec("trafficPolicy").into_iter().chain(policies);
    let levels = policies.flat_map(|policy| {
        let ports = policy.get("portLevelSettings").and_then(Node::as_list);
        std::iter::once(policy).chain(ports.into_iter().flatten())
    });
    let modes = levels.filter_map(|level| level.get("tls")?.get("mode"));
    modes
        .filter(|mode| mode.as_str().is_some_and(|mode| mode != "ISTIO_MUTUAL"))
        .collect()
}

fn plain_callees<'m>(manifest: &Manifest<'m>) -> Vec<&'m Node> {
    let ports = manifest.spec("portLevelMtls").and_then(Node::as_map);
    let ports = ports.into_iter().flat_map(|map| &map.entries);
    let levels = manifest
        .spec("mtls")
        .into_iter()
        .chain(ports.map(|entry| &entry.value));
    let modes = levels.filter_map(|level| level.get("mode"));
    modes
        .filter(|mode| matches!(mode.as_str(), Some("PERMISSIVE" | "DISABLE")))
        .collect()
}
