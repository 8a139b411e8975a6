//! The way to Redis: one connection that mends itself, each command within its time, behind a breaker.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};
use redis::{Client, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo, TlsCertificates};
use uuid::Uuid;

use crate::cache::{SharedCacheError, SharedCacheSettings};
use crate::resilience::{Breaker, BreakerPolicy};
use crate::telemetry::Metrics;
use crate::tls::{self, Distrust};
use crate::worker::BoxError;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(1);
const BREAKER: BreakerPolicy = BreakerPolicy {
    failure_threshold: 3,
    monitor_window: Duration::from_secs(10),
    recovery_timeout: Duration::from_secs(1),
    success_threshold: 1,
};

/// A Redis that the caches of a service share. All clones share the connection.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    breaker: Breaker,
    service: Arc<str>,
    place: Arc<str>,
    /// What tells our own news from those of others.
    pub(super) origin: Arc<str>,
}

impl Redis {
    /// The way to a Redis. It is gone when it is first needed, so that a service starts without it.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(
        service: &str,
        settings: &SharedCacheSettings,
        url: &str,
        metrics: &Metrics,
    ) -> Result<Self, SharedCacheError> {
        let unusable = |source| SharedCacheError::Address {
            source: Box::new(source),
        };
        tls::install_provider();
        let mut info = url.into_connection_info().map_err(unusable)?;
        let mut login = info.redis_settings().clone();
        if let Some(user) = &settings.user {
            login = login.set_username(user);
        }
        if let Some(password) = &settings.password {
            login = login.set_password(password.expose());
        }
        info = info.set_redis_settings(login);
        let place: Arc<str> = info.addr().to_string().into();
        let client = match &settings.ca_file {
            None => Client::open(info).map_err(unusable)?,
            Some(_) if !matches!(info.addr(), ConnectionAddr::TcpTls { .. }) => {
                return Err(SharedCacheError::Plain);
            }
            Some(file) => {
                let trusted = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(file.contents()?),
                };
                Client::build_with_tls(info, trusted).map_err(unusable)?
            }
        };
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(CONNECTING))
            .set_response_timeout(Some(PATIENCE));
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config);
        Ok(Self {
            client,
            manager: manager.map_err(unusable)?,
            breaker: Breaker::observed(BREAKER, "redis", metrics),
            service: service.into(),
            place,
            origin: Uuid::new_v4().simple().to_string().into(),
        })
    }

    /// The beginning of the keys of a cache.
    pub(super) fn prefix(&self, cache: &str) -> String {
        format!("{}:{{{cache}}}", self.service)
    }

    /// Runs a command within its time, unless the breaker is open.
    pub(super) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, BoxError> {
        let permit = self.breaker.admit()?;
        let outcome = self.sent(command).await;
        match &outcome {
            Ok(_) => permit.success(),
            Err(_) => permit.failure(),
        }
        outcome
    }

    /// Runs a command within its time, whatever the breaker thinks.
    pub(super) async fn sent<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, BoxError> {
        let mut manager = self.manager.clone();
        let answer = tokio::time::timeout(PATIENCE, command.query_async(&mut manager)).await;
        Ok(answer.map_err(|_| "Redis did not answer in time")??)
    }

    /// A connection that hears what is said on channels.
    pub(super) async fn hearing(&self) -> Result<PubSub, BoxError> {
        let connecting = tokio::time::timeout(CONNECTING, self.client.get_async_pubsub()).await;
        match connecting {
            Ok(Ok(hearing)) => Ok(hearing),
            Ok(Err(error)) => Err(self.unreachable(&error.to_string()).into()),
            Err(_) => Err(self.unreachable("it does not answer in time").into()),
        }
    }

    /// That there is no connection, in words that say where, and what to set.
    fn unreachable(&self, said: &str) -> String {
        let place = &self.place;
        if let Some(reason) = Distrust::of(said) {
            let help = reason.help("cache");
            return format!("Redis at {place} is not talked to: {help} ({said})");
        }
        let address = self.client.get_connection_info().addr();
        // A Redis without TLS takes the first message for the beginning of a command, and waits for the rest of it.
        let hint = match address {
            ConnectionAddr::TcpTls { .. } => "; see whether it speaks TLS there",
            _ => "",
        };
        format!("Redis at {place} cannot be reached: {said}{hint}")
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client knows the password.
        f.debug_struct("Redis")
            .field("service", &self.service)
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
