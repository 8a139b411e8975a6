//! An architecture as commands use it: read, understood, judged.

use std::path::PathBuf;

use crate::graph::Graph;
use crate::graph::evolution::Older;
use crate::graph::observations::Observations;
use crate::model::{Model, lower};
use crate::rules::{self, Context, Deny, Verdict};
use crate::syntax::document;
use crate::syntax::finding::{self, Finding};
use crate::syntax::include::{Disk, LoadError, Loaded, load};
use crate::syntax::secrets;
use crate::syntax::source::Sources;
use crate::syntax::suppression::Suppression;

/// An architecture that has been read.
#[derive(Debug)]
pub struct Architecture {
    /// Its files.
    pub sources: Sources,
    read: Vec<Finding>,
    suppressions: Vec<Suppression>,
    model: Option<Model>,
}

impl Architecture {
    /// Reads a file, the `architecture.yaml` of a folder, or standard input (`-`), and all that it includes.
    ///
    /// # Errors
    /// When a file cannot be read at all.
    pub fn read(path: &str) -> Result<Self, LoadError> {
        Ok(Self::from_loaded(load(&Disk, path)?))
    }

    /// Understands what was read.
    #[must_use]
    pub fn from_loaded(mut loaded: Loaded) -> Self {
        let document = document::read(&mut loaded);
        // What is absent from a file that was not read to its end cannot be judged.
        let whole = document.filter(|_| !loaded.incomplete);
        Self {
            model: whole.as_ref().map(lower),
            sources: loaded.sources,
            read: loaded.findings,
            suppressions: loaded.suppressions,
        }
    }

    /// The files that it was read from.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.sources
            .iter()
            .map(|(_, source)| PathBuf::from(source.name()))
            .collect()
    }

    /// What it means, where it could be read to its end.
    #[must_use]
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// Its files and what it means, apart.
    #[must_use]
    pub fn into_parts(self) -> (Sources, Option<Model>) {
        (self.sources, self.model)
    }

    /// Judges it by every rule.
    #[must_use]
    pub fn judge(&self, observations: Observations, deny: &Deny) -> Verdict<'_> {
        self.judge_against(&[], observations, deny)
    }

    /// Judges it by every rule, held against older versions of it.
    #[must_use]
    pub fn judge_against(
        &self,
        older: &[Older],
        observations: Observations,
        deny: &Deny,
    ) -> Verdict<'_> {
        let Some(model) = &self.model else {
            let mut findings = self.read.clone();
            finding::sort(&mut findings);
            findings.iter_mut().for_each(|finding| {
                deny.apply(finding);
                secrets::redact(finding, &self.sources);
            });
            return Verdict {
                findings,
                silenced: 0,
                checked: None,
            };
        };
        let context = Context {
            sources: &self.sources,
            suppressions: &self.suppressions,
            deny,
        };
        let graph = Graph::new(model, observations).against(older);
        let mut verdict = rules::check(graph, self.read.clone(), context);
        for finding in &mut verdict.findings {
            secrets::redact(finding, &self.sources);
        }
        verdict
    }
}
