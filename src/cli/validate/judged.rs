//! Architectures judged side by side: each stands for itself, and what is wrong with all of them is one list.

use std::collections::BTreeSet;
use std::path::Path;

use super::only::Only;
use crate::cli::architecture::Architecture;
use crate::graph::evolution::Older;
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::rules::Deny;
use crate::syntax::finding::{Finding, Severity};
use crate::syntax::include::{Files, LoadError, Loaded, load, load_input};
use crate::syntax::source::{SourceId, Sources};

/// What is judged, and how.
#[derive(Debug)]
pub(super) struct Request<'a> {
    /// Files, folders, or `-`.
    pub(super) paths: &'a [String],
    /// What standard input is called.
    pub(super) input: &'a str,
    /// What each of them was before.
    pub(super) older: Vec<Vec<Older>>,
    /// What is made graver.
    pub(super) deny: Deny,
    /// What is reported.
    pub(super) only: Only,
    /// What is known of the code.
    pub(super) observations: Observations,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// The files of all architectures.
    pub(super) sources: Sources,
    /// What is wrong with them.
    pub(super) findings: Vec<Finding>,
    /// The main file of each architecture.
    pub(super) mains: Vec<String>,
    /// Those that could not be read to their end, or not at all: no rule has looked at them.
    pub(super) broken: Vec<String>,
    /// All files of those.
    pub(super) unjudged: BTreeSet<SourceId>,
    /// Why others could not be read at all.
    pub(super) unread: Vec<LoadError>,
    /// What those that were judged mean. Nobody reads it any more: whoever ends the process after this need not take it apart.
    pub(super) models: Vec<Model>,
}

impl Request<'_> {
    /// Judges every architecture; one that is named twice is judged once.
    pub(super) fn judge(&self, files: &dyn Files) -> Judged {
        let mut judged = Judged::default();
        let mut seen = BTreeSet::new();
        for (path, older) in self.paths.iter().zip(&self.older) {
            match self.load(files, path) {
                Err(error) => {
                    judged.broken.push(path.clone());
                    judged.unread.push(error);
                }
                Ok(loaded) => {
                    let main = loaded.sources.get(Default::default()).name().to_owned();
                    if seen.insert(files.identity(Path::new(&main))) {
                        self.add(main, Architecture::from_loaded(loaded), older, &mut judged);
                    }
                }
            }
        }
        judged
    }

    fn load(&self, files: &dyn Files, path: &str) -> Result<Loaded, LoadError> {
        if path == "-" {
            load_input(files, self.input)
        } else {
            load(files, path)
        }
    }

    fn add(&self, main: String, architecture: Architecture, older: &[Older], judged: &mut Judged) {
        let whole = architecture.model().is_some();
        let mut findings = architecture
            .judge_against(older, self.observations.clone(), &self.deny)
            .findings;
        // What kept the rules from looking is told whatever was asked for: silence would say that they found nothing.
        findings.retain(|finding| {
            self.only.keeps(finding) || (!whole && finding.severity == Severity::Error)
        });
        let (sources, model) = architecture.into_parts();
        judged.models.extend(model);
        let ids = judged.sources.take_in(sources);
        judged
            .findings
            .extend(findings.into_iter().map(|finding| finding.among(&ids)));
        if !whole {
            judged.broken.push(main.clone());
            judged.unjudged.extend(&ids);
        }
        judged.mains.push(main);
    }
}
