//! Serving HTTP: the server, the layers that every request passes, and what handlers take apart and give back.
//!
//! ```
//! use axum::{Router, routing::get};
//! use msarch_runtime::http::{Json, Path, endpoint};
//! use msarch_runtime::problem::{Problem, Result};
//! use std::time::Duration;
//!
//! async fn greet(Path(name): Path<String>) -> Result<Json<String>> {
//!     if name == "nobody" {
//!         return Err(Problem::not_found("nobody is not here"));
//!     }
//!     Ok(Json(format!("hello {name}")))
//! }
//!
//! let routes: Router = Router::new()
//!     .route("/greetings/{name}", get(greet).layer(endpoint("greet").public().timeout(Duration::from_secs(1))));
//! ```

mod authenticate;
mod endpoint;
mod extract;
mod idempotency_key;
mod kept;
mod objects;
mod operations;
mod page;
mod precondition;
mod server;
mod stack;

pub use authenticate::Caller;
pub(crate) use authenticate::authenticate;
pub(crate) use endpoint::admit;
pub use endpoint::{Endpoint, EndpointService, endpoint};
pub use extract::{Json, Path, Query};
pub use idempotency_key::IdempotencyKey;
pub use kept::Kept;
pub use operations::operations;
pub use page::{Cursor, Page, PageQuery};
pub use precondition::{Created, ETag, IfMatch, Versioned, expect_version};
pub use server::{ServeError, bind, serve};
pub(crate) use stack::known_method;
pub use stack::{Stack, standard};
