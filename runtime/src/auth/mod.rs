//! Who is calling? Bearer tokens are verified here; what a caller may do is declared per endpoint.

use async_trait::async_trait;

use crate::context::Subject;

/// Why a token is not accepted. Nothing more than this goes out.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The token does not hold: wrong signature, wrong issuer, expired, malformed.
    #[error("the token is not valid: {0}")]
    Invalid(String),
    /// The keys to check it with cannot be had now.
    #[error("the keys to verify tokens cannot be had: {0}")]
    Keys(String),
}

/// Turns a bearer token into the caller that it stands for.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// Verifies a token.
    ///
    /// # Errors
    /// A token that does not hold, or keys that cannot be had.
    async fn authenticate(&self, token: &str) -> Result<Subject, AuthError>;
}
