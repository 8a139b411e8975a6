//! What only a real server can show: that it goes away and comes back, who may do what, and what others see of our messages.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::rig::Rig;
use super::{message, said, text, try_next};
use crate::config::Secret;
use crate::context::RequestContext;
use crate::messaging::nats::{NatsBus, NatsSettings};
use crate::messaging::{Bus, Envelope, MessageError};

/// Says what is not tested here; where everything must be, that is a failure.
fn missing(what: &str) {
    let required = std::env::var("MSARCH_REQUIRE_PARTS").is_ok_and(|value| value == "1");
    assert!(!required, "{what}");
    eprintln!("skipped: {what}");
}

/// A server of the test's own, with its own files.
pub(super) struct Server {
    pub(super) port: u16,
    folder: TempDir,
    process: Child,
}

impl Server {
    pub(super) fn start(users: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let config = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\" }}\n{users}\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("server.conf"), config).unwrap();
        let Ok(process) = run(folder.path()) else {
            missing(
                "no NATS server answers at 127.0.0.1:4222, and there is no nats-server to start",
            );
            return None;
        };
        Some(Self {
            port,
            folder,
            process,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Without any warning, as when the power fails for the process.
    pub(super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) fn start_again(&mut self) {
        self.process = run(self.folder.path()).unwrap();
    }

    /// On a new disk.
    fn start_empty(&mut self) {
        std::fs::remove_dir_all(self.folder.path().join("jetstream")).unwrap();
        self.start_again();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(folder: &Path) -> std::io::Result<Child> {
    Command::new("nats-server")
        .arg("-c")
        .arg(folder.join("server.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

async fn jetstream(settings: &NatsSettings) -> async_nats::jetstream::Context {
    async_nats::jetstream::new(async_nats::connect(&settings.url).await.unwrap())
}

async fn config(settings: &NatsSettings, stream: &str) -> Value {
    let jetstream = jetstream(settings).await;
    let subject = format!("STREAM.INFO.{}_{stream}", settings.system);
    let info: Value = jetstream.request(subject, &json!({})).await.unwrap();
    info["config"].clone()
}

pub(super) async fn remove_streams(settings: &NatsSettings) {
    let jetstream = jetstream(settings).await;
    let mut names = jetstream.stream_names();
    while let Some(name) = names.next().await {
        let name = name.unwrap();
        if name.starts_with(&settings.system) {
            jetstream.delete_stream(name).await.unwrap();
        }
    }
}

#[tokio::test]
async fn headers_tell_others_of_trace_and_correlation() {
    let Some(rig) = Rig::nats().await else { return };
    let client = async_nats::connect(&rig.settings().url).await.unwrap();
    let subjects = format!("{}.topic.sales_placed_v1.*.all", rig.settings().system);
    let mut seen = client.subscribe(subjects).await.unwrap();
    client.flush().await.unwrap();
    let asked = async { message("sales.placed.v1", "k", "a") };
    let sent = RequestContext::root().scope(asked).await;
    rig.bus.publish(std::slice::from_ref(&sent)).await.unwrap();
    let seen = seen.next().await.unwrap();
    let headers = seen.headers.unwrap();
    let header = |name: &str| headers.get(name).unwrap().as_str().to_owned();
    assert_eq!(header("traceparent"), sent.traceparent.clone().unwrap());
    assert_eq!(header("x-correlation-id"), sent.correlation_id);
    assert_eq!(header("Nats-Msg-Id"), sent.id.to_string());
    assert_eq!(
        (header("message-name"), header("message-version")),
        ("Said".into(), "1".into())
    );
    let read: Envelope = serde_json::from_slice(&seen.payload).unwrap();
    assert_eq!(read, sent);
    rig.clear().await;
}

#[tokio::test]
async fn a_topic_is_kept_for_as_long_as_declared_and_what_an_operator_decided_stays() {
    let Some(rig) = Rig::nats().await else { return };
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    let hours = |hours: u64| json!(hours * 3600 * 1_000_000_000);
    assert_eq!(config(rig.settings(), "t").await["max_age"], hours(7 * 24));
    let mut decided = config(rig.settings(), "t").await;
    decided["max_bytes"] = json!(10_000_000);
    let subject = format!("STREAM.UPDATE.{}_t", rig.settings().system);
    let _: Value = jetstream(rig.settings())
        .await
        .request(subject, &decided)
        .await
        .unwrap();

    let longer = NatsSettings {
        retention: Duration::from_secs(3600),
        ..rig.settings().clone()
    };
    let next = NatsBus::connect(&longer).await.unwrap();
    next.subscribe("t", "g").await.unwrap();
    assert_eq!(
        config(rig.settings(), "t").await["max_age"],
        hours(7 * 24),
        "not its stream"
    );
    next.publish(&[message("t", "k", "b")]).await.unwrap();
    let config = config(rig.settings(), "t").await;
    assert_eq!(
        (&config["max_age"], &config["max_bytes"]),
        (&hours(1), &json!(10_000_000))
    );
    rig.clear().await;
}

async fn consumer(settings: &NatsSettings, operation: &str, name: &str) -> Value {
    let subject = format!("CONSUMER.{operation}.{}_t.{name}", settings.system);
    let jetstream = jetstream(settings).await;
    jetstream.request(subject, &json!({})).await.unwrap()
}

#[tokio::test]
async fn what_one_instance_follows_begins_with_what_is_new_and_is_forgotten_soon_after_it() {
    let Some(rig) = Rig::nats().await else { return };
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    let mut group = rig.bus.follow("t", "g.one").await.unwrap();
    assert!(try_next(&mut group).await.is_none());
    rig.bus.publish(&[message("t", "k", "b")]).await.unwrap();
    assert_eq!(text(&mut group).await, "b");
    let lasting = rig.bus.subscribe("t", "g").await.unwrap();
    let minutes = |minutes: u64| json!(minutes * 60 * 1_000_000_000);
    let kept = async |name| {
        consumer(rig.settings(), "INFO", name).await["config"]["inactive_threshold"].clone()
    };
    assert_eq!(kept("g_one_3").await, minutes(10));
    assert_eq!(
        kept("g_3").await,
        Value::Null,
        "a group of all waits for them"
    );
    drop((group, lasting));

    // One of the same name that comes in time goes on where the other was.
    rig.bus.publish(&[message("t", "k", "c")]).await.unwrap();
    let next = rig.connected_again().await;
    let mut group = next.follow("t", "g.one").await.unwrap();
    assert_eq!(text(&mut group).await, "c");
    rig.clear().await;
}

#[tokio::test]
async fn a_follower_that_was_forgotten_too_early_misses_nothing() {
    let Some(rig) = Rig::nats().await else { return };
    let mut group = rig.bus.follow("t", "g").await.unwrap();
    for part in 0..16 {
        consumer(rig.settings(), "DELETE", &format!("g_{part}")).await;
    }
    rig.bus.publish(&[message("t", "k", "a")]).await.unwrap();
    assert_eq!(text(&mut group).await, "a");
    rig.bus.publish(&[message("t", "k", "b")]).await.unwrap();
    assert_eq!(text(&mut group).await, "b");
    // It was made anew to begin with everything; who follows again takes it as it is.
    let next = rig.connected_again().await;
    next.follow("t", "g").await.unwrap();
    rig.clear().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_by_who_came_and_what_to_set() {
    let users = "authorization { users: [ { user: sales, password: s } ] }";
    let Some(server) = Server::start(users) else {
        return;
    };
    let settings = NatsSettings {
        user: Some("sales".to_owned()),
        password: Some(Secret::new("wrong")),
        ..NatsSettings::new(&server.url(), "shop", "sales")
    };
    let bus = NatsBus::connect(&settings).await.unwrap();
    let told = loop {
        match bus.ping().await.unwrap_err() {
            // The server may have to start first.
            MessageError::Broker { .. } => {}
            told => break told.to_string(),
        }
    };
    assert!(
        told.contains("`sales`") && told.contains("`broker.password`"),
        "{told}"
    );
    assert!(!told.contains("wrong"), "{told}");
    let told = bus.dead_letters("", 1).await.unwrap_err();
    assert!(matches!(told, MessageError::NotLetIn { .. }), "{told:?}");
}

#[tokio::test]
async fn services_that_start_at_once_make_one_stream() {
    let Some(rig) = Rig::nats().await else { return };
    let mut starts = Vec::new();
    for service in 0..6 {
        let bus = rig.connected_again().await;
        starts.push(tokio::spawn(async move {
            let text = service.to_string();
            bus.publish(&[message("t", "k", &text)]).await.unwrap();
            let _member = bus.subscribe("t", "g").await.unwrap();
        }));
    }
    for start in starts {
        start.await.unwrap();
    }
    assert_eq!(rig.bus.lag("t", "g").await.unwrap(), 6);
    rig.clear().await;
}

#[tokio::test]
async fn what_the_server_would_not_take_is_no_outage() {
    let Some(rig) = Rig::nats().await else { return };
    let error = rig
        .bus
        .publish(&[message("t", "k", &"x".repeat(1 << 20))])
        .await
        .unwrap_err();
    assert!(matches!(error, MessageError::Payload { .. }), "{error:?}");
    rig.clear().await;
}

#[tokio::test]
async fn what_is_no_message_of_ours_is_kept_aside() {
    let Some(rig) = Rig::nats().await else { return };
    let mut group = rig.bus.subscribe("t", "g").await.unwrap();
    let subject = format!("{}.topic.t.3.all", rig.settings().system);
    let stray = jetstream(rig.settings()).await;
    stray
        .publish(subject, "hello".into())
        .await
        .unwrap()
        .await
        .unwrap();
    assert!(try_next(&mut group).await.is_none());
    let letter = rig.bus.dead_letters("", 9).await.unwrap().remove(0);
    assert_eq!(letter.envelope.payload, "hello");
    rig.clear().await;
}

#[tokio::test]
async fn a_server_that_comes_later_is_waited_for() {
    let Some(mut server) = Server::start("") else {
        return;
    };
    server.kill();
    let bus = NatsBus::connect(&NatsSettings::new(&server.url(), "shop", "tests"))
        .await
        .unwrap();
    let error = bus.ping().await.unwrap_err();
    assert!(matches!(error, MessageError::Broker { .. }), "{error:?}");
    server.start_again();
    while bus.ping().await.is_err() {}
    bus.publish(&[message("t", "k", "a")]).await.unwrap();
    let mut group = bus.subscribe("t", "g").await.unwrap();
    assert_eq!(text(&mut group).await, "a");
}

#[tokio::test]
async fn who_receives_goes_on_at_a_server_that_lost_everything() {
    let Some(mut server) = Server::start("") else {
        return;
    };
    let settings = NatsSettings::new(&server.url(), "shop", "tests");
    let bus = NatsBus::connect(&settings).await.unwrap();
    let mut group = bus.subscribe("t", "g").await.unwrap();
    bus.publish(&[message("t", "k", "a")]).await.unwrap();
    assert_eq!(text(&mut group).await, "a");
    server.kill();
    server.start_empty();
    while bus.publish(&[message("t", "k", "b")]).await.is_err() {}
    let within = tokio::time::timeout(Duration::from_secs(20), text(&mut group));
    assert_eq!(within.await.unwrap(), "b");
}

#[tokio::test]
async fn a_service_needs_its_own_subjects_alone() {
    let publisher = r#"{ user: sales, password: s, permissions: {
        publish: ["shop.topic.t.*.all", "$JS.API.STREAM.*.shop_t", "$JS.API.INFO"], subscribe: "_INBOX.sales.>" } }"#;
    let consumer = r#"{ user: billing, password: b, permissions: { publish: [
        "$JS.API.STREAM.CREATE.shop_t", "$JS.API.CONSUMER.CREATE.shop_t.*.>", "$JS.API.CONSUMER.INFO.shop_t.*",
        "$JS.API.CONSUMER.MSG.NEXT.shop_t.*", "$JS.ACK.shop_t.>",
        "shop.attempts.t.billing_g.*", "shop.dead-letter.billing_g.*", "shop.topic.t.*.only-billing_g",
        "$JS.API.STREAM.*.shop-dead-letters", "$JS.API.STREAM.MSG.*.shop-dead-letters",
        "$JS.API.STREAM.CREATE.shop-attempts", "$JS.API.STREAM.MSG.GET.shop-attempts", "$JS.API.INFO"
        ], subscribe: "_INBOX.billing.>" } }"#;
    let users = format!("authorization {{ users: [ {publisher}, {consumer} ] }}");
    let Some(server) = Server::start(&users) else {
        return;
    };
    let connected = async |user: &str, password: &str| {
        let settings = NatsSettings {
            user: Some(user.to_owned()),
            password: Some(Secret::new(password)),
            ..NatsSettings::new(&server.url(), "shop", user)
        };
        NatsBus::connect(&settings).await.unwrap()
    };
    let sales = connected("sales", "s").await;
    let billing = connected("billing", "b").await;
    while sales.ping().await.is_err() {}
    sales.publish(&[message("t", "k", "a")]).await.unwrap();
    let mut group = billing.subscribe("t", "billing.g").await.unwrap();
    group
        .next()
        .await
        .unwrap()
        .retry(Duration::ZERO)
        .await
        .unwrap();
    let again = group.next().await.unwrap();
    assert_eq!(again.attempt, 2);
    let id = again.envelope.id;
    again.give_up("no").await.unwrap();
    assert_eq!(billing.dead_letters("", 9).await.unwrap().len(), 1);
    billing.replay("billing.g", id).await.unwrap();
    assert_eq!(text(&mut group).await, "a");
    let refused = billing.publish(&[message("t", "k", "b")]).await;
    assert!(refused.is_err(), "billing may not publish for sales");
}

#[tokio::test]
async fn one_instances_group_needs_no_more_than_its_consumers() {
    let users = r#"authorization { users: [
        { user: sales, password: s, permissions: { publish: ["shop.topic.t.*.all", "$JS.API.STREAM.*.shop_t", "$JS.API.INFO"], subscribe: "_INBOX.sales.>" } }
        { user: desk, password: d, permissions: { publish: ["$JS.API.INFO", "$JS.API.STREAM.CREATE.shop_t", "$JS.API.CONSUMER.CREATE.shop_t.*.>",
            "$JS.API.CONSUMER.INFO.shop_t.*", "$JS.API.CONSUMER.MSG.NEXT.shop_t.*", "$JS.ACK.shop_t.*.>"], subscribe: "_INBOX.desk.>" } } ] }"#;
    let Some(server) = Server::start(users) else {
        return;
    };
    let connected = async |user: &str, password: &str| {
        let settings = NatsSettings {
            user: Some(user.to_owned()),
            password: Some(Secret::new(password)),
            ..NatsSettings::new(&server.url(), "shop", user)
        };
        NatsBus::connect(&settings).await.unwrap()
    };
    let (sales, desk) = (connected("sales", "s").await, connected("desk", "d").await);
    while sales.ping().await.is_err() || desk.ping().await.is_err() {}
    let mut group = desk.follow("t", "desk.cache.one").await.unwrap();
    sales
        .publish(&[message("t", "k", "a"), message("t", "k", "b")])
        .await
        .unwrap();
    for attempt in 1..=3 {
        let delivery = group.next().await.unwrap();
        assert_eq!((said(&delivery).as_str(), delivery.attempt), ("a", attempt));
        match attempt {
            1 => delivery.retry(Duration::ZERO).await.unwrap(),
            2 => delivery.retry(Duration::from_millis(20)).await.unwrap(),
            _ => delivery.give_up("no").await.unwrap(),
        }
    }
    let next = group.next().await.unwrap();
    assert_eq!((said(&next).as_str(), next.attempt), ("b", 1));
    next.ack().await.unwrap();
    let refused = desk.publish(&[message("t", "k", "c")]).await;
    assert!(refused.is_err(), "desk may not publish for sales");
}

/// Two processes' members work while the server is killed and started again; a publisher goes on until all is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_and_no_key_its_order() {
    const COUNT: usize = 400;
    const KEYS: usize = 10;
    let Some(mut server) = Server::start("") else {
        return;
    };
    let settings = NatsSettings::new(&server.url(), "shop", "tests");
    let mut members = Vec::new();
    let (sender, mut dealt) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..2 {
        let bus = NatsBus::connect(&settings).await.unwrap();
        let sender = sender.clone();
        members.push(tokio::spawn(async move {
            loop {
                let Ok(mut group) = bus.subscribe("t", "g").await else {
                    continue;
                };
                while let Ok(delivery) = group.next().await {
                    sender
                        .send((delivery.envelope.key.clone(), said(&delivery)))
                        .unwrap();
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    if delivery.ack().await.is_err() {
                        break;
                    }
                }
            }
        }));
    }
    let bus = NatsBus::connect(&settings).await.unwrap();
    let sent = Arc::new(AtomicBool::new(false));
    let all_sent = sent.clone();
    let publisher = tokio::spawn(async move {
        let all: Vec<_> = (0..COUNT)
            .map(|at| message("t", &(at % KEYS).to_string(), &format!("{at:04}")))
            .collect();
        for batch in all.chunks(20) {
            while bus.publish(batch).await.is_err() {}
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        all_sent.store(true, Ordering::SeqCst);
    });
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut first_seen = 0;
    let mut kills = vec![COUNT / 2, COUNT / 4, COUNT / 10];
    while first_seen < COUNT {
        let (key, text) = dealt.recv().await.unwrap();
        let order = seen.entry(key).or_default();
        // What comes twice was delivered again; what comes first comes in order.
        if !order.contains(&text) {
            assert!(
                order.last().is_none_or(|last| *last < text),
                "{text} after {order:?}"
            );
            order.push(text);
            first_seen += 1;
        }
        if kills.last().is_some_and(|at| first_seen >= *at) {
            kills.pop();
            server.kill();
            server.start_again();
        }
    }
    publisher.await.unwrap();
    assert!(kills.is_empty() && sent.load(Ordering::SeqCst));
    for member in members {
        member.abort();
    }
}
