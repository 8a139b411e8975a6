//! Orders placed while services are killed, and PostgreSQL, NATS and Redis are restarted, and messages come twice: whatever happens, the
//! books balance in the end.

use std::thread;
use std::time::{Duration, Instant};

use crate::doubler::Doubler;
use crate::support::random::{Random, seed};
use crate::support::shop::{Counter, Ended, Placed, Shop, books};
use crate::system::System;

/// How many threads place orders.
const BUYERS: usize = 4;
/// How many orders may be under way: as many as the machine can carry, since a saga waits for nobody longer than its file says.
const UNDER_WAY: usize = 8;
/// How long to wait at most before looking again how many orders have ended, in milliseconds.
const LOOK: usize = 200;
/// As many requests as the soak needs.
const LIMIT: u32 = 10_000_000;

struct Soak {
    orders: usize,
    kills: usize,
}

impl Soak {
    fn run(&self) -> Option<Ended> {
        let (seed, begun) = (seed(), Instant::now());
        println!("seed {seed}; again with MSARCH_SEED={seed}");
        let mut system = System::start(2, Some(LIMIT))?;
        println!("started after {:.0?}", begun.elapsed());
        let doubler = Doubler::start(system.servers.nats.port());
        let shop = Shop::open(
            &system.client("alice"),
            |name| system.issuer.token(name),
            seed,
        );
        let placed = self.disturbed(&mut system, &shop, seed);
        println!("all placed and killed after {:.0?}", begun.elapsed());
        system.until_quiet();
        println!("{} messages published a second time", doubler.doubled());
        assert!(doubler.doubled() > 0);
        let ended = books::balance(&system.client("alice"), &shop, &placed);
        println!(
            "{} fulfilled, {} cancelled, {} payments refunded: {:.0?}",
            ended.fulfilled,
            ended.cancelled,
            ended.refunded,
            begun.elapsed()
        );
        println!("cancelled because:\n{}", system.reasons());
        let sagas = system.count("msarch_sagas");
        assert_eq!(
            usize::try_from(sagas).ok(),
            Some(placed.len()),
            "one saga for each order"
        );
        system.end();
        Some(ended)
    }

    /// Lets the buyers go on as orders end, and kills a copy each time that a share of them has; each server goes down once on the way.
    fn disturbed(&self, system: &mut System, shop: &Shop, seed: u64) -> Vec<Placed> {
        let counter = Counter::new(self.orders, system.gateway());
        let mut random = Random::new(seed);
        thread::scope(|scope| {
            let buyers: Vec<_> = (0..BUYERS)
                .map(|_| scope.spawn(|| counter.buy(shop)))
                .collect();
            let open = counter.open_at_end();
            let (mut ended, mut kill) = (0, 0);
            while ended < self.orders && buyers.iter().any(|buyer| !buyer.is_finished()) {
                counter.open_to(ended + UNDER_WAY);
                if ended * self.kills >= kill * self.orders && kill < self.kills {
                    self.kill(system, &mut random);
                    self.servers(system, kill);
                    kill += 1;
                }
                thread::sleep(Duration::from_millis(random.below(LOOK) as u64));
                system.fleet.keep();
                ended = system.ended();
            }
            drop(open);
            let placed = buyers
                .into_iter()
                .flat_map(|buyer| buyer.join().expect("the buyer places its orders"));
            placed.collect()
        })
    }

    fn kill(&self, system: &mut System, random: &mut Random) {
        let victim = random.below(system.fleet.0.len());
        let copy = &mut system.fleet.0[victim].process;
        println!("kill {}", copy.name());
        copy.restart();
    }

    fn servers(&self, system: &mut System, kill: usize) {
        let servers = &mut system.servers;
        let server = match (kill * 4) / self.kills.max(1) {
            at if at * self.kills != kill * 4 => return,
            1 => &mut servers.nats,
            2 => &mut servers.postgres.process,
            3 => &mut servers.redis,
            _ => return,
        };
        println!("restart {}", server.name());
        server.bring_back();
    }
}

#[test]
#[ignore = "builds the services and kills them; `scripts/ready` runs it"]
fn sixty_orders_survive_kills_and_restarts_of_every_server() {
    let soak = Soak {
        orders: 60,
        kills: 8,
    };
    if let Some(ended) = soak.run() {
        assert!(ended.fulfilled > 0);
    }
}

#[test]
#[ignore = "takes minutes; `scripts/deep` runs it"]
fn a_thousand_orders_survive_kills_and_restarts_of_every_server() {
    let soak = Soak {
        orders: 1000,
        kills: 60,
    };
    if let Some(ended) = soak.run() {
        assert!(ended.fulfilled > 0);
    }
}
