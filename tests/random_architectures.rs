//! What is drawn at random is valid, and checking it never fails in another way.

mod support;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document::read;
use msarch::syntax::finding::{Finding, Severity};
use msarch::syntax::include::load_text;

fn findings(text: &str, wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
    let mut loaded = load_text("architecture.yaml", text);
    let document = read(&mut loaded).expect("the text holds a document");
    let model = lower(&document);
    let graph = Graph::new(&model, Observations::default());
    let findings = std::mem::take(&mut loaded.findings);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let verdict = rules::check(graph, findings, context);
    let found = verdict.findings.iter().filter(|finding| wanted(finding));
    found
        .map(|finding| {
            let line = loaded.sources.position(finding.span()).line;
            format!(
                "{line}: {} {} ({:?})",
                finding.rule, finding.message, finding.help
            )
        })
        .collect()
}

#[test]
fn architectures_drawn_at_random_hold_no_error() {
    for seed in 0..200 {
        let text = support::random::architecture(seed);
        let errors = findings(&text, |finding| finding.severity == Severity::Error);
        assert_eq!(errors, Vec::<String>::new(), "seed {seed}:\n{text}");
    }
}

/// What the drawing does not look after: its sagas tell nobody how they end, and their services hear the events that start them.
const OUTSIDE: &[&str] = &["double-driven-participant", "incomplete-saga"];

/// What is drawn says of nothing that it is otherwise than usual: rules about what a file says otherwise have nothing to say.
#[test]
fn architectures_drawn_at_random_do_nothing_that_has_to_be_said() {
    for seed in 0..200 {
        let text = support::random::architecture(seed);
        let told = findings(&text, |finding| !OUTSIDE.contains(&finding.rule.as_str()));
        assert_eq!(told, Vec::<String>::new(), "seed {seed}:\n{text}");
    }
}

#[test]
fn a_seed_always_draws_the_same() {
    assert_eq!(
        support::random::architecture(7),
        support::random::architecture(7)
    );
    assert_ne!(
        support::random::architecture(7),
        support::random::architecture(8)
    );
}
