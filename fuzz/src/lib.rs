//! What every target holds msarch to, whatever it is given: it answers, twice the same, of places that are there.

mod splice;

use splice::spliced;

use msarch::cli::architecture::Architecture;
use msarch::emit::emit;
use msarch::graph::observations::Observations;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::plan;
use msarch::report::{Format, Report};
use msarch::rules::{Deny, Verdict};
use msarch::syntax::document;
use msarch::syntax::finding::{Finding, Severity};
use msarch::syntax::include::{Loaded, Memory, load};
use msarch::syntax::source::Sources;

/// Where the text is said to stand.
const FILE: &str = "architecture.yaml";

/// Bytes as the main file; what is no UTF-8 is refused.
fn load_bytes(bytes: &[u8]) -> Option<Loaded> {
    let mut files = Memory::default();
    files.insert(FILE, bytes);
    load(&files, FILE).ok()
}

/// Reads a file, and holds what it finds to places in the text.
///
/// # Panics
/// When msarch does wrong.
pub fn reader(bytes: &[u8]) {
    if let Some(mut loaded) = load_bytes(bytes) {
        let read = document::read(&mut loaded).is_some();
        assert!(
            read || !loaded.findings.is_empty(),
            "a file is refused, and nobody says why"
        );
        places(&loaded.sources, &loaded.findings);
    }
}

/// Reads, judges and reports, and holds the verdict to its findings.
///
/// # Panics
/// When msarch does wrong.
pub fn validate(bytes: &[u8]) {
    if let Some(loaded) = load_bytes(bytes) {
        judge(&Architecture::from_loaded(loaded), |_| {});
    }
}

/// As [`validate`], of the architecture that the bytes say; and what has no error is generated. That takes a hundred times as long, so
/// one in thirty-two has to do.
///
/// # Panics
/// When msarch does wrong.
pub fn splices(bytes: &[u8]) {
    let sum = bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    if let Some(loaded) = load_bytes(spliced(bytes).as_bytes()) {
        judge(&Architecture::from_loaded(loaded), |verdict| {
            let Some(checked) = verdict.checked.as_ref().filter(|_| sum % 32 == 1) else {
                return;
            };
            let before = Snapshot::default();
            let made = emit(&plan(checked, &mut History::new(&before, false)));
            assert!(
                made.is_ok(),
                "what has no error cannot be generated: {:?}",
                made.err()
            );
        });
    }
}

fn judge(architecture: &Architecture, further: impl FnOnce(&Verdict<'_>)) {
    let verdict = architecture.judge(Observations::default(), &Deny::default());
    let errors = verdict
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    assert!(
        !(errors && verdict.checked.is_some()),
        "an architecture with errors counts as sound"
    );
    places(&architecture.sources, &verdict.findings);
    further(&verdict);
    let again = architecture.judge(Observations::default(), &Deny::default());
    let (first, second) = (json(architecture, verdict), json(architecture, again));
    assert_eq!(first, second, "one file is told of in two ways");
}

fn json(architecture: &Architecture, verdict: Verdict<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let report = Report::new(&architecture.sources, verdict.findings, Vec::new());
    report
        .write(Format::Json, &mut out)
        .expect("memory takes everything");
    out
}

fn places(sources: &Sources, findings: &[Finding]) {
    for finding in findings {
        for span in finding
            .labels
            .iter()
            .map(|label| label.span)
            .chain([finding.span()])
        {
            let text = sources.get(span.source).text();
            assert!(
                text.get(span.range()).is_some(),
                "{} lies at {span:?}, where no text is",
                finding.rule
            );
        }
    }
}
