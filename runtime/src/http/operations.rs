//! The endpoints for those who run the service: liveness, readiness, metrics, and the API's own description.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde_json::json;

use super::extract::Json;
use crate::health::Health;
use crate::telemetry::Metrics;

/// `/health/live`, `/health/ready`, `/metrics` and, if there is a description, `/openapi.yaml`.
pub fn operations(health: Health, metrics: Metrics, openapi: Option<&'static str>) -> Router {
    let router = Router::new()
        .route("/health/live", get(async || Json(json!({"alive": true}))))
        .route("/health/ready", get(move || ready(health.clone())))
        .route("/metrics", get(move || rendered(metrics.clone())));
    match openapi {
        Some(text) => router.route(
            "/openapi.yaml",
            get(async move || ([(header::CONTENT_TYPE, "application/yaml")], text)),
        ),
        None => router,
    }
}

async fn ready(health: Health) -> Response {
    let report = health.report().await;
    let status = if report.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(report)).into_response()
}

async fn rendered(metrics: Metrics) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.render())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn answer(health: Health, path: &str) -> (StatusCode, String) {
        let router = operations(health, Metrics::new("test"), Some("openapi: 3.1.0"));
        let response = router
            .oneshot(http::Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_service_is_alive_even_when_it_is_not_ready() {
        let health = || Health::new().check("storage", || async { Err("gone".into()) });
        assert_eq!(answer(health(), "/health/live").await.0, StatusCode::OK);
        let (status, body) = answer(health(), "/health/ready").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("storage") && !body.contains("gone"), "{body}");
    }

    #[tokio::test]
    async fn metrics_and_description_are_served() {
        assert!(
            answer(Health::new(), "/metrics")
                .await
                .1
                .ends_with("# EOF\n")
        );
        assert_eq!(
            answer(Health::new(), "/openapi.yaml").await.1,
            "openapi: 3.1.0"
        );
    }
}
