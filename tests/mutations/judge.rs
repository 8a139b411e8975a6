//! What is told of a text, and of the files that it is split into.

use std::fmt;

use msarch::cli::architecture::Architecture;
use msarch::graph::observations::Observations;
use msarch::rules::Deny;
use msarch::syntax::include::{Memory, load};

/// A finding without its words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) rule: String,
    pub(crate) subjects: Vec<String>,
    pub(crate) line: usize,
    message: String,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} [{}] {}",
            self.line,
            self.rule,
            self.subjects.join(", "),
            self.message
        )
    }
}

impl Told {
    /// What it is about before all else; empty where it names nothing.
    pub(crate) fn subject(&self) -> &str {
        self.subjects.first().map_or("", String::as_str)
    }

    /// Whether it is the same, wherever it stands.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        (&self.rule, &self.subjects) == (&other.rule, &other.subjects)
    }
}

/// What is told of one text.
pub(crate) fn told(text: &str) -> Vec<Told> {
    told_of(&[("architecture.yaml", text.to_owned())])
}

/// What is told of several files; the first is the main one.
pub(crate) fn told_of(files: &[(&str, String)]) -> Vec<Told> {
    let mut memory = Memory::default();
    for (name, text) in files {
        memory.insert(name, text.as_str());
    }
    let loaded = load(&memory, files[0].0).expect("the text is there");
    let architecture = Architecture::from_loaded(loaded);
    let found = architecture
        .judge(Observations::default(), &Deny::default())
        .findings;
    let told = found.iter().map(|finding| Told {
        rule: finding.rule.to_string(),
        subjects: finding.subjects.clone(),
        line: architecture.sources.position(finding.span()).line,
        message: finding.message.clone(),
    });
    told.collect()
}

/// The facts of findings, sorted: what is told, wherever it stands.
pub(crate) fn facts(told: &[Told]) -> Vec<String> {
    let fact = |told: &Told| {
        let mut subjects = told.subjects.clone();
        subjects.sort();
        format!("{} {}", told.rule, subjects.join(" "))
    };
    let mut facts: Vec<_> = told.iter().map(fact).collect();
    facts.sort();
    facts
}
