//! The typed client of a service: one method per operation. How it is called is the caller's policy.

use serde::Serialize;

use super::api::{answers_record, request_type, response_name};
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method};
use crate::model::name::Name;
use crate::model::service::Party;
use crate::plan::rust::{RustType, Scope, sentence, words};
use crate::plan::service::{parameters, query_fields};
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
    /// Its methods.
    pub methods: Vec<ClientMethod>,
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
    let methods = endpoints
        .iter()
        .map(|endpoint| method(types, endpoint, lib, &mut imports))
        .collect();
    let name = types.names.party(party);
    Some(Client {
        name: client_name(name),
        of: name.as_str().to_owned(),
        imports,
        methods,
    })
}

fn method(types: &Types<'_>, endpoint: &Endpoint, lib: &str, scope: &mut Scope) -> ClientMethod {
    let parameters = parameters(endpoint);
    let mut arguments: Vec<String> = parameters
        .iter()
        .map(|(name, ty)| {
            format!(
                "{}: {}",
                name.identifier(),
                if *ty == RustType::String {
                    "&str".to_owned()
                } else {
                    ty.spell(scope)
                }
            )
        })
        .collect();
    let values: Vec<String> = parameters
        .iter()
        .map(|(name, _)| format!("&{}", name.identifier()))
        .collect();
    let path = template(&endpoint.path.value);
    let method = endpoint.method.as_str();
    let mut call = match endpoint.method {
        Method::Head => format!(
            "self.client.request(http::Method::HEAD, \"{path}\", &[{}])",
            values.join(", ")
        ),
        _ => format!(
            "self.client.{}(\"{path}\", &[{}])",
            method.to_ascii_lowercase(),
            values.join(", ")
        ),
    };
    for (name, ty) in query_fields(types, endpoint) {
        arguments.push(format!(
            "{}: Option<{}>",
            name.identifier(),
            lent(&ty, scope)
        ));
        let value = match ty {
            RustType::Enum(_) => format!("{}.map(|value| value.as_str())", name.identifier()),
            _ => name.identifier(),
        };
        call.push_str(&format!(".query_if(\"{}\", {value})", name.as_str()));
    }
    if matches!(endpoint.action, Action::List { .. }) {
        arguments.push(format!(
            "page: &{}",
            scope.import("msarch_runtime::http::PageQuery")
        ));
        call.push_str(".page(page)");
    }
    if let Some(body) = request_type(types, endpoint) {
        arguments.push(format!("body: &{}", body.spell(scope)));
        call.push_str(".json(body)");
    }
    if matches!(endpoint.action, Action::Update(_) | Action::Delete(_)) {
        arguments.push("version: i64".to_owned());
        call.push_str(".if_match(version)");
    }
    if endpoint.method == Method::Post && endpoint.idempotency_key != IdempotencyKey::None {
        arguments.push("key: &str".to_owned());
        call.push_str(".idempotency_key(key)");
    }
    let result = result(types, endpoint, lib, scope);
    call.push_str(if result == "()" {
        ".send().await.map(|_| ())"
    } else {
        ".receive().await"
    });
    ClientMethod {
        ident: endpoint.name.identifier(),
        doc: sentence(endpoint.description.as_deref(), &words(&endpoint.name)),
        route: format!("{method} {}", endpoint.path.value),
        arguments,
        result,
        call,
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
