//! One service put together: its routes, its background work and its checks, run until it is stopped.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use msarch_runtime::{config::Config, http, service, telemetry};
//!
//! #[tokio::main]
//! async fn main() -> Result<(), service::Failure> {
//!     let mut config = Config::from_env("greeter");
//!     let settings = service::ServiceSettings::read(&mut config, 3001);
//!     config.finish()?;
//!     telemetry::init(&settings.log)?;
//!     let routes = Router::new().route("/greetings", get(async || "hello").layer(http::endpoint("greet").public()));
//!     service::Service::builder("greeter", settings).routes(routes).build().run_until_stopped().await
//! }
//! ```

mod builder;
mod command;
mod run;
mod settings;

pub use builder::{Service, ServiceBuilder};
pub use command::{Command, Means};
pub use run::Failure;
pub use settings::{ServiceDefaults, ServiceSettings};
