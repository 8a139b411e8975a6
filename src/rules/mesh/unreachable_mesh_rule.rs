//! Istio takes the first rule that fits; what stands behind one that always fits is a wish.

use super::about;
use crate::graph::Graph;
use crate::graph::mesh::{Entry, Manifest};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::yaml::Node;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unreachable-mesh-rule"),
    family: Family::Mesh,
    severity: Severity::Warn,
    required: false,
    summary: "an earlier rule of a VirtualService takes all requests of a later one",
    docs: include_str!("unreachable_mesh_rule.md"),
    check: Check::Graph(check),
};

/// Rules that later ones are compared with: nobody reads more of them, and each costs a look from every later one.
const COMPARED: usize = 256;

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let services = graph.manifests.iter();
    let services = services.filter(|manifest| manifest.is("VirtualService"));
    services
        .flat_map(|manifest| {
            ["http", "tls", "tcp"]
                .into_iter()
                .flat_map(|protocol| of_protocol(manifest, protocol))
        })
        .collect()
}

fn of_protocol(manifest: &Manifest<'_>, protocol: &str) -> Vec<Finding> {
    let entries: Vec<Entry<'_>> = manifest
        .entries()
        .filter(|entry| entry.protocol == protocol)
        .collect();
    // An entry that neither matches nor leads anywhere is a scrap of another one: told as that, it takes nothing away.
    let takers = entries.iter().take(COMPARED).filter(|entry| entry.leads());
    if let Some(all) = takers.clone().find(|entry| entry.takes_all()) {
        let later = &entries[all.at + 1..];
        return behind_all(manifest, all, later).into_iter().collect();
    }
    let repeated = entries.iter().filter_map(|entry| {
        let earlier = takers.clone().take_while(|earlier| earlier.at < entry.at);
        let earlier = earlier.collect::<Vec<_>>();
        let taker = |wanted: &Node| {
            let mut earlier = earlier.iter();
            earlier.find(|earlier| earlier.matches().any(|has| covers(has, wanted)))
        };
        let mut first = None;
        for wanted in entry.matches() {
            let found = taker(wanted)?;
            first.get_or_insert(*found);
        }
        Some(taken(manifest, entry, first?))
    });
    repeated.collect()
}

fn behind_all(manifest: &Manifest<'_>, all: &Entry<'_>, later: &[Entry<'_>]) -> Option<Finding> {
    let first = later.first()?;
    let names = words::some(later.iter().map(Entry::title), 6);
    let (verb, are) = if later.len() == 1 {
        ("is", "is")
    } else {
        ("are", "are")
    };
    let message = format!(
        "{} of {} has no match, so {names} {verb} never used",
        all.title(),
        manifest.title()
    );
    let finding = RULE
        .finding(first.node.head(), message)
        .here(format!("{are} never reached"))
        .label(all.node.head(), "takes every request");
    Some(about(finding, manifest).help("give it a `match`, or put it last"))
}

fn taken(manifest: &Manifest<'_>, entry: &Entry<'_>, earlier: &Entry<'_>) -> Finding {
    let message = format!(
        "{} of {} is never used: {} takes its requests",
        entry.title(),
        manifest.title(),
        earlier.title()
    );
    let finding = RULE
        .finding(entry.node.head(), message)
        .here("comes too late")
        .label(earlier.node.head(), "is taken instead");
    about(finding, manifest).help("put the narrower match first, or remove one of them")
}

/// Conditions of a match that say nothing of what is matched.
const NAMES: &[&str] = &["name", "statPrefix"];

/// Whether whatever fits `narrow` fits `wide` too.
fn covers(wide: &Node, narrow: &Node) -> bool {
    let conditions = wide.as_map().map_or(&[][..], |map| &map.entries);
    let mut conditions = conditions
        .iter()
        .filter(|entry| !NAMES.contains(&&*entry.key.value));
    conditions.all(|entry| {
        let Some(other) = narrow.get(&entry.key.value) else {
            return false;
        };
        match &*entry.key.value {
            "headers" | "queryParams" | "sourceLabels" => covers(&entry.value, other),
            _ => fits(&entry.value, other),
        }
    })
}

/// Whether one condition on a text holds wherever another does.
fn fits(wide: &Node, narrow: &Node) -> bool {
    let text = |node: &Node, key| node.get(key).and_then(Node::as_str).map(str::to_owned);
    if let Some(prefix) = text(wide, "prefix") {
        let inner = text(narrow, "prefix").or_else(|| text(narrow, "exact"));
        return inner.is_some_and(|inner| inner.starts_with(&prefix));
    }
    wide.to_json() == narrow.to_json()
}
