//! Published keys (JWKS, RFC 7517): read when first needed, again when they are old, and when a token names an unknown key.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::Body;
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Limited};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::AuthError;
use super::verifier::SetupError;
use crate::client::HttpTransport;

/// Keys older than this are read again.
const FRESH: Duration = Duration::from_secs(600);
/// Made-up key names must not make us ask without end: not more often than this.
const PAUSE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: usize = 256 * 1024;

/// Where published keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// At an address.
    Url(String),
    /// In a file.
    File(PathBuf),
}

impl KeySource {
    /// An address if it begins with `http://` or `https://`, a file otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("http://") || text.starts_with("https://") {
            Self::Url(text.to_owned())
        } else {
            Self::File(text.into())
        }
    }
}

pub(super) struct KeySet {
    place: Place,
    known: RwLock<Known>,
    reading: Mutex<()>,
}

enum Place {
    Url(Uri, Box<HttpTransport>),
    File(PathBuf),
}

#[derive(Default)]
struct Known {
    keys: Arc<Vec<Key>>,
    read: Option<Instant>,
    tried: Option<Instant>,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl KeySet {
    pub(super) fn new(source: KeySource) -> Result<Self, SetupError> {
        let place = match source {
            KeySource::File(path) => Place::File(path),
            KeySource::Url(url) => {
                let wrong = |reason: String| SetupError::Place {
                    place: url.clone(),
                    reason,
                };
                let uri: Uri = url
                    .parse()
                    .map_err(|_| wrong("it is no address".to_owned()))?;
                let transport =
                    HttpTransport::for_uri(&uri).map_err(|error| wrong(error.to_string()))?;
                Place::Url(uri, Box::new(transport))
            }
        };
        Ok(Self {
            place,
            known: RwLock::default(),
            reading: Mutex::default(),
        })
    }

    /// The keys that may have signed a token: the one that it names, or all of its algorithm if it names none.
    pub(super) async fn candidates(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<DecodingKey>, AuthError> {
        let (found, stale) = self.look(id, algorithm);
        if !stale && !found.is_empty() {
            return Ok(found);
        }
        let refreshed = self.refresh().await;
        let (found, _) = self.look(id, algorithm);
        match refreshed {
            // Old keys are better than none: a place that is gone for a while must not shut everybody out.
            Err(error) if found.is_empty() => Err(AuthError::Keys(error)),
            Err(error) => {
                tracing::warn!(
                    error,
                    "published keys could not be read again; the old ones serve on"
                );
                Ok(found)
            }
            Ok(()) => Ok(found),
        }
    }

    fn look(&self, id: Option<&str>, algorithm: Algorithm) -> (Vec<DecodingKey>, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let fits =
            |key: &&Key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id);
        let found = known
            .keys
            .iter()
            .filter(fits)
            .map(|key| key.key.clone())
            .collect();
        (found, known.read.is_none_or(|read| read.elapsed() > FRESH))
    }

    /// Reads the keys, one reader at a time and not too often.
    async fn refresh(&self) -> Result<(), String> {
        let _turn = self.reading.lock().await;
        {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.tried.is_some_and(|tried| tried.elapsed() < PAUSE) {
                return if known.read.is_some() {
                    Ok(())
                } else {
                    Err("they could not be read just now".to_owned())
                };
            }
            known.tried = Some(Instant::now());
        }
        let text = self.text().await?;
        let set: JwkSet =
            serde_json::from_slice(&text).map_err(|error| format!("they are no JWKS: {error}"))?;
        let keys: Vec<Key> = set.keys.iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err("there is no RSA or Ed25519 key for signatures among them".to_owned());
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.keys = Arc::new(keys);
        known.read = Some(Instant::now());
        Ok(())
    }

    async fn text(&self) -> Result<Vec<u8>, String> {
        match &self.place {
            Place::File(path) => tokio::fs::read(path)
                .await
                .map_err(|error| format!("{}: {error}", path.display())),
            Place::Url(uri, transport) => tokio::time::timeout(PATIENCE, fetched(uri, transport))
                .await
                .map_err(|_| format!("{uri} did not answer in time"))?
                .map_err(|reason| format!("{uri}: {reason}")),
        }
    }
}

async fn fetched(uri: &Uri, transport: &HttpTransport) -> Result<Vec<u8>, String> {
    let request =
        Request::get(uri).header(header::ACCEPT, "application/jwk-set+json, application/json");
    let request = request
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let response = transport
        .send(request)
        .await
        .map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("answered {}", response.status().as_u16()));
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    Ok(body.map_err(|error| error.to_string())?.to_bytes().to_vec())
}

/// A key for signatures of a kind that is understood. Its kind decides the algorithm; secrets are not published, so `oct`
/// keys are passed over.
fn usable(jwk: &Jwk) -> Option<Key> {
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        _ => return None,
    };
    let signs = jwk
        .common
        .public_key_use
        .as_ref()
        .is_none_or(|used| *used == PublicKeyUse::Signature);
    let declared = jwk.common.key_algorithm.as_ref().map(ToString::to_string);
    let agrees = declared.is_none_or(|name| name == format!("{algorithm:?}"));
    let key = DecodingKey::from_jwk(jwk).ok()?;
    (signs && agrees).then(|| Key {
        id: jwk.common.key_id.clone(),
        algorithm,
        key,
    })
}
