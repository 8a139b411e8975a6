//! A small system of two services, run for real on loopback.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use serde_json::Value;

use super::*;
use crate::auth::{AuthDefaults, AuthSettings, Expected, LocalKey, Mint, TokenAlgorithm};
use crate::client::{CallAs, Client, ClientError, FixedToken};
use crate::config::{Config, Secret};
use crate::context::RequestContext;
use crate::gateway::{Middleware, Route};
use crate::http::{Json, endpoint};
use crate::messaging::Bus;
use crate::problem::Problem;
use crate::service::{Failure, Service, ServiceSettings};

fn defaults(folder: &Path) -> LocalDefaults {
    let expected = Expected {
        issuer: Some("local".to_owned()),
        audience: Some("test-system".to_owned()),
    };
    LocalDefaults {
        port: 0,
        admin_port: 0,
        data_folder: folder.to_owned(),
        expected,
        ..LocalDefaults::new("test-system")
    }
}

fn auth(config: &mut Config) -> AuthSettings {
    let algorithms = &[TokenAlgorithm::Rs256];
    let jwks = Some("http://issuer.invalid/keys");
    AuthSettings::read(
        config,
        AuthDefaults {
            algorithms,
            jwks,
            issuer: None,
            audience: None,
        },
    )
}

/// Says who is asking.
async fn back(mut config: Config, _bus: Arc<dyn Bus>) -> Result<Service, Failure> {
    let settings = ServiceSettings::read(&mut config, 3001);
    let auth = auth(&mut config);
    config.finish()?;
    let who = async || {
        let context = RequestContext::current();
        let subject = context.subject.map(|subject| subject.id().to_owned());
        Json(serde_json::json!({"subject": subject, "trace": context.trace.trace_id().to_string()}))
    };
    let routes = Router::new().route(
        "/who",
        get(who).layer(endpoint("who").scopes(&["who:read"])),
    );
    Ok(Service::builder("back", settings)
        .routes(routes)
        .authenticator(auth.verifier()?)
        .build())
}

/// Asks the other service.
async fn front(mut config: Config, _bus: Arc<dyn Bus>) -> Result<Service, Failure> {
    let settings = ServiceSettings::read(&mut config, 3002);
    let auth = auth(&mut config);
    let url: String = config.required("calls.back.url");
    let token = config
        .secret("auth.token")
        .unwrap_or_else(|| Secret::new(""));
    config.finish()?;
    let client = Client::builder("back", &url)
        .call_as(CallAs::Caller)
        .own_token(FixedToken::new(&token))
        .build()?;
    let ask = async |State(client): State<Client>| -> Result<Json<Value>, Problem> {
        Ok(Json(client.get("/who", &[]).receive().await?))
    };
    let routes = Router::new()
        .route(
            "/ask",
            get(ask).layer(endpoint("ask").scopes(&["who:read"])),
        )
        .with_state(client);
    Ok(Service::builder("front", settings)
        .routes(routes)
        .authenticator(auth.verifier()?)
        .build())
}

async fn started(folder: &Path) -> Running {
    let defaults = defaults(folder);
    let arguments = Arguments::parse(&defaults, []).unwrap();
    Local::prepare(&defaults, arguments)
        .unwrap()
        .service("back", back)
        .service("front", front)
        .gateway(|gateway| {
            gateway
                .route(Route::new("/api/*", "front").rewrite("/").scope("who:read"))
                .middleware([Middleware::Logging, Middleware::Authentication])
        })
        .start()
        .await
        .unwrap()
}

fn token(folder: &Path, scopes: &[String]) -> Secret {
    let key = LocalKey::load_or_create(&folder.join("keys")).unwrap();
    let expected = defaults(folder).expected;
    let mint = Mint {
        subject: "alice",
        scopes,
        expected: &expected,
        ttl: Duration::from_secs(60),
    };
    Secret::new(&key.mint(&mint).unwrap())
}

fn caller(running: &Running, token: &Secret) -> Client {
    Client::builder("gateway", &running.addresses().gateway)
        .own_token(FixedToken::new(token))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_request_goes_through_gateway_and_services_with_its_subject_and_trace() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let client = caller(&running, &token(folder.path(), &["who:read".to_owned()]));
    let context = RequestContext::root();
    let trace = context.trace.trace_id().to_string();
    let answer: Value = context
        .scope(client.get("/api/ask", &[]).receive())
        .await
        .unwrap();
    assert_eq!(answer["subject"], "alice");
    assert_eq!(answer["trace"], trace);

    let stranger = caller(&running, &token(folder.path(), &[]));
    let refused: ClientError = stranger.get("/api/ask", &[]).send().await.unwrap_err();
    assert_eq!(refused.status(), Some(StatusCode::FORBIDDEN));
    running.stop().await;
}

#[tokio::test]
async fn run_json_says_where_everything_is_until_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let note = folder.path().join("run.json");
    let noted: Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
    assert_eq!(noted["gateway"], running.addresses().gateway);
    assert!(
        noted["services"]["front"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    running.stop().await;
    assert!(!note.exists());
}

#[tokio::test]
async fn the_admin_page_shows_services_and_routes() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let admin = Client::builder("admin", &running.addresses().admin)
        .build()
        .unwrap();
    let status: Value = admin.get("/status.json", &[]).receive().await.unwrap();
    assert_eq!(status["services"][0]["ready"], true);
    assert_eq!(status["routes"][0]["path"], "/api/*");
    let page = admin.get("/", &[]).send().await.unwrap().body;
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(
        page.contains("test-system") && page.contains("front"),
        "{page}"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let taken = crate::http::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let defaults = LocalDefaults {
        port,
        ..defaults(folder.path())
    };
    let arguments = Arguments::parse(&defaults, []).unwrap();
    let failure = Local::prepare(&defaults, arguments)
        .unwrap()
        .start()
        .await
        .unwrap_err();
    let message = failure.to_string();
    assert!(
        message.contains(&port.to_string()) && message.contains("--port"),
        "{message}"
    );
}

#[tokio::test]
async fn one_folder_serves_one_run_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    let defaults = defaults(folder.path());
    let second = Local::prepare(&defaults, Arguments::parse(&defaults, []).unwrap());
    let message = second
        .err()
        .map(|failure| failure.to_string())
        .unwrap_or_default();
    assert!(message.contains("in use"), "{message}");
    running.stop().await;
    started(folder.path()).await.stop().await;
}

#[tokio::test]
async fn a_fresh_run_begins_without_data_and_with_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let old = token(folder.path(), &["who:read".to_owned()]);
    started(folder.path()).await.stop().await;
    let leftover = folder.path().join("services/back/old.db");
    std::fs::write(&leftover, "old").unwrap();
    assert!(folder.path().join("broker.db").exists());

    let defaults = defaults(folder.path());
    let arguments = Arguments::parse(&defaults, ["--fresh".to_owned()]).unwrap();
    let local = Local::prepare(&defaults, arguments).unwrap();
    assert!(!leftover.exists() && !folder.path().join("broker.db").exists());
    drop(local);
    let running = started(folder.path()).await;
    let answer = caller(&running, &old).get("/api/ask", &[]).send().await;
    assert_eq!(answer.unwrap().status, StatusCode::OK);
    running.stop().await;
}

#[tokio::test]
async fn a_test_asks_with_tokens_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let running = started(folder.path()).await;
    running.until_ready(Duration::from_secs(10)).await.unwrap();
    let probe = Probe::get("/api/ask").scopes(&["who:read"]);
    let token = running.token("tester", probe.scopes).unwrap();
    assert_eq!(
        running.ask(&probe, Some(&token)).await.unwrap(),
        StatusCode::OK
    );
    let unknown = running.ask(&probe, None).await.unwrap();
    assert_eq!(unknown, StatusCode::UNAUTHORIZED);
    let admin = running.addresses().admin.clone();
    assert!(
        running
            .read(&format!("{admin}/metrics"))
            .await
            .unwrap()
            .ends_with("# EOF\n")
    );
    running.stop().await;
}

#[tokio::test]
async fn a_service_that_cannot_start_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = defaults(folder.path());
    let local = Local::prepare(&defaults, Arguments::parse(&defaults, []).unwrap()).unwrap();
    let broken = local
        .service("broken", async |_, _| Err(Failure::from("no disk")))
        .start()
        .await;
    let message = broken
        .err()
        .map(|failure| failure.to_string())
        .unwrap_or_default();
    assert!(
        message.contains("broken") && message.contains("no disk"),
        "{message}"
    );
}
