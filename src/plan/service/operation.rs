//! Operations: what a handler takes and gives, the route, and the work that is declared.

use std::time::Duration;

use serde::Serialize;

use super::declared::{self, Work};
use super::parameters::{parameters, query_fields};
use crate::model::arena::{EntityId, ServiceId};
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method};
use crate::model::service::Party;
use crate::plan::contract::{request_checks, request_type, response_name};
use crate::plan::rust::{FieldDef, RustType, Scope, sentence, words};
use crate::plan::types::{Place, Types};

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
    /// Whether the input is hashed for its key.
    pub keyed: bool,
    /// Statements of the declared work.
    pub work: String,
    /// How the declared work names its unit of work and input: with `_` where it needs none.
    pub uow: String,
    /// See above.
    pub bound: String,
    /// Facts for the tests.
    pub facts: Facts,
}

/// What the tests of an operation need to know.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// `create`, `read`, `list`, `update`, `delete`, `aggregate`, `command`.
    pub action: &'static str,
    /// The method, as written.
    pub method: String,
    /// The data behind it.
    pub record: Option<String>,
    /// The scope that it needs.
    pub scope: Option<String>,
    /// Whether no token is needed.
    pub public: bool,
    /// Whether it needs an `Idempotency-Key`.
    pub key_required: bool,
    /// Whether it honours one.
    pub keyed: bool,
    /// Whether the path has parameters.
    pub parameters: usize,
    /// A body that fits, as JSON.
    pub example: Option<String>,
    /// A body that does not, as JSON, with the pointer to what is wrong.
    pub broken: Option<(String, String)>,
    /// Whether effects or emissions depend on data that a test has not made.
    pub needs_data: bool,
}

/// Plans one operation.
pub fn operation(types: &Types<'_>, service: ServiceId, endpoint: &Endpoint) -> OperationPlan {
    let lib = types.names.service_lib(service);
    let module = endpoint.name.identifier();
    let mut scope = Scope::new(format!("{lib}::api::{}", endpoint.name.snake()));
    for own in ["Input", "Output", "Filters"] {
        scope.define(own);
    }
    let mut draft = Draft {
        types,
        endpoint,
        scope,
        input: Vec::new(),
        arguments: Vec::new(),
        values: Vec::new(),
        before: Vec::new(),
    };
    draft.takes();
    let output = draft.output();
    let (call, response) = draft.call(&output);
    let Work {
        code,
        uow,
        input: bound,
    } = declared::work(types, endpoint, &mut draft.scope);
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
        "msarch_runtime::storage::UnitOfWork",
    ]);
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
        keyed,
        work: code.text(1),
        uow,
        bound,
        facts: facts(types, endpoint),
        module,
    }
}

struct Draft<'a, 'm> {
    types: &'a Types<'m>,
    endpoint: &'a Endpoint,
    scope: Scope,
    input: Vec<FieldDef>,
    arguments: Vec<String>,
    /// Fields of the input as the route's function has them.
    values: Vec<String>,
    /// Statements before the handler is called.
    before: Vec<String>,
}

impl Draft<'_, '_> {
    fn keyed(&self) -> bool {
        self.endpoint.method == Method::Post
            && self.endpoint.writes
            && self.endpoint.idempotency_key != IdempotencyKey::None
    }

    /// What the route's function takes, and what of it goes into the input.
    fn takes(&mut self) {
        self.arguments.push("State(app): State<App>".to_owned());
        self.path();
        if let Action::List { .. } = self.endpoint.action {
            self.page();
        }
        if matches!(self.endpoint.action, Action::Update(_) | Action::Delete(_)) {
            let name = self.scope.import("msarch_runtime::http::IfMatch");
            self.arguments.push(format!("if_match: {name}"));
            self.before
                .push("let version = if_match.required()?;".to_owned());
            self.add(
                "version",
                RustType::Integer.required(false),
                "the version that the caller knows; none for any",
            );
        }
        if self.keyed() {
            let name = self.scope.import("msarch_runtime::http::IdempotencyKey");
            self.arguments.push(format!("key: {name}"));
        }
        if let Some(body) = request_type(self.types, self.endpoint) {
            let json = self.scope.import("msarch_runtime::http::Json");
            let ty = body.spell(&mut self.scope);
            self.arguments.push(format!("{json}(body): {json}<{ty}>"));
            if request_checks(self.endpoint, self.types) {
                self.before.push("body.validate()?;".to_owned());
            }
            self.add("body", body, "the body of the request");
        }
    }

    fn add(&mut self, name: &str, ty: RustType, doc: &str) {
        let name = crate::model::name::Name::new(name, crate::syntax::source::Span::default());
        self.values.push(name.identifier());
        self.input
            .push(FieldDef::new(&name, ty, Some(doc), &mut self.scope));
    }

    fn path(&mut self) {
        let parameters = parameters(self.endpoint);
        if parameters.is_empty() {
            return;
        }
        let path = self.scope.import("msarch_runtime::http::Path");
        let names: Vec<String> = parameters
            .iter()
            .map(|(name, _)| name.identifier())
            .collect();
        let types: Vec<String> = parameters
            .iter()
            .map(|(_, ty)| ty.spell(&mut self.scope))
            .collect();
        self.arguments.push(match names.as_slice() {
            [name] => format!("{path}({name}): {path}<{}>", types[0]),
            _ => format!(
                "{path}(({})): {path}<({})>",
                names.join(", "),
                types.join(", ")
            ),
        });
        for (name, ty) in parameters {
            self.values.push(name.identifier());
            let doc = format!("`{name}` of the path");
            self.input
                .push(FieldDef::new(name, ty, Some(&doc), &mut self.scope));
        }
    }

    fn page(&mut self) {
        if !query_fields(self.types, self.endpoint).is_empty() {
            let query = self.scope.import("msarch_runtime::http::Query");
            self.arguments
                .push(format!("{query}(filters): {query}<Filters>"));
            self.values.push("filters".to_owned());
            let name =
                crate::model::name::Name::new("filters", crate::syntax::source::Span::default());
            let mut field = FieldDef::new(
                &name,
                RustType::Json,
                Some("what the query asks for"),
                &mut Scope::new(""),
            );
            "Filters".clone_into(&mut field.ty);
            self.input.push(field);
        }
        let page = self.scope.import("msarch_runtime::http::PageQuery");
        self.arguments.push(format!("page: {page}"));
        self.values.push("page".to_owned());
        let name = crate::model::name::Name::new("page", crate::syntax::source::Span::default());
        let mut field = FieldDef::new(
            &name,
            RustType::Json,
            Some("which page"),
            &mut Scope::new(""),
        );
        field.ty = page;
        self.input.push(field);
    }

    fn filters(&mut self) -> Vec<FieldDef> {
        let fields = query_fields(self.types, self.endpoint);
        if !fields.is_empty() {
            self.scope.import("serde::Deserialize");
        }
        let scope = &mut self.scope;
        fields
            .into_iter()
            .map(|(name, ty)| {
                FieldDef::new(
                    name,
                    ty.required(false),
                    Some(&format!("only records with this `{name}`")),
                    scope,
                )
            })
            .collect()
    }

    fn resource(&mut self, entity: EntityId) -> String {
        let lib = self.types.names.contract_lib(self.endpoint.owner);
        self.scope.import(&format!(
            "{lib}::api::{}",
            self.types.names.record(entity).pascal()
        ))
    }

    fn output(&mut self) -> String {
        let lib = self.types.names.contract_lib(self.endpoint.owner);
        match &self.endpoint.response {
            Body::None => "()".to_owned(),
            Body::Entity(entity) => self.resource(*entity),
            Body::Page(entity) => {
                let page = self.scope.import("msarch_runtime::http::Page");
                format!("{page}<{}>", self.resource(*entity))
            }
            Body::Type(ty) => {
                let ty = self.types.of(
                    ty,
                    "",
                    Place {
                        owner: "",
                        library: &lib,
                    },
                );
                ty.spell(&mut self.scope)
            }
            Body::Fields(_) => self
                .scope
                .import(&format!("{lib}::api::{}", response_name(self.endpoint))),
        }
    }

    /// The statements that call the handler and answer, and what they give back.
    fn call(&mut self, output: &str) -> (String, String) {
        let handler = format!("{}::handle", self.endpoint.name.identifier());
        self.scope.import(&format!("{}::handlers", self.library()));
        let mut lines = std::mem::take(&mut self.before);
        let fields = self.values.join(", ");
        lines.push(if fields.is_empty() {
            "let input = Input {};".to_owned()
        } else {
            format!("let input = Input {{ {fields} }};")
        });
        let run = format!("handlers::{handler}(&app, uow, input)");
        let bind = if output == "()" { "" } else { "let output = " };
        if !self.endpoint.writes {
            lines.push("let mut uow = app.database.read().await?;".to_owned());
            lines.push(format!(
                "{bind}handlers::{handler}(&app, &mut uow, input).await?;"
            ));
        } else if self.keyed() {
            let keyed = self.scope.import("msarch_runtime::storage::KeyedRequest");
            let name = crate::plan::rust::string(self.endpoint.name.as_str());
            let constructor = if self.endpoint.idempotency_key == IdempotencyKey::Required {
                format!("Some({keyed}::new({name}, key.required()?, &input)?)")
            } else {
                format!("{keyed}::maybe({name}, key.as_deref(), &input)?")
            };
            lines.push(format!("let request = {constructor};"));
            lines.push(format!(
                "{bind}app.database.once(request, async |uow| {run}.await).await?;"
            ));
        } else {
            lines.push(format!(
                "{bind}app.database.write(async |uow| {run}.await).await?;"
            ));
        }
        let moved = self.metrics();
        let counts = !moved.is_empty();
        lines.extend(moved);
        let (answer, response) = self.answer();
        if !counts
            && answer == "Ok(output)"
            && lines
                .last()
                .is_some_and(|line| line.starts_with("let output = ") && line.ends_with("?;"))
        {
            // What the handler gives goes out as it is.
            let last = lines.pop().unwrap_or_default();
            lines.push(
                last.trim_start_matches("let output = ")
                    .trim_end_matches("?;")
                    .to_owned(),
            );
        } else {
            lines.push(answer);
        }
        let text: Vec<String> = lines.iter().map(|line| format!("    {line}")).collect();
        (text.join("\n"), response)
    }

    fn metrics(&mut self) -> Vec<String> {
        let Party::Service(service) = self.endpoint.owner else {
            return Vec::new();
        };
        let lib = self.types.names.contract_lib(self.endpoint.owner);
        let resource = match &self.endpoint.response {
            Body::Entity(entity) => Some(format!(
                "{lib}::api::{}",
                self.types.names.record(*entity).pascal()
            )),
            _ => None,
        };
        let found = self
            .types
            .model
            .endpoints
            .entries()
            .find(|(_, endpoint)| std::ptr::eq(*endpoint, self.endpoint));
        let Some((id, _)) = found else {
            return Vec::new();
        };
        super::metric::of_endpoint(self.types, service, id, resource, &mut self.scope)
    }

    fn library(&self) -> String {
        self.types
            .names
            .party(self.endpoint.owner)
            .snake()
            .to_owned()
    }

    fn answer(&mut self) -> (String, String) {
        let created = matches!(self.endpoint.action, Action::Create(_))
            || matches!(&self.endpoint.action, Action::Aggregate(run) if run.id.is_none());
        match &self.endpoint.response {
            Body::None => {
                let status = self.scope.import("http::StatusCode");
                (format!("Ok({status}::NO_CONTENT)"), status)
            }
            Body::Entity(_) if created => {
                let created = self.scope.import("msarch_runtime::http::Created");
                let location = self.endpoint.path.value.trim_end_matches('/').to_owned();
                let text = format!(
                    "Ok({created}::new(format!(\"{location}/{{}}\", output.id), output.version, output))"
                );
                (text, format!("{created}<Output>"))
            }
            Body::Entity(_) => {
                let versioned = self.scope.import("msarch_runtime::http::Versioned");
                (
                    format!("Ok({versioned} {{ version: output.version, body: output }})"),
                    format!("{versioned}<Output>"),
                )
            }
            Body::Page(_) => ("Ok(output)".to_owned(), "Output".to_owned()),
            Body::Type(_) | Body::Fields(_) => {
                let json = self.scope.import("msarch_runtime::http::Json");
                (format!("Ok({json}(output))"), format!("{json}<Output>"))
            }
        }
    }

    fn layer(&mut self) -> String {
        let mut layer = format!(
            "endpoint({})",
            crate::plan::rust::string(self.endpoint.name.as_str())
        );
        if self.endpoint.public {
            layer.push_str(".public()");
        }
        if let Some(scope) = &self.endpoint.scope {
            layer.push_str(&format!(
                ".scopes(&[{}])",
                crate::plan::rust::string(&scope.value)
            ));
        }
        if let Some(timeout) = &self.endpoint.timeout {
            self.scope.import("std::time::Duration");
            layer.push_str(&format!(".timeout({})", duration(timeout.value)));
        }
        layer
    }
}

/// A duration as a Rust expression.
pub fn duration(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("Duration::from_secs({})", duration.as_secs())
    } else {
        format!("Duration::from_millis({})", duration.as_millis())
    }
}

fn facts(types: &Types<'_>, endpoint: &Endpoint) -> Facts {
    let (action, record) = match &endpoint.action {
        Action::Create(entity) => ("create", Some(*entity)),
        Action::Read(entity) => ("read", Some(*entity)),
        Action::List { entity, .. } => ("list", Some(*entity)),
        Action::Update(entity) => ("update", Some(*entity)),
        Action::Delete(entity) => ("delete", Some(*entity)),
        Action::Aggregate(run) => (
            "aggregate",
            Some(types.model.aggregates[run.aggregate].entity),
        ),
        Action::Command => ("command", None),
    };
    let (example, broken) = super::examples::request(types, endpoint);
    let keyed = endpoint.method == Method::Post
        && endpoint.writes
        && endpoint.idempotency_key != IdempotencyKey::None;
    Facts {
        action,
        method: endpoint.method.as_str().to_owned(),
        record: record.map(|entity| types.names.record(entity).snake().to_owned()),
        scope: endpoint.scope.as_ref().map(|scope| scope.value.clone()),
        public: endpoint.public,
        key_required: keyed && endpoint.idempotency_key == IdempotencyKey::Required,
        keyed,
        parameters: parameters(endpoint).len(),
        needs_data: endpoint
            .effects
            .iter()
            .any(|effect| !matches!(effect.kind, crate::model::effect::EffectKind::Create { .. })),
        example,
        broken,
    }
}
