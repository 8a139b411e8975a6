//! What one copy of a service forgets, the others remember.

use crate::graph::Graph;
use crate::model::platform::Cache;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("no-cross-instance-invalidation"),
    family: Family::Caches,
    severity: Severity::Warn,
    required: false,
    summary: "each copy of a service caches in its own memory, and no event empties them",
    docs: include_str!("no_cross_instance_invalidation.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let caches = graph.model.caches.iter();
    caches.filter_map(|cache| finding(graph, cache)).collect()
}

fn finding(graph: &Graph<'_>, cache: &Cache) -> Option<Finding> {
    let model = graph.model;
    let memory = cache.memory.as_ref()?;
    // A named limit is a decision to live with that age.
    if !cache.invalidate_on.is_empty() || cache.max_staleness.is_some() {
        return None;
    }
    let service = &model.services[cache.service];
    let copies = match (service.replicas, &cache.shared) {
        (Some(copies), _) if copies > 1 => format!("{copies} copies"),
        // A second level is there to be shared by copies; where the file counts them, the count holds.
        (None, Some(_)) => "copies that share a second level".to_owned(),
        _ => return None,
    };
    let (name, data) = (&cache.name, &model.entities[cache.entity].name);
    let ttl = words::duration(memory.ttl.value);
    let message = format!(
        "{} runs in {copies}, and nothing empties the memory of the others when \"{data}\" changes: {name} keeps it for up to {ttl} more",
        service.name
    );
    let mut finding = RULE
        .finding(memory.ttl.span, message)
        .here("in each copy's own memory");
    if let Some(shared) = cache.shared.as_ref() {
        finding = finding.label(shared.span, "shared by all copies");
    }
    Some(finding.about(name.as_str()).about(service.name.as_str()).help(format!(
        "name the events that tell of a change in `invalidate_on`, or say with `max_staleness` how old \"{data}\" may be"
    )))
}
