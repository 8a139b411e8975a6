//! Which places of the file other parts of the comparison tell, so that none is told twice.

/// What other parts of the comparison tell: where these keys differ, or where a thing of this path came or went. `*` is any name, `-` any
/// that is the first of its kind: who calls another in two ways is told to call it once.
const TOLD: &[&str] = &[
    "include",
    "msarch",
    "services.*",
    "services.*.renamed_from",
    "services.*.team_ownership",
    "services.*.data_ownership.*",
    "services.*.data_ownership.*.fields",
    "services.*.data_ownership.*.renamed_from",
    "services.*.endpoints.*",
    "services.*.endpoints.*.filters",
    "services.*.endpoints.*.idempotency_key",
    "services.*.endpoints.*.method",
    "services.*.endpoints.*.path",
    "services.*.endpoints.*.public",
    "services.*.endpoints.*.request",
    "services.*.endpoints.*.response",
    "services.*.endpoints.*.scope",
    "services.*.calls.-",
    "events.*",
    "events.*.consumers.*",
    "events.*.consumers.*.versions",
    "events.*.producers",
    "events.*.public",
    "events.*.renamed_from",
    "events.*.schema",
    "events.*.version",
    "events.*.versions.*",
    "events.*.versions.*.deprecated",
    "events.*.versions.*.schema",
    "sagas.*",
    "sagas.*.steps.*",
    "sagas.*.steps.*.service",
    "sagas.*.version",
    "gateway.routes.*",
    "gateway.routes.*.method",
    "gateway.routes.*.public",
    "gateway.routes.*.scope",
    "gateway.routes.*.service",
];

/// What is told where it is gone alone.
const TOLD_GONE: &[&str] = &["services.*.aggregates.*.events.*"];

/// Schemas, which are compared by what they take, not by how that is written.
const SCHEMAS: &[&str] = &[
    "services.*.data_ownership.*.fields",
    "services.*.endpoints.*.request",
    "services.*.endpoints.*.response",
    "services.*.aggregates.*.events.*.schema",
    "events.*.schema",
    "events.*.versions.*.schema",
];

/// Keys within schemas that do not change what they take.
const ASIDE: &[&str] = &[
    "default",
    "description",
    "examples",
    "sensitive",
    "title",
    "unique",
];

/// Whether another part tells that a value at a place differs.
pub(super) fn differs(path: &[String]) -> bool {
    covered(TOLD, path) || in_schema(path)
}

/// Whether another part tells that something at a place is new, or is gone.
pub(super) fn came_or_went(path: &[String], new: bool) -> bool {
    covered(TOLD, path)
        || !new && covered(TOLD_GONE, path)
        || in_schema(path) && !covered(SCHEMAS, path)
}

/// Whether other parts tell one by one what something new, or gone, holds.
pub(super) fn holds(path: &[String], new: bool) -> bool {
    let mut elsewhere = TOLD.iter().chain(if new { &[] } else { TOLD_GONE });
    elsewhere.any(|pattern| leads(pattern, path))
}

/// Whether a place is within a schema, at a key that says what it takes.
fn in_schema(path: &[String]) -> bool {
    let within = (1..=path.len()).any(|depth| covered(SCHEMAS, &path[..depth]));
    let aside = path.last().is_some_and(|key| ASIDE.contains(&key.as_str()));
    within && (!aside || covered(SCHEMAS, path))
}

/// Whether a place is one of some patterns.
fn covered(patterns: &[&str], path: &[String]) -> bool {
    let fits = |pattern: &&str| pattern.split('.').count() == path.len() && begins(pattern, path);
    patterns.iter().any(fits)
}

/// Whether a pattern leads to places below a path.
fn leads(pattern: &str, path: &[String]) -> bool {
    pattern.split('.').count() > path.len() && begins(pattern, path)
}

fn begins(pattern: &str, path: &[String]) -> bool {
    pattern.split('.').zip(path).all(|(word, key)| match word {
        "*" => true,
        "-" => !key.contains('#'),
        word => word == key,
    })
}
