//! Who is let in, how often, and from which pages.

use super::*;

/// The token is the subject, and its only scope.
struct TokenIsScope;

#[async_trait]
impl Authenticate for TokenIsScope {
    async fn authenticate(&self, token: &str) -> Result<Subject, AuthError> {
        match token {
            "bad" => Err(AuthError::Invalid("test".to_owned())),
            token => Ok(Subject::new(token, [token.to_owned()])),
        }
    }
}

fn guarded(up: &Upstream, middleware: &[Middleware]) -> GatewayBuilder {
    gateway(up, Route::new("/public", "things"))
        .route(Route::new("/private", "things").scope("a:read"))
        .authenticator(Arc::new(TokenIsScope))
        .middleware(middleware.iter().copied())
}

async fn status_as(gateway: &Gateway, path: &str, token: &str) -> StatusCode {
    ask(
        gateway,
        http::Request::get(path).header("authorization", format!("Bearer {token}")),
        "",
    )
    .await
    .0
}

#[tokio::test]
async fn only_who_is_known_and_has_the_scope_comes_in() {
    let up = echo().await;
    let gateway = guarded(&up, &[Middleware::Authentication]).build().unwrap();
    assert_eq!(get(&gateway, "/private").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&gateway, "/public").await.0, StatusCode::OK);
    assert_eq!(
        status_as(&gateway, "/private", "bad").await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status_as(&gateway, "/private", "other").await,
        StatusCode::FORBIDDEN
    );
    let request = http::Request::get("/private").header("authorization", "Bearer a:read");
    let (status, _, body) = ask(&gateway, request, "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("Bearer a:read"), "the token goes on: {body}");
}

#[tokio::test]
async fn a_route_that_is_not_public_is_closed_where_no_token_is_verified() {
    let up = echo().await;
    let gateway = guarded(&up, &[Middleware::Logging]).build().unwrap();
    assert_eq!(get(&gateway, "/private").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        status_as(&gateway, "/private", "a:read").await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(up.calls(), 0);
    assert_eq!(get(&gateway, "/public").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_limit_counts_per_subject_behind_authentication() {
    let up = echo().await;
    let limit = RateLimitPolicy {
        window: Duration::from_secs(60),
        max_requests: 2,
    };
    let order = [Middleware::Authentication, Middleware::RateLimiting];
    let gateway = guarded(&up, &order)
        .rate_limit(limit, LimitBy::Subject)
        .build()
        .unwrap();
    for _ in 0..2 {
        assert_eq!(
            status_as(&gateway, "/public", "alice").await,
            StatusCode::OK
        );
    }
    assert_eq!(
        status_as(&gateway, "/public", "alice").await,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(status_as(&gateway, "/public", "bob").await, StatusCode::OK);
}

#[tokio::test]
async fn the_limit_can_count_addresses_whoever_comes_from_there() {
    let up = echo().await;
    let limit = RateLimitPolicy {
        window: Duration::from_secs(60),
        max_requests: 1,
    };
    let order = [Middleware::Authentication, Middleware::RateLimiting];
    let gateway = guarded(&up, &order)
        .rate_limit(limit, LimitBy::Address)
        .build()
        .unwrap();
    let first = status_as(&gateway, "/public", "alice").await;
    let second = status_as(&gateway, "/public", "bob").await;
    assert_eq!(
        (first, second),
        (StatusCode::OK, StatusCode::TOO_MANY_REQUESTS)
    );
}

#[tokio::test]
async fn what_stands_before_authentication_sees_those_who_are_turned_away() {
    let up = echo().await;
    let count = |gateway: &Gateway| gateway.metrics().render().contains("status_code=\"401\"");
    let before = guarded(&up, &[Middleware::Metrics, Middleware::Authentication])
        .build()
        .unwrap();
    get(&before, "/private").await;
    assert!(count(&before));
    let after = guarded(&up, &[Middleware::Authentication, Middleware::Metrics])
        .build()
        .unwrap();
    get(&after, "/private").await;
    assert!(!count(&after));
}

#[tokio::test]
async fn a_caller_who_goes_away_before_the_answer_is_counted() {
    let up = upstream(|_, _| std::future::pending::<Response>()).await;
    let gateway = guarded(&up, &[Middleware::Metrics, Middleware::Logging])
        .build()
        .unwrap();
    let asked = get(&gateway, "/public");
    let answer = tokio::time::timeout(Duration::from_millis(50), asked).await;
    assert!(answer.is_err());
    let text = gateway.metrics().render();
    assert!(text.contains("status_code=\"499\"} 1"), "{text}");
}

#[tokio::test]
async fn pages_of_allowed_origins_are_told_so() {
    let up = echo().await;
    let cors = Cors {
        allowed_origins: vec!["https://shop.example".to_owned()],
        allowed_methods: vec![Method::GET],
        exposed_headers: vec!["etag".to_owned(), "location".to_owned()],
        ..Cors::default()
    };
    let gateway = gateway(&up, Route::new("/x", "things"))
        .middleware([Middleware::Cors])
        .cors(cors)
        .build()
        .unwrap();
    let preflight = |origin: &str| {
        http::Request::options("/x")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
    };
    let (status, headers, _) = ask(&gateway, preflight("https://shop.example"), "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        headers["access-control-allow-origin"],
        "https://shop.example"
    );
    let (_, headers, _) = ask(&gateway, preflight("https://evil.example"), "").await;
    assert!(!headers.contains_key("access-control-allow-origin"));
    let request = http::Request::get("/x").header("origin", "https://shop.example");
    let (_, headers, _) = ask(&gateway, request, "").await;
    assert_eq!(headers["access-control-expose-headers"], "etag, location");
    assert_eq!(
        headers["access-control-allow-origin"],
        "https://shop.example"
    );
}

#[test]
fn a_gateway_that_cannot_work_is_not_built() {
    let nowhere = Gateway::builder().route(Route::new("/x", "things")).build();
    assert!(nowhere.unwrap_err().to_string().contains("things"));
    let unverified = Gateway::builder()
        .middleware([Middleware::Authentication])
        .build();
    assert!(matches!(
        unverified.unwrap_err(),
        GatewayError::NoAuthenticator
    ));
}
