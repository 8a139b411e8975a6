//! What tells findings apart from one run to the next, and from each other.

use std::collections::BTreeMap;

use super::Report;
use crate::syntax::fingerprint::fingerprint;

/// A fingerprint for each finding, in their order: `hash:1`, and `hash:2` for the next that is the same but for its line.
pub(super) fn fingerprints(report: &Report<'_>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let prints = report.findings().iter().map(|finding| {
        let file = report.sources.get(finding.span().source).name();
        let print = fingerprint(file, finding, report.sources);
        let nth = seen.entry(print.clone()).or_default();
        *nth += 1;
        format!("{print}:{nth}")
    });
    prints.collect()
}
