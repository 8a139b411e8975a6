//! Prints what msarch costs as ratios to a floor that is measured in the same run, in turns; absolute times say more of the
//! machine than of the program. The last column shows what grows faster than the architecture.
//!
//! `ratios` measures everything; `ratios generate 100` one command at one size.

mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;

use measure::{Cost, interleaved};
use msarch_benches::{architecture, generate, read_only, tree_of, validate};

struct Measure {
    name: &'static str,
    /// What time and memory are compared to.
    floors: &'static str,
    sizes: &'static [usize],
    of: fn(usize) -> [Cost; 2],
}

const MEASURES: [Measure; 3] = [
    Measure {
        name: "validate",
        floors: "reading the same text into an untyped tree",
        sizes: &[10, 100, 1_000, 10_000],
        of: validating,
    },
    Measure {
        name: "emit",
        floors: "time: reading the text into an untyped tree; memory: the bytes of the files",
        sizes: &[10, 100, 1_000, 10_000],
        of: emitting,
    },
    Measure {
        name: "generate",
        floors: "time: `cp -r` of the same files; memory: their bytes",
        sizes: &[10, 100, 1_000],
        of: generating,
    },
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next();
    let size: Option<usize> = arguments.next().and_then(|size| size.parse().ok());
    for measure in MEASURES {
        if name.as_ref().is_some_and(|name| name != measure.name) {
            continue;
        }
        println!("{}, compared to {}", measure.name, measure.floors);
        println!(
            "{:>9} {:>12} {:>12} {:>8} {:>8} {:>12}",
            "services", "floor", "msarch", "time", "memory", "a service"
        );
        for &services in measure.sizes {
            if size.is_none_or(|size| size == services) {
                print(services, (measure.of)(services));
            }
        }
        println!();
    }
}

fn print(services: usize, [floor, ours]: [Cost; 2]) {
    println!(
        "{services:>9} {:>12} {:>12} {:>7.2}x {:>7.2}x {:>12}",
        format!("{:.1?}", floor.time),
        format!("{:.1?}", ours.time),
        ours.time.as_secs_f64() / floor.time.as_secs_f64(),
        ours.memory as f64 / floor.memory as f64,
        format!("{:.1?}", ours.time.div_f64(services as f64)),
    );
}

fn rounds(services: usize) -> usize {
    (2_000 / services).clamp(3, 50)
}

fn validating(services: usize) -> [Cost; 2] {
    let text = architecture(services);
    interleaved(
        rounds(services),
        || {},
        || read_only(&text),
        || validate(&text),
    )
}

fn emitting(services: usize) -> [Cost; 2] {
    let text = architecture(services);
    let mut bytes = 0;
    let emit = || {
        let tree = tree_of(&text);
        bytes = tree.iter().map(|(_, file)| file.contents.len()).sum();
    };
    let [floor, ours] = interleaved(rounds(services).min(5), || {}, || read_only(&text), emit);
    [
        Cost {
            memory: bytes,
            ..floor
        },
        ours,
    ]
}

fn generating(services: usize) -> [Cost; 2] {
    let text = architecture(services);
    let tree = tree_of(&text);
    let bytes = tree.iter().map(|(_, file)| file.contents.len()).sum();
    drop(tree);
    let desk = std::env::temp_dir().join(format!("msarch-benches-{}", std::process::id()));
    let [first, copied, made] = ["first", "copied", "made"].map(|name| desk.join(name));
    fs::create_dir_all(&desk).expect("the folder can be made");
    generate(&text, &first);
    let tidy = || {
        remove(&copied);
        remove(&made);
    };
    let [floor, ours] = interleaved(
        rounds(services).min(5),
        tidy,
        || copy(&first, &copied),
        || generate(&text, &made),
    );
    remove(&desk);
    [
        Cost {
            memory: bytes,
            ..floor
        },
        ours,
    ]
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-r").args([from, to]).status();
    assert!(done.expect("there is a cp").success());
}

fn remove(folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}
