//! Operations: what a handler takes and gives, the route, and the work that is declared.

mod facts;
mod input;
mod route;

use std::time::Duration;

use serde::Serialize;

pub use facts::Facts;

use super::cache;
use super::declared::{self, Work};
use crate::model::arena::ServiceId;
use crate::model::endpoint::{Endpoint, IdempotencyKey, Method};
use crate::plan::rust::{FieldDef, Scope, sentence, words};
use crate::plan::types::Types;

/// `api/<operation>.rs` and `handlers/<operation>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct OperationPlan {
    /// The module.
    pub module: String,
    /// The operation's name, as written.
    pub name: String,
    /// What it does, as a sentence.
    pub doc: String,
    /// `GET /customers/{id}`.
    pub route: String,
    /// The path.
    pub path: String,
    /// The function of `axum::routing`.
    pub routing: String,
    /// What the file imports.
    pub imports: Scope,
    /// The layer that holds the route to what it declares.
    pub layer: String,
    /// What a call brings.
    pub input: Vec<FieldDef>,
    /// The filters of its query.
    pub filters: Vec<FieldDef>,
    /// What a call gives back, as a type.
    pub output: String,
    /// Arguments of the route's function.
    pub arguments: Vec<String>,
    /// Statements of the route's function.
    pub call: String,
    /// What the route's function gives back.
    pub response: String,
    /// Whether a cache answers first, and a function of its own loads what that does not know.
    pub cached: bool,
    /// Whether the input is hashed for its key.
    pub keyed: bool,
    /// Whether only the handler's code can tell what is answered.
    pub answered_by_handler: bool,
    /// The declared work; none where there is nothing but an answer that the handler makes.
    pub work: Option<DeclaredWork>,
    /// Facts for the tests.
    pub facts: Facts,
}

/// The body of `declared` in `api/<operation>.rs`.
#[derive(Debug, Clone, Serialize)]
pub struct DeclaredWork {
    /// Its statements.
    pub statements: String,
    /// How it names its unit of work: with `_` where it needs none.
    pub uow: String,
    /// How it names its input.
    pub input: String,
    /// What it gives: the output, or the record of which the handler makes it.
    pub gives: String,
}

/// Plans one operation.
pub fn operation(types: &Types<'_>, service: ServiceId, endpoint: &Endpoint) -> OperationPlan {
    let lib = types.names.service_lib(service);
    let mut draft = Draft::new(types, endpoint, &lib);
    draft.takes();
    let output = draft.output();
    let (call, response) = draft.call(&output);
    let work = declared::work(types, endpoint, &mut draft.scope);
    let routing = match endpoint.method {
        Method::Head => "head".to_owned(),
        method => method.as_str().to_ascii_lowercase(),
    };
    draft.scope.import(&format!("axum::routing::{routing}"));
    draft.scope.all([
        "axum::extract::State",
        "axum::routing::MethodRouter",
        "msarch_runtime::http::endpoint",
        "msarch_runtime::problem::Result",
    ]);
    if work.is_some() {
        draft.scope.import("msarch_runtime::storage::UnitOfWork");
    }
    draft.scope.import(&format!("{lib}::App"));
    let filters = draft.filters();
    let keyed = draft.keyed();
    if keyed {
        draft.scope.import("serde::Serialize");
    }
    OperationPlan {
        name: endpoint.name.as_str().to_owned(),
        doc: sentence(endpoint.description.as_deref(), &words(&endpoint.name)),
        route: format!("{} {}", endpoint.method.as_str(), endpoint.path.value),
        path: endpoint.path.value.clone(),
        layer: draft.layer(),
        routing,
        input: draft.input,
        arguments: draft.arguments,
        imports: draft.scope,
        filters,
        output,
        call,
        response,
        cached: cache::serving(types.model, endpoint).is_some(),
        keyed,
        answered_by_handler: endpoint.answer.is_none(),
        work: work.map(DeclaredWork::from),
        facts: facts::facts(types, endpoint),
        module: endpoint.name.identifier(),
    }
}

impl From<Work> for DeclaredWork {
    fn from(work: Work) -> Self {
        Self {
            statements: work.code.text(1),
            uow: work.uow,
            input: work.input,
            gives: work.gives,
        }
    }
}

/// A field of the input, and the variable that it comes from.
struct Value {
    field: String,
    local: String,
}

impl Value {
    fn of(name: String) -> Self {
        Self {
            field: name.clone(),
            local: name,
        }
    }
}

struct Draft<'a, 'm> {
    types: &'a Types<'m>,
    endpoint: &'a Endpoint,
    scope: Scope,
    input: Vec<FieldDef>,
    arguments: Vec<String>,
    /// Fields of the input as the route's function has them.
    values: Vec<Value>,
    /// Statements before the handler is called.
    before: Vec<String>,
}

impl<'a, 'm> Draft<'a, 'm> {
    fn new(types: &'a Types<'m>, endpoint: &'a Endpoint, lib: &str) -> Self {
        let mut scope = Scope::new(format!("{lib}::api::{}", endpoint.name.snake()));
        for own in ["Input", "Output", "Filters"] {
            scope.define(own);
        }
        Self {
            types,
            endpoint,
            scope,
            input: Vec::new(),
            arguments: Vec::new(),
            values: Vec::new(),
            before: Vec::new(),
        }
    }

    fn keyed(&self) -> bool {
        keyed(self.endpoint)
    }
}

/// Whether the same request is done once only, by its key.
fn keyed(endpoint: &Endpoint) -> bool {
    endpoint.method == Method::Post
        && endpoint.writes
        && endpoint.idempotency_key != IdempotencyKey::None
}

/// A duration as a Rust expression.
pub fn duration(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("Duration::from_secs({})", duration.as_secs())
    } else {
        format!("Duration::from_millis({})", duration.as_millis())
    }
}
