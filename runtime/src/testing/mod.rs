//! What the tests of a service stand on: the whole service over a temporary folder, requests through its real router, and
//! expectations of answers, records and messages. Compiled into tests alone, by the feature `testing`.
//!
//! Expectations are JSON. An expected object names the members that matter, and says nothing about others. Within it
//! `"$any"` is anything but null, `"$now"` is a moment of the last minutes, and any other text that begins with `$` is a name: it
//! stands for whatever is seen there first, and for the same wherever the name comes again in that test.
//!
//! ```
//! # use axum::{Router, routing::post};
//! # use http::StatusCode;
//! # use msarch_runtime::http::{Json, endpoint};
//! # use msarch_runtime::service::{Service, ServiceSettings};
//! use msarch_runtime::testing::{Fixture, Setup};
//!
//! async fn start() -> Fixture {
//!     let setup = Setup::new();
//!     let mut config = setup.config("greeter");
//!     let settings = ServiceSettings::read(&mut config, 3001);
//!     let greet = async |Json(name): Json<String>| Json(serde_json::json!({ "greeting": format!("hello {name}") }));
//!     let routes = Router::new().route("/greetings", post(greet).layer(endpoint("greet").scopes(&["greet"])));
//!     let service = Service::builder("greeter", settings).authenticator(setup.tokens()).routes(routes).build();
//!     setup.start(service, "greeter.db").await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = start().await;
//! let answer = service.post("/greetings").scopes(&["greet"]).json(r#""Ada""#).send().await;
//! answer.is(StatusCode::OK).shows(r#"{"greeting": "hello Ada"}"#);
//! service.post("/greetings").json(r#""Ada""#).send().await.problem(StatusCode::FORBIDDEN);
//! # }
//! ```

mod aggregate;
mod answer;
mod body;
mod bus;
mod call;
mod contract;
mod description;
mod expectation;
mod fixture;
mod message;
mod saga;
mod seen;
mod step;
mod tokens;
mod yaml;

pub use aggregate::once;
pub use answer::Answer;
pub use body::{changed, long, parsed, read, uuid, with, without};
pub use bus::{Dealt, TestBus};
pub use call::Call;
pub use contract::{becomes, same_contract};
pub use expectation::{Names, matches};
pub use fixture::{Fixture, Setup};
pub use message::message;
pub use saga::{Declared, Led, REFUSAL};
pub use seen::Seen;
pub use step::{Asked, Replied};
pub use tokens::Tokens;

#[cfg(test)]
mod tests;
