//! Orders placed while the whole system is killed again and again, and messages come twice and out of order: whatever happens,
//! the books balance in the end.

#[path = "../support/mod.rs"]
mod support;

mod files;
mod stops;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use stops::Scenario;
use support::random::{Random, seed};
use support::shop::{Counter, Ended, Placed, Shop, books};
use support::{System, Workspace, mint};

/// How many threads place orders.
const BUYERS: usize = 4;
/// How long a system that lives stays up between two kills at most, in milliseconds.
const LIFE: usize = 400;
/// How long a system that was just started may be killed in its start, in milliseconds.
const START: usize = 400;

/// One soak.
struct Soak<'a> {
    orders: usize,
    kills: usize,
    faults: &'a [&'a str],
}

/// How many messages the broker delivered as it may, and as is inconvenient.
#[derive(Debug, Default)]
struct Disturbed {
    twice: usize,
    out_of_order: usize,
}

impl Disturbed {
    /// Adds what a system saw before it is killed.
    fn add(&mut self, system: &System) {
        for line in system.log() {
            self.twice += usize::from(line.contains(r#""disturbed":"twice""#));
            self.out_of_order += usize::from(line.contains(r#""disturbed":"order""#));
        }
    }
}

fn program() -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ecommerce.yaml");
    Workspace::generate(&file).program()
}

impl Soak<'_> {
    /// Places the orders, kills as planned, and holds the books against each other.
    fn run(&self) -> Ended {
        let (program, seed, begun) = (program(), seed(), Instant::now());
        println!("seed {seed}; again with MSARCH_SEED={seed}");
        // Kept when something fails, so that it can be looked at.
        let data = tempfile::tempdir().expect("a folder").keep();
        println!("data in {}", data.display());
        let system = self.start(&program, &data, seed);
        let shop = Shop::open(system.client(), |name| mint(&program, &data, name), seed);
        let (system, placed, mut disturbed) = self.disturbed(&program, &data, &shop, system, seed);
        println!("all placed and killed: {:.1?}", begun.elapsed());
        files::until_quiet(&data, &system);
        disturbed.add(&system);
        println!("{disturbed:?}");
        assert!(disturbed.twice > 0 && disturbed.out_of_order > 0);
        let ended = books::balance(system.client(), &shop, &placed);
        println!(
            "{} fulfilled, {} cancelled, {} payments refunded: {:.1?}",
            ended.fulfilled,
            ended.cancelled,
            ended.refunded,
            begun.elapsed()
        );
        println!("cancelled because: {:?}", files::reasons(&data));
        system.kill();
        println!("{}", files::sound(&data, placed.len()));
        std::fs::remove_dir_all(&data).expect("the folder can be removed");
        ended
    }

    fn start(&self, program: &Path, data: &Path, seed: u64) -> System {
        let seed = seed.to_string();
        System::start(program, data, &self.arguments(&seed))
    }

    fn arguments<'b>(&'b self, seed: &'b str) -> Vec<&'b str> {
        [self.faults, &["--disturb", seed]].concat()
    }

    /// Lets the buyers place a share of the orders between one kill and the next.
    fn disturbed(
        &self,
        program: &Path,
        data: &Path,
        shop: &Shop,
        mut system: System,
        seed: u64,
    ) -> (System, Vec<Placed>, Disturbed) {
        let mut disturbed = Disturbed::default();
        let counter = Counter::new(self.orders, system.gateway().clone());
        let mut random = Random::new(seed);
        thread::scope(|scope| {
            let buyers: Vec<_> = (0..BUYERS)
                .map(|_| scope.spawn(|| counter.buy(shop)))
                .collect();
            let open = counter.open_at_end();
            for kill in 0..self.kills {
                counter.open_to(self.orders * (kill + 1) / self.kills);
                thread::sleep(below(&mut random, LIFE));
                disturbed.add(&system);
                system.kill();
                let seed = seed.wrapping_add(kill as u64 + 1);
                if random.below(4) == 0 {
                    let life = below(&mut random, START);
                    let text = seed.to_string();
                    System::start_and_kill(program, data, &self.arguments(&text), life);
                }
                system = self.start(program, data, seed);
                counter.moved(system.gateway().clone());
            }
            drop(open);
            let placed = buyers
                .into_iter()
                .flat_map(|buyer| buyer.join().expect("the buyer places its orders"));
            (system, placed.collect(), disturbed)
        })
    }
}

fn below(random: &mut Random, milliseconds: usize) -> Duration {
    Duration::from_millis(random.below(milliseconds) as u64)
}

#[test]
#[ignore = "kills a running system; `scripts/ready` runs it"]
fn orders_survive_three_kills() {
    let soak = Soak {
        orders: 30,
        kills: 3,
        faults: &[],
    };
    assert!(soak.run().fulfilled > 0);
}

#[test]
#[ignore = "kills a running system many times; `scripts/deep` runs it"]
fn a_hundred_orders_survive_twenty_kills() {
    let soak = Soak {
        orders: 100,
        kills: 20,
        faults: &[],
    };
    assert!(soak.run().fulfilled > 0);
}

/// A few orders and kills, with a failure provoked each time that the system starts.
fn with_fault(fault: &str) -> Ended {
    let soak = Soak {
        orders: 16,
        kills: 3,
        faults: &["--fail", fault],
    };
    soak.run()
}

#[test]
#[ignore = "kills a running system; `scripts/deep` runs it"]
fn the_books_balance_when_payments_are_rejected() {
    assert!(with_fault("payment-service.process_payment=reject:2").cancelled > 0);
}

#[test]
#[ignore = "kills a running system; `scripts/deep` runs it"]
fn the_books_balance_when_payments_fail() {
    assert!(with_fault("payment-service.process_payment=error:3").fulfilled > 0);
}

#[test]
#[ignore = "kills a running system; `scripts/deep` runs it"]
fn the_books_balance_when_payments_hang() {
    assert!(with_fault("payment-service.process_payment=hang:2").cancelled > 0);
}

#[test]
#[ignore = "kills a running system; `scripts/deep` runs it"]
fn the_books_balance_when_shipments_are_rejected_and_payments_refunded() {
    let ended = with_fault("fulfillment-service.create_shipment=reject:2");
    assert!(ended.cancelled > 0 && ended.refunded > 0);
}

const REFUSED: &[&str] = &["--fail", "payment-service.process_payment=reject"];

#[test]
#[ignore = "kills a running system; `scripts/ready` runs it"]
fn an_order_survives_a_stop_at_some_durable_operations() {
    Scenario::prepare(&[]).somewhere(8);
    Scenario::prepare(REFUSED).somewhere(8);
}

#[test]
#[ignore = "kills a running system at every step that it takes; `scripts/deep` runs it"]
fn an_order_survives_a_stop_at_every_durable_operation() {
    Scenario::prepare(&[]).everywhere();
}

#[test]
#[ignore = "kills a running system at every step that it takes; `scripts/deep` runs it"]
fn an_order_that_is_taken_back_survives_a_stop_at_every_durable_operation() {
    Scenario::prepare(REFUSED).everywhere();
}
