//! The connection to the server: made once, mended by itself, and asked through one door.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::client::Request;
use async_nats::connection::State;
use async_nats::jetstream::context::RequestError;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{AckKind, Context, ErrorCode};
use async_nats::{Client, ConnectOptions, Event, Server};
use serde_json::Value;
use tokio::sync::watch;

use super::NatsSettings;
use super::names::Names;
use crate::messaging::{BusResult, MessageError};
use crate::tls::{self, Distrust};

/// How long to wait for an answer of the server.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Often enough that a server which went away without a word is soon known to be gone.
const PING: Duration = Duration::from_secs(10);
/// How the client tells that the server did not take user or password: in words alone.
const REFUSAL: &str = "authorization violation";
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The connection with what everybody needs who uses it.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) jetstream: Context,
    pub(super) names: Names,
    pub(super) retention: Duration,
    /// The topics whose stream was seen to by this connection.
    seen_to: Mutex<BTreeSet<String>>,
    connections: watch::Receiver<u64>,
    user: Option<String>,
    /// Whether the server would not let us in when it was last asked.
    refused: Arc<AtomicBool>,
    failed: LastFailure,
}

/// Where there was no connection when it was last tried, and why not; none after one was made.
type LastFailure = Arc<Mutex<Option<(String, String)>>>;

impl Link {
    pub(super) async fn connect(settings: &NatsSettings) -> BusResult<Self> {
        tls::install_provider();
        let (counter, connections) = watch::channel(0);
        let refused = Arc::new(AtomicBool::new(false));
        let refusing = Arc::clone(&refused);
        let failed = LastFailure::default();
        let (failing, made) = (Arc::clone(&failed), Arc::clone(&failed));
        let mut options = ConnectOptions::new()
            .name(&settings.client)
            .custom_inbox_prefix(format!("_INBOX.{}", Names::of(&settings.client)))
            .retry_on_initial_connect()
            .ping_interval(PING)
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .reconnect_delay_callback(pause)
            // It chooses nothing: it is the one place where the client tells why it could not connect.
            .reconnect_to_server_callback(move |servers, _| {
                remember(&servers, &failing);
                std::future::ready(None)
            })
            .event_callback(move |event| {
                noted(&event, &counter, &refusing);
                if event == Event::Connected {
                    *held(&made) = None;
                }
                std::future::ready(())
            });
        if let Some(file) = &settings.ca_file {
            options = options
                .require_tls(true)
                .add_root_certificates(file.path().to_owned());
        }
        if let Some(user) = &settings.user {
            let password = settings
                .password
                .as_ref()
                .map_or("", |secret| secret.expose());
            options = options.user_and_password(user.clone(), password.to_owned());
        }
        let client = options
            .connect(settings.url.as_str())
            .await
            .map_err(|error| MessageError::broker("connect", error))?;
        Ok(Self {
            jetstream: async_nats::jetstream::new(client.clone()),
            client,
            names: Names::of(&settings.system),
            retention: settings.retention,
            seen_to: Mutex::default(),
            connections,
            user: settings.user.clone(),
            refused,
            failed,
        })
    }

    /// Changes with each new connection.
    pub(super) fn connections(&self) -> watch::Receiver<u64> {
        self.connections.clone()
    }

    pub(super) fn seen_to(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        held(&self.seen_to)
    }

    /// Asks the API of JetStream. What it refuses is told by its code.
    pub(super) async fn ask(
        &self,
        operation: &'static str,
        subject: String,
        request: &Value,
    ) -> BusResult<Result<Value, Refusal>> {
        let answer = self.jetstream.request(subject, request).await;
        match answer.map_err(|error| self.failed(operation, error))? {
            Response::Ok(value) => Ok(Ok(value)),
            Response::Err { error } => Ok(Err(Refusal {
                code: error.error_code(),
                operation,
                error,
            })),
        }
    }

    /// What came of it that the server did not answer, or not as it should.
    fn failed(&self, operation: &'static str, error: RequestError) -> MessageError {
        self.not_let_in()
            .or_else(|| self.not_trusted())
            .unwrap_or_else(|| MessageError::broker(operation, error))
    }

    /// Why there is no connection now, if there is none.
    pub(super) fn out_of_reach(&self) -> Option<MessageError> {
        let connected = self.client.connection_state() == State::Connected;
        let gone = || MessageError::broker("answer", "there is no connection to it");
        let known = || self.not_let_in().or_else(|| self.not_trusted());
        (!connected).then(|| known().unwrap_or_else(gone))
    }

    /// That there cannot be an encrypted connection to the server, as long as that is so.
    fn not_trusted(&self) -> Option<MessageError> {
        let (server, said) = held(&self.failed).clone()?;
        let help = Distrust::of(&said)?.help("broker");
        Some(MessageError::NotTrusted { server, help, said })
    }

    /// That the server does not let us in, as long as that is so.
    fn not_let_in(&self) -> Option<MessageError> {
        let refused = self.refused.load(Ordering::SeqCst);
        let user = self.user.clone();
        refused.then_some(MessageError::NotLetIn { user })
    }

    /// Answers a delivery, and waits until the server has taken note.
    pub(super) async fn answer(&self, delivery: &str, answer: AckKind) -> BusResult<()> {
        let payload: bytes::Bytes = answer.into();
        let mut tries = 3;
        loop {
            let request = Request::new().payload(payload.clone());
            match self.client.send_request(delivery.to_owned(), request).await {
                Ok(_) => return Ok(()),
                // A server that is restarted is back in a moment.
                Err(_) if tries > 1 => tries -= 1,
                Err(error) => return Err(MessageError::broker("take an answer", error)),
            }
        }
    }
}

/// What the server refused to do.
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    operation: &'static str,
    error: async_nats::jetstream::Error,
}

impl From<Refusal> for MessageError {
    fn from(refusal: Refusal) -> Self {
        Self::broker(refusal.operation, refusal.error)
    }
}

/// Remembers why a connection was not made, and tells it once.
fn remember(servers: &[Server], failed: &LastFailure) {
    let mut failures = servers.iter().filter_map(|server| {
        let (host, port) = (server.addr.host(), server.addr.port());
        Some((format!("{host}:{port}"), server.last_error.clone()?))
    });
    let Some((server, said)) = failures.next() else {
        return;
    };
    let mut last = held(failed);
    let reason = Distrust::of(&said);
    let known = last.as_ref().is_some_and(|(before, then)| {
        // That a certificate has expired is said with another time each time.
        *before == server && (*then == said || reason.is_some() && reason == Distrust::of(then))
    });
    if !known {
        let help = reason.map(|reason| reason.help("broker"));
        tracing::warn!(server, error = said, help, "the broker cannot be reached");
    }
    *last = Some((server, said));
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pause(tries: usize) -> Duration {
    let tries = u32::try_from(tries).unwrap_or(u32::MAX);
    Duration::from_millis(100)
        .saturating_mul(tries)
        .min(LONGEST_PAUSE)
}

fn noted(event: &Event, connections: &watch::Sender<u64>, refused: &AtomicBool) {
    match event {
        Event::Connected => {
            refused.store(false, Ordering::SeqCst);
            connections.send_modify(|count| *count += 1);
            tracing::info!("connected to the broker");
        }
        Event::Draining | Event::Closed => {}
        other => {
            if other.to_string().contains(REFUSAL) {
                refused.store(true, Ordering::SeqCst);
            }
            tracing::warn!(event = %other, "the connection to the broker is disturbed");
        }
    }
}
