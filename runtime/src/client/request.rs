//! One call: what to ask, and what to make of the answer.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::builder::Client;
use super::error::ClientError;
use super::path::encode;
use crate::http::{IdempotencyKey, PageQuery};

/// A call that is being put together.
#[derive(Debug)]
#[must_use = "nothing is sent before `send` or `receive`"]
pub struct CallRequest {
    pub(super) client: Client,
    pub(super) method: Method,
    pub(super) template: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) timeout: Duration,
    /// What went wrong on the way, told when it is sent.
    fault: Option<String>,
}

/// An answer that is no error.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status, below 400.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl CallRequest {
    pub(super) fn new(client: Client, method: Method, template: String, path: String) -> Self {
        let timeout = client.0.policy.timeout;
        Self {
            client,
            method,
            template,
            path,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            timeout,
            fault: None,
        }
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.path
            .push(if self.path.contains('?') { '&' } else { '?' });
        encode(name, &mut self.path);
        self.path.push('=');
        encode(&value.to_string(), &mut self.path);
        self
    }

    /// Adds a parameter to the query, if there is a value.
    pub fn query_if(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Asks for a page of a list.
    pub fn page(self, page: &PageQuery) -> Self {
        self.query("limit", page.limit)
            .query_if("cursor", page.cursor.as_ref())
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.insert(name, value);
            }
            Err(_) => {
                self.fault = Some(format!(
                    "the value of the header `{name}` is not plain text"
                ))
            }
        }
        self
    }

    /// Makes the request one that may be repeated.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header(IdempotencyKey::HEADER, key)
    }

    /// Says which version of the resource is meant.
    pub fn if_match(self, version: i64) -> Self {
        self.header(header::IF_MATCH, &format!("\"{version}\""))
    }

    /// Gives one try another time than the policy does.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets a JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => {
                self.body = body.into();
                self.headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
            }
            Err(error) => self.fault = Some(error.to_string()),
        }
        self
    }

    /// Sends it. An answer of 400 or above is an error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn send(self) -> Result<Answer, ClientError> {
        match &self.fault {
            Some(reason) => Err(ClientError::Request {
                target: self.client.target().to_owned(),
                reason: reason.clone(),
            }),
            None => super::attempt::call(&self).await,
        }
    }

    /// Sends it, and reads the JSON of the answer.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn receive<T: DeserializeOwned>(self) -> Result<T, ClientError> {
        let target = self.client.target().to_owned();
        let answer = self.send().await?;
        serde_json::from_slice(&answer.body)
            .map_err(|source| ClientError::Decode { target, source })
    }

    /// Sends it, and reads the JSON of the answer; that there is no such thing is an answer too.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn find<T: DeserializeOwned>(self) -> Result<Option<T>, ClientError> {
        match self.receive().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
