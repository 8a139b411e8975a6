//! Calling another service over HTTP: the caller's context goes along, and timeout, retry, breaker and bulkhead hold.
//!
//! ```no_run
//! use msarch_runtime::client::{CallPolicy, Client, ClientError};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Item {
//!     name: String,
//! }
//!
//! # async fn f() -> Result<(), ClientError> {
//! let stock = Client::builder("stock", "http://stock:3002").policy(CallPolicy::default()).build()?;
//! let item: Item = stock.get("/items/{id}", &[&7]).receive().await?;
//! # Ok(())
//! # }
//! ```

mod attempt;
mod builder;
mod error;
mod path;
mod policy;
mod request;
mod token;
mod transport;

#[cfg(test)]
mod tests;

pub use builder::{Client, ClientBuilder};
pub use error::ClientError;
pub use path::filled;
pub use policy::{CallPolicy, retryable_status, safe_to_repeat};
pub use request::{Answer, CallRequest};
pub use token::{CallAs, FixedToken, TokenSource};
pub use transport::{HttpTransport, TransportError};
