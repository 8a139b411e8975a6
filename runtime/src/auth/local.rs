//! Tokens for a local run: a key made at random, kept in the data folder, readable by its owner alone. Compiled into the
//! local binary only.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::json;

use super::verifier::Expected;
use crate::config::Secret;

/// Why there is no key for the local run.
#[derive(Debug, thiserror::Error)]
pub enum LocalKeyError {
    /// The file cannot be read or written.
    #[error("the key of the local run, {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The machine gives no random numbers.
    #[error("no random numbers for the key of the local run: {0}")]
    Random(#[source] getrandom::Error),
    /// The token cannot be signed.
    #[error("the token cannot be signed: {0}")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// The key of a local run.
#[derive(Clone, Debug)]
pub struct LocalKey(Secret);

/// What a token is to say.
#[derive(Clone, Debug)]
pub struct Mint<'a> {
    /// Who it stands for.
    pub subject: &'a str,
    /// What it grants.
    pub scopes: &'a [String],
    /// Who issues it, and for whom.
    pub expected: &'a Expected,
    /// How long it holds.
    pub ttl: Duration,
}

impl LocalKey {
    /// Reads the key from a folder, or makes one at random if there is none.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn load_or_create(folder: &Path) -> Result<Self, LocalKeyError> {
        let path = folder.join("token.key");
        let file = |source| LocalKeyError::File {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(file)?;
        match fs::read_to_string(&path) {
            Ok(text) if text.trim().len() >= 32 => return Ok(Self(Secret::new(text.trim()))),
            Ok(_) => {
                return Err(file(io::Error::other(
                    "it holds no key; delete it, and a new one is made",
                )));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(file(error)),
        }
        let mut bytes = [0; 48];
        getrandom::fill(&mut bytes).map_err(LocalKeyError::Random)?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        created(&path, &text).map_err(file)?;
        Ok(Self(Secret::new(&text)))
    }

    /// The key, for the services of the local run to verify with.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// Makes a token.
    ///
    /// # Errors
    /// A token that cannot be signed.
    pub fn mint(&self, mint: &Mint<'_>) -> Result<String, LocalKeyError> {
        let now = get_current_timestamp();
        let mut claims = json!({
            "sub": mint.subject,
            "scope": mint.scopes.join(" "),
            "iat": now,
            "exp": now.saturating_add(mint.ttl.as_secs()),
        });
        for (name, value) in [
            ("iss", &mint.expected.issuer),
            ("aud", &mint.expected.audience),
        ] {
            if let Some(value) = value {
                claims[name] = value.as_str().into();
            }
        }
        let key = EncodingKey::from_secret(self.0.expose().as_bytes());
        encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(LocalKeyError::Sign)
    }
}

/// Writes a new file that only its owner may read, from its first byte on.
fn created(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
