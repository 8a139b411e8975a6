//! The tests of an operation: what it declares, held against what its route does.
//!
//! | room | tests |
//! |---|---|
//! | `play` | none: it acts a call out |
//! | `outcome` | what becomes of a call that is taken, and what a floor stops |
//! | `bodies` | what fits in a body, and what does not |
//! | `access` | who may call |
//! | `twice` | what comes twice |
//! | `versions` | what is not there, and what was changed since |
//! | `list` | pages and filters |

mod access;
mod bodies;
mod list;
mod outcome;
mod play;
mod twice;
mod versions;

use serde_json::{Value as Json, json};

use super::body;
use super::print::{Test, raw, unfit};
use super::sample::uuid;
use super::world::Stop;
use super::{Constant, TestFile};
use crate::model::endpoint::{Action, Body as Content, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::Name;
use crate::plan::rust::{Scope, string};
use crate::plan::types::Types;
use crate::syntax::source::Span;

struct Operation<'a, 'm> {
    types: &'a Types<'m>,
    endpoint: &'a Endpoint,
    secured: bool,
    scope: Scope,
    tests: Vec<Test>,
}

/// Plans the tests of an operation.
pub(super) fn file(types: &Types<'_>, endpoint: &Endpoint) -> TestFile {
    let secured = types.model.authentication().is_some();
    let mut scope = Scope::new("tests::operation");
    for own in ["BODY", "call"] {
        scope.define(own);
    }
    scope.all([
        "msarch_runtime::testing::Call",
        "msarch_runtime::testing::Fixture",
        "http::StatusCode",
        "tests::harness",
    ]);
    let mut operation = Operation {
        types,
        endpoint,
        secured,
        scope,
        tests: Vec::new(),
    };
    operation.plan();
    // Of an operation that only its handler knows there may be nothing to call.
    let called = operation.tests.iter().any(|test| test.ignore.is_none());
    if !called {
        operation.scope = Scope::new("tests::operation");
    }
    let body = body::full(types, endpoint, 1).ok().flatten();
    let constants = body.map(|body| Constant {
        name: "BODY".to_owned(),
        doc: "A body that fits.".to_owned(),
        value: raw(&body, 0),
    });
    TestFile {
        module: endpoint.name.identifier(),
        doc: format!(
            "`{} {}`: what the architecture declares of `{}`.",
            endpoint.method.as_str(),
            endpoint.path.value,
            endpoint.name
        ),
        call: called.then(|| operation.call()),
        prepare: None,
        constants: constants.into_iter().collect(),
        imports: operation.scope,
        tests: operation.tests,
    }
}

impl Operation<'_, '_> {
    fn plan(&mut self) {
        if let Action::List { .. } = self.endpoint.action {
            self.list();
            return self.access();
        }
        match self.play(1, false) {
            Ok(played) => self.declared(&played),
            Err(Stop::Refused) => self.tests.push(unfit(
                "it_does_what_is_declared",
                "sample data does not suffice for its effects",
            )),
            Err(Stop::Unfit(reason)) => self.tests.push(unfit("it_does_what_is_declared", &reason)),
        }
        self.least();
        self.conditions();
        self.scarce();
        self.bodies();
        self.access();
        self.keys();
        self.unique();
        self.versions();
    }

    /// `service.put("/things/1").scopes(&["things:write"]).if_match(1)`.
    fn call(&self) -> String {
        let mut text = format!(
            "service.{}({})",
            self.endpoint.method.as_str().to_ascii_lowercase(),
            string(&self.path())
        );
        if let Some(scope) = &self.endpoint.scope {
            text.push_str(&format!(".scopes(&[{}])", string(&scope.value)));
        }
        if self.conditional() {
            text.push_str(".if_match(1)");
        }
        if self.keyed() && self.endpoint.idempotency_key == IdempotencyKey::Required {
            text.push_str(".key(\"key-1\")");
        }
        text
    }

    /// The path with sample identities.
    fn path(&self) -> String {
        let pieces = self.endpoint.segments.iter().map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            Segment::Parameter(name) => uuid(name.snake(), 1),
        });
        let path = pieces.map(|piece| format!("/{piece}")).collect::<String>();
        if path.is_empty() {
            "/".to_owned()
        } else {
            path
        }
    }

    fn conditional(&self) -> bool {
        matches!(self.endpoint.action, Action::Update(_) | Action::Delete(_))
    }

    fn keyed(&self) -> bool {
        self.endpoint.method == Method::Post
            && self.endpoint.writes
            && self.endpoint.idempotency_key != IdempotencyKey::None
    }

    fn has_body(&self) -> bool {
        !matches!(self.endpoint.request, Content::None | Content::Page(_))
    }

    fn identity(&self) -> Vec<(Name, Json)> {
        let last = self
            .endpoint
            .segments
            .iter()
            .rev()
            .find_map(|segment| match segment {
                Segment::Parameter(name) => Some(name),
                Segment::Literal(_) => None,
            });
        last.map(|name| {
            (
                Name::new("id", Span::default()),
                json!(uuid(name.snake(), 1)),
            )
        })
        .into_iter()
        .collect()
    }

    fn created(&self) -> bool {
        matches!(self.endpoint.response, Content::Entity(_))
            && match &self.endpoint.action {
                Action::Create(_) => true,
                Action::Aggregate(run) => run.id.is_none(),
                _ => false,
            }
    }

    fn status(&self) -> &'static str {
        match &self.endpoint.response {
            _ if self.created() => "StatusCode::CREATED",
            Content::None => "StatusCode::NO_CONTENT",
            _ => "StatusCode::OK",
        }
    }

    fn send(&self, body: &str) -> String {
        if self.has_body() {
            format!("call(&service).json({body}).send().await")
        } else {
            "call(&service).send().await".to_owned()
        }
    }

    fn refused(&self, status: &str) -> String {
        if self.endpoint.method == Method::Head {
            format!("assert_eq!(answer.status(), StatusCode::{status});")
        } else {
            format!("answer.problem(StatusCode::{status});")
        }
    }
}
