//! The expectations themselves: what they let pass, and what they do not.

use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::testing::expectation::{Names, matches};
use crate::testing::*;

fn holds(expected: serde_json::Value, seen: serde_json::Value) -> bool {
    matches(&expected, &seen, &mut Names::new()).is_ok()
}

#[test]
fn an_object_names_only_what_matters() {
    assert!(holds(json!({"a": 1}), json!({"a": 1, "b": 2})));
    assert!(!holds(json!({"a": 1}), json!({"a": 2, "b": 2})));
    assert!(!holds(json!({"a": 1}), json!({"b": 2})));
}

#[test]
fn nothing_and_null_are_the_same() {
    assert!(holds(json!({"a": null}), json!({})));
    assert!(!holds(json!({"a": null}), json!({"a": 0})));
}

#[test]
fn numbers_are_the_same_however_they_are_written() {
    assert!(holds(json!("10.00"), json!("10")));
    assert!(holds(json!(10), json!("10.0")));
    assert!(!holds(json!("10.01"), json!("10")));
    assert!(!holds(json!("0x10"), json!("16")));
}

#[test]
fn a_list_has_as_many_items_in_the_same_order() {
    assert!(holds(json!([1, 2]), json!([1, 2])));
    assert!(!holds(json!([1, 2]), json!([2, 1])));
    assert!(!holds(json!([1]), json!([1, 2])));
}

#[test]
fn a_name_stands_for_one_thing_throughout() {
    assert!(holds(
        json!({"a": "$x", "b": "$x"}),
        json!({"a": 7, "b": 7})
    ));
    assert!(!holds(
        json!({"a": "$x", "b": "$x"}),
        json!({"a": 7, "b": 8})
    ));
    assert!(!holds(json!("$x"), json!(null)));
}

#[test]
fn now_is_a_moment_of_the_last_minutes() {
    assert!(holds(json!("$now"), json!(chrono::Utc::now())));
    assert!(!holds(json!("$now"), json!("2024-01-01T00:00:00Z")));
    assert!(!holds(json!("$now"), json!("soon")));
}

#[test]
fn what_is_seen_may_come_in_any_order_but_not_in_any_number() {
    let names = Arc::<Mutex<Names>>::default();
    let seen = |items| Seen::new("things", items, names.clone());
    seen(vec![json!({"a": 1}), json!({"a": 2})]).are(r#"[{"a": 2}, {"a": 1}]"#);
    let more = std::panic::catch_unwind(|| {
        Seen::new("things", vec![json!(1), json!(1)], Arc::default()).are("[1]")
    });
    assert!(more.is_err());
    let twice = std::panic::catch_unwind(|| {
        Seen::new("things", vec![json!(1), json!(2)], Arc::default()).are("[1, 1]")
    });
    assert!(twice.is_err());
}

#[test]
fn a_body_is_changed_in_one_place() {
    let body = r#"{"a": {"b": 1}, "c": 2}"#;
    assert_eq!(parsed(&without(body, "/c")), json!({"a": {"b": 1}}));
    assert_eq!(
        parsed(&with(body, "/a/b", "null")),
        json!({"a": {"b": null}, "c": 2})
    );
    assert_eq!(
        parsed(&changed(body, r#"{"c": 3}"#)),
        json!({"a": {"b": 1}, "c": 3})
    );
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Moved {
    thing: uuid::Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl crate::messaging::Event for Moved {
    const NAME: &'static str = "Moved";
    const VERSION: u32 = 1;
    const TOPIC: &'static str = "moved";
}

const MOVED: &str = r#"{"thing": "00000001-0000-4000-8000-000000000001", "note": "here"}"#;

#[test]
fn a_type_and_its_schema_agree() {
    same_contract::<Moved>(
        "Moved",
        1,
        r#"{"type": "object", "required": ["thing"], "properties": {"thing": {"type": "string", "format": "uuid"}, "note": {"type": "string"}}}"#,
        MOVED,
    );
}

#[test]
fn a_schema_that_asks_for_more_than_its_type_is_found() {
    let stricter = r#"{"type": "object", "required": ["thing", "note"], "properties": {"thing": {"type": "string"}, "note": {"type": "string"}}}"#;
    assert!(
        std::panic::catch_unwind(|| same_contract::<Moved>("Moved", 1, stricter, MOVED)).is_err()
    );
}

#[test]
fn a_schema_of_another_type_is_found() {
    let looser = r#"{"type": "object", "required": ["thing"], "properties": {"thing": {}, "note": {"type": "string"}}}"#;
    assert!(
        std::panic::catch_unwind(|| same_contract::<Moved>("Moved", 1, looser, MOVED)).is_err()
    );
}

const DESCRIPTION: &str = r##"
paths:
  /things:
    get: {responses: {"200": {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}}
  /things/{id}:
    delete: {responses: {"204": {description: gone}, "404": {$ref: "#/components/responses/NotFound"}}}
components:
  schemas:
    Thing: {type: object, properties: {size: {type: integer, minimum: 1}}, required: [size]}
  responses:
    NotFound: {content: {application/problem+json: {schema: {type: object, required: [status]}}}}
"##;

/// A service with that description, whose `GET /things` answers a size.
async fn described(routes: axum::Router) -> Fixture {
    described_as(DESCRIPTION, routes).await
}

async fn described_as(description: &str, routes: axum::Router) -> Fixture {
    let description = String::leak(description.to_owned());
    let setup = Setup::new();
    let settings = crate::service::ServiceSettings::read(&mut setup.config("things"), 3001);
    let service = crate::service::Service::builder("things", settings)
        .routes(routes)
        .openapi(description)
        .build();
    setup.start(service, "things.db").await
}

fn things(size: i64) -> axum::Router {
    use axum::routing::{delete, get};
    let show = move || async move { axum::Json(json!({ "size": size })) };
    let remove = async |axum::extract::Path(id): axum::extract::Path<u8>| match id {
        0 => Err(crate::problem::Problem::not_found("no such thing")),
        1 => Ok(http::StatusCode::NO_CONTENT),
        _ => Ok(http::StatusCode::ACCEPTED),
    };
    axum::Router::new()
        .route("/things", get(show))
        .route("/things/{id}", delete(remove))
}

/// Why sending fails, if it does.
async fn complaint(call: Call) -> Option<String> {
    let error = tokio::spawn(call.send()).await.err()?.into_panic();
    error.downcast_ref::<String>().cloned()
}

#[tokio::test]
async fn what_is_served_is_what_is_described() {
    described(things(1)).await.serves_what_it_describes();
}

#[tokio::test]
async fn a_head_beside_a_get_is_no_route_of_its_own() {
    let described = DESCRIPTION.replacen("    get:", "    head: {responses: {}}\n    get:", 1);
    assert_ne!(described, DESCRIPTION);
    let routes = things(1).route("/things", axum::routing::head(async || ()));
    described_as(&described, routes)
        .await
        .serves_what_it_describes();
}

#[tokio::test]
async fn a_route_that_is_not_described_is_told_and_one_that_is_not_served_too() {
    use axum::routing::{get, post};
    let told = async |routes| {
        let service = described(routes).await;
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            service.serves_what_it_describes();
        }));
        *checked.unwrap_err().downcast::<String>().unwrap()
    };
    let more = told(things(1).route("/extra", post(|| async {}))).await;
    assert!(more.contains(r#"("POST", "/extra")"#), "{more}");
    let less = told(axum::Router::new().route("/things", get(|| async {}))).await;
    assert!(less.contains(r#"("DELETE", "/things/{id}")"#), "{less}");
}

#[tokio::test]
async fn an_answer_that_is_described_comes_through() {
    let service = described(things(1)).await;
    assert_eq!(complaint(service.get("/things?a=b")).await, None);
    assert_eq!(complaint(service.delete("/things/0")).await, None);
    assert_eq!(complaint(service.delete("/things/1")).await, None);
    assert_eq!(complaint(service.get("/health/live")).await, None);
}

#[tokio::test]
async fn a_status_or_a_body_that_is_not_described_is_told() {
    let service = described(things(0)).await;
    let body = complaint(service.get("/things")).await.unwrap_or_default();
    assert!(body.contains("not as described"), "{body}");
    let status = complaint(service.delete("/things/2")).await;
    let status = status.unwrap_or_default();
    assert!(status.contains("202 Accepted is not described"), "{status}");
}

#[test]
fn another_name_or_version_is_found() {
    for (name, version) in [("Moved", 2), ("Gone", 1)] {
        let other = || same_contract::<Moved>(name, version, "{}", MOVED);
        assert!(std::panic::catch_unwind(other).is_err());
    }
}
