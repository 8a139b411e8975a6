//! What one endpoint declares: its name, who may call it, and how long it may take.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{Query, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Uri;
use tower::{Layer, Service};

use super::authenticate::Caller;
use super::kept::{Asked, Kept};
use crate::context::{Deadline, RequestContext};
use crate::problem::{FieldError, Part, Problem};

/// Declares an endpoint. Without more, it wants a caller that is known, and no scope.
#[must_use]
pub fn endpoint(operation: &'static str) -> Endpoint {
    Endpoint {
        operation,
        timeout: None,
        scopes: &[],
        public: false,
        parameters: None,
        kept: None,
    }
}

/// The layer that holds an endpoint to what it declares.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    operation: &'static str,
    timeout: Option<Duration>,
    scopes: &'static [&'static str],
    public: bool,
    parameters: Option<&'static [&'static str]>,
    kept: Option<Kept>,
}

impl Endpoint {
    /// The parameters of the query, all there are: any other is refused. Without this, others are passed over.
    #[must_use]
    pub fn parameters(mut self, parameters: &'static [&'static str]) -> Self {
        self.parameters = Some(parameters);
        self
    }

    /// For how long answers may be kept outside of the service. Without this, they say nothing about it.
    #[must_use]
    pub fn kept(mut self, kept: Kept) -> Self {
        self.kept = Some(kept);
        self
    }

    /// How long a call may take, within what the service allows at most.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The scopes that a caller needs, all of them.
    #[must_use]
    pub fn scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Anybody may call.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }
}

/// Whether a caller may come in: anybody where it is public, otherwise who is known and has every scope.
pub(crate) fn admit(
    caller: Caller,
    context: &RequestContext,
    public: bool,
    scopes: &[&str],
) -> Result<(), Problem> {
    if public || caller == Caller::Unasked {
        return Ok(());
    }
    let Some(subject) = context.subject.as_ref().filter(|_| caller == Caller::Known) else {
        return Err(Problem::unauthorized("Bearer", "a bearer token is needed"));
    };
    match scopes.iter().find(|scope| !subject.has_scope(scope)) {
        None => Ok(()),
        Some(scope) => {
            let challenge = format!(
                r#"Bearer error="insufficient_scope", scope="{}""#,
                scopes.join(" ")
            );
            Err(Problem::forbidden(format!("the scope `{scope}` is needed"))
                .with_challenge(challenge))
        }
    }
}

/// Refuses a query with parameters that are not known: a filter with a typing error would let everything through.
fn knows(known: &[&str], uri: &Uri) -> Result<(), Problem> {
    // What cannot be read is told by who reads it.
    let named = Query::<Vec<(String, String)>>::try_from_uri(uri).unwrap_or_default();
    let unknown = named
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()));
    let errors: Vec<FieldError> = unknown
        .map(|(name, _)| {
            let detail = format!("is not known; there are {}", known.join(", "));
            FieldError::parameter(Part::Query, name, detail)
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(errors))
    }
}

impl<S> Layer<S> for Endpoint {
    type Service = EndpointService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        EndpointService {
            endpoint: *self,
            inner,
        }
    }
}

/// A handler behind its declaration.
#[derive(Clone, Debug)]
pub struct EndpointService<S> {
    endpoint: Endpoint,
    inner: S,
}

impl<S> Service<Request> for EndpointService<S>
where
    S: Service<Request, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let clone = self.inner.clone();
        // The instance that was polled ready is the one to call.
        let inner = std::mem::replace(&mut self.inner, clone);
        run(self.endpoint, inner, request).boxed()
    }
}

async fn run<S>(endpoint: Endpoint, inner: S, mut request: Request) -> Result<Response, Infallible>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
{
    let Some(kept) = endpoint.kept else {
        return held(endpoint, inner, request).await;
    };
    let asked = Asked::of(&mut request).await;
    let response = held(endpoint, inner, request).await?;
    Ok(kept.answer(&asked, endpoint.public, response).await)
}

async fn held<S>(endpoint: Endpoint, mut inner: S, request: Request) -> Result<Response, Infallible>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
{
    let context = RequestContext::current();
    // Without the standard layers nobody has looked at the caller, so nobody is known.
    let caller = request
        .extensions()
        .get::<Caller>()
        .copied()
        .unwrap_or(Caller::Anonymous);
    if let Err(problem) = admit(caller, &context, endpoint.public, endpoint.scopes) {
        return Ok(problem.into_response());
    }
    if let Some(known) = endpoint.parameters
        && let Err(problem) = knows(known, request.uri())
    {
        return Ok(problem.into_response());
    }
    let Some(timeout) = endpoint.timeout else {
        return inner.call(request).await.map(IntoResponse::into_response);
    };
    let context = context.with_deadline(Deadline::after(timeout));
    let until = context
        .deadline
        .map_or_else(tokio::time::Instant::now, Deadline::instant);
    match tokio::time::timeout_at(until, context.within(inner.call(request))).await {
        Ok(response) => response.map(IntoResponse::into_response),
        Err(_) => {
            tracing::warn!(
                operation = endpoint.operation,
                "operation did not finish in time"
            );
            Ok(Problem::gateway_timeout("the operation did not finish in time").into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::{get, post};
    use http::StatusCode;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::auth::{AuthError, Authenticate};
    use crate::context::Subject;
    use crate::http::{Stack, standard};
    use crate::telemetry::Metrics;

    /// The token is the subject's scope.
    struct ScopeIsToken;

    #[async_trait]
    impl Authenticate for ScopeIsToken {
        async fn authenticate(&self, token: &str) -> Result<Subject, AuthError> {
            match token {
                "bad" => Err(AuthError::Invalid("test".to_owned())),
                scope => Ok(Subject::new("someone", [scope.to_owned()])),
            }
        }
    }

    fn service(authenticator: Option<Arc<dyn Authenticate>>) -> Router {
        let hang = || async {
            tokio::time::sleep(Duration::from_secs(60)).await;
        };
        let routes = Router::new()
            .route("/open", get(|| async {}).layer(endpoint("open").public()))
            .route("/known", get(|| async {}).layer(endpoint("known")))
            .route(
                "/scoped",
                get(|| async {}).layer(endpoint("scoped").scopes(&["things:read"])),
            )
            .route(
                "/scoped",
                post(|| async {}).layer(endpoint("write").scopes(&["things:write"])),
            )
            .route(
                "/list",
                get(|| async {}).layer(endpoint("list").public().parameters(&["limit", "colour"])),
            )
            .route(
                "/slow",
                get(hang).layer(endpoint("slow").public().timeout(Duration::from_millis(30))),
            );
        let timeout = Duration::from_secs(5);
        standard(
            routes,
            Stack {
                metrics: Metrics::new("test"),
                timeout,
                body_limit: 1024,
                correlation: crate::context::CorrelationHeader::default(),
                authenticator,
            },
        )
    }

    async fn get_as(path: &str, token: Option<&str>) -> Response {
        let request = http::Request::get(path);
        let request = match token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        service(Some(Arc::new(ScopeIsToken)))
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn without_a_token_only_public_endpoints_answer() {
        assert_eq!(get_as("/open", None).await.status(), StatusCode::OK);
        let refused = get_as("/known", None).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    }

    #[tokio::test]
    async fn a_token_that_does_not_hold_is_refused_on_public_endpoints_too() {
        assert_eq!(
            get_as("/open", Some("bad")).await.status(),
            StatusCode::UNAUTHORIZED
        );
    }

    #[tokio::test]
    async fn a_missing_scope_is_forbidden_and_named() {
        assert_eq!(
            get_as("/scoped", Some("things:read")).await.status(),
            StatusCode::OK
        );
        let refused = get_as("/scoped", Some("other")).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.contains("insufficient_scope") && challenge.contains("things:read"),
            "{challenge}"
        );
    }

    #[tokio::test]
    async fn each_method_of_a_path_has_its_own_declaration() {
        let request = http::Request::post("/scoped").header("authorization", "Bearer things:read");
        let service = service(Some(Arc::new(ScopeIsToken)));
        let response = service
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_service_that_asks_nobody_lets_everybody_in() {
        let request = http::Request::get("/scoped").body(Body::empty()).unwrap();
        assert_eq!(
            service(None).oneshot(request).await.unwrap().status(),
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn a_parameter_that_is_not_declared_is_refused_with_those_that_are() {
        for query in ["", "?limit=1", "?colour=red&limit=1"] {
            let answer = get_as(&format!("/list{query}"), None).await;
            assert_eq!(answer.status(), StatusCode::OK, "{query}");
        }
        let refused = get_as("/list?color=red", None).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let body = refused.into_body().collect().await.unwrap().to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["errors"][0]["pointer"], "/color");
        assert_eq!(
            problem["errors"][0]["detail"],
            "is not known; there are limit, colour"
        );
        assert_eq!(
            get_as("/open?color=red", None).await.status(),
            StatusCode::OK,
            "nothing is declared there"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoints_own_timeout_ends_it() {
        let began = tokio::time::Instant::now();
        let request = http::Request::get("/slow").body(Body::empty()).unwrap();
        assert_eq!(
            service(None).oneshot(request).await.unwrap().status(),
            StatusCode::GATEWAY_TIMEOUT
        );
        assert_eq!(began.elapsed(), Duration::from_millis(30));
    }
}
