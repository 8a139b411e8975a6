//! Istio puts a rule for routing together from ONE entry; what is spread over several leads nowhere.

use std::collections::HashSet;

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Entry, Manifest};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("virtual-service-without-host-or-destination"),
    family: Family::Mesh,
    severity: Severity::Error,
    required: false,
    summary: "a VirtualService is for no host, or one of its rules leads nowhere",
    docs: include_str!("virtual_service_without_host_or_destination.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let entries = graph.manifests.iter().flat_map(Manifest::entries);
    // Another VirtualService hands requests on to these: they have no hosts of their own.
    let delegates: HashSet<&str> = entries
        .filter_map(|entry| entry.node.get("delegate")?.get("name")?.as_str())
        .collect();
    let services = graph.manifests.iter();
    let services = services.filter(|manifest| manifest.is("VirtualService"));
    services
        .flat_map(|manifest| {
            let hosts = without_hosts(&delegates, manifest);
            hosts.into_iter().chain(without_destination(manifest))
        })
        .collect()
}

fn without_hosts(delegates: &HashSet<&str>, manifest: &Manifest<'_>) -> Option<Finding> {
    if manifest.texts("hosts").next().is_some() || delegates.contains(manifest.name) {
        return None;
    }
    let message = format!("{} has no hosts: no request meets it", manifest.title());
    let finding = RULE
        .finding(manifest.place(), message)
        .here("is for nobody");
    Some(
        about(finding, manifest)
            .help("write `hosts: [...]` with the services or domains that it is for"),
    )
}

fn without_destination(manifest: &Manifest<'_>) -> Option<Finding> {
    let lost: Vec<Entry<'_>> = manifest
        .entries()
        .filter(|entry| {
            !entry.leads()
                || entry
                    .routes()
                    .any(|route| route.get("destination").is_none())
        })
        .collect();
    let first = lost.first()?;
    let names = words::some(lost.iter().map(Entry::title), 6);
    let leads = if lost.len() == 1 { "leads" } else { "lead" };
    let message = format!("{names} of {} {leads} nowhere", manifest.title());
    let mut finding = RULE
        .finding(first.node.head(), message)
        .here(said(first))
        .label(manifest.place(), "of this one");
    for entry in lost[1..].iter().take(3) {
        finding = finding.label(entry.node.head(), said(entry));
    }
    Some(about(finding, manifest).help(
        "put `match`, `route`, `timeout` and `retries` into one entry of the list: each entry is a rule of its own",
    ))
}

fn said(entry: &Entry<'_>) -> String {
    let keys = entry.node.as_map().map_or(&[][..], |map| &map.entries);
    let keys = keys.iter().map(|entry| format!("`{}`", entry.key.value));
    format!("{} and no destination", words::list(keys))
}
