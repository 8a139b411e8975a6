//! Taking a request apart, with problem details that name the field when it does not fit.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::objects::Objects;
use super::stack::BodyLimit;
use crate::convert::{misread, without_value};
use crate::problem::{self, FieldError, Part, Problem};

/// A JSON body, taken or given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json<T>(pub T);

/// The parameters of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

/// The parameters of the query.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .with_detail("the body must be JSON, with `content-type: application/json`"));
        }
        let limit = request.extensions().get::<BodyLimit>().copied();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unread(rejection.status(), limit))?;
        without_nul(&body)?;
        from_slice(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                Err(wrong_parameter(error.kind()))
            }
            Err(other) => Err(Problem::internal(other)),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        if let Some(pair) = query.split('&').find(|pair| pair.contains("%00")) {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            return Err(Problem::validation([FieldError::parameter(
                Part::Query,
                name,
                NUL,
            )]));
        }
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let text = rejection.body_text();
                let detail = text
                    .rsplit_once("query string: ")
                    .map_or(text.as_str(), |(_, detail)| detail);
                let (name, detail) = match detail.split_once(": ") {
                    Some((name, detail)) if !name.contains(' ') => (name, detail),
                    _ => (named_in(detail).unwrap_or_default(), detail),
                };
                let error = FieldError::parameter(Part::Query, name, misread(detail));
                Err(Problem::validation([error]))
            }
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return false;
    };
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// What is said of a text that no database can keep.
const NUL: &str = "must not hold the character NUL";

/// What is told of a body that was not read.
fn unread(status: StatusCode, limit: Option<BodyLimit>) -> Problem {
    Problem::new(status).with_detail(match (status, limit) {
        (StatusCode::PAYLOAD_TOO_LARGE, Some(BodyLimit(bytes))) => {
            format!("the body is longer than the {bytes} bytes that are read")
        }
        (StatusCode::PAYLOAD_TOO_LARGE, None) => "the body is too long".to_owned(),
        _ => "the body could not be read to its end".to_owned(),
    })
}

/// Refuses texts with the character NUL, each named by its JSON pointer. What is no JSON is told by who reads it.
fn without_nul(body: &[u8]) -> Result<(), Problem> {
    const ESCAPED: &[u8] = br"\u0000";
    // Seldom: only what looks like one is read a second time.
    if !body.windows(ESCAPED.len()).any(|bytes| bytes == ESCAPED) {
        return Ok(());
    }
    let mut errors = Vec::new();
    if let Ok(value) = serde_json::from_slice(body) {
        find_nul(&value, "", &mut errors);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::validation(errors))
    }
}

fn find_nul(value: &serde_json::Value, at: &str, errors: &mut Vec<FieldError>) {
    match value {
        serde_json::Value::String(text) if text.contains('\0') => {
            errors.push(FieldError::new(at, NUL));
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_nul(item, &format!("{at}/{index}"), errors);
            }
        }
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}{}", problem::step(name));
                if name.contains('\0') {
                    errors.push(FieldError::new(at.as_str(), NUL));
                }
                find_nul(member, &at, errors);
            }
        }
        _ => {}
    }
}

/// Reads JSON; what is wrong is named by its JSON pointer.
fn from_slice<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Objects(&mut reader)).map_err(|error| {
        let detail = without_value(error.inner());
        // A number where a word is asked for is told as wrong syntax, though it is JSON.
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
        if !error.inner().is_data() && !json {
            return Problem::bad_request(format!("the body is not JSON: {detail}"));
        }
        Problem::validation([FieldError::new(pointer(error.path(), &detail), detail)])
    })?;
    match reader.end() {
        Ok(()) => Ok(value),
        Err(_) => Err(Problem::bad_request(
            "the body is not JSON: something follows the value",
        )),
    }
}

fn pointer(path: &serde_path_to_error::Path, detail: &str) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        let step = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push_str(&problem::step(&step));
    }
    // A field that is missing is not on the path yet; one that is unknown already is.
    match named_in(detail) {
        Some(name) if detail.starts_with("missing field") => {
            format!("{pointer}{}", problem::step(name))
        }
        _ => pointer,
    }
}

/// The name between the first backticks.
fn named_in(detail: &str) -> Option<&str> {
    detail.split('`').nth(1)
}

fn wrong_parameter(kind: &ErrorKind) -> Problem {
    let (name, detail) = match kind {
        ErrorKind::ParseErrorAtKey {
            key,
            value,
            expected_type,
        } => (
            key.clone(),
            format!("`{value}` is not of the type {expected_type}"),
        ),
        ErrorKind::DeserializeError { key, message, .. } => (key.clone(), message.clone()),
        ErrorKind::InvalidUtf8InPathParam { key } => (key.clone(), "is not UTF-8".to_owned()),
        other => (String::new(), other.to_string()),
    };
    Problem::validation([FieldError::parameter(Part::Path, &name, detail)])
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::{get, post};
    use http_body_util::BodyExt;
    use serde::Deserialize;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        quantity: u32,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Basket {
        lines: Vec<Line>,
        last: Option<Line>,
        kind: Option<Kind>,
        #[serde(default)]
        named: std::collections::BTreeMap<String, Line>,
    }

    #[derive(Deserialize, Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Gift { to: String },
    }

    #[derive(Deserialize)]
    struct Filter {
        size: Option<u8>,
    }

    async fn body(response: Response) -> Value {
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    async fn posted(json: &'static str) -> (StatusCode, Value) {
        let router = Router::new().route(
            "/",
            post(|Json(basket): Json<Basket>| async { Json(basket) }),
        );
        let request = http::Request::post("/").header("content-type", "application/json");
        let response = router
            .oneshot(request.body(Body::from(json)).unwrap())
            .await
            .unwrap();
        (response.status(), body(response).await)
    }

    #[tokio::test]
    async fn a_body_that_fits_comes_through() {
        let (status, body) = posted(r#"{"lines":[{"quantity":2}]}"#).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["lines"][0]["quantity"], 2);
    }

    #[tokio::test]
    async fn wrong_missing_and_unknown_fields_are_named() {
        for (json, pointer) in [
            (r#"{"lines":[{"quantity":"two"}]}"#, "/lines/0/quantity"),
            (r#"{"lines":[{}]}"#, "/lines/0/quantity"),
            (r#"{"lines":[],"colour":1}"#, "/colour"),
            ("{}", "/lines"),
        ] {
            let (status, body) = posted(json).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{json}");
            assert_eq!(body["errors"][0]["pointer"], pointer, "{json}: {body}");
        }
    }

    #[tokio::test]
    async fn an_array_is_no_object_however_deep_it_stands() {
        for (json, pointer) in [
            ("[[]]", ""),
            (r#"{"lines":[[2]]}"#, "/lines/0"),
            (r#"{"lines":[{"quantity":2}],"last":[2]}"#, "/last"),
            (r#"{"lines":[],"kind":{"gift":["Ada"]}}"#, "/kind/gift"),
            (r#"{"lines":[],"named":{"a":[2]}}"#, "/named/a"),
        ] {
            let (status, body) = posted(json).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{json}: {body}");
            assert_eq!(body["errors"][0]["pointer"], pointer, "{json}: {body}");
            let detail = body["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.starts_with("invalid type: array"), "{detail}");
        }
    }

    #[tokio::test]
    async fn objects_in_all_places_come_through() {
        let json = r#"{"lines":[{"quantity":2}],"last":{"quantity":3},"kind":{"gift":{"to":"Ada"}},"named":{"a":{"quantity":4}}}"#;
        let (status, body) = posted(json).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body, serde_json::from_str::<Value>(json).unwrap());
    }

    #[tokio::test]
    async fn a_text_with_the_character_nul_is_refused_and_named() {
        let router = Router::new()
            .route("/", post(|Json(_): Json<Value>| async {}))
            .route("/", get(|Query(_): Query<Filter>| async {}));
        let post = |json: &'static str| {
            let request = http::Request::post("/").header("content-type", "application/json");
            router
                .clone()
                .oneshot(request.body(Body::from(json)).unwrap())
        };
        let refused = post(r#"{"notes":["fine","a\u0000b"]}"#).await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(body(refused).await["errors"][0]["pointer"], "/notes/1");
        let taken = post(r#"{"note":"the escape \\u0000 is text"}"#)
            .await
            .unwrap();
        assert_eq!(taken.status(), StatusCode::OK);
        let query = http::Request::get("/?size=1&name=a%00").body(Body::empty());
        let refused = router.clone().oneshot(query.unwrap()).await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(body(refused).await["errors"][0]["pointer"], "/name");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_told_without_its_value() {
        let (_, body) = posted(r#"{"lines":[{"quantity":"secret"}]}"#).await;
        assert_eq!(
            body["errors"][0]["detail"],
            "invalid type: string, expected an integer from 0 to 4294967295"
        );
    }

    #[tokio::test]
    async fn what_is_no_json_is_a_bad_request() {
        for json in ["{", "", r#"{"lines":[]} x"#] {
            assert_eq!(posted(json).await.0, StatusCode::BAD_REQUEST, "{json}");
        }
    }

    #[tokio::test]
    async fn a_body_of_another_media_type_is_refused() {
        let router = Router::new().route("/", post(|Json(_): Json<Basket>| async {}));
        let response = router
            .oneshot(http::Request::post("/").body(Body::from("{}")).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }

    #[tokio::test]
    async fn a_path_parameter_that_does_not_fit_is_named() {
        let router = Router::new().route("/{id}", get(|Path(_): Path<uuid::Uuid>| async {}));
        let response = router
            .oneshot(http::Request::get("/seven").body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let body = body(response).await;
        assert_eq!(body["errors"][0]["in"], "path", "{body}");
        assert!(
            body["errors"][0]["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_query_parameter_that_does_not_fit_is_named() {
        let handler = |Query(filter): Query<Filter>| async move { Json(filter.size) };
        let router = Router::new().route("/", get(handler));
        let response = router
            .oneshot(
                http::Request::get("/?size=huge")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let error = &body(response).await["errors"][0];
        assert_eq!(error["pointer"], "/size");
        assert_eq!(error["in"], "query");
    }
}
