//! The whole system in one process, for the local run: every service on a free loopback port of its own, the gateway in
//! front, an admin page beside. Services call each other over real HTTP. Compiled into the local binary only.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use axum::{Router, routing::get};
//! use msarch_runtime::config::Config;
//! use msarch_runtime::gateway::{Middleware, Route};
//! use msarch_runtime::http::endpoint;
//! use msarch_runtime::local::{Local, LocalDefaults};
//! use msarch_runtime::messaging::Bus;
//! use msarch_runtime::service::{Failure, Service, ServiceSettings};
//!
//! async fn greeter(mut config: Config, _bus: Arc<dyn Bus>) -> Result<Service, Failure> {
//!     let settings = ServiceSettings::read(&mut config, 3001);
//!     config.finish()?;
//!     let routes = Router::new().route("/greetings", get(async || "hello").layer(endpoint("greet").public()));
//!     Ok(Service::builder("greeter", settings).routes(routes).build())
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Failure> {
//!     let Some(local) = Local::from_args(&LocalDefaults::new("greetings"))? else {
//!         return Ok(());
//!     };
//!     local
//!         .service("greeter", greeter)
//!         .gateway(|gateway| gateway.route(Route::new("/api/*", "greeter").public()).middleware([Middleware::Logging]))
//!         .run_until_stopped()
//!         .await
//! }
//! ```

mod admin;
mod arguments;
mod assembly;
mod defaults;
mod folder;
mod probe;
mod running;

#[cfg(test)]
mod tests;

pub use arguments::{Arguments, Command, UsageError};
pub use assembly::Local;
pub use defaults::{Example, LocalDefaults};
pub use folder::{Addresses, FolderError};
pub use probe::Probe;
pub use running::Running;
