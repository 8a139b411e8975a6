//! One order, while the whole system dies right before or right after an operation that makes something durable, and at times
//! again while it recovers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::System;
use crate::support::mint;
use crate::support::random::Random;
use crate::support::random::seed;
use crate::support::shop::{Counter, Placed, Shop, books};
use crate::{files, program};

/// How long a system may take to die or to finish.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);
/// At how many operations of the recovery the system dies again.
const RECOVERY: usize = 5;
/// After how many of the stops that it does so.
const AGAIN: usize = 6;

/// Where the system dies: at an operation, and perhaps at one of the operations of its recovery.
#[derive(Clone, Debug)]
struct Stop {
    first: String,
    again: Option<String>,
}

/// What became of all stops.
#[derive(Default)]
struct Seen {
    stops: usize,
    deaths: usize,
    again: usize,
    fulfilled: usize,
}

/// An order on a system with a fault, or without.
pub(crate) struct Scenario<'a> {
    program: PathBuf,
    /// A system with goods and customers, at rest.
    prepared: tempfile::TempDir,
    shop: Shop,
    token: String,
    faults: &'a [&'a str],
}

impl<'a> Scenario<'a> {
    pub(crate) fn prepare(faults: &'a [&'a str]) -> Self {
        let (program, prepared) = (program(), tempfile::tempdir().expect("a folder"));
        let system = System::start(&program, prepared.path(), &[]);
        let shop = Shop::open(
            system.client(),
            |name| mint(&program, prepared.path(), name),
            1,
        );
        files::until_quiet(prepared.path(), &system);
        let token = system.token().to_owned();
        system.kill();
        Self {
            program,
            prepared,
            shop,
            token,
            faults,
        }
    }

    /// Dies at every operation, on both sides, and a sample of them again in the recovery.
    pub(crate) fn everywhere(&self) {
        let operations = self.operations();
        let stops = (1..=operations)
            .flat_map(|at| [format!("kill-before:{at}"), format!("kill-after:{at}")]);
        let mut stops: Vec<Stop> = stops.map(|first| Stop { first, again: None }).collect();
        for one in 0..AGAIN {
            let at = 1 + one * operations / AGAIN;
            stops.extend((1..=RECOVERY).map(|again| Stop {
                first: format!("kill-after:{at}"),
                again: Some(format!(
                    "kill-{}:{again}",
                    if one % 2 == 0 { "before" } else { "after" }
                )),
            }));
        }
        let again = self.survives(stops).again;
        assert!(again > 0, "it dies in recoveries too");
    }

    /// Dies at some operations, chosen by chance, and at one of them again in the recovery.
    pub(crate) fn somewhere(&self, stops: usize) {
        let (operations, seed) = (self.operations(), seed());
        println!("seed {seed}; again with MSARCH_SEED={seed}");
        let mut random = Random::new(seed);
        let mut kill = |operations| {
            let side = random.pick::<&str>(&["before", "after"]).to_owned();
            format!("kill-{side}:{}", 1 + random.below(operations))
        };
        let stops = (0..stops).map(|number| Stop {
            first: kill(operations),
            again: (number % 4 == 0).then(|| kill(RECOVERY)),
        });
        let stops = stops.collect();
        self.survives(stops);
    }

    /// How many operations an undisturbed order takes: they are recorded, and told.
    fn operations(&self) -> usize {
        let data = self.copy();
        let system = self.start(data.path(), "log").expect("the system starts");
        let placed = self.counter(&system).buy(&self.shop);
        files::until_quiet(data.path(), &system);
        let ended = books::balance(system.client(), &self.shop, &placed);
        assert_eq!(ended.fulfilled, usize::from(self.faults.is_empty()));
        let log = system.log();
        let operations = log.iter().filter(|line| line.contains("durable operation"));
        let operations = operations.count();
        println!("{:?}: {operations} durable operations", self.faults);
        assert!(
            operations > 30,
            "a saga over four services makes more durable"
        );
        operations
    }

    fn survives(&self, stops: Vec<Stop>) -> Seen {
        let (seen, begun) = (Mutex::new(Seen::default()), Instant::now());
        let stops = Mutex::new(stops.into_iter());
        let next = || stops.lock().expect("no panic while taking").next();
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(stop) = next() {
                        self.survive(&stop, &seen);
                    }
                });
            }
        });
        let seen = seen.into_inner().expect("no panic while counting");
        println!(
            "{:?}: {} stops, {} deaths, {} of them in a recovery, {} fulfilled: {:.1?}",
            self.faults,
            seen.stops,
            seen.deaths,
            seen.again,
            seen.fulfilled,
            begun.elapsed()
        );
        // The last operations are not always reached: messages that wait together are published together.
        assert!(seen.deaths * 10 > seen.stops * 8, "it dies where it should");
        seen
    }

    /// One order and one stop; afterwards everything balances.
    fn survive(&self, stop: &Stop, seen: &Mutex<Seen>) {
        let data = self.copy();
        let _told = ToldOnPanic(format!("{:?} with {:?}", self.faults, stop));
        let (mut deaths, mut again) = (0, 0);
        let mut system = self
            .start(data.path(), &stop.first)
            .expect("nothing is under way, so nothing dies at the start");
        let counter = self.counter(&system);
        let (system, placed) = thread::scope(|scope| {
            let buyer = scope.spawn(|| counter.buy(&self.shop));
            if ended(&mut system, data.path()) {
                deaths += 1;
                drop(system);
                system = self.recovered(data.path(), stop, &mut again);
                counter.moved(system.gateway().clone());
            }
            (system, buyer.join().expect("the order is answered"))
        });
        let fulfilled = self.check(data.path(), system, &placed);
        let mut seen = seen.lock().expect("no panic while counting");
        seen.stops += 1;
        seen.deaths += deaths + again;
        seen.again += again;
        seen.fulfilled += fulfilled;
    }

    /// Starts it again, and once more where it is to die in its recovery.
    fn recovered(&self, data: &Path, stop: &Stop, again: &mut usize) -> System {
        if let Some(place) = &stop.again {
            if let Ok(mut system) = self.start(data, place)
                && !ended(&mut system, data)
            {
                return system;
            }
            *again += 1;
        }
        self.start(data, "log").expect("nothing kills it any more")
    }

    fn check(&self, data: &Path, system: System, placed: &[Placed]) -> usize {
        files::until_quiet(data, &system);
        let ended = books::balance(system.client(), &self.shop, placed);
        assert!(
            self.faults.is_empty() || ended.fulfilled == 0,
            "the payment is refused every time"
        );
        system.kill();
        files::sound(data, placed.len());
        ended.fulfilled
    }

    /// The one buyer of the one order.
    fn counter(&self, system: &System) -> Counter {
        let counter = Counter::new(1, system.gateway().clone());
        counter.open_to(1);
        counter
    }

    /// Starts a system, unless it dies before it answers.
    fn start(&self, data: &Path, durable: &str) -> Result<System, String> {
        let arguments = [self.faults, &["--durable", durable]].concat();
        System::begin(&self.program, data, &arguments, self.token.clone())
    }

    fn copy(&self) -> tempfile::TempDir {
        let data = tempfile::tempdir().expect("a folder");
        copy(self.prepared.path(), data.path());
        data
    }
}

/// Whether the system died, once it did or came to rest.
fn ended(system: &mut System, data: &Path) -> bool {
    let begun = Instant::now();
    let mut quiet = 0;
    while quiet < 20 {
        if system.is_gone() {
            return true;
        }
        // Rest counts only behind the order: before it there is rest too.
        let rests = files::sagas(data) > 0 && files::is_quiet(data);
        quiet = if rests { quiet + 1 } else { 0 };
        assert!(begun.elapsed() < PATIENCE, "neither dead nor done");
        thread::sleep(PAUSE);
    }
    system.is_gone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a copy");
        }
    }
}

/// Says what was under test when something panics.
struct ToldOnPanic(String);

impl Drop for ToldOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this happened at {}", self.0);
        }
    }
}
