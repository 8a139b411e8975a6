//! What can go wrong with messages.

use std::error::Error as StdError;

use thiserror::Error;

use crate::problem::Problem;
use crate::storage::StoreError;

/// A message was not sent, delivered or understood.
#[derive(Debug, Error)]
pub enum MessageError {
    /// The payload does not fit its schema.
    #[error("the payload of `{name}` does not fit: {detail}")]
    Payload {
        /// The message's name.
        name: String,
        /// What does not fit, without its value.
        detail: String,
    },
    /// The message is another one than expected.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// Name and version expected.
        expected: String,
        /// Name and version found.
        found: String,
    },
    /// No such dead letter.
    #[error("there is no dead letter {0}")]
    NoDeadLetter(uuid::Uuid),
    /// The broker failed.
    #[error("the broker failed to {operation}")]
    Broker {
        /// What was being done.
        operation: &'static str,
        /// The broker's own error.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The broker takes us for nobody it knows.
    #[error(
        "the broker does not let {} in: check `broker.user` and `broker.password`",
        user.as_ref().map_or("us".to_owned(), |user| format!("`{user}`"))
    )]
    NotLetIn {
        /// As whom we came, where we said so.
        user: Option<String>,
    },
    /// The connection to the broker cannot be encrypted as it must be.
    #[error("the broker at {server} is not talked to: {help} ({said})")]
    NotTrusted {
        /// Its address.
        server: String,
        /// What it is, and which settings have to do with it.
        help: String,
        /// What the driver said.
        said: String,
    },
    /// The broker's address asks for a driver that is not there.
    #[error("the broker at {url} cannot be used: {what}")]
    NoDriver {
        /// The address.
        url: String,
        /// What is missing.
        what: &'static str,
    },
    /// The service's own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MessageError {
    /// A failure of the broker.
    pub fn broker(
        operation: &'static str,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Broker {
            operation,
            source: source.into(),
        }
    }
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        Self::internal(error)
    }
}
