//! What the route of an operation takes, and what of it goes into the input of its handler.

use super::{Draft, Value};
use crate::model::endpoint::Action;
use crate::model::name::Name;
use crate::plan::contract::{request_checks, request_type};
use crate::plan::rust::{FieldDef, RustType, Scope};
use crate::plan::service::parameters::{filter_fields, parameters, query_fields};
use crate::syntax::source::Span;

impl Draft<'_, '_> {
    /// What the route's function takes, and what of it goes into the input.
    pub(super) fn takes(&mut self) {
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
                self.scope.import("msarch_runtime::validate::Limited");
                self.before.push("body.validate()?;".to_owned());
            }
            self.add("body", body, "the body of the request");
        }
    }

    fn add(&mut self, name: &str, ty: RustType, doc: &str) {
        let name = Name::new(name, Span::default());
        self.values.push(Value::of(name.identifier()));
        self.input
            .push(FieldDef::new(&name, ty, Some(doc), &mut self.scope));
    }

    fn path(&mut self) {
        let parameters = parameters(self.endpoint);
        if parameters.is_empty() {
            return;
        }
        let path = self.scope.import("msarch_runtime::http::Path");
        let names: Vec<String> = parameters.iter().map(|(name, _)| local(name)).collect();
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
            let value = Value {
                field: name.identifier(),
                local: local(name),
            };
            self.values.push(value);
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
            self.add_spelt("filters", "Filters".to_owned(), "what the query asks for");
        }
        let page = self.scope.import("msarch_runtime::http::PageQuery");
        self.arguments.push(format!("page: {page}"));
        self.add_spelt("page", page, "which page");
    }

    /// Adds a field of a type that is no type of the file.
    fn add_spelt(&mut self, name: &str, ty: String, doc: &str) {
        self.values.push(Value::of(name.to_owned()));
        let name = Name::new(name, Span::default());
        let mut field = FieldDef::new(&name, RustType::Json, Some(doc), &mut Scope::new(""));
        field.ty = ty;
        self.input.push(field);
    }

    pub(super) fn filters(&mut self) -> Vec<FieldDef> {
        let fields = filter_fields(self.types, self.endpoint, &mut self.scope);
        if !fields.is_empty() {
            self.scope.import("serde::Deserialize");
        }
        fields
    }
}

/// The variable of a path's parameter: with a final `_` where the function takes something of its name already.
fn local(parameter: &Name) -> String {
    match parameter.snake() {
        taken @ ("app" | "if_match") => format!("{taken}_"),
        _ => parameter.identifier(),
    }
}
