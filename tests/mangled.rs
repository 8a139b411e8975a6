//! Whatever is done to a file, it is judged or refused: nothing panics, and what is judged sound holds no error.

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::report::{Format, Look, Report};
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document;
use msarch::syntax::finding::Severity;
use msarch::syntax::include::load_text;
use proptest::prelude::*;

const TEXTS: [&str; 4] = [
    include_str!("../examples/ecommerce.yaml"),
    include_str!("architectures/banking.yaml"),
    include_str!("architectures/ride_hailing.yaml"),
    include_str!("fixtures/seed/architecture.yaml"),
];

/// One thing done to a line.
#[derive(Debug, Clone)]
enum Harm {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Shift(usize),
    Value(usize, &'static str),
}

fn harm() -> impl Strategy<Value = Harm> {
    let line = 0..1000_usize;
    let words = prop::sample::select(vec![
        "",
        "[]",
        "{}",
        "-1",
        "99999999999999999999",
        "null",
        "$x.y",
        "\"\"",
        "self",
        "[[a]]",
        "0ms",
        "é",
    ]);
    prop_oneof![
        line.clone().prop_map(Harm::Drop),
        line.clone().prop_map(Harm::Double),
        (line.clone(), line.clone()).prop_map(|(a, b)| Harm::Swap(a, b)),
        line.clone().prop_map(Harm::Shift),
        (line, words).prop_map(|(at, word)| Harm::Value(at, word)),
    ]
}

fn harmed(text: &str, harms: &[Harm]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for harm in harms {
        let count = lines.len();
        match *harm {
            Harm::Drop(at) => drop(lines.remove(at % count)),
            Harm::Double(at) => lines.insert(at % count, lines[at % count].clone()),
            Harm::Swap(a, b) => lines.swap(a % count, b % count),
            Harm::Shift(at) => lines[at % count].insert_str(0, "  "),
            Harm::Value(at, word) => {
                let line = &mut lines[at % count];
                if let Some(colon) = line.find(": ") {
                    line.replace_range(colon + 2.., word);
                }
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_file_is_judged_or_refused(which in 0..TEXTS.len(), harms in prop::collection::vec(harm(), 1..6)) {
        let text = harmed(TEXTS[which], &harms);
        let mut loaded = load_text("architecture.yaml", &text);
        let Some(document) = document::read(&mut loaded) else {
            prop_assert!(!loaded.findings.is_empty());
            return Ok(());
        };
        let model = msarch::model::lower(&document);
        let context = Context { sources: &loaded.sources, suppressions: &loaded.suppressions, deny: &Deny::default() };
        let verdict = rules::check(Graph::new(&model, Observations::default()), loaded.findings, context);
        let errors = verdict.findings.iter().any(|finding| finding.severity == Severity::Error);
        prop_assert_eq!(verdict.checked.is_some(), !errors);
        let report = Report::new(&loaded.sources, verdict.findings, Vec::new());
        let mut out = Vec::new();
        for format in [Format::Human(Look::default()), Format::Json, Format::Sarif, Format::Github] {
            prop_assert!(report.write(format, &mut out).is_ok());
        }
    }
}
