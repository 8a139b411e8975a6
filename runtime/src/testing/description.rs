//! The description of an API (OpenAPI), and whether a service keeps to it.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use http::StatusCode;
use regex::Regex;
use serde_json::Value;

use super::answer::Answer;
use super::contract::Schema;
use super::yaml;

/// A method and a path.
type Operation = (String, String);

/// What a service says of itself.
#[derive(Debug)]
pub(super) struct Description(Value);

impl Description {
    pub(super) fn read(text: &str) -> Self {
        Self(yaml::parsed(text))
    }

    /// The operations that are described, but for a `HEAD` beside a `GET`: whoever answers that answers both, so a router tells them apart no more.
    pub(super) fn operations(&self) -> BTreeSet<Operation> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        let of_path = |(path, operations): (&String, &Value)| {
            let methods = operations.as_object().into_iter().flatten();
            let methods = methods.filter(|(name, _)| METHODS.contains(&name.as_str()));
            let methods =
                methods.filter(|(name, _)| *name != "head" || operations["get"].is_null());
            let named = methods.map(|(name, _)| (name.to_uppercase(), path.clone()));
            named.collect::<Vec<_>>()
        };
        paths.flat_map(of_path).collect()
    }

    /// Holds an answer against what is said of its operation. What is not described (probes, metrics), and what its handler does not do yet, is passed over.
    ///
    /// # Panics
    /// Where it is another status, media type or body than described.
    #[track_caller]
    pub(super) fn check(&self, method: &str, path: &str, answer: &Answer) {
        let Some(operation) = self.operation(method, path) else {
            return;
        };
        let request = format!("{method} {path}");
        let status = answer.status();
        let by_handler = operation[ANSWERED_BY] == "handler";
        if by_handler && status == StatusCode::NOT_IMPLEMENTED {
            return;
        }
        let response = &operation["responses"][status.as_str()];
        let response = match response["$ref"].as_str() {
            Some(place) => self.0.pointer(place.trim_start_matches('#')),
            None => Some(response).filter(|response| response.is_object()),
        };
        let Some(response) = response else {
            panic!(
                "{request}: {status} is not described; it says {}",
                answer.body()
            );
        };
        if method == "HEAD" {
            return;
        }
        let Some(content) = response["content"].as_object() else {
            assert!(
                answer.body().is_null(),
                "{request}: {status} has a body, which is not described: {}",
                answer.body()
            );
            return;
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let Some(described) = content.get(kind) else {
            panic!("{request}: {status} is `{kind}`, which is not described");
        };
        let mut schema = described["schema"].clone();
        schema["components"] = self.0["components"].clone();
        if let Err(reason) = Schema::read(schema).takes(answer.body()) {
            panic!(
                "{request}: {status} is not as described: {reason}\n  of {}",
                answer.body()
            );
        }
    }

    /// The operation that a request is for: of several paths that fit, the one with the fewest parameters.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let (_, found) = self.0["paths"]
            .as_object()?
            .iter()
            .filter(|(template, _)| fits(template, path))
            .min_by_key(|(template, _)| template.matches('{').count())?;
        found.get(method.to_lowercase())
    }
}

/// Stands at operations whose answers only their handlers' code can make: until that is written, it is no part of what the service promises.
const ANSWERED_BY: &str = "x-answered-by";

const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(piece)) if wanted.starts_with('{') || wanted == piece => {}
            _ => return false,
        }
    }
}

/// The operations that a router serves. It tells them only where it is printed for debugging; a test of ours notices when that changes.
///
/// # Panics
/// When it tells nothing that can be read.
#[track_caller]
pub(super) fn served(router: &Router) -> BTreeSet<Operation> {
    let told = format!("{router:?}");
    let told = told.split("fallback_router:").next().unwrap_or_default();
    let matches = |pattern: &str| {
        let pattern = Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"));
        let pairs = pattern.captures_iter(told).map(|found| {
            let (_, [id, what]) = found.extract();
            (id.to_owned(), what.to_owned())
        });
        pairs.collect::<BTreeMap<String, String>>()
    };
    let paths = matches(r#"RouteId\((\d+)\): "([^"]*)""#);
    let methods =
        matches(r#"RouteId\((\d+)\): MethodRouter\(.*?allow_header: Bytes\(b"([^"]*)"\)"#);
    assert_eq!(
        paths.keys().collect::<Vec<_>>(),
        methods.keys().collect::<Vec<_>>(),
        "the router does not tell its routes"
    );
    let routes = paths.into_iter().flat_map(|(id, path)| {
        let all: Vec<&str> = methods[&id].split(',').collect();
        // Whoever answers GET answers HEAD.
        let own = all
            .iter()
            .filter(|method| **method != "HEAD" || !all.contains(&"GET"));
        own.map(|method| ((*method).to_owned(), path.clone()))
            .collect::<Vec<_>>()
    });
    routes.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderMap;

    use super::*;

    const QUOTES: &str = r#"
        openapi: 3.1.0
        paths:
          /quotes:
            get:
              responses: {"200": {description: All.}}
            post:
              x-answered-by: handler
              responses: {"200": {description: Done.}}
    "#;

    fn unwritten() -> Answer {
        Answer {
            request: String::new(),
            status: StatusCode::NOT_IMPLEMENTED,
            headers: HeaderMap::new(),
            body: Value::Null,
            names: Arc::default(),
        }
    }

    #[test]
    fn what_a_handler_does_not_do_yet_is_passed_over() {
        Description::read(QUOTES).check("POST", "/quotes", &unwritten());
    }

    #[test]
    #[should_panic(expected = "GET /quotes: 501 Not Implemented is not described")]
    fn whose_answer_is_declared_gives_it() {
        Description::read(QUOTES).check("GET", "/quotes", &unwritten());
    }
}
