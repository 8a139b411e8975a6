//! How the program of a local run reads: two services and the gateway in one process.
//!
//! `cargo run --features local --example local -- --data /tmp/greetings`

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use msarch_runtime::auth::{AuthDefaults, AuthSettings, Expected, TokenAlgorithm};
use msarch_runtime::client::{CallPolicy, Client, FixedToken};
use msarch_runtime::config::Config;
use msarch_runtime::gateway::{Middleware, Route};
use msarch_runtime::http::{Json, endpoint};
use msarch_runtime::local::{Example, Local, LocalDefaults};
use msarch_runtime::messaging::Bus;
use msarch_runtime::problem::Result;
use msarch_runtime::service::{Failure, Service, ServiceSettings};
use msarch_runtime::telemetry::Metrics;

const TOKENS: AuthDefaults<'static> = AuthDefaults {
    algorithms: &[TokenAlgorithm::Hs256],
    jwks: None,
    issuer: Some("greetings-login"),
    audience: Some("greetings"),
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let expected = Expected {
        issuer: TOKENS.issuer.map(str::to_owned),
        audience: TOKENS.audience.map(str::to_owned),
    };
    let scopes = vec!["greetings:read".to_owned()];
    let defaults = LocalDefaults {
        expected,
        service_scopes: scopes.clone(),
        example: Some(Example {
            path: "/api/welcome".to_owned(),
            scopes,
            open: false,
        }),
        ..LocalDefaults::new("greetings")
    };
    let Some(local) = Local::from_args(&defaults)? else {
        return Ok(());
    };
    local
        .service("greeter", greeter)
        .service("porter", porter)
        .gateway(|gateway| {
            gateway
                .route(
                    Route::new("/api/*", "porter")
                        .rewrite("/")
                        .scope("greetings:read"),
                )
                .middleware([
                    Middleware::Logging,
                    Middleware::Metrics,
                    Middleware::Authentication,
                ])
        })
        .run_until_stopped()
        .await
}

/// Greets.
async fn greeter(mut config: Config, _: Arc<dyn Bus>) -> Result<Service, Failure> {
    let settings = ServiceSettings::read(&mut config, 3001);
    let auth = AuthSettings::read(&mut config, TOKENS);
    config.finish()?;
    let greet = get(async || Json("welcome")).layer(endpoint("greet").scopes(&["greetings:read"]));
    let routes = Router::new().route("/greetings", greet);
    Ok(Service::builder("greeter", settings)
        .routes(routes)
        .authenticator(auth.verifier()?)
        .build())
}

/// Opens the door, and asks the greeter what to say.
async fn porter(mut config: Config, _: Arc<dyn Bus>) -> Result<Service, Failure> {
    let settings = ServiceSettings::read(&mut config, 3002);
    let auth = AuthSettings::read(&mut config, TOKENS);
    let url = config.value("calls.greeter.url", "http://greeter:3001".to_owned());
    let token = config.secret("auth.token");
    config.finish()?;

    let metrics = Metrics::new("porter");
    let mut greeter = Client::builder("greeter", &url)
        .policy(CallPolicy::default())
        .metrics(&metrics);
    if let Some(token) = &token {
        greeter = greeter.own_token(FixedToken::new(token));
    }
    let routes = Router::new()
        .route(
            "/welcome",
            get(welcome).layer(endpoint("welcome").scopes(&["greetings:read"])),
        )
        .with_state(greeter.build()?);
    let service = Service::builder("porter", settings)
        .metrics(metrics)
        .routes(routes);
    Ok(service.authenticator(auth.verifier()?).build())
}

async fn welcome(State(greeter): State<Client>) -> Result<Json<String>> {
    Ok(Json(greeter.get("/greetings", &[]).receive().await?))
}
