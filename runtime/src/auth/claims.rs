//! What a token says.

use serde::Deserialize;

use crate::context::Subject;

/// The claims that are used beyond those that are checked.
#[derive(Deserialize)]
pub(super) struct Claims {
    sub: String,
    /// RFC 8693: scopes separated by spaces. Some issuers write a list, or call it `scp`.
    #[serde(default, alias = "scp")]
    scope: Scopes,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    Text(String),
    List(Vec<String>),
}

impl Default for Scopes {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl From<Claims> for Subject {
    fn from(claims: Claims) -> Self {
        let scopes = match claims.scope {
            Scopes::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
            Scopes::List(list) => list,
        };
        Self::new(&claims.sub, scopes)
    }
}
