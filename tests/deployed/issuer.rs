//! Who issues tokens in the test: a key pair, and its public half where services and gateway look for it (RFC 7517, RFC 8037).

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ed25519_compact::{KeyPair, Noise, Seed};
use serde_json::{Value, json};

use crate::system::SCOPE;

/// The name of the key.
const KEY: &str = "test";

/// An issuer of EdDSA tokens.
pub(crate) struct Issuer {
    pair: KeyPair,
    issuer: String,
    audience: String,
    port: u16,
}

impl Issuer {
    /// An issuer whose key is served from now on. The key is the same each time: it guards nothing.
    pub(crate) fn start(issuer: &str, audience: &str) -> Self {
        let pair = KeyPair::from_seed(Seed::new([7; 32]));
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY,
            "x": BASE64.encode(pair.pk.as_ref()),
        });
        let port = serve(json!({"keys": [key]}).to_string());
        Self {
            pair,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            port,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A token for a subject, good for an hour and for everything that asks for a scope.
    pub(crate) fn token(&self, subject: &str) -> String {
        self.claims(subject, &self.audience, 3600, SCOPE)
    }

    /// A token that is good for nothing that asks for a scope.
    pub(crate) fn without_scope(&self, subject: &str) -> String {
        self.claims(subject, &self.audience, 3600, "")
    }

    /// A token that was good until a minute ago.
    pub(crate) fn expired(&self, subject: &str) -> String {
        self.claims(subject, &self.audience, -60, SCOPE)
    }

    /// A token for somebody else's system.
    pub(crate) fn for_another(&self, subject: &str) -> String {
        self.claims(subject, "another", 3600, SCOPE)
    }

    fn claims(&self, subject: &str, audience: &str, seconds: i64, scope: &str) -> String {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let now = i64::try_from(now.as_secs()).expect("before the year 292 billion");
        self.sign(&json!({
            "sub": subject, "scope": scope, "iss": self.issuer, "aud": audience, "iat": now - 120, "exp": now + seconds,
        }))
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": KEY});
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.pair.sk.sign(&signed, Some(Noise::new([0; 16])));
        format!("{signed}.{}", BASE64.encode(signature.as_ref()))
    }
}

fn part(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

/// Answers every request with the same text, for as long as the test runs.
fn serve(text: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{text}", text.len());
        }
    });
    port
}
