//! The function of an operation's route: how it calls the handler, and how it answers.

use super::{Draft, duration};
use crate::model::arena::EntityId;
use crate::model::endpoint::{Action, Body, IdempotencyKey};
use crate::model::service::Party;
use crate::plan::contract::response_name;
use crate::plan::expr::initialized;
use crate::plan::rust::string;
use crate::plan::service::{cache, query_fields};
use crate::plan::types::Place;

impl Draft<'_, '_> {
    fn resource(&mut self, entity: EntityId) -> String {
        let lib = self.types.names.contract_lib(self.endpoint.owner);
        self.scope.import(&format!(
            "{lib}::api::{}",
            self.types.names.record(entity).pascal()
        ))
    }

    pub(super) fn output(&mut self) -> String {
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
    pub(super) fn call(&mut self, output: &str) -> (String, String) {
        let handler = format!("{}::handle", self.endpoint.name.identifier());
        self.scope.import(&format!("{}::handlers", self.library()));
        let mut lines = std::mem::take(&mut self.before);
        let values = self.values.iter();
        let fields: Vec<String> = values
            .map(|value| initialized(&value.field, &value.local))
            .collect();
        let fields = fields.join(", ");
        let moved = self.metrics();
        let counts = !moved.is_empty();
        if let Some(cache) = cache::serving(self.types.model, self.endpoint) {
            let key: Vec<&str> = self
                .values
                .iter()
                .map(|value| value.local.as_str())
                .collect();
            let key = key.join(", ");
            lines.push(format!(
                "let output = app.caches.{}.read({key}, || load(&app, Input {{ {fields} }})).await?;",
                cache.name.identifier()
            ));
        } else {
            lines.push(if fields.is_empty() {
                "let input = Input {};".to_owned()
            } else {
                format!("let input = Input {{ {fields} }};")
            });
            self.run(output, &handler, counts, &mut lines);
        }
        if counts && self.keyed() {
            lines.push("if first {".to_owned());
            lines.extend(moved.into_iter().map(|line| format!("    {line}")));
            lines.push("}".to_owned());
        } else {
            lines.extend(moved);
        }
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

    /// Calls the handler within the unit of work that the operation needs. What counts has to know whether it is the first of its key:
    /// an answer that is given again moves nothing.
    fn run(&mut self, output: &str, handler: &str, counts: bool, lines: &mut Vec<String>) {
        let run = format!("handlers::{handler}(&app, uow, input)");
        let bind = if output == "()" { "" } else { "let output = " };
        // What is published must be kept, also where nothing else is.
        let keeps = self.endpoint.writes
            || !self.endpoint.emits.is_empty()
            || !self.endpoint.effects.is_empty();
        if !keeps {
            lines.push("let mut uow = app.database.read().await?;".to_owned());
            lines.push(format!(
                "{bind}handlers::{handler}(&app, &mut uow, input).await?;"
            ));
        } else if self.keyed() {
            let keyed = self.scope.import("msarch_runtime::storage::KeyedRequest");
            let name = string(self.endpoint.name.as_str());
            let constructor = if self.endpoint.idempotency_key == IdempotencyKey::Required {
                format!("Some({keyed}::new({name}, key.required()?, &input)?)")
            } else {
                format!("{keyed}::maybe({name}, key.as_deref(), &input)?")
            };
            lines.push(format!("let request = {constructor};"));
            if counts {
                lines.push("let mut first = false;".to_owned());
                lines.push(format!("{bind}app.database.once(request, async |uow| {{"));
                lines.push("    first = true;".to_owned());
                lines.push(format!("    {run}.await"));
                lines.push("}).await?;".to_owned());
            } else {
                lines.push(format!(
                    "{bind}app.database.once(request, async |uow| {run}.await).await?;"
                ));
            }
        } else {
            lines.push(format!(
                "{bind}app.database.write(async |uow| {run}.await).await?;"
            ));
        }
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
        super::super::metric::of_endpoint(self.types, service, id, resource, &mut self.scope)
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

    pub(super) fn layer(&mut self) -> String {
        let mut layer = format!("endpoint({})", string(self.endpoint.name.as_str()));
        if self.endpoint.public {
            layer.push_str(".public()");
        }
        if let Some(scope) = &self.endpoint.scope {
            layer.push_str(&format!(".scopes(&[{}])", string(&scope.value)));
        }
        if let Action::List { .. } = self.endpoint.action {
            let filters = query_fields(self.types, self.endpoint);
            let filters = filters.iter().map(|(field, _)| field.name.as_str());
            let known: Vec<String> = ["limit", "cursor"]
                .into_iter()
                .chain(filters)
                .map(string)
                .collect();
            layer.push_str(&format!(".parameters(&[{}])", known.join(", ")));
        }
        if let Some(kept) = cache::kept(self.types.model, self.endpoint, &mut self.scope) {
            layer.push_str(&format!(".kept({kept})"));
        }
        if let Some(timeout) = &self.endpoint.timeout {
            self.scope.import("std::time::Duration");
            layer.push_str(&format!(".timeout({})", duration(timeout.value)));
        }
        layer
    }
}
