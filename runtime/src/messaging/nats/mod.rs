//! NATS `JetStream` as the broker.
//!
//! Each topic is a stream, divided into sixteen parts by the keys of its messages; each group has a durable consumer for each part, which has one
//! message out at a time. So the server itself keeps the order of a key, among all members of a group in all processes, also while a message is
//! tried again. A message that is tried again lets other keys of its part wait too, at most one key in sixteen.
//!
//! What a group gives up is kept in a stream of the system's dead letters; a replay publishes it once more, for that group alone, behind what
//! waits already. A message is kept for as long as the architecture file says, whoever has not dealt with it by then.
//!
//! The subjects that a service uses, for a server that asks who may do what (`S` is the system, `T` a topic, `G` a group, all as the server has them):
//!
//! | who | publishes to |
//! |---|---|
//! | publisher of `T` | `S.topic.T.*.all`, `$JS.API.STREAM.{CREATE,INFO,UPDATE}.S_T` |
//! | group `G` of `T` | `$JS.API.STREAM.CREATE.S_T`, `$JS.API.CONSUMER.CREATE.S_T.G_*.>`, `$JS.API.CONSUMER.INFO.S_T.G_*`, `$JS.API.CONSUMER.MSG.NEXT.S_T.G_*`, `$JS.ACK.S_T.G_*.>`, `S.attempts.T.G.*`, `S.dead-letter.G.*`, `S.topic.T.*.only-G` |
//! | one instance's group `I` of `T` | `$JS.API.STREAM.CREATE.S_T`, `$JS.API.CONSUMER.CREATE.S_T.I_*.>`, `$JS.API.CONSUMER.INFO.S_T.I_*`, `$JS.API.CONSUMER.MSG.NEXT.S_T.I_*`, `$JS.ACK.S_T.I_*.>` |
//! | every other group | `$JS.API.STREAM.{CREATE,INFO}.S-dead-letters`, `$JS.API.STREAM.MSG.{GET,DELETE}.S-dead-letters`, `$JS.API.STREAM.CREATE.S-attempts`, `$JS.API.STREAM.MSG.GET.S-attempts` |
//! | everybody | `$JS.API.INFO` |
//!
//! Everybody subscribes to `_INBOX.<service>.>`, the name spelt like that of a system, and to nothing else. The name of an instance is not known beforehand, and the server's wildcards
//! stand for whole tokens: who may use `I_*` is allowed every consumer of `S_T`, and refused those that are known to be others'.
//!
//! A connection is encrypted where the address begins with `tls://`, where authorities are named, or where the server asks for it; then the
//! server must show a certificate for the host of the address. Authorities are read anew for each connection, so they may change.
//!
//! ```no_run
//! use msarch_runtime::messaging::Bus;
//! use msarch_runtime::messaging::nats::{NatsBus, NatsSettings};
//!
//! # async fn example() -> msarch_runtime::messaging::BusResult<()> {
//! let bus = NatsBus::connect(&NatsSettings::new("nats://127.0.0.1:4222", "shop", "billing")).await?;
//! bus.ping().await
//! # }
//! ```

mod answer;
mod group;
mod letters;
mod link;
mod names;
mod outgoing;
mod partition;
mod streams;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use serde_json::json;
use uuid::Uuid;

use self::group::{Group, Member};
use self::link::Link;
use self::names::PARTITIONS;
use self::streams::Stay;
use super::{Bus, BusResult, DeadLetter, Envelope, Subscription};
use crate::config::Secret;
use crate::tls::CaFile;

/// How long messages are kept where nothing else is declared.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// Where the server is, and who comes to it.
#[derive(Clone, Debug)]
pub struct NatsSettings {
    /// `nats://host:4222`, or `tls://host:4222` for a connection that must be encrypted.
    pub url: String,
    /// The user, where the server asks for one.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<Secret>,
    /// The certificates of authorities that the server's is signed by; with them, the connection is encrypted whatever the address says.
    /// Without them, those that the machine trusts.
    pub ca_file: Option<CaFile>,
    /// The system: its name stands before all others, so that several systems can share a server.
    pub system: String,
    /// The service that connects.
    pub client: String,
    /// How long messages are kept.
    pub retention: Duration,
}

impl NatsSettings {
    /// A server that asks nobody who they are, with messages kept for a week.
    #[must_use]
    pub fn new(url: &str, system: &str, client: &str) -> Self {
        Self {
            url: url.to_owned(),
            user: None,
            password: None,
            ca_file: None,
            system: system.to_owned(),
            client: client.to_owned(),
            retention: RETENTION,
        }
    }
}

/// A connection to NATS. Cheap to clone; all clones are one connection.
#[derive(Clone)]
pub struct NatsBus(Arc<Inner>);

struct Inner {
    link: Arc<Link>,
    groups: Mutex<BTreeMap<(String, String), Weak<Group>>>,
}

impl NatsBus {
    /// Connects to a server. Where it does not answer yet, the connection is made as soon as it does.
    ///
    /// # Errors
    /// An address that cannot be one.
    pub async fn connect(settings: &NatsSettings) -> BusResult<Self> {
        let link = Arc::new(Link::connect(settings).await?);
        let groups = Mutex::default();
        Ok(Self(Arc::new(Inner { link, groups })))
    }

    async fn member(
        &self,
        topic: &str,
        name: &str,
        stay: Stay,
    ) -> BusResult<Box<dyn Subscription>> {
        self.0.link.see_to_group(topic, name, stay).await?;
        Ok(Box::new(Member(self.group(topic, name, stay))))
    }

    fn group(&self, topic: &str, name: &str, stay: Stay) -> Arc<Group> {
        let mut groups = self.0.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = groups
            .entry((topic.to_owned(), name.to_owned()))
            .or_default();
        entry.upgrade().unwrap_or_else(|| {
            let group = Group::begin(&self.0.link, topic, name, stay);
            *entry = Arc::downgrade(&group);
            group
        })
    }
}

#[async_trait]
impl Bus for NatsBus {
    fn name(&self) -> &'static str {
        "nats"
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.0.link.publish(messages).await
    }

    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        self.member(topic, group, Stay::ForGood).await
    }

    async fn follow(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        self.member(topic, group, Stay::WithMembers).await
    }

    async fn lag(&self, topic: &str, group: &str) -> BusResult<u64> {
        let parts = (0..PARTITIONS).map(|part| self.0.link.progress(topic, group, part));
        let parts = try_join_all(parts).await?;
        Ok(parts.iter().map(|part| part.pending + part.open).sum())
    }

    async fn dead_letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>> {
        self.0.link.letters(groups, limit).await
    }

    async fn dead_letter_count(&self, group: &str) -> BusResult<u64> {
        self.0.link.count_letters(group).await
    }

    async fn replay(&self, group: &str, message: Uuid) -> BusResult<()> {
        self.0.link.revive(group, message).await
    }

    async fn ping(&self) -> BusResult<()> {
        let link = &self.0.link;
        if let Some(cause) = link.out_of_reach() {
            // Told at once; whoever asks again and again leaves the connection its turn.
            tokio::task::yield_now().await;
            return Err(cause);
        }
        link.ask("answer", "INFO".to_owned(), &json!({})).await??;
        Ok(())
    }
}
