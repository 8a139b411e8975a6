//! With whose token a call is made.

use crate::config::Secret;
use crate::context::{Credentials, RequestContext};

/// Where a service's own token comes from. It is asked before every call, so that a token may be renewed.
pub trait TokenSource: Send + Sync + 'static {
    /// The token to call with now, if there is one.
    fn token(&self) -> Option<Credentials>;
}

/// A token that does not change.
#[derive(Clone, Debug)]
pub struct FixedToken(Credentials);

impl FixedToken {
    /// Wraps the token.
    #[must_use]
    pub fn new(token: &Secret) -> Self {
        Self(Credentials::bearer(token.expose()))
    }
}

impl TokenSource for FixedToken {
    fn token(&self) -> Option<Credentials> {
        Some(self.0.clone())
    }
}

/// On whose behalf a service calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallAs {
    /// The caller's token is handed on; the service's own serves where nobody called, as in background work.
    #[default]
    Caller,
    /// The service's own token, always.
    Service,
}

impl CallAs {
    pub(super) fn token(
        self,
        context: &RequestContext,
        own: Option<&dyn TokenSource>,
    ) -> Option<Credentials> {
        let own = || own.and_then(TokenSource::token);
        match self {
            Self::Caller => context.credentials.clone().or_else(own),
            Self::Service => own(),
        }
    }
}
