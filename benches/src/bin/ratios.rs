//! Prints what checking costs, as ratios to only reading the same text into an untyped tree, measured in the same run.
//! Each figure is the best of several rounds; absolute times say more of the machine than of the program.

use std::time::{Duration, Instant};

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{self, Context};
use msarch::syntax::document::read;
use msarch::syntax::include;
use msarch_benches::architecture;
use peak_alloc::PeakAlloc;
use saphyr::{LoadableYamlNode, Yaml};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() {
    println!("{:>9} {:>10} {:>12} {:>12} {:>7} {:>8}", "services", "text", "read only", "validate", "time", "memory");
    for services in [10, 100, 1_000, 10_000] {
        let text = architecture(services);
        let rounds = (2_000 / services).clamp(3, 50);
        let (floor, floor_memory) = best(rounds, || Yaml::load_from_str(&text).expect("the text is valid").len());
        let (ours, our_memory) = best(rounds, || validate(&text));
        println!(
            "{services:>9} {:>9}k {:>12} {:>12} {:>6.2}x {:>7.2}x",
            text.len() / 1_000,
            format!("{floor:.1?}"),
            format!("{ours:.1?}"),
            ours.as_secs_f64() / floor.as_secs_f64(),
            our_memory / floor_memory,
        );
    }
}

/// Everything that `msarch validate` does with a text but printing.
fn validate(text: &str) -> usize {
    let mut loaded = include::load_text("architecture.yaml", text);
    let document = read(&mut loaded).expect("the text holds a document");
    let model = lower(&document);
    drop(document);
    let graph = Graph::new(&model, Observations::default());
    let findings = std::mem::take(&mut loaded.findings);
    let context = Context { sources: &loaded.sources, suppressions: &loaded.suppressions, deny: &rules::Deny::default() };
    rules::check(graph, findings, context).findings.len()
}

fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> (Duration, f64) {
    let mut least = Duration::MAX;
    let mut peak = f64::MAX;
    for _ in 0..rounds {
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage_as_mb();
        let start = Instant::now();
        let result = run();
        least = least.min(start.elapsed());
        peak = peak.min(f64::from(MEMORY.peak_usage_as_mb() - before));
        drop(result);
    }
    (least, peak)
}
