//! A broker for one test, in a folder or under a name of its own.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

#[cfg(feature = "nats")]
use super::nats::Server;
use super::noon;
use crate::messaging::Bus;
use crate::messaging::embedded::EmbeddedBus;
#[cfg(feature = "nats")]
use crate::messaging::nats::{NatsBus, NatsSettings};
use crate::storage::{Clock as _, ManualClock};

/// A broker, and how time passes for it.
pub(super) struct Rig {
    pub(super) bus: Arc<dyn Bus>,
    kind: Kind,
}

enum Kind {
    Embedded {
        own: EmbeddedBus,
        clock: ManualClock,
        folder: TempDir,
    },
    #[cfg(feature = "nats")]
    Nats {
        settings: NatsSettings,
        /// Where the test has one of its own, it ends with it.
        _server: Option<Server>,
    },
}

impl Rig {
    pub(super) async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(noon());
        let file = folder.path().join("broker.db");
        let own = EmbeddedBus::open_with(file, Arc::new(clock.clone()))
            .await
            .unwrap();
        Self {
            bus: Arc::new(own.clone()),
            kind: Kind::Embedded { own, clock, folder },
        }
    }

    /// A system of its own on the server of this machine, or else on a server of its own, if there can be one.
    #[cfg(feature = "nats")]
    pub(super) async fn nats() -> Option<Self> {
        let address = std::env::var("MSARCH_TEST_NATS").unwrap_or("127.0.0.1:4222".to_owned());
        let (url, server) = if tokio::net::TcpStream::connect(&address).await.is_ok() {
            (format!("nats://{address}"), None)
        } else {
            let server = Server::start("")?;
            (server.url(), Some(server))
        };
        let system = format!("test-{}", uuid::Uuid::now_v7().simple());
        let settings = NatsSettings::new(&url, &system, "tests");
        let bus = NatsBus::connect(&settings).await.unwrap();
        while bus.ping().await.is_err() {}
        Some(Self {
            bus: Arc::new(bus),
            kind: Kind::Nats {
                settings,
                _server: server,
            },
        })
    }

    #[cfg(feature = "nats")]
    pub(super) fn settings(&self) -> &NatsSettings {
        match &self.kind {
            Kind::Nats { settings, .. } => settings,
            Kind::Embedded { .. } => panic!("the embedded broker has no server"),
        }
    }

    /// The same broker, as another process sees it, as far as that can be: the embedded one has a single process.
    pub(super) async fn connected_again(&self) -> Arc<dyn Bus> {
        match &self.kind {
            Kind::Embedded { own, .. } => Arc::new(own.clone()),
            #[cfg(feature = "nats")]
            Kind::Nats { settings, .. } => Arc::new(NatsBus::connect(settings).await.unwrap()),
        }
    }

    /// The same broker, for a process that comes after this one.
    pub(super) async fn reopened(&self) -> Arc<dyn Bus> {
        match &self.kind {
            Kind::Embedded { clock, folder, .. } => {
                let file = folder.path().join("broker.db");
                let bus = EmbeddedBus::open_with(file, Arc::new(clock.clone())).await;
                Arc::new(bus.unwrap())
            }
            #[cfg(feature = "nats")]
            Kind::Nats { .. } => self.connected_again().await,
        }
    }

    /// Lets time pass for the broker.
    pub(super) async fn pass(&self, time: Duration) {
        match &self.kind {
            Kind::Embedded { clock, .. } => clock.advance_to(clock.now() + time),
            #[cfg(feature = "nats")]
            Kind::Nats { .. } => tokio::time::sleep(time).await,
        }
    }

    /// Takes away what the test left at a server that others use too.
    #[cfg(feature = "nats")]
    pub(super) async fn clear(&self) {
        super::nats::remove_streams(self.settings()).await;
    }
}
