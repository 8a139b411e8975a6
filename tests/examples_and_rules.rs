//! The examples and the test architectures against the rules: nothing is wrong with the sound ones, and the samples as given are
//! wrong exactly where `expected.txt` says.

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{Context, Deny, check};
use msarch::syntax::decode::{Cx, Decode};
use msarch::syntax::document::Document;
use msarch::syntax::include::{Disk, load};

/// The rules that `expected.txt` speaks of.
const RULES: &[&str] = &[
    "aggregate-event-undeclared-or-unhandled",
    "ambiguous-duration",
    "bad-weights",
    "chatty-pair",
    "code-size",
    "compensation-out-of-order",
    "compensation-target-mismatch",
    "consumed-without-producer",
    "consumer-delivery-policy-missing",
    "consumer-field-not-in-schema",
    "context-not-propagated",
    "cross-service-foreign-key",
    "cross-team-coupling",
    "deployment-lockstep",
    "deprecated-or-unknown-field",
    "derived-store-without-feed",
    "domain-event-differs-from-integration-event",
    "double-driven-participant",
    "duplicate-or-near-miss-name",
    "entity-with-several-owners",
    "event-loop",
    "event-never-raised",
    "fan-out",
    "foreign-table-access",
    "gateway-bypass",
    "hard-coded-endpoint",
    "high-cardinality-label",
    "histogram-below-timeout",
    "hub-service",
    "incomplete-circuit-breaker",
    "incomplete-saga",
    "invalid-event-schema",
    "irreversible-before-pivot",
    "literal-secret",
    "lossy-delivery",
    "middleware-order-or-limit-key",
    "missing-timeout",
    "mixed-cycle",
    "mtls-missing-or-contradictory",
    "multiple-capabilities",
    "multiple-databases",
    "nano-service",
    "no-cross-instance-invalidation",
    "no-optimistic-concurrency",
    "outcome-flag-event",
    "owned-but-not-stored",
    "owner-contradicts-service-name",
    "plaintext-or-unauthenticated-call",
    "produced-without-consumer",
    "public-service-without-route",
    "publisher-without-outbox",
    "retries-in-several-layers",
    "retry-amplification",
    "retry-budget-exceeds-timeout",
    "retry-of-unsafe-method",
    "retry-without-backoff",
    "route-shadowed-or-too-broad",
    "service-without-boundary-or-team",
    "several-producers",
    "shared-credentials",
    "shared-database",
    "shared-symmetric-jwt-key",
    "single-point-of-failure",
    "slo-out-of-reach",
    "staleness-or-ttl-order",
    "state-changing-get",
    "step-kinds-out-of-order",
    "step-without-compensation",
    "stored-but-not-owned",
    "sync-chain-too-long",
    "sync-cycle",
    "team-size-out-of-range",
    "telemetry-or-health-missing",
    "timeout-inversion",
    "too-many-endpoints",
    "two-write-models",
    "unbound-input",
    "undeclared-saga",
    "unknown-mesh-host-or-subset",
    "unknown-reference",
    "unprotected-hard-dependency",
    "unreachable-compensation",
    "unreachable-mesh-rule",
    "unused-datastore",
    "unused-output",
    "virtual-service-without-host-or-destination",
];

struct Told {
    rule: String,
    line: usize,
    subject: String,
    text: String,
}

fn findings(path: &str) -> Vec<Told> {
    let mut loaded = load(&Disk, path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let root = loaded
        .root
        .take()
        .unwrap_or_else(|| panic!("{path}: no document"));
    let mut cx = Cx::new(root.head(), loaded.incomplete);
    let document =
        Document::decode(root, &mut cx).unwrap_or_else(|| panic!("{path}: no architecture"));
    let model = lower(&document);
    let graph = Graph::new(&model, Observations::default());
    let read = loaded.findings.into_iter().chain(cx.findings).collect();
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let verdict = check(graph, read, context);
    let told = verdict.findings.iter().map(|finding| {
        let line = loaded.sources.position(finding.span()).line as usize;
        let file = loaded.sources.get(finding.span().source).name();
        let help = finding.help.as_deref().unwrap_or_default();
        Told {
            rule: finding.rule.to_string(),
            line,
            subject: finding.subjects.first().cloned().unwrap_or_default(),
            text: format!(
                "{file}:{line}: {} {}: {} ({help})",
                finding.severity, finding.rule, finding.message
            ),
        }
    });
    told.collect()
}

fn sound(path: &str) {
    let told: Vec<String> = findings(path).into_iter().map(|told| told.text).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn nothing_is_wrong_with_the_shop() {
    sound("examples/ecommerce.yaml");
}

#[test]
fn nothing_is_wrong_with_the_smallest_example() {
    sound("examples/minimal.yaml");
}

#[test]
fn nothing_is_wrong_with_the_bank() {
    sound("tests/architectures/banking.yaml");
}

#[test]
fn nothing_is_wrong_with_the_hospital() {
    sound("tests/architectures/hospital.yaml");
}

#[test]
fn nothing_is_wrong_with_words_that_rust_keeps_for_itself() {
    sound("tests/architectures/keywords.yaml");
}

#[test]
fn nothing_is_wrong_with_the_rides() {
    sound("tests/architectures/ride_hailing.yaml");
}

#[test]
fn the_samples_as_given_are_wrong_where_we_say() {
    let folder = "tests/fixtures/seed";
    let expected = std::fs::read_to_string(format!("{folder}/expected.txt")).expect("expected.txt");
    let mut expected: Vec<String> = expected
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let mut found: Vec<String> = findings(&format!("{folder}/architecture.yaml"))
        .into_iter()
        .filter(|told| RULES.contains(&told.rule.as_str()))
        .map(|told| format!("{} {} {}", told.rule, told.line, told.subject))
        .collect();
    expected.sort();
    found.sort();
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let surplus: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && surplus.is_empty() && found.len() == expected.len(),
        "missing {missing:#?}\nsurplus {surplus:#?}"
    );
}
