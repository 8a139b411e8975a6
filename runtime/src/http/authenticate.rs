//! Reads the bearer token of a request and finds out whose it is.

use axum::extract::Request;
use http::header;

use crate::auth::{AuthError, Authenticate};
use crate::context::{Credentials, RequestContext};
use crate::problem::Problem;

/// What is known about the caller, for the endpoint to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The service asks nobody.
    Unasked,
    /// The service asks, and no token came.
    Anonymous,
    /// A token came and holds; the [context](crate::context::RequestContext) knows the subject.
    Known,
}

/// Verifies the token, if there is one. A token that does not hold is refused everywhere, on public endpoints too.
pub(crate) async fn authenticate(
    authenticator: Option<&dyn Authenticate>,
    context: RequestContext,
    mut request: Request,
) -> Result<(RequestContext, Request), Problem> {
    let (context, caller) = match (authenticator, bearer(&request)) {
        (None, token) => {
            // Nobody verifies it here, yet the services behind may want it.
            let credentials = token.map(Credentials::bearer);
            (
                RequestContext {
                    credentials,
                    ..context
                },
                Caller::Unasked,
            )
        }
        (Some(_), None) => (context, Caller::Anonymous),
        (Some(authenticator), Some(token)) => {
            let subject = authenticator.authenticate(token).await.map_err(refused)?;
            (
                context.with_subject(subject, Some(Credentials::bearer(token))),
                Caller::Known,
            )
        }
    };
    request.extensions_mut().insert(caller);
    Ok((context, request))
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn refused(error: AuthError) -> Problem {
    match error {
        AuthError::Invalid(reason) => {
            tracing::info!(reason, "token refused");
            Problem::unauthorized(r#"Bearer error="invalid_token""#, "the token is not valid")
        }
        AuthError::Keys(_) => {
            Problem::unavailable("tokens cannot be verified now", None).with_source(error)
        }
    }
}
