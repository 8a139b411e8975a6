//! Verifies tokens with a shared secret or with published keys.

use async_trait::async_trait;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

use super::claims::Claims;
use super::jwks::{KeySet, KeySource};
use super::{AuthError, Authenticate};
use crate::config::Secret;
use crate::context::Subject;

/// RFC 7518, 3.2: a key of at least the size of the hash.
const SHORTEST_SECRET: usize = 32;
/// How far clocks may be apart, in seconds.
const LEEWAY: u64 = 30;

/// The algorithms that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256: one secret, shared by who issues and who verifies.
    Hs256,
    /// RSA with SHA-256, by published keys.
    Rs256,
    /// Ed25519, by published keys.
    EdDsa,
}

impl TokenAlgorithm {
    /// Reads the name that tokens use.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "RS256" => Some(Self::Rs256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    pub(super) fn raw(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::Rs256 => Algorithm::RS256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

/// What a token must say. A token that names an audience is refused where none is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Who issued it.
    pub issuer: Option<String>,
    /// For whom it is.
    pub audience: Option<String>,
}

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The secret is too short to be one.
    #[error(
        "the secret to verify tokens has {length} bytes; HS256 needs at least {SHORTEST_SECRET}"
    )]
    ShortSecret {
        /// Its length.
        length: usize,
    },
    /// HS256 was declared together with published keys, or no algorithm at all.
    #[error("published keys go with RS256 and EdDSA, and with at least one of them")]
    Algorithms,
    /// Neither a secret nor keys were given.
    #[error("tokens are to be verified, but neither {secret} nor {jwks} is set")]
    NoKeys {
        /// The variable of the secret.
        secret: String,
        /// The variable of the keys.
        jwks: String,
    },
    /// The address of the keys cannot be used.
    #[error("the keys cannot be read from `{place}`: {reason}")]
    Place {
        /// The address or the file.
        place: String,
        /// Why not.
        reason: String,
    },
}

/// Verifies tokens.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    algorithms: Vec<Algorithm>,
    expected: Expected,
}

enum Keys {
    Secret(DecodingKey),
    Published(Box<KeySet>),
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret(hidden)",
            Self::Published(_) => "Published",
        })
    }
}

impl Verifier {
    /// Verifies HS256 with a shared secret.
    ///
    /// # Errors
    /// A secret of less than 32 bytes.
    pub fn shared_secret(secret: &Secret, expected: Expected) -> Result<Self, SetupError> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < SHORTEST_SECRET {
            return Err(SetupError::ShortSecret {
                length: bytes.len(),
            });
        }
        let keys = Keys::Secret(DecodingKey::from_secret(bytes));
        Ok(Self {
            keys,
            algorithms: vec![Algorithm::HS256],
            expected,
        })
    }

    /// Verifies RS256 or EdDSA with published keys (JWKS), which are read when they are first needed.
    ///
    /// # Errors
    /// No algorithm, HS256 among them, or an address that is none.
    pub fn published(
        source: KeySource,
        algorithms: &[TokenAlgorithm],
        expected: Expected,
    ) -> Result<Self, SetupError> {
        if algorithms.is_empty() || algorithms.contains(&TokenAlgorithm::Hs256) {
            return Err(SetupError::Algorithms);
        }
        let algorithms = algorithms.iter().map(|algorithm| algorithm.raw()).collect();
        Ok(Self {
            keys: Keys::Published(Box::new(KeySet::new(source)?)),
            algorithms,
            expected,
        })
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        let mut required = vec!["exp", "sub"];
        if let Some(issuer) = &self.expected.issuer {
            validation.set_issuer(&[issuer]);
            required.push("iss");
        }
        if let Some(audience) = &self.expected.audience {
            validation.set_audience(&[audience]);
            required.push("aud");
        }
        validation.set_required_spec_claims(&required);
        validation.validate_nbf = true;
        validation.leeway = LEEWAY;
        validation
    }

    fn check(
        &self,
        token: &str,
        key: &DecodingKey,
        algorithm: Algorithm,
    ) -> Result<Subject, AuthError> {
        let decoded = decode::<Claims>(token, key, &self.validation(algorithm));
        decoded.map(|token| token.claims.into()).map_err(invalid)
    }
}

#[async_trait]
impl Authenticate for Verifier {
    async fn authenticate(&self, token: &str) -> Result<Subject, AuthError> {
        let header = decode_header(token).map_err(invalid)?;
        if !self.algorithms.contains(&header.alg) {
            return Err(AuthError::Invalid(format!(
                "the algorithm {:?} is not accepted",
                header.alg
            )));
        }
        let keys = match &self.keys {
            Keys::Secret(key) => return self.check(token, key, header.alg),
            Keys::Published(set) => set.candidates(header.kid.as_deref(), header.alg).await?,
        };
        let mut outcome = Err(AuthError::Invalid("no key fits".to_owned()));
        for key in &keys {
            outcome = self.check(token, key, header.alg);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

fn invalid(error: jsonwebtoken::errors::Error) -> AuthError {
    AuthError::Invalid(error.to_string())
}
