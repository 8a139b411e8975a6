//! Tokens that hold, and many that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};

use super::*;
use crate::config::{Config, Secret};
use crate::http::{bind, serve};
use crate::shutdown::Shutdown;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn expected() -> Expected {
    Expected {
        issuer: Some("issuer".to_owned()),
        audience: Some("us".to_owned()),
    }
}

fn verifier() -> Verifier {
    Verifier::shared_secret(&Secret::new(SECRET), expected()).unwrap()
}

fn good() -> Value {
    json!({"sub": "alice", "scope": "a:read b:write", "iss": "issuer", "aud": "us", "exp": get_current_timestamp() + 60})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn signed(claims: &Value, secret: &str, algorithm: Algorithm) -> String {
    encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

#[tokio::test]
async fn a_good_token_names_its_subject_and_scopes() {
    let subject = verifier()
        .authenticate(&signed(&good(), SECRET, Algorithm::HS256))
        .await
        .unwrap();
    assert_eq!(subject.id(), "alice");
    assert!(
        subject.has_scope("a:read")
            && subject.has_scope("b:write")
            && !subject.has_scope("a:write")
    );
}

#[tokio::test]
async fn scopes_may_come_as_a_list_and_under_the_other_name() {
    let mut claims = without("scope");
    claims["scp"] = json!(["a:read"]);
    let subject = verifier()
        .authenticate(&signed(&claims, SECRET, Algorithm::HS256))
        .await
        .unwrap();
    assert!(subject.has_scope("a:read"));
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let now = get_current_timestamp();
    for claims in [
        with("exp", json!(now - 120)),
        with("nbf", json!(now + 120)),
        with("iss", json!("other")),
        with("aud", json!("them")),
        with("aud", json!(["them"])),
        without("exp"),
        without("iss"),
        without("aud"),
        without("sub"),
    ] {
        let outcome = verifier()
            .authenticate(&signed(&claims, SECRET, Algorithm::HS256))
            .await;
        assert!(matches!(outcome, Err(AuthError::Invalid(_))), "{claims}");
    }
}

#[tokio::test]
async fn other_signatures_and_algorithms_are_refused() {
    let other_secret = signed(
        &good(),
        "ffffffffffffffffffffffffffffffff",
        Algorithm::HS256,
    );
    let other_algorithm = signed(&good(), SECRET, Algorithm::HS512);
    // {"alg":"none","typ":"JWT"}
    let body = signed(&good(), SECRET, Algorithm::HS256);
    let body = body.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    for token in [
        other_secret,
        other_algorithm,
        unsigned,
        "x".to_owned(),
        String::new(),
        "a.b.c".to_owned(),
    ] {
        assert!(
            matches!(
                verifier().authenticate(&token).await,
                Err(AuthError::Invalid(_))
            ),
            "{token}"
        );
    }
}

#[test]
fn a_short_secret_is_refused() {
    let error = Verifier::shared_secret(&Secret::new("short"), expected()).unwrap_err();
    assert!(error.to_string().contains("32"), "{error}");
}

/// A key pair, its name, and what is published of it.
struct Pair {
    id: &'static str,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Pair {
    /// The key pair of RFC 8037, appendix A, in its envelope.
    fn ed25519(id: &'static str) -> Self {
        const PREFIX: [u8; 16] = [
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        let seed: Vec<u8> = id.bytes().cycle().take(32).collect();
        let key = EncodingKey::from_ed_der(&[PREFIX.as_slice(), &seed].concat());
        Self {
            id,
            algorithm: Algorithm::EdDSA,
            key,
        }
    }

    fn rsa(id: &'static str) -> Self {
        use aws_lc_rs::encoding::AsDer;
        use aws_lc_rs::rsa::{KeyPair, KeySize};
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&pair).unwrap();
        Self {
            id,
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_der(inner(der.as_ref())),
        }
    }

    fn published(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        jwk
    }

    fn sign(&self) -> String {
        let header = Header {
            kid: Some(self.id.to_owned()),
            ..Header::new(self.algorithm)
        };
        encode(&header, &good(), &self.key).unwrap()
    }
}

/// The key within its PKCS 8 envelope: the last octet string, which for 2048 bits has a length of two bytes.
fn inner(pkcs8: &[u8]) -> &[u8] {
    let start = pkcs8
        .windows(2)
        .position(|tag| tag == [0x04, 0x82])
        .unwrap()
        + 4;
    &pkcs8[start..]
}

fn key_file(pairs: &[&Pair]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let keys: Vec<_> = pairs.iter().map(|pair| pair.published()).collect();
    std::fs::write(file.path(), json!({ "keys": keys }).to_string()).unwrap();
    file
}

fn by_file(file: &tempfile::NamedTempFile, algorithms: &[TokenAlgorithm]) -> Verifier {
    Verifier::published(KeySource::File(file.path().into()), algorithms, expected()).unwrap()
}

#[tokio::test]
async fn published_keys_of_both_kinds_verify() {
    let pairs = [
        Pair::ed25519("one"),
        Pair::ed25519("two"),
        Pair::rsa("three"),
    ];
    let file = key_file(&[&pairs[0], &pairs[1], &pairs[2]]);
    let verifier = by_file(&file, &[TokenAlgorithm::Rs256, TokenAlgorithm::EdDsa]);
    for pair in &pairs {
        assert_eq!(
            verifier.authenticate(&pair.sign()).await.unwrap().id(),
            "alice",
            "{}",
            pair.id
        );
    }
    let stranger = Pair::ed25519("stranger");
    assert!(matches!(
        verifier.authenticate(&stranger.sign()).await,
        Err(AuthError::Invalid(_))
    ));
}

#[tokio::test]
async fn an_algorithm_that_was_not_declared_is_refused_though_its_key_is_published() {
    let pair = Pair::ed25519("one");
    let file = key_file(&[&pair]);
    let verifier = by_file(&file, &[TokenAlgorithm::Rs256]);
    assert!(matches!(
        verifier.authenticate(&pair.sign()).await,
        Err(AuthError::Invalid(_))
    ));
}

#[tokio::test]
async fn a_public_key_taken_for_a_secret_is_refused() {
    let pair = Pair::ed25519("one");
    let file = key_file(&[&pair]);
    let verifier = by_file(&file, &[TokenAlgorithm::EdDsa]);
    let public = serde_json::to_string(&pair.published()).unwrap();
    let forged = signed(&good(), &public, Algorithm::HS256);
    assert!(matches!(
        verifier.authenticate(&forged).await,
        Err(AuthError::Invalid(_))
    ));
}

#[test]
fn published_keys_do_not_go_with_a_shared_secret() {
    let source = KeySource::parse("/keys.json");
    assert!(Verifier::published(source, &[TokenAlgorithm::Hs256], expected()).is_err());
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_our_trouble_and_not_the_callers() {
    let source = KeySource::parse("/nowhere/keys.json");
    let verifier = Verifier::published(source, &[TokenAlgorithm::EdDsa], expected()).unwrap();
    let outcome = verifier.authenticate(&Pair::ed25519("one").sign()).await;
    assert!(matches!(outcome, Err(AuthError::Keys(_))));
}

#[tokio::test]
async fn keys_are_fetched_once_and_unknown_names_do_not_make_us_ask_again_and_again() {
    let pair = Pair::ed25519("one");
    let (asked, text) = (
        Arc::new(AtomicU32::new(0)),
        json!({"keys": [pair.published()]}).to_string(),
    );
    let count = asked.clone();
    let handler = move || {
        count.fetch_add(1, Ordering::SeqCst);
        let text = text.clone();
        async move { text }
    };
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let router = Router::new().route("/keys", get(handler));
    tokio::spawn(serve(listener, router, Shutdown::new(), Duration::ZERO));

    let verifier =
        Verifier::published(KeySource::parse(&url), &[TokenAlgorithm::EdDsa], expected()).unwrap();
    for _ in 0..3 {
        verifier.authenticate(&pair.sign()).await.unwrap();
        verifier
            .authenticate(&Pair::ed25519("stranger").sign())
            .await
            .unwrap_err();
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn without_secret_and_keys_the_variables_are_named() {
    let mut config = Config::from_pairs("order-desk", [("X", "1")]);
    let algorithms = &[TokenAlgorithm::Hs256];
    let defaults = AuthDefaults {
        algorithms,
        jwks: None,
        issuer: None,
        audience: None,
    };
    let error = AuthSettings::read(&mut config, defaults)
        .verifier()
        .unwrap_err();
    assert!(
        error.to_string().contains("ORDER_DESK__AUTH__SECRET"),
        "{error}"
    );
}

#[cfg(feature = "local")]
mod local {
    use super::*;

    fn mint(key: &LocalKey, ttl: Duration) -> String {
        let (scopes, expected) = (["a:read".to_owned()], expected());
        key.mint(&Mint {
            subject: "alice",
            scopes: &scopes,
            expected: &expected,
            ttl,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_minted_token_holds() {
        let folder = tempfile::tempdir().unwrap();
        let key = LocalKey::load_or_create(folder.path()).unwrap();
        let verifier = Verifier::shared_secret(key.secret(), expected()).unwrap();
        let subject = verifier
            .authenticate(&mint(&key, Duration::from_secs(60)))
            .await
            .unwrap();
        assert!(subject.has_scope("a:read"));
    }

    #[test]
    fn the_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let first = LocalKey::load_or_create(&keys).unwrap();
        let second = LocalKey::load_or_create(&keys).unwrap();
        assert_eq!(first.secret(), second.secret());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(keys.join("token.key"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
