//! Who is calling? Bearer tokens (JWT) are verified here; what a caller may do is declared per endpoint.
//!
//! The algorithm is pinned by configuration, never chosen by the token; `iss`, `aud`, `exp` and `nbf` are checked.
//!
//! ```
//! use msarch_runtime::auth::{Expected, Verifier};
//! use msarch_runtime::config::Secret;
//!
//! let secret = Secret::new("a secret of at least thirty-two bytes");
//! let expected = Expected { issuer: Some("https://login.example".into()), audience: Some("orders".into()) };
//! let verifier = Verifier::shared_secret(&secret, expected).expect("the secret is long enough");
//! ```

mod claims;
mod jwks;
#[cfg(feature = "local")]
mod local;
mod settings;
mod verifier;

#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::context::Subject;

pub use jwks::KeySource;
#[cfg(feature = "local")]
pub use local::{LocalKey, LocalKeyError, Mint};
pub use settings::{AuthDefaults, AuthSettings};
pub use verifier::{Expected, SetupError, TokenAlgorithm, Verifier};

/// Why a token is not accepted. Nothing of this goes out.
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
