//! What is drawn at random is valid, and checking it never fails in another way.

mod support;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document::read;
use msarch::syntax::finding::Severity;
use msarch::syntax::include::load_text;

fn errors(text: &str) -> Vec<String> {
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
    let grave = verdict
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    grave
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
        assert_eq!(errors(&text), Vec::<String>::new(), "seed {seed}:\n{text}");
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
