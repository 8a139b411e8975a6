//! Tokens, right ones and wrong ones.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The shared secret.
pub(crate) const SECRET: &str = "a secret of a test, long enough for HS256";
/// Published keys: one for EdDSA, one for RSA.
pub(crate) const PUBLISHED: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "QkJj0NqbTD3W3cHVWU0Vrfm5qnxK-BsD-getykuJSYs"}, {"kty": "RSA", "kid": "rsa", "n": "tkLivVV9uufntXr7tJBu3-_lpdojFlUQxOtxivYnTKo1v-KJ2mv4MyokN9hTuh_kGpXUQKlfL9cX9Fk4_i5lTjMsnxD4mWz0uT8vVZvoBHI-BoLmU08VuGp07wbLriEMo09RTt09u27tEVRAX9TPIszasQQwOreLrsTbw7RKCiFFx3xWe52bNjZ_TO_zxyxmwivjG2Ltf8yOY1iIlfYxOfSwPpA7yHZKH6Wk3yuu9uy0y_UhR9p0besmhcOikehK0n4NgnA0j4fRY1SamGjZhwRFRlgzX3Pyw_8yW6By3ZzZMRfdB4Gq9DZHkckHEJhfaniFm8L_HQLmo0whRGpj7Q", "e": "AQAB"}]}"#;
/// What they signed: for alice, from the right issuer for the right audience, until 2100.
pub(crate) const EDDSA: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImVkIn0.eyJzdWIiOiJhbGljZSIsImlzcyI6Imh0dHBzOi8vaWQuZXhhbXBsZSIsImF1ZCI6InR3aW4iLCJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoidGhpbmdzOnJlYWQifQ.fhhMXr6UDUyhK3H6otX9ADITZ1q_Dj9gL4uPiWU8axR-DilzG9eXj05u9Q0ZsU0mVFJ6NcCkztTc-d5H3WfBAg";
pub(crate) const RS256: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImlzcyI6Imh0dHBzOi8vaWQuZXhhbXBsZSIsImF1ZCI6InR3aW4iLCJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoidGhpbmdzOnJlYWQifQ.pKviaKsDAlQUda0NvZ-ynz9geSTeVezfjh9Sgpg5qgrdik50i98odMGZeWuVoWsE3Is9WL_7uJP8IR0ncHwMK-4EURa_igNABeBR--mn-RndMZ61byec6m7S9MiA4w6gW1V0SgaOu0Vr-6LWOx5ze8PK9_mkLNLTnpJwAlufT757ig6QF9V3a6zvNSi7AqRpQiFej4IyMqxY8qM_jUyO12hitRBu-HyFMjpFAGqDsi57amhcVcyDP36mXGH9mvUanPNO2mQlMBnkWUuu_B08L5rMifJyn37t7xtazfDbBz23cEaHNzE0la6mwJ5NYX52CGi8UJWvxEsAB8Eyb3-wkA";
/// The same RSA key with an algorithm that is not declared.
pub(crate) const RS512: &str = "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImlzcyI6Imh0dHBzOi8vaWQuZXhhbXBsZSIsImF1ZCI6InR3aW4iLCJleHAiOjQxMDI0NDQ4MDAsInNjb3BlIjoidGhpbmdzOnJlYWQifQ.tS40Htc2BaAasxPLwK6w_WUylR76suVsV0TEwLnMlOWM8iHATFx8HjHCvjK6F3yR4005iQ-vGndwhRM0onW6Iuw8uNHdEXwTLddWq4Gib19WQ-I3ZbvkjdoOeza4CIWG4Oc6IneHE1EME8d510xY5ef2-w5cvqHCOb-w90GL9decuYO6-zRZ63V_SrXEeid8P5iOnJdSZZkwxcNyAcMvJyvT_gm8kdmBNOykK2VUbMCQbqRUK9FhJMkz5_jeTJ8XSjdu3zSNjRKEo8qUTvlktCoqg_k_Ea_vHTapa1Jx4NBMeiWn4vT5AI_tkyf44-c_-bQDf7M2ZvBEGdRqHdey1Q";

/// What a token says, for whom it comes.
pub(crate) fn claims(subject: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    json!({"sub": subject, "iss": "https://id.example", "aud": "twin", "scope": "other things:read", "exp": now + 600})
}

/// A token with one claim changed; without it where it is null.
pub(crate) fn with(name: &str, value: Value) -> String {
    let mut claims = claims("alice");
    if value.is_null() {
        claims.as_object_mut().map(|claims| claims.remove(name));
    } else {
        claims[name] = value;
    }
    signed("HS256", &claims, SECRET.as_bytes())
}

/// A token by HS256, whatever it calls its algorithm.
pub(crate) fn signed(algorithm: &str, claims: &Value, secret: &[u8]) -> String {
    let header = json!({"alg": algorithm, "typ": "JWT"});
    let said = format!(
        "{}.{}",
        encoded(header.to_string().as_bytes()),
        encoded(claims.to_string().as_bytes())
    );
    let signature = if algorithm == "none" {
        String::new()
    } else {
        encoded(&hmac(secret, said.as_bytes()))
    };
    format!("{said}.{signature}")
}

/// The shared secret as a JSON Web Key Set.
pub(crate) fn secret_as_keys() -> String {
    let key = json!({"kty": "oct", "alg": "HS256", "k": encoded(SECRET.as_bytes())});
    json!({"keys": [key]}).to_string()
}

/// RFC 2104.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

/// Base64 for URLs, without padding (RFC 4648, section 5).
fn encoded(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let letter = number >> (18 - 6 * place) & 63;
            text.push(char::from(LETTERS[letter as usize]));
        }
    }
    text
}
