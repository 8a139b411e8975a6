//! What is wrong with an architecture.
//!
//! A rule is a value in a file of its own, with its page beside it; this table lists them. To add one, write `<family>/<rule>.rs` and
//! `<family>/<rule>.md`, and add the word to the table of its family.

pub mod aggregates;
pub mod caches;
pub mod calls;
pub mod data;
pub mod events;
pub mod format;
pub mod gateway;
mod graded;
pub mod mesh;
pub mod names;
pub mod observability;
pub mod ownership;
pub mod references;
pub mod resilience;
pub mod rule;
pub mod sagas;
pub mod security;
pub mod settings;
pub mod sizing;
pub mod teams;
pub mod values;
mod verdict;
pub(crate) mod words;

use std::sync::LazyLock;

pub use graded::levels;
pub use rule::{Check, Family, Rule};
pub use verdict::{Checked, Context, Deny, Verdict, check};

/// Every rule, by id.
pub static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let families: [&'static [Rule]; 19] = [
        aggregates::RULES,
        caches::RULES,
        calls::RULES,
        data::RULES,
        events::RULES,
        format::RULES,
        gateway::RULES,
        mesh::RULES,
        names::RULES,
        observability::RULES,
        ownership::RULES,
        references::RULES,
        resilience::RULES,
        sagas::RULES,
        security::RULES,
        settings::RULES,
        sizing::RULES,
        teams::RULES,
        values::RULES,
    ];
    let mut rules: Vec<&'static Rule> = families.into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
});

/// The rule of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    let index = RULES
        .binary_search_by_key(&id, |rule| rule.id.as_str())
        .ok()?;
    Some(RULES[index])
}
