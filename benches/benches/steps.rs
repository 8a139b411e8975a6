//! What each step of `msarch validate` costs by itself: reading, resolving, what follows, each family of rules, each form of report.
//! `cargo bench --manifest-path benches/Cargo.toml -- rules/calls` measures what is named alone.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::report::{Format, Look, Report};
use msarch::rules::{self, Check, Context, Deny, Family, RULES};
use msarch::syntax::document::read;
use msarch_benches::{architecture, loaded, rule_pages, unprotected};

/// How many services.
const SIZES: [usize; 2] = [100, 1_000];

const FORMATS: [Format; 6] = [
    Format::Human(Look {
        unicode: true,
        color: true,
        width: 100,
    }),
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::Gitlab,
    Format::Junit,
];

/// A form that is added does not compile here until it has a name, and a place in the list above.
fn name(format: Format) -> &'static str {
    match format {
        Format::Human(_) => "human",
        Format::Json => "json",
        Format::Sarif => "sarif",
        Format::Github => "github",
        Format::Gitlab => "gitlab",
        Format::Junit => "junit",
    }
}

fn all(c: &mut Criterion) {
    for services in SIZES {
        measure(c, services);
    }
}

fn measure(c: &mut Criterion, services: usize) {
    let text = architecture(services);
    c.bench_function(&format!("parse/{services}"), |b| {
        b.iter_with_large_drop(|| read(&mut loaded(black_box(&text))));
    });
    let mut files = loaded(&text);
    let document = read(&mut files).expect("the text holds a document");
    c.bench_function(&format!("resolve/{services}"), |b| {
        b.iter_with_large_drop(|| lower(black_box(&document)));
    });
    let model = lower(&document);
    let graph = || Graph::new(black_box(&model), Observations::default());
    c.bench_function(&format!("graph/{services}"), |b| {
        b.iter_with_large_drop(graph)
    });

    families(c, services, &graph());
    let context = Context {
        sources: &files.sources,
        suppressions: &files.suppressions,
        deny: &Deny::default(),
    };
    let check = |graph| rules::check(graph, Vec::new(), context);
    c.bench_function(&format!("rules/all/{services}"), |b| {
        b.iter_batched(graph, check, BatchSize::PerIteration);
    });

    reports(c, services);
}

/// Each form of report, of a finding for each call.
fn reports(c: &mut Criterion, services: usize) {
    let mut files = loaded(&unprotected(services));
    let document = read(&mut files).expect("the text holds a document");
    let model = lower(&document);
    let graph = Graph::new(&model, Observations::default());
    let context = Context {
        sources: &files.sources,
        suppressions: &files.suppressions,
        deny: &Deny::default(),
    };
    let findings = rules::check(graph, Vec::new(), context).findings;
    let report = Report::new(&files.sources, findings, rule_pages());
    let mut group = c.benchmark_group("report");
    for format in FORMATS {
        let mut out = Vec::new();
        group.bench_function(BenchmarkId::new(name(format), services), |b| {
            b.iter(|| {
                out.clear();
                report
                    .write(format, &mut out)
                    .expect("a vector can be written to");
                out.len()
            });
        });
    }
}

/// Each family whose rules look at what follows from an architecture.
fn families(c: &mut Criterion, services: usize, graph: &Graph<'_>) {
    let mut group = c.benchmark_group("rules");
    for family in Family::ALL {
        let rules: Vec<Check> = RULES
            .iter()
            .filter(|rule| rule.family == *family)
            .map(|rule| rule.check)
            .filter(|check| matches!(check, Check::Graph(_) | Check::Limited { .. }))
            .collect();
        if rules.is_empty() {
            continue;
        }
        group.bench_function(BenchmarkId::new(family.as_str(), services), |b| {
            b.iter(|| {
                let found = rules.iter().map(|check| match check {
                    Check::Graph(check) => check(graph).len(),
                    Check::Limited { limit, check } => check(graph, *limit).len(),
                    Check::Reading | Check::Resolution | Check::Settings => 0,
                });
                found.sum::<usize>()
            });
        });
    }
}

criterion_group! {
    name = steps;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = all
}
criterion_main!(steps);
