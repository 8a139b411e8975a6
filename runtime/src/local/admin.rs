//! The admin page of a local run: what runs where, and how it is.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::future::join_all;
use http::{Request, Uri, header};
use serde::Serialize;

use super::folder::Addresses;
use crate::client::{HttpTransport, TransportError};
use crate::gateway::{Gateway, RouteStatus};
use crate::http::Json;

const PATIENCE: Duration = Duration::from_secs(1);

/// What the page shows, as `/status.json` has it.
#[derive(Debug, Serialize)]
struct Status {
    addresses: Addresses,
    services: Vec<ServiceStatus>,
    routes: Vec<RouteStatus>,
}

#[derive(Debug, Serialize)]
struct ServiceStatus {
    name: String,
    address: String,
    ready: bool,
}

struct Admin {
    addresses: Addresses,
    gateway: Gateway,
    transport: HttpTransport,
}

pub(super) fn router(addresses: Addresses, gateway: Gateway) -> Result<Router, TransportError> {
    let transport = HttpTransport::for_uri(&Uri::from_static("http://127.0.0.1"))?;
    let admin = Arc::new(Admin {
        addresses,
        gateway,
        transport,
    });
    let (for_page, for_status, for_metrics) = (admin.clone(), admin.clone(), admin);
    Ok(Router::new()
        .route("/", get(async move || Html(page(&for_page.status().await))))
        .route(
            "/status.json",
            get(async move || Json(for_status.status().await)),
        )
        .route("/metrics", get(async move || metrics(&for_metrics.gateway))))
}

fn metrics(gateway: &Gateway) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], gateway.metrics().render()).into_response()
}

impl Admin {
    async fn status(&self) -> Status {
        let services = self
            .addresses
            .services
            .iter()
            .map(async |(name, address)| ServiceStatus {
                name: name.clone(),
                address: address.clone(),
                ready: self.ready(address).await,
            });
        Status {
            addresses: self.addresses.clone(),
            services: join_all(services).await,
            routes: self.gateway.status(),
        }
    }

    async fn ready(&self, address: &str) -> bool {
        let request = Request::get(format!("{address}/health/ready")).body(Body::empty());
        let Ok(request) = request else { return false };
        let answer = tokio::time::timeout(PATIENCE, self.transport.send(request)).await;
        matches!(answer, Ok(Ok(response)) if response.status().is_success())
    }
}

fn page(status: &Status) -> String {
    let services: String = status.services.iter().map(service_row).collect();
    let routes: String = status.routes.iter().map(route_row).collect();
    let system = escaped(&status.addresses.system);
    let gateway = escaped(&status.addresses.gateway);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta http-equiv=\"refresh\" content=\"5\">\n\
         <title>{system}</title>\n<style>{STYLE}</style>\n<h1>{system}</h1>\n\
         <p>Gateway: <a href=\"{gateway}\">{gateway}</a> (<a href=\"/metrics\">metrics</a>, \
         <a href=\"/status.json\">this page as JSON</a>)</p>\n\
         <h2>Services</h2>\n<table><tr><th>service<th>state<th>address<th></tr>\n{services}</table>\n\
         <h2>Routes</h2>\n<table><tr><th>path<th>methods<th>service<th>breaker</tr>\n{routes}</table>\n</html>\n"
    )
}

const STYLE: &str = "body{font-family:system-ui,sans-serif;margin:2rem;max-width:60rem}\
table{border-collapse:collapse}td,th{text-align:left;padding:.25rem 1rem .25rem 0}";

fn service_row(service: &ServiceStatus) -> String {
    let (name, address) = (escaped(&service.name), escaped(&service.address));
    let state = if service.ready { "ready" } else { "not ready" };
    let link = |path: &str, text: &str| format!("<a href=\"{address}{path}\">{text}</a>");
    let links = [
        link("/health/ready", "health"),
        link("/metrics", "metrics"),
        link("/openapi.yaml", "API"),
    ]
    .join(" ");
    format!("<tr><td>{name}<td>{state}<td>{address}<td>{links}</tr>\n")
}

fn route_row(route: &RouteStatus) -> String {
    let cells =
        [&route.path, &route.methods, &route.service].map(|text| format!("<td>{}", escaped(text)));
    let breaker = route.breaker.as_deref().unwrap_or("none");
    format!("<tr>{}<td>{}</tr>\n", cells.concat(), escaped(breaker))
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '&' => "&amp;".chars().collect::<Vec<_>>(),
            '<' => "&lt;".chars().collect(),
            '>' => "&gt;".chars().collect(),
            '"' => "&quot;".chars().collect(),
            '\'' => "&#39;".chars().collect(),
            other => vec![other],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(escaped("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
    }
}
