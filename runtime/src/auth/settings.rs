//! The settings of authentication, and the verifier that they make.

use std::sync::Arc;

use super::jwks::KeySource;
use super::verifier::{Expected, SetupError, TokenAlgorithm, Verifier};
use crate::config::{Config, Secret};

/// What the architecture declares about tokens.
#[derive(Clone, Copy, Debug)]
pub struct AuthDefaults<'a> {
    /// The accepted algorithms.
    pub algorithms: &'a [TokenAlgorithm],
    /// Where the published keys are.
    pub jwks: Option<&'a str>,
    /// Who issues tokens.
    pub issuer: Option<&'a str>,
    /// For whom they are.
    pub audience: Option<&'a str>,
}

/// How tokens are verified: `auth.secret` (or `..._FILE`) or `auth.jwks`, with `auth.issuer` and `auth.audience`.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// The accepted algorithms.
    pub algorithms: Vec<TokenAlgorithm>,
    /// The shared secret.
    pub secret: Option<Secret>,
    /// Where the published keys are.
    pub jwks: Option<KeySource>,
    /// What a token must say.
    pub expected: Expected,
    names: (String, String),
}

impl AuthSettings {
    /// Reads the settings. A shared secret takes the place of declared keys, so that a local run can do without an issuer.
    #[must_use]
    pub fn read(config: &mut Config, defaults: AuthDefaults<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let secret = config.secret("auth.secret");
        let jwks: Option<String> = config
            .optional("auth.jwks")
            .or_else(|| owned(defaults.jwks));
        Self {
            algorithms: defaults.algorithms.to_vec(),
            jwks: jwks
                .as_deref()
                .filter(|_| secret.is_none())
                .map(KeySource::parse),
            secret,
            expected: Expected {
                issuer: config
                    .optional("auth.issuer")
                    .or_else(|| owned(defaults.issuer)),
                audience: config
                    .optional("auth.audience")
                    .or_else(|| owned(defaults.audience)),
            },
            names: (config.variable("auth.secret"), config.variable("auth.jwks")),
        }
    }

    /// The verifier.
    ///
    /// # Errors
    /// Neither secret nor keys, or ones that cannot be used.
    pub fn verifier(&self) -> Result<Arc<Verifier>, SetupError> {
        let expected = self.expected.clone();
        let verifier = match (&self.secret, &self.jwks) {
            (Some(secret), _) => Verifier::shared_secret(secret, expected)?,
            (None, Some(source)) => {
                Verifier::published(source.clone(), &self.algorithms, expected)?
            }
            (None, None) => {
                let (secret, jwks) = self.names.clone();
                return Err(SetupError::NoKeys { secret, jwks });
            }
        };
        Ok(Arc::new(verifier))
    }
}
