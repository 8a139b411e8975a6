//! The way of a request: context, route, the middleware in the declared order, and on to the service.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, StatusCode, header};

use super::builder::{Bound, Gateway};
use super::forward::forward;
use super::pattern::is_plain;
use super::route::{LimitBy, Middleware};
use crate::context::RequestContext;
use crate::http::{Caller, authenticate};
use crate::problem::Problem;
use crate::telemetry::{Ending, milliseconds};

/// A request under way.
pub(super) struct Visit {
    pub(super) request: Request,
    pub(super) context: RequestContext,
    pub(super) peer: Option<IpAddr>,
    destination: Destination,
}

#[derive(Clone)]
enum Destination {
    Route(Arc<Bound>),
    WrongMethod(Vec<Method>),
    Unclear,
    Nowhere,
}

pub(super) async fn enter(gateway: Gateway, request: Request) -> Response {
    let header = gateway.0.correlation.clone();
    let context = RequestContext::from_headers(request.headers(), &header);
    let correlation = context.correlation_id.clone();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip());
    let destination = gateway.destination(request.method(), request.uri().path());
    let visit = Visit {
        request,
        context: context.clone(),
        peer,
        destination,
    };
    let mut response = context.scope(step(gateway, 0, visit)).await;
    header.write(&correlation, response.headers_mut());
    response
}

impl Gateway {
    fn destination(&self, method: &Method, path: &str) -> Destination {
        if !is_plain(path) {
            return Destination::Unclear;
        }
        let fitting = self
            .0
            .routes
            .iter()
            .filter(|bound| bound.pattern.matches(path));
        let mut allowed: Vec<Method> = Vec::new();
        for bound in fitting {
            if bound.route.methods.is_empty() || bound.route.methods.contains(method) {
                return Destination::Route(bound.clone());
            }
            allowed.extend(
                bound
                    .route
                    .methods
                    .iter()
                    .filter(|m| !allowed.contains(m))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
        if allowed.is_empty() {
            Destination::Nowhere
        } else {
            Destination::WrongMethod(allowed)
        }
    }
}

/// One middleware around all that come after it.
fn step(gateway: Gateway, position: usize, visit: Visit) -> BoxFuture<'static, Response> {
    async move {
        let Some(middleware) = gateway.0.middleware.get(position).copied() else {
            return arrive(visit).await;
        };
        let next = |gateway, visit| step(gateway, position + 1, visit);
        match middleware {
            Middleware::Tracing | Middleware::Compression => next(gateway, visit).await,
            Middleware::Logging => logged(visit, |visit| next(gateway, visit)).await,
            Middleware::Metrics => {
                measured(gateway.clone(), visit, |visit| next(gateway, visit)).await
            }
            Middleware::Cors => crossed(gateway.clone(), visit, |visit| next(gateway, visit)).await,
            Middleware::Authentication => match known(&gateway, visit).await {
                Ok(visit) => visit.context.clone().within(next(gateway, visit)).await,
                Err(problem) => problem.into_response(),
            },
            Middleware::RateLimiting => match admitted(&gateway, &visit) {
                Ok(()) => next(gateway, visit).await,
                Err(problem) => problem.into_response(),
            },
        }
    }
    .boxed()
}

async fn arrive(visit: Visit) -> Response {
    match visit.destination.clone() {
        Destination::Route(bound) if bound.route.public || visit.caller() == Caller::Known => {
            forward(&bound, visit).await
        }
        // Authentication is not among what was passed: nobody can be known here.
        Destination::Route(_) => Problem::unauthorized(
            "Bearer",
            "the route is not public, and no token is verified here",
        )
        .into_response(),
        Destination::Nowhere => Problem::not_found("no route leads there").into_response(),
        Destination::Unclear => {
            Problem::bad_request("the path has empty or dot segments").into_response()
        }
        Destination::WrongMethod(allowed) => {
            let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED)
                .with_detail("the route does not take this method");
            let mut response = problem.into_response();
            let allowed: Vec<_> = allowed.iter().map(Method::as_str).collect();
            if let Ok(allowed) = HeaderValue::from_str(&allowed.join(", ")) {
                response.headers_mut().insert(header::ALLOW, allowed);
            }
            response
        }
    }
}

impl Visit {
    fn route(&self) -> Option<&Bound> {
        match &self.destination {
            Destination::Route(bound) => Some(bound),
            _ => None,
        }
    }

    /// Who asks, as far as authentication has found out.
    fn caller(&self) -> Caller {
        let caller = self.request.extensions().get::<Caller>();
        caller.copied().unwrap_or(Caller::Anonymous)
    }

    fn label(&self) -> String {
        self.route()
            .map_or_else(|| "unmatched".to_owned(), |bound| bound.route.path.clone())
    }
}

async fn logged<F: Future<Output = Response>>(
    visit: Visit,
    next: impl FnOnce(Visit) -> F,
) -> Response {
    let (method, path) = (
        visit.request.method().clone(),
        visit.request.uri().path().to_owned(),
    );
    let route = visit.label();
    let ending = Ending::of(move |ended| {
        let (status, duration_ms) = (ended.status.as_u16(), milliseconds(ended.took));
        let what = if ended.answered {
            "request passed the gateway"
        } else {
            "the connection was closed before the request was answered"
        };
        tracing::info!(http.method = %method, http.path = path, http.route = route, http.status_code = status, duration_ms, "{what}");
    });
    let response = next(visit).await;
    ending.answered(response.status());
    response
}

async fn measured<F: Future<Output = Response>>(
    gateway: Gateway,
    visit: Visit,
    next: impl FnOnce(Visit) -> F,
) -> Response {
    let (method, route) = (visit.request.method().clone(), visit.label());
    let http = gateway.0.metrics.http().clone();
    let ending = Ending::of(move |ended| {
        let method = crate::http::known_method(&method);
        http.served(method, &route, ended.status.as_str(), ended.took);
    });
    let response = next(visit).await;
    ending.answered(response.status());
    response
}

async fn crossed<F: Future<Output = Response>>(
    gateway: Gateway,
    visit: Visit,
    next: impl FnOnce(Visit) -> F,
) -> Response {
    let Some(cors) = &gateway.0.cors else {
        return next(visit).await;
    };
    if let Some(answer) = cors.preflight(visit.request.method(), visit.request.headers()) {
        return answer;
    }
    let headers = visit.request.headers().clone();
    let mut response = next(visit).await;
    cors.mark(&headers, &mut response);
    response
}

/// Finds out who it is, and whether the route lets them in.
async fn known(gateway: &Gateway, visit: Visit) -> Result<Visit, Problem> {
    let (context, request) = authenticate(
        gateway.0.authenticator.as_deref(),
        visit.context,
        visit.request,
    )
    .await?;
    let visit = Visit {
        context,
        request,
        ..visit
    };
    let caller = visit.caller();
    if let Some(bound) = visit.route() {
        let scope: Vec<&str> = bound.route.scope.as_deref().into_iter().collect();
        crate::http::admit(caller, &visit.context, bound.route.public, &scope)?;
    }
    Ok(visit)
}

/// Counts the request against the limits, that of the route first.
fn admitted(gateway: &Gateway, visit: &Visit) -> Result<(), Problem> {
    let own = visit.route().and_then(|bound| bound.limiter.as_ref());
    for (limiter, by) in own.into_iter().chain(&gateway.0.limiter) {
        let subject = visit.context.subject.as_ref();
        let key = match (subject.filter(|_| *by == LimitBy::Subject), visit.peer) {
            (Some(subject), _) => format!("subject {}", subject.id()),
            (None, Some(address)) => format!("address {address}"),
            (None, None) => "nobody".to_owned(),
        };
        limiter
            .admit(&key)
            .map_err(|limited| Problem::too_many_requests(limited.retry_after))?;
    }
    Ok(())
}
