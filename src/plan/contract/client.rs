//! The typed client of a service: one method per operation. How it is called is the caller's policy.

use serde::Serialize;

use super::api::{answers_record, response_name};
use super::request::request_type;
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::plan::rust::{FieldDef, RustType, Scope, sentence, words};
use crate::plan::service::{filter_fields, parameters, query_fields};
use crate::plan::types::{Place, Types};

/// `client.rs` of a contract.
#[derive(Debug, Clone, Serialize)]
pub struct Client {
    /// The struct's name.
    pub name: String,
    /// Whose client it is.
    pub of: String,
    /// What the file imports.
    pub imports: Scope,
    /// What its lists can be asked for.
    pub filters: Vec<FiltersDef>,
    /// Its methods.
    pub methods: Vec<ClientMethod>,
}

/// What a list can be asked for, as a struct of the caller's.
#[derive(Debug, Clone, Serialize)]
pub struct FiltersDef {
    /// The struct.
    pub name: String,
    /// The list's method.
    pub of: String,
    /// Its fields, each of which may be left out.
    pub fields: Vec<FieldDef>,
}

/// One operation, called.
#[derive(Debug, Clone, Serialize)]
pub struct ClientMethod {
    /// The operation's name as an identifier.
    pub ident: String,
    /// What it does, as a sentence.
    pub doc: String,
    /// `GET /customers/{id}`.
    pub route: String,
    /// Its arguments after `&self`, with types.
    pub arguments: Vec<String>,
    /// What comes back.
    pub result: String,
    /// The expression that sends it.
    pub call: String,
}

/// The name of a party's client.
pub fn client_name(name: &Name) -> String {
    format!("{}Client", name.pascal())
}

pub(super) fn client(types: &Types<'_>, party: Party, lib: &str) -> Option<Client> {
    let endpoints: Vec<&Endpoint> = types
        .model
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.owner == party)
        .collect();
    if endpoints.is_empty() {
        return None;
    }
    let mut imports = Scope::new(format!("{lib}::client"));
    imports.all([
        "msarch_runtime::client::Client",
        "msarch_runtime::client::ClientError",
    ]);
    let lists: Vec<&Endpoint> = endpoints
        .iter()
        .copied()
        .filter(|endpoint| !query_fields(types, endpoint).is_empty())
        .collect();
    for list in &lists {
        imports.define(filters_name(list));
    }
    let filters = lists
        .into_iter()
        .map(|list| FiltersDef {
            name: filters_name(list),
            of: method_name(list),
            fields: filter_fields(types, list, &mut imports),
        })
        .collect();
    let methods = endpoints
        .iter()
        .map(|endpoint| method(types, endpoint, lib, &mut imports))
        .collect();
    let name = types.names.party(party);
    Some(Client {
        name: client_name(name),
        of: name.as_str().to_owned(),
        imports,
        filters,
        methods,
    })
}

fn method(types: &Types<'_>, endpoint: &Endpoint, lib: &str, scope: &mut Scope) -> ClientMethod {
    let mut sent = Sent::new(endpoint, scope);
    sent.query(types, endpoint, scope);
    sent.body_and_headers(types, endpoint, scope);
    let result = result(types, endpoint, lib, scope);
    let Sent {
        arguments,
        mut call,
    } = sent;
    call.push_str(if result == "()" {
        ".send().await.map(|_| ())"
    } else {
        ".receive().await"
    });
    ClientMethod {
        ident: method_name(endpoint),
        doc: sentence(endpoint.description.as_deref(), &words(&endpoint.name)),
        route: format!("{} {}", endpoint.method.as_str(), endpoint.path.value),
        arguments,
        result,
        call,
    }
}

/// The name of what a list can be asked for.
fn filters_name(endpoint: &Endpoint) -> String {
    format!("{}Filters", endpoint.name.pascal())
}

/// The client's own constructor has the name `new`.
fn method_name(endpoint: &Endpoint) -> String {
    match endpoint.name.identifier() {
        name if name == "new" => "new_".to_owned(),
        name => name,
    }
}

/// A request in the making: what the method takes, and the expression that builds the request from it.
struct Sent {
    arguments: Vec<String>,
    call: String,
}

impl Sent {
    /// The method and the path.
    fn new(endpoint: &Endpoint, scope: &mut Scope) -> Self {
        let parameters = parameters(endpoint);
        let arguments = parameters
            .iter()
            .map(|(name, ty)| format!("{}: {}", name.identifier(), lent(ty, scope)))
            .collect();
        let values: Vec<String> = parameters
            .iter()
            .map(|(name, _)| format!("&{}", name.identifier()))
            .collect();
        let start = match endpoint.method {
            Method::Head => "request(http::Method::HEAD, ".to_owned(),
            method => format!("{}(", method.as_str().to_ascii_lowercase()),
        };
        let call = format!(
            "self.client.{start}\"{}\", &[{}])",
            template(&endpoint.path.value),
            values.join(", ")
        );
        Self { arguments, call }
    }

    fn query(&mut self, types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) {
        let filters = query_fields(types, endpoint);
        if !filters.is_empty() {
            let given = format!("filters: &{}", filters_name(endpoint));
            self.add(given, "");
        }
        for (field, ty) in filters {
            let value = match ty {
                RustType::Enum(_) => ".map(|value| value.as_str())",
                RustType::String => ".as_deref()",
                _ => "",
            };
            self.call.push_str(&format!(
                ".query_if(\"{}\", filters.{}{value})",
                field.name.as_str(),
                field.name.identifier()
            ));
        }
        if matches!(endpoint.action, Action::List { .. }) {
            let page = scope.import("msarch_runtime::http::PageQuery");
            self.add(format!("page: &{page}"), ".page(page)");
        }
    }

    fn body_and_headers(&mut self, types: &Types<'_>, endpoint: &Endpoint, scope: &mut Scope) {
        if let Some(body) = request_type(types, endpoint) {
            self.add(format!("body: &{}", body.spell(scope)), ".json(body)");
        }
        if matches!(endpoint.action, Action::Update(_) | Action::Delete(_)) {
            self.add("version: i64".to_owned(), ".if_match(version)");
        }
        if endpoint.method == Method::Post && endpoint.idempotency_key != IdempotencyKey::None {
            self.add("key: &str".to_owned(), ".idempotency_key(key)");
        }
    }

    fn add(&mut self, argument: String, call: &str) {
        self.arguments.push(argument);
        self.call.push_str(call);
    }
}

fn lent(ty: &RustType, scope: &mut Scope) -> String {
    if *ty == RustType::String {
        "&str".to_owned()
    } else {
        ty.spell(scope)
    }
}

fn template(path: &str) -> String {
    path.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What a caller gets.
fn result(types: &Types<'_>, endpoint: &Endpoint, lib: &str, scope: &mut Scope) -> String {
    let resource = |entity| {
        RustType::Struct(format!(
            "{lib}::api::{}",
            types.names.record(entity).pascal()
        ))
    };
    match &endpoint.response {
        Body::Page(entity) => {
            let page = scope.import("msarch_runtime::http::Page");
            format!("{page}<{}>", resource(*entity).spell(scope))
        }
        Body::Fields(_) => {
            RustType::Struct(format!("{lib}::api::{}", response_name(endpoint))).spell(scope)
        }
        Body::Type(ty) => types
            .of(
                ty,
                "",
                Place {
                    owner: "",
                    library: lib,
                },
            )
            .spell(scope),
        Body::None | Body::Entity(_) => match answers_record(endpoint) {
            Some(entity) if !matches!(endpoint.action, Action::Delete(_)) => {
                resource(entity).spell(scope)
            }
            _ => "()".to_owned(),
        },
    }
}
