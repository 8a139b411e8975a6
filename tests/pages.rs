//! Every rule is held to its page: the bad architecture yields exactly this rule, once, with the report on the page; the good one
//! yields nothing. Where a page shows what was there *Before*, both are held against that, and alone yield nothing. `UPDATE=1` rewrites
//! the reports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use msarch::graph::Graph;
use msarch::graph::evolution::Older;
use msarch::graph::observations::Observations;
use msarch::report::{Format, Look, Report, RuleInfo};
use msarch::rules::{self, Context, Deny, RULES, Rule};
use msarch::syntax::document;
use msarch::syntax::finding::Finding;
use msarch::syntax::include::{Loaded, Memory, load};
use msarch::syntax::source::Sources;

const HEADINGS: [&str; 5] = ["What", "Why", "Bad", "Report", "Good"];

/// Those of a rule that looks at what became of an older version.
const EVOLVED: [&str; 6] = ["What", "Why", "Before", "Bad", "Report", "Good"];

/// The text under a heading.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let start = page
        .split_once(&format!("## {heading}\n"))
        .map_or("", |(_, rest)| rest);
    start.split_once("\n## ").map_or(start, |(text, _)| text)
}

/// The files in the code blocks of a section: the first is the architecture, the others begin with `# file: name`.
fn files(section: &str) -> Vec<(String, String)> {
    let blocks = section
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block);
    let named = blocks.map(|block| {
        match block
            .strip_prefix("# file: ")
            .and_then(|rest| rest.split_once('\n'))
        {
            Some((name, text)) => (name.trim().to_owned(), text.to_owned()),
            None => ("architecture.yaml".to_owned(), block.to_owned()),
        }
    });
    named.collect()
}

fn loaded(files: &[(String, String)]) -> Loaded {
    let mut memory = Memory::default();
    for (name, text) in files {
        memory.insert(name.as_str(), text.as_str());
    }
    load(&memory, "architecture.yaml").unwrap()
}

/// What stands under *Before*, as if it were in git.
fn older(page: &str) -> Vec<Older> {
    let files = files(section(page, "Before"));
    if files.is_empty() {
        return Vec::new();
    }
    let document = document::read(&mut loaded(&files)).unwrap();
    vec![Older {
        name: "git:main".to_owned(),
        model: msarch::model::lower(&document),
        document: Some(document),
    }]
}

fn findings(files: &[(String, String)], older: &[Older]) -> (Sources, Vec<Finding>) {
    let mut loaded = loaded(files);
    let document = document::read(&mut loaded).filter(|_| !loaded.incomplete);
    let Some(document) = document else {
        return (loaded.sources, loaded.findings);
    };
    let model = msarch::model::lower(&document);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let verdict = rules::check(
        Graph::new(&model, Observations::default()).against(older),
        loaded.findings,
        context,
    );
    let findings = verdict.findings;
    (loaded.sources, findings)
}

fn told(sources: &Sources, findings: Vec<Finding>) -> String {
    let rules = RULES.iter().map(|rule| RuleInfo {
        id: rule.id.as_str(),
        summary: rule.summary,
        page: rule.docs,
    });
    let report = Report::new(sources, findings, rules.collect());
    let mut text = Vec::new();
    let look = Look {
        width: 100,
        color: false,
        unicode: true,
    };
    report.write(Format::Human(look), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn page(rule: &Rule) -> PathBuf {
    Path::new("src/rules")
        .join(rule.family.as_str())
        .join(rule.id.as_str().replace('-', "_") + ".md")
}

/// What is wrong with the page of a rule.
fn wrong_with(rule: &Rule) -> Vec<String> {
    let mut wrong = Vec::new();
    let headings: Vec<&str> = rule
        .docs
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    if headings != HEADINGS && headings != EVOLVED {
        wrong.push(format!("headings are {headings:?}"));
    }
    for heading in ["What", "Why"] {
        if section(rule.docs, heading).trim().is_empty() {
            wrong.push(format!("{heading} is empty"));
        }
    }
    let older = older(rule.docs);
    let (sources, bad) = findings(&files(section(rule.docs, "Bad")), &older);
    let ids: Vec<&str> = bad.iter().map(|finding| finding.rule.as_str()).collect();
    let report = told(&sources, bad.clone());
    if ids != [rule.id.as_str()] {
        wrong.push(format!("Bad yields {ids:?}\n{report}"));
    }
    let written = section(rule.docs, "Report").trim();
    let wanted = format!("```text\n{}\n```", report.trim_matches('\n'));
    if written != wanted {
        if std::env::var_os("UPDATE").is_some() {
            let text = std::fs::read_to_string(page(rule)).unwrap();
            std::fs::write(
                page(rule),
                text.replacen(
                    &format!("## Report\n{written}"),
                    &format!("## Report\n{wanted}"),
                    1,
                ),
            )
            .unwrap();
        } else {
            wrong.push(format!("Report says\n{written}\n-- instead of\n{wanted}"));
        }
    }
    let (sources, good) = findings(&files(section(rule.docs, "Good")), &older);
    if !good.is_empty() {
        wrong.push(format!("Good yields\n{}", told(&sources, good)));
    }
    if !older.is_empty() {
        let (sources, alone) = findings(&files(section(rule.docs, "Bad")), &[]);
        if !alone.is_empty() {
            let report = told(&sources, alone);
            wrong.push(format!("Bad yields without what was before\n{report}"));
        }
        let (sources, before) = findings(&files(section(rule.docs, "Before")), &[]);
        if !before.is_empty() {
            wrong.push(format!("Before yields\n{}", told(&sources, before)));
        }
    }
    wrong
}

#[test]
fn every_page_shows_what_its_rule_finds_and_what_it_does_not() {
    let wrong: Vec<String> = RULES
        .iter()
        .flat_map(|rule| {
            wrong_with(rule)
                .into_iter()
                .map(|wrong| format!("{}: {wrong}", page(rule).display()))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{}\n{} faults; UPDATE=1 rewrites reports",
        wrong.join("\n\n"),
        wrong.len()
    );
}

#[test]
fn rules_are_sorted_and_unique() {
    let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn every_rule_says_what_it_is_in_one_short_phrase() {
    for rule in RULES.iter() {
        let summary = rule.summary;
        assert!(
            !summary.is_empty() && summary.len() <= 100 && !summary.ends_with('.'),
            "{}: {summary}",
            rule.id
        );
        assert!(
            summary.starts_with(|char: char| char.is_lowercase()
                || summary.starts_with("YAML")
                || char == 'Y'),
            "{}: {summary}",
            rule.id
        );
    }
}

#[test]
fn every_page_belongs_to_a_rule() {
    let known: BTreeSet<PathBuf> = RULES.iter().map(|rule| page(rule)).collect();
    for family in std::fs::read_dir("src/rules")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        for file in std::fs::read_dir(family)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let stray = file.extension().is_some_and(|extension| extension == "md")
                && !known.contains(&file);
            assert!(!stray, "{} belongs to no rule", file.display());
        }
    }
}

#[test]
fn every_fault_that_resolution_raises_has_a_page() {
    let mut raised = BTreeSet::new();
    let sources = walkdir::WalkDir::new("src/model/lower")
        .into_iter()
        .map(Result::unwrap);
    for file in sources.filter(|entry| entry.file_type().is_file()) {
        let text = std::fs::read_to_string(file.path()).unwrap();
        for after in text.split("Fault::new(").skip(1) {
            let argument = after.trim_start();
            if let Some(id) = argument
                .strip_prefix('"')
                .and_then(|rest| rest.split('"').next())
            {
                raised.insert(id.to_owned());
            }
        }
    }
    assert!(
        raised.len() > 5,
        "the sources are not read as they should be"
    );
    for id in raised {
        assert!(rules::find(&id).is_some(), "no rule is called {id}");
    }
}
