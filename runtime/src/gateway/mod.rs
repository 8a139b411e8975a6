//! The way in, in process, for the local run: routes, middleware in the declared order, and the services behind.
//!
//! ```
//! use msarch_runtime::gateway::{Gateway, Middleware, Route};
//!
//! let gateway = Gateway::builder()
//!     .route(Route::new("/api/things/*", "things").rewrite("/things").public())
//!     .middleware([Middleware::Logging, Middleware::Metrics])
//!     .upstream("things", "http://127.0.0.1:3001")
//!     .build()
//!     .expect("every route leads somewhere");
//! let router = gateway.router();
//! # drop(router);
//! ```

mod builder;
mod cors;
mod forward;
mod headers;
mod pattern;
mod pipeline;
mod route;

#[cfg(test)]
mod tests;

pub use builder::{Gateway, GatewayBuilder, GatewayError, RouteStatus};
pub use cors::Cors;
pub use pattern::{Pattern, PatternError};
pub use route::{LimitBy, Middleware, Route};
