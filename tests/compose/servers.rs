//! The broker and the cache, started with the generated configuration: each service may do its own part there, and nothing else.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::architecture::model_of;
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

#[test]
fn a_service_publishes_and_hears_its_own_part_and_nothing_else() {
    let deployed = Deployed::of(&model_of("examples/ecommerce.yaml"));
    let data = tempfile::tempdir().expect("a folder");
    let kept = format!("store_dir: {:?}", data.path());
    assert!(deployed.changes("nats/nats.conf", "store_dir: /data", &kept));
    let root = container(&deployed);
    let Some(mut command) = nats(root.path()) else {
        return;
    };
    let (address, watch) = (free(), free());
    command.args(["--addr", "127.0.0.1", "--port", &address.port().to_string()]);
    command.args(["--http_port", &watch.port().to_string()]);
    let server = Server::start(command, address);
    let password = |user: &str| {
        fs::read_to_string(deployed.at(&format!("secrets/{user}-broker"))).expect("it was made")
    };
    let asks = |user: &str, password: &str, line: &str| {
        let login = json!({"user": user, "pass": password, "verbose": false, "pedantic": false});
        server.asked(&format!("CONNECT {login}\r\n{line}\r\nPING\r\n"), "PONG")
    };
    let says =
        |user: &str, subject: &str| asks(user, &password(user), &format!("PUB {subject} 1\r\nx"));
    let refused = "Permissions Violation";
    for (user, subject, allowed) in [
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
    ] {
        let told = says(user, subject);
        assert!(told.contains("PONG"), "{user} {subject}: {told}");
        assert_eq!(!told.contains(refused), allowed, "{user} {subject}: {told}");
    }
    let hears =
        |user: &str, subject: &str| asks(user, &password(user), &format!("SUB {subject} 1"));
    assert!(!hears("order-service", "_INBOX.order-service.a.b").contains(refused));
    for subject in [
        "_INBOX.payment-service.a.b",
        "_INBOX.>",
        ">",
        "shop.topic.order-created.*.all",
    ] {
        assert!(
            hears("order-service", subject).contains(refused),
            "{subject}"
        );
    }
    assert!(asks("order-service", "wrong", "PING").contains("Authorization Violation"));
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
    for (line, allowed) in [
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
    ] {
        let told = asks(line);
        assert!(
            told.starts_with("+OK") && told.contains("PONG"),
            "{line}: {told}"
        );
        let refused = ["NOPERM", "-ERR", "can't run this command", "No permissions"]
            .iter()
            .any(|word| told.contains(word));
        assert_eq!(!refused, allowed, "{line}: {told}");
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
