//! A name that leads nowhere hides whatever was meant by it.

use std::collections::{BTreeMap, BTreeSet};

use super::nearest::{is_only, nearest};
use crate::graph::Graph;
use crate::model::{Model, Unresolved};
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::suggestion::Suggestion;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("unknown-reference"),
    family: Family::References,
    severity: Severity::Error,
    required: true,
    summary: "a name is used that nothing declares",
    docs: include_str!("unknown_reference.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let unresolved = &graph.model.unresolved;
    let slips = declared_by_a_slip(graph.model);
    let told: BTreeSet<usize> = slips.iter().flat_map(|slip| slip.uses.clone()).collect();
    let others = (0..unresolved.len()).filter(|at| !told.contains(at));
    others
        .map(|at| finding(&unresolved[at]))
        .chain(slips.iter().map(|slip| misspelt(unresolved, slip)))
        .collect()
}

/// A declaration that nobody names, and names that agree with each other and lead nowhere.
struct Slip<'m> {
    declared: &'m Spanned<String>,
    uses: Vec<usize>,
}

/// Where several say one thing and a single declaration nearly says it, the slip is in the declaration.
fn declared_by_a_slip(model: &Model) -> Vec<Slip<'_>> {
    let mut by_declaration: BTreeMap<Span, Slip<'_>> = BTreeMap::new();
    for (at, unresolved) in model.unresolved.iter().enumerate() {
        if let Some(declared) = meant(unresolved).filter(|name| name.span != Span::default()) {
            let slip = by_declaration.entry(declared.span).or_insert(Slip {
                declared,
                uses: Vec::new(),
            });
            slip.uses.push(at);
        }
    }
    by_declaration.retain(|declared, slip| {
        let name = |at: &usize| &model.unresolved[*at].name.value;
        let agreed = slip.uses.iter().all(|at| name(at) == name(&slip.uses[0]));
        slip.uses.len() > 1 && agreed && !model.uses.contains(declared)
    });
    by_declaration.into_values().collect()
}

fn misspelt(unresolved: &[Unresolved], slip: &Slip<'_>) -> Finding {
    let uses = slip.uses.iter().map(|at| &unresolved[*at]);
    let Unresolved { name, expected, .. } = &unresolved[slip.uses[0]];
    let message = format!(
        "{expected} \"{name}\" is named in {} places and declared in none",
        slip.uses.len()
    );
    let mut finding = RULE
        .finding(slip.declared.span, message)
        .here("a slip of this name, which nobody names")
        .about(name.value.as_str())
        .suggest(Suggestion::word(slip.declared, name))
        .help(format!("write {name} here"));
    for one in uses.take(7) {
        finding = finding.label(one.name.span, one.role.clone());
    }
    finding
}

/// The declared name that is nearest.
fn near(unresolved: &Unresolved) -> Option<&Spanned<String>> {
    let near = nearest(&unresolved.name, names(unresolved))?;
    let declared = unresolved.candidates.iter();
    let mut declared = declared.filter(|name| unresolved.not.as_ref() != Some(&name.value));
    declared.find(|name| name.value == near)
}

/// The declared name that can only have been meant.
fn meant(unresolved: &Unresolved) -> Option<&Spanned<String>> {
    near(unresolved).filter(|near| is_only(&unresolved.name, near, names(unresolved)))
}

fn names(unresolved: &Unresolved) -> impl Iterator<Item = &str> {
    unresolved.candidates.iter().map(|name| name.value.as_str())
}

fn finding(unresolved: &Unresolved) -> Finding {
    let Unresolved {
        name,
        expected,
        role,
        ..
    } = unresolved;
    RULE.finding(
        name.span,
        format!("{role} names {expected} \"{name}\", which is not declared"),
    )
    .here(format!("no {expected} of this name"))
    .about(name.value.as_str())
    .suggest(meant(unresolved).map(|meant| Suggestion::word(name, meant)))
    .help(advice(unresolved))
}

fn advice(unresolved: &Unresolved) -> String {
    if let Some(near) = near(unresolved) {
        return format!("write {near}");
    }
    let cure = match unresolved.expected {
        "service" => {
            "declare the service, list it under `externals` if it is not yours, or remove the name"
                .to_owned()
        }
        "type" => "declare it under `types`, or use a type that is known".to_owned(),
        other => format!("declare the {other}, or remove the name"),
    };
    let others = names(unresolved).filter(|name| unresolved.not.as_deref() != Some(*name));
    let others: Vec<&str> = others.collect();
    if others.is_empty() {
        return cure;
    }
    format!("{cure} (declared: {})", words::some(others, 8))
}
