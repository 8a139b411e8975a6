//! The authenticated caller, and the token that proved it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Who is calling, and what they may do. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    id: Arc<str>,
    scopes: Arc<BTreeSet<String>>,
}

impl Subject {
    /// A caller with its scopes.
    #[must_use]
    pub fn new(id: &str, scopes: impl IntoIterator<Item = String>) -> Self {
        Self {
            id: id.into(),
            scopes: Arc::new(scopes.into_iter().collect()),
        }
    }

    /// The `sub` claim of the caller's token.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The scopes that the token grants.
    #[must_use]
    pub fn scopes(&self) -> &BTreeSet<String> {
        &self.scopes
    }

    /// Whether the token grants a scope.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.contains(scope)
    }
}

/// A bearer token. Its text never appears in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Arc<str>);

impl Credentials {
    /// Wraps a token.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self(token.into())
    }

    /// The token itself.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown_in_debug_output() {
        assert!(!format!("{:?}", Credentials::bearer("secret-token")).contains("secret-token"));
    }
}
