//! Which broker a service uses: its settings decide.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::embedded::EmbeddedBus;
use super::{Bus, BusResult, MessageError};
use crate::config::{Config, Secret};
use crate::tls::CaFile;

/// Where a service finds its broker.
#[derive(Clone, Debug)]
pub struct BrokerSettings {
    /// The server: `broker.url`, such as `nats://nats:4222`. Without it, the broker is embedded.
    pub url: Option<String>,
    /// The user: `broker.user`.
    pub user: Option<String>,
    /// The user's password: `broker.password`.
    pub password: Option<Secret>,
    /// The certificates of authorities that the server's is signed by: `broker.ca_file`. Without it, those that the machine trusts.
    pub ca_file: Option<CaFile>,
    /// The file of the embedded broker: `broker.file`.
    pub file: PathBuf,
    /// What is declared.
    pub declared: BrokerDefaults,
}

/// What the architecture declares of the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerDefaults {
    /// The system that the service belongs to.
    pub system: &'static str,
    /// The service.
    pub service: &'static str,
    /// How long messages are kept, where that is declared.
    pub retention: Option<Duration>,
}

impl BrokerSettings {
    /// Reads the settings. The embedded broker has its file in the folder of the service's data where no other one is named.
    #[must_use]
    pub fn read(config: &mut Config, data_folder: &Path, declared: BrokerDefaults) -> Self {
        Self {
            url: config.optional("broker.url"),
            user: config.optional("broker.user"),
            password: config.secret("broker.password"),
            ca_file: config.optional("broker.ca_file"),
            file: config.value("broker.file", data_folder.join("broker.db")),
            declared,
        }
    }

    /// Where the server is, without what may be secret in it; none where the broker is embedded.
    pub(crate) fn place(&self) -> Option<String> {
        self.url.as_deref().map(shown)
    }

    /// Opens the broker.
    ///
    /// # Errors
    /// A file that cannot be opened, an address that cannot be used, or a driver that was not compiled in.
    pub async fn open(&self) -> BusResult<Arc<dyn Bus>> {
        match &self.url {
            None => Ok(Arc::new(EmbeddedBus::open(&self.file).await?)),
            Some(url) if url.starts_with("nats://") || url.starts_with("tls://") => {
                self.nats(url).await
            }
            Some(url) => Err(MessageError::NoDriver {
                url: shown(url),
                what: "there is no driver for it; NATS is at `nats://host:4222`, or at `tls://...`",
            }),
        }
    }

    #[cfg(feature = "nats")]
    async fn nats(&self, url: &str) -> BusResult<Arc<dyn Bus>> {
        let mut settings =
            super::nats::NatsSettings::new(url, self.declared.system, self.declared.service);
        settings.user.clone_from(&self.user);
        settings.password.clone_from(&self.password);
        settings.ca_file.clone_from(&self.ca_file);
        if let Some(retention) = self.declared.retention {
            settings.retention = retention;
        }
        Ok(Arc::new(super::nats::NatsBus::connect(&settings).await?))
    }

    #[cfg(not(feature = "nats"))]
    async fn nats(&self, url: &str) -> BusResult<Arc<dyn Bus>> {
        Err(MessageError::NoDriver {
            url: shown(url),
            what: "the driver is not compiled in; build the service with the feature `nats`",
        })
    }
}

/// An address without what may be secret in it.
fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)], folder: &Path) -> BrokerSettings {
        let mut config = Config::from_pairs("desk", pairs.iter().copied());
        let declared = BrokerDefaults {
            system: "shop",
            service: "desk",
            retention: None,
        };
        let settings = BrokerSettings::read(&mut config, folder, declared);
        config.finish().unwrap();
        settings
    }

    #[tokio::test]
    async fn without_an_address_the_broker_is_embedded() {
        let folder = tempfile::tempdir().unwrap();
        let bus = settings(&[], folder.path()).open().await.unwrap();
        assert_eq!(bus.name(), "embedded");
        assert!(folder.path().join("broker.db").exists());
    }

    #[tokio::test]
    async fn an_address_without_a_driver_is_told_without_its_password() {
        let url = [("DESK__BROKER__URL", "amqp://me:secret@rabbit:5672")];
        let Err(error) = settings(&url, Path::new("data")).open().await else {
            panic!("there is no such driver");
        };
        let said = error.to_string();
        assert!(said.contains("amqp://rabbit:5672"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }

    #[cfg(not(feature = "nats"))]
    #[tokio::test]
    async fn a_driver_that_was_not_compiled_in_is_named() {
        let url = [("DESK__BROKER__URL", "nats://nats:4222")];
        let Err(error) = settings(&url, Path::new("data")).open().await else {
            panic!("it is not compiled in");
        };
        assert!(error.to_string().contains("feature `nats`"), "{error}");
    }

    #[cfg(feature = "nats")]
    #[tokio::test]
    async fn an_address_of_nats_opens_nats_whether_it_answers_yet_or_not() {
        let url = [("DESK__BROKER__URL", "nats://127.0.0.1:1")];
        let bus = settings(&url, Path::new("data")).open().await.unwrap();
        assert_eq!(bus.name(), "nats");
    }
}
