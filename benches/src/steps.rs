//! What the commands do, but for reading arguments and printing.

use std::path::Path;

use msarch::emit::emit;
use msarch::emit::tree::Tree;
use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::plan;
use msarch::report::RuleInfo;
use msarch::rules::{self, Context, Deny, RULES, Rule, Verdict};
use msarch::syntax::document::read;
use msarch::syntax::include::{self, Loaded};
use msarch::write::{self, Options, Previous, RealDisk};
use saphyr::{LoadableYamlNode, Yaml};

/// The least that anything does that reads YAML: an untyped tree of it.
pub fn read_only(text: &str) {
    assert_eq!(
        Yaml::load_from_str(text).expect("the text is valid").len(),
        1
    );
}

/// The files of an architecture of one file.
#[must_use]
pub fn loaded(text: &str) -> Loaded {
    include::load_text("architecture.yaml", text)
}

/// What reports say of rules.
#[must_use]
pub fn rule_pages() -> Vec<RuleInfo<'static>> {
    let page = |rule: &&'static Rule| RuleInfo {
        id: rule.id.as_str(),
        summary: rule.summary,
        page: rule.docs,
    };
    RULES.iter().map(page).collect()
}

/// `msarch validate`, of a text in which there is nothing to find.
pub fn validate(text: &str) {
    judged(text, |verdict| {
        assert_eq!(verdict.findings.first(), None);
    });
}

/// `msarch generate` up to the disk.
#[must_use]
pub fn tree_of(text: &str) -> Tree {
    judged(text, |verdict| {
        let checked = verdict.checked.as_ref().expect("the text has no errors");
        let before = Snapshot::default();
        let workspace = plan(checked, &mut History::new(&before, false));
        emit(&workspace).expect("the templates fit")
    })
}

/// `msarch generate` into a folder.
pub fn generate(text: &str, folder: &Path) {
    let tree = tree_of(text);
    let previous = Previous::read(folder, false).expect("the folder can be read");
    let options = Options::default();
    let changes = write::plan(&previous, &tree, &options).expect("nothing is in the way");
    changes.apply(&RealDisk).expect("the disk has room");
}

fn judged<T>(text: &str, take: impl FnOnce(&Verdict<'_>) -> T) -> T {
    let mut loaded = loaded(text);
    let document = read(&mut loaded).expect("the text holds a document");
    let model = lower(&document);
    drop(document);
    let graph = Graph::new(&model, Observations::default());
    let findings = std::mem::take(&mut loaded.findings);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    take(&rules::check(graph, findings, context))
}
