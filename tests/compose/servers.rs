//! The broker and the cache, started with the generated configuration: each service may do its own part there, and nothing else.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use msarch::model::Model;
use serde_json::json;

use crate::architecture::{model_of, model_of_text};
use crate::files::{Deployed, judged};
use crate::secrets::made;
use crate::{deployed, part};

struct Server(Child, SocketAddr);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

impl Server {
    fn start(mut command: Command, address: SocketAddr) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let server = Self(command.spawn().expect("it starts"), address);
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "it does not listen"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// What comes back for some lines, up to a word that is the last.
    fn asked(&self, lines: &str, last: &str) -> String {
        let mut stream = TcpStream::connect(self.1).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a time");
        stream.write_all(lines.as_bytes()).expect("it takes them");
        let (mut told, mut part) = (String::new(), [0; 4096]);
        while !told.contains(last) {
            match stream.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(length) => told.push_str(&String::from_utf8_lossy(&part[..length])),
            }
        }
        told
    }
}

/// The configuration of the broker as its container sees it: beside `/etc/nats/nats.conf` lie the users in `/run/secrets/`.
fn container(deployed: &Deployed) -> tempfile::TempDir {
    let _ = made(deployed);
    let root = tempfile::tempdir().expect("a folder");
    for (from, to) in [
        ("nats/nats.conf", "etc/nats/nats.conf"),
        ("secrets/broker-users", "run/secrets/broker-users"),
    ] {
        let to = root.path().join(to);
        fs::create_dir_all(to.parent().expect("a folder")).expect("it is made");
        fs::copy(deployed.at(from), to).expect("it can be copied");
    }
    root
}

fn nats(root: &Path) -> Option<Command> {
    let mut nats = part::program("nats-server", "nats-server")?;
    nats.arg("--config").arg(root.join("etc/nats/nats.conf"));
    Some(nats)
}

#[test]
fn the_broker_takes_its_configuration_and_refuses_a_broken_one() {
    for (path, deployed) in deployed().filter(|(_, deployed)| deployed.has("nats/nats.conf")) {
        let told = |deployed: &Deployed| {
            let root = container(deployed);
            let mut nats = nats(root.path())?;
            nats.arg("-t");
            Some(judged(nats, root.path()))
        };
        if let Some(told) = told(&deployed) {
            assert_eq!(told, Ok(()), "{path}");
        }
        assert!(deployed.changes("nats/nats.conf", "password: $", "password: $NOBODY_"));
        assert!(told(&deployed).is_none_or(|told| told.is_err()), "{path}");
    }
}

/// Who says something where, and whether that is allowed.
const SAID: &[(&str, &str, bool)] = &[
    ("order-service", "shop.topic.order-created.3.all", true),
    ("payment-service", "shop.topic.order-created.3.all", false),
    (
        "order-service",
        "shop.topic.sagas_payment-service_commands.3.all",
        true,
    ),
    (
        "payment-service",
        "shop.topic.sagas_order-service_replies.3.all",
        true,
    ),
    (
        "notification-service",
        "shop.topic.sagas_order-service_replies.3.all",
        false,
    ),
    (
        "order-service",
        "$JS.API.STREAM.CREATE.shop_order-created",
        true,
    ),
    (
        "order-service",
        "$JS.API.STREAM.DELETE.shop_order-created",
        false,
    ),
    (
        "payment-service",
        "$JS.API.STREAM.PURGE.shop_order-created",
        false,
    ),
    (
        "order-service",
        "$JS.API.CONSUMER.MSG.NEXT.shop_sagas_order-service_replies.order-service_saga-coordinator_15",
        true,
    ),
    (
        "order-service",
        "$JS.API.CONSUMER.MSG.NEXT.shop_sagas_order-service_replies.order-service_saga-coordinator_16",
        false,
    ),
    (
        "payment-service",
        "$JS.API.CONSUMER.MSG.NEXT.shop_sagas_order-service_replies.order-service_saga-coordinator_0",
        false,
    ),
    (
        "payment-service",
        "$JS.ACK.shop_sagas_order-service_replies.order-service_saga-coordinator_0.1.1.1.1.1",
        false,
    ),
    ("payment-service", "_INBOX.order-service.x", false),
];

/// How the broker says that something is not allowed.
const REFUSED: &str = "Permissions Violation";

/// The broker as compose runs it, with its data in a folder of its own.
struct Broker {
    deployed: Deployed,
    server: Server,
    _folders: [tempfile::TempDir; 2],
}

impl Broker {
    fn start(model: &Model) -> Option<Self> {
        let deployed = Deployed::of(model);
        let data = tempfile::tempdir().expect("a folder");
        let kept = format!("store_dir: {:?}", data.path());
        assert!(deployed.changes("nats/nats.conf", "store_dir: /data", &kept));
        let root = container(&deployed);
        let mut command = nats(root.path())?;
        let (address, watch) = (free(), free());
        command.args(["--addr", "127.0.0.1", "--port", &address.port().to_string()]);
        command.args(["--http_port", &watch.port().to_string()]);
        let server = Server::start(command, address);
        Some(Self {
            deployed,
            server,
            _folders: [data, root],
        })
    }

    fn asked(&self, user: &str, password: &str, line: &str) -> String {
        let login = json!({"user": user, "pass": password, "verbose": false, "pedantic": false});
        let lines = format!("CONNECT {login}\r\n{line}\r\nPING\r\n");
        self.server.asked(&lines, "PONG")
    }

    /// Each of these is allowed or refused as it says.
    fn allows(&self, said: &[(&str, &str, bool)]) {
        for (user, subject, allowed) in said {
            let told = self.told(user, &format!("PUB {subject} 1\r\nx"));
            assert!(told.contains("PONG"), "{user} {subject}: {told}");
            let seen = !told.contains(REFUSED);
            assert_eq!(seen, *allowed, "{user} {subject}: {told}");
        }
    }

    fn told(&self, user: &str, line: &str) -> String {
        let file = self.deployed.at(&format!("secrets/{user}-broker"));
        let password = fs::read_to_string(file).expect("it was made");
        self.asked(user, &password, line)
    }
}

#[test]
fn a_service_publishes_and_hears_its_own_part_and_nothing_else() {
    let Some(broker) = Broker::start(&model_of("examples/ecommerce.yaml")) else {
        return;
    };
    broker.allows(SAID);
    let refused = REFUSED;
    let hears = |subject: &str| broker.told("order-service", &format!("SUB {subject} 1"));
    assert!(!hears("_INBOX.order-service.a.b").contains(refused));
    for subject in [
        "_INBOX.payment-service.a.b",
        "_INBOX.>",
        ">",
        "shop.topic.order-created.*.all",
    ] {
        assert!(hears(subject).contains(refused), "{subject}");
    }
    let wrong = broker.asked("order-service", "wrong", "PING");
    assert!(wrong.contains("Authorization Violation"));
}

/// Two services that empty a cache on another's event: `desk` in each instance by itself, `shelf` in a level that all instances share.
const CACHING: &str = "
msarch: 1
name: shop
services:
  kiosk:
    store: {database_type: PostgreSQL}
    data_ownership: {things: {fields: {name: string}}}
    endpoints: {make: {method: POST, path: /things, emits: {event: ThingMade, values: {thingId: $record.id}}}}
  billing:
    store: {database_type: PostgreSQL}
    data_ownership: {bills: {fields: {thing_id: uuid}}}
  desk:
    store: {database_type: PostgreSQL}
    data_ownership: {docs: {fields: {name: string}}}
    endpoints: {get_doc: {method: GET, path: \"/docs/{id}\", cache: doc_cache}}
  shelf:
    store: {database_type: PostgreSQL}
    data_ownership: {pages: {fields: {name: string}}}
    endpoints: {get_page: {method: GET, path: \"/pages/{id}\", cache: page_cache}}
events:
  ThingMade:
    schema: {thingId: uuid}
    producers: kiosk
    consumers:
      - {service: billing, idempotency_key: event_id, dead_letter: billing.dead, effects: [{create: bills, values: {thing_id: $event.thingId}}]}
caches:
  doc_cache: {service: desk, of: docs, l1_cache: {ttl: 1m}, invalidate_on: [ThingMade]}
  page_cache: {service: shelf, of: pages, l1_cache: {ttl: 1m}, l2_cache: {ttl: 10m}, invalidate_on: [ThingMade]}
";

/// What who empties a cache says, and whether that is allowed.
const EMPTIED: &[(&str, &str, bool)] = &[
    // By instance: consumers of a name that is not known beforehand.
    ("desk", "$JS.API.STREAM.CREATE.shop_thing-made", true),
    (
        "desk",
        "$JS.API.CONSUMER.CREATE.shop_thing-made.GROUP_desk-1_3.shop.topic.thing-made.3.*",
        true,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.INFO.shop_thing-made.GROUP_desk-1_3",
        true,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.GROUP_desk-1_3",
        true,
    ),
    (
        "desk",
        "$JS.ACK.shop_thing-made.GROUP_desk-1_3.1.1.1.1.1",
        true,
    ),
    // The event is the kiosk's to tell.
    ("desk", "shop.topic.thing-made.3.all", false),
    (
        "desk",
        "shop.topic.thing-made.3.only-billing_thing-made-v1",
        false,
    ),
    ("desk", "shop.topic.thing-made.3.only-GROUP_desk-1", false),
    // What others gave up, and how often they tried.
    ("desk", "shop.dead-letter.billing_thing-made-v1.1", false),
    ("desk", "shop.dead-letter.GROUP_desk-1.1", false),
    (
        "desk",
        "shop.attempts.thing-made.billing_thing-made-v1.3",
        false,
    ),
    ("desk", "$JS.API.STREAM.CREATE.shop-dead-letters", false),
    ("desk", "$JS.API.STREAM.INFO.shop-dead-letters", false),
    ("desk", "$JS.API.STREAM.MSG.GET.shop-dead-letters", false),
    ("desk", "$JS.API.STREAM.MSG.DELETE.shop-dead-letters", false),
    ("desk", "$JS.API.STREAM.CREATE.shop-attempts", false),
    ("desk", "$JS.API.STREAM.MSG.GET.shop-attempts", false),
    // Consumers of groups of others.
    (
        "desk",
        "$JS.API.CONSUMER.CREATE.shop_thing-made.billing_thing-made-v1_3.shop.topic.thing-made.3.*",
        false,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.INFO.shop_thing-made.billing_thing-made-v1_0",
        false,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.billing_thing-made-v1_15",
        false,
    ),
    (
        "desk",
        "$JS.ACK.shop_thing-made.billing_thing-made-v1_3.1.1.1.1.1",
        false,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.shelf_page-cache-thing-made-v1_3",
        false,
    ),
    (
        "desk",
        "$JS.API.CONSUMER.DELETE.shop_thing-made.billing_thing-made-v1_0",
        false,
    ),
    (
        "billing",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.billing_thing-made-v1_15",
        true,
    ),
    // One group of all instances is a group like any other.
    (
        "shelf",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.shelf_page-cache-thing-made-v1_3",
        true,
    ),
    (
        "shelf",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.shelf_page-cache-thing-made-v1_one_3",
        false,
    ),
    (
        "shelf",
        "$JS.API.CONSUMER.MSG.NEXT.shop_thing-made.billing_thing-made-v1_3",
        false,
    ),
    (
        "shelf",
        "shop.topic.thing-made.3.only-shelf_page-cache-thing-made-v1",
        true,
    ),
    ("shelf", "shop.topic.thing-made.3.all", false),
    ("shelf", "shop.dead-letter.billing_thing-made-v1.1", false),
    (
        "shelf",
        "shop.attempts.thing-made.billing_thing-made-v1.3",
        false,
    ),
];

#[test]
fn a_service_that_empties_a_cache_on_an_event_may_not_tell_that_event_or_take_it_from_others() {
    let Some(broker) = Broker::start(&model_of_text(CACHING)) else {
        return;
    };
    broker.allows(EMPTIED);
    let told = broker.deployed.text("nats/nats.conf");
    let limit = "consumers of others' instances cannot be told from its own";
    assert_eq!(told.matches(limit).count(), 1, "{told}");
}

/// What a service asks of the cache, and whether that is allowed.
const CACHED: &[(&str, bool)] = &[
    (
        "SET catalog-service:{product_cache}:value:1 x PX 1000 NX",
        true,
    ),
    (
        "EVAL \"return redis.call('GET', KEYS[1])\" 1 catalog-service:{product_cache}:epoch",
        true,
    ),
    (
        "EVAL \"return redis.call('GET', 'order-service:x')\" 1 catalog-service:x",
        false,
    ),
    (
        "PUBLISH catalog-service:{product_cache}:forgotten all",
        true,
    ),
    ("PUBLISH order-service:x all", false),
    ("GET order-service:x", false),
    ("INFO server", true),
    ("KEYS *", false),
    ("FLUSHALL", false),
    ("CONFIG GET *", false),
    ("ACL LIST", false),
];

#[test]
fn a_service_hears_answers_whatever_stands_in_its_name() {
    let text = "{msarch: 1, name: shop, services: {till_service: {data_ownership: [sales], endpoints: {sell: {method: POST, path: /sales, emits: Sold}}}},
        events: {Sold: {schema: {id: uuid}, producers: [till_service]}}}";
    let deployed = Deployed::of(&model_of_text(text));
    // As the services spell their names for themselves (`runtime/src/messaging/nats/names.rs`).
    let granted = deployed.text("nats/nats.conf");
    assert!(granted.contains("\"_INBOX.till=5Fservice.>\""), "{granted}");
}

#[test]
fn a_service_reads_its_own_keys_in_the_cache_and_nobody_elses() {
    let deployed = Deployed::of(&model_of("examples/ecommerce.yaml"));
    let _ = made(&deployed);
    let Some(mut command) = part::program("redis-server", "redis-server") else {
        return;
    };
    let (address, folder) = (free(), tempfile::tempdir().expect("a folder"));
    let kept = format!("dir {}", folder.path().display());
    assert!(deployed.changes("redis/redis.conf", "dir /data", &kept));
    command.arg(deployed.at("redis/redis.conf")).args([
        "--port",
        &address.port().to_string(),
        "--bind",
        "127.0.0.1",
    ]);
    command
        .arg("--aclfile")
        .arg(deployed.at("secrets/cache-users"));
    let server = Server::start(command, address);
    let password =
        fs::read_to_string(deployed.at("secrets/catalog-service-cache")).expect("it was made");
    let asks = |line: &str| {
        server.asked(
            &format!("AUTH catalog-service {password}\r\n{line}\r\nPING\r\n"),
            "PONG",
        )
    };
    for (line, allowed) in CACHED {
        let told = asks(line);
        assert!(
            told.starts_with("+OK") && told.contains("PONG"),
            "{line}: {told}"
        );
        let refused = ["NOPERM", "-ERR", "can't run this command", "No permissions"]
            .iter()
            .any(|word| told.contains(word));
        assert_eq!(!refused, *allowed, "{line}: {told}");
    }
    assert!(
        server.asked("PING\r\n", "PONG").contains("PONG"),
        "the health check needs no password"
    );
    assert!(
        server
            .asked("GET catalog-service:x\r\nPING\r\n", "PONG")
            .contains("NOPERM")
    );
    assert!(
        server
            .asked("AUTH catalog-service wrong\r\nPING\r\n", "PONG")
            .contains("WRONGPASS")
    );
}
