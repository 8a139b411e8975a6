//! What is kept outside is as old as what is kept inside when it is given out: their lives add up.

use std::time::Duration;

use crate::graph::Graph;
use crate::model::platform::Cache;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("staleness-or-ttl-order"),
    family: Family::Caches,
    severity: Severity::Warn,
    required: false,
    summary: "a cache may answer with older data than allowed, or its levels are in the wrong order",
    docs: include_str!("staleness_or_ttl_order.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let caches = graph.model.caches.iter();
    caches
        .flat_map(|cache| {
            let levels = levels(cache);
            let disordered = disordered(cache, &levels);
            // A level that outlives the next one is the first thing to mend.
            disordered.or_else(|| stale(graph, cache, &levels))
        })
        .collect()
}

/// The level outside of the system.
const EDGE: &str = "l3_cache";

/// A level: its key, how long an entry lives in it, and where that is said.
type Level = (&'static str, Duration, Span);

fn levels(cache: &Cache) -> Vec<Level> {
    let memory = cache.memory.as_ref().map(|level| &level.ttl);
    let levels = [
        ("l1_cache", memory),
        ("l2_cache", cache.shared.as_ref()),
        (EDGE, cache.edge.as_ref()),
    ];
    let declared = levels.into_iter();
    declared
        .filter_map(|(key, ttl)| ttl.map(|ttl| (key, ttl.value, ttl.span)))
        .collect()
}

fn disordered(cache: &Cache, levels: &[Level]) -> Option<Finding> {
    let pair = levels.windows(2).find(|pair| pair[0].1 > pair[1].1)?;
    let (near, far) = (&pair[0], &pair[1]);
    let name = &cache.name;
    let message = format!(
        "{} of {name} keeps entries for {}, longer than {} behind it ({})",
        near.0,
        words::duration(near.1),
        far.0,
        words::duration(far.1)
    );
    Some(
        RULE.finding(near.2, message)
            .here("still answers when the level behind has forgotten")
            .label(far.2, "is hardly ever asked")
            .about(name.as_str())
            .help(format!(
                "give {} a shorter `ttl` than {}, or leave {} out",
                near.0, far.0, far.0
            )),
    )
}

/// Memory keeps what it has from the shared level no longer than that does; what is kept outside is as old as that when it is
/// given out, and counts anew.
fn stale(graph: &Graph<'_>, cache: &Cache, levels: &[Level]) -> Option<Finding> {
    let most = cache.max_staleness.as_ref()?;
    let inside = levels.iter().rfind(|level| level.0 != EDGE);
    let outside = levels.iter().find(|level| level.0 == EDGE);
    let adding: Vec<&Level> = inside.into_iter().chain(outside).collect();
    let worst: Duration = adding.iter().map(|level| level.1).sum();
    let first = adding.first()?;
    if worst <= most.value {
        return None;
    }
    let (name, data) = (&cache.name, &graph.model.entities[cache.entity].name);
    let parts = adding.iter().map(|level| words::duration(level.1));
    let sum = match adding.len() {
        1 => String::new(),
        _ => format!(" ({})", parts.collect::<Vec<_>>().join(" + ")),
    };
    let allowed = words::duration(most.value);
    let message = format!(
        "by the levels of {name}, \"{data}\" may be {} old{sum}, and {allowed} is allowed",
        words::duration(worst)
    );
    let mut finding = RULE
        .finding(most.span, message)
        .here("the most that is allowed")
        .label(first.2, format!("{} here", words::duration(first.1)));
    for level in &adding[1..] {
        let text = format!("and {} more outside", words::duration(level.1));
        finding = finding.label(level.2, text);
    }
    Some(finding.about(name.as_str()).help(format!(
        "shorten the lives to {allowed} in all, which is what is kept to, or raise `max_staleness`"
    )))
}
