//! What a test of the whole system asks it.

use std::time::Duration;

use http::{Method, StatusCode};
use tokio::time::{Instant, sleep};

use super::running::Running;
use crate::auth::Mint;
use crate::client::{CallPolicy, Client, ClientError, FixedToken};
use crate::config::Secret;
use crate::resilience::RetryPolicy;
use crate::service::Failure;

const TOKEN_TTL: Duration = Duration::from_secs(3600);
const PAUSE: Duration = Duration::from_millis(20);

/// A request through the gateway.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// Its path.
    pub path: &'static str,
    /// Its JSON, where it creates something.
    pub body: Option<&'static str>,
    /// Scopes that its token needs.
    pub scopes: &'static [&'static str],
    /// Whether it is answered without a token.
    pub open: bool,
    /// Whether it needs an `Idempotency-Key`.
    pub keyed: bool,
}

impl Probe {
    /// A reading.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self {
            path,
            body: None,
            scopes: &[],
            open: false,
            keyed: false,
        }
    }

    /// A creation from JSON.
    #[must_use]
    pub const fn post(path: &'static str, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..Self::get(path)
        }
    }

    /// Needs a token with these scopes.
    #[must_use]
    pub const fn scopes(self, scopes: &'static [&'static str]) -> Self {
        Self { scopes, ..self }
    }

    /// Needs no token.
    #[must_use]
    pub const fn open(self) -> Self {
        Self { open: true, ..self }
    }

    /// Needs an `Idempotency-Key`.
    #[must_use]
    pub const fn keyed(self) -> Self {
        Self {
            keyed: true,
            ..self
        }
    }
}

impl Running {
    /// Waits until every service is ready.
    ///
    /// # Errors
    /// The services that are not ready in time.
    pub async fn until_ready(&self, patience: Duration) -> Result<(), Failure> {
        let until = Instant::now() + patience;
        for (name, address) in &self.addresses().services {
            while let Err(failure) = self.read(&format!("{address}/health/ready")).await {
                if Instant::now() > until {
                    return Err(format!("{name} is not ready: {failure}").into());
                }
                sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    /// Reads a page of a service or of the admin page, by its whole address.
    ///
    /// # Errors
    /// A page that does not come, or is none.
    pub async fn read(&self, address: &str) -> Result<String, Failure> {
        let page = client(address, None)?.get("", &[]).send().await?;
        Ok(String::from_utf8_lossy(&page.body).into_owned())
    }

    /// A token of this run.
    ///
    /// # Errors
    /// A token that cannot be signed.
    pub fn token(&self, subject: &str, scopes: &[&str]) -> Result<Secret, Failure> {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let token = self.key.mint(&Mint {
            subject,
            scopes: &scopes,
            expected: &self.expected,
            ttl: TOKEN_TTL,
        })?;
        Ok(Secret::new(&token))
    }

    /// Asks once through the gateway, and gives the status of the answer.
    ///
    /// # Errors
    /// No answer.
    pub async fn ask(&self, probe: &Probe, token: Option<&Secret>) -> Result<StatusCode, Failure> {
        let client = client(&self.addresses().gateway, token)?;
        let request = match probe.body {
            None => client.request(Method::GET, probe.path, &[]),
            Some(body) => {
                let body: serde_json::Value = serde_json::from_str(body)?;
                client.request(Method::POST, probe.path, &[]).json(&body)
            }
        };
        let request = if probe.keyed {
            request.idempotency_key("probe")
        } else {
            request
        };
        match request.send().await {
            Ok(answer) => Ok(answer.status),
            Err(error) => error.status().ok_or_else(|| error.into()),
        }
    }
}

fn client(address: &str, token: Option<&Secret>) -> Result<Client, ClientError> {
    let policy = CallPolicy {
        timeout: Duration::from_secs(30),
        retry: RetryPolicy::NEVER,
        ..CallPolicy::default()
    };
    let client = Client::builder("the local run", address).policy(policy);
    match token {
        Some(token) => client.own_token(FixedToken::new(token)).build(),
        None => client.build(),
    }
}
