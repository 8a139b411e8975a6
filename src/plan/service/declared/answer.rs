//! What an operation answers.

use crate::model::arena::EntityId;
use crate::model::endpoint::{Action, Body, Endpoint};
use crate::plan::code::Code;
use crate::plan::contract::response_name;
use crate::plan::effects;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{RustType, Scope};
use crate::plan::service::parameters::parameters;
use crate::plan::types::Place;

/// The last expression where the handler's code makes the answer: the record that was worked on, if there is one.
pub(super) fn left_to_the_handler(
    bindings: &Bindings<'_>,
    acted: Option<EntityId>,
    scope: &mut Scope,
    code: &mut Code,
) -> String {
    let Some(entity) = acted else {
        code.line("Ok(())");
        return "()".to_owned();
    };
    code.line("Ok(record)");
    scope.import(&effects::record_struct(bindings, entity))
}

/// The last expression: what the handler gives back.
pub(super) fn answer(
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    acted: Option<EntityId>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let lib = bindings.types.names.contract_lib(endpoint.owner);
    match &endpoint.response {
        Body::Page(_) if matches!(endpoint.action, Action::List { .. }) => {}
        Body::None => code.line("Ok(())"),
        Body::Entity(entity) => {
            let variable = if acted == Some(*entity) {
                Some("record".to_owned())
            } else {
                bound(bindings, *entity)
            };
            match variable {
                Some(variable) => code.line(format!("Ok({variable}.into())")),
                None => found(*entity, endpoint, bindings, scope, code),
            }
        }
        Body::Page(_) => {
            let page = scope.import("msarch_runtime::http::Page");
            code.line(format!("Ok({page}::new(Vec::new(), None))"));
        }
        Body::Type(ty) => {
            let rust = bindings.types.of(
                ty,
                "",
                Place {
                    owner: "",
                    library: &lib,
                },
            );
            answer_struct(&rust, endpoint, bindings, scope, code);
        }
        Body::Fields(_) => {
            let rust = RustType::Struct(format!("{lib}::api::{}", response_name(endpoint)));
            answer_struct(&rust, endpoint, bindings, scope, code);
        }
    }
}

/// The variable that an effect has bound to a record of an entity.
fn bound(bindings: &Bindings<'_>, entity: EntityId) -> Option<String> {
    bindings
        .sources
        .iter()
        .rev()
        .find(|source| source.shape == Shape::Record(entity))
        .map(|source| source.text.clone())
}

/// Where nothing has read the record that goes out, it is read by the path's parameter.
fn found(
    entity: EntityId,
    endpoint: &Endpoint,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let name = scope.import(&effects::record_struct(bindings, entity));
    if parameters(endpoint).is_empty() {
        let problem = scope.import("msarch_runtime::problem::Problem");
        let query = scope.import("msarch_runtime::storage::Filter");
        code.line(format!(
            "let record = uow.repository::<{name}>().first({query}::all()).await?;"
        ));
        code.line(format!("record.map(Into::into).ok_or_else(|| {problem}::not_found(\"there is no such record\"))"));
    } else {
        code.line(format!(
            "Ok(uow.repository::<{name}>().get(input.{}).await?.into())",
            super::identity(endpoint)
        ));
    }
}

fn answer_struct(
    rust: &RustType,
    endpoint: &Endpoint,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let lib = types.names.contract_lib(endpoint.owner);
    let (fields, owner) = match (&endpoint.response, rust) {
        (Body::Fields(fields), RustType::Struct(owner)) => (fields.clone(), owner.clone()),
        (Body::Type(ty), RustType::Struct(owner)) => (types.record_of(ty), owner.clone()),
        // Only the handler's code makes an answer that has no fields.
        _ => return,
    };
    let name = rust.spell(scope);
    code.open(format!("Ok({name} {{"));
    for field in &fields.fields {
        let place = Place {
            owner: &owner,
            library: &lib,
        };
        let ty = types.field(field, place);
        let given = endpoint
            .answer
            .iter()
            .flatten()
            .find(|given| given.field == field.name);
        let value = match given {
            Some(given) => expr::value(&given.value, &ty, bindings, scope).text,
            None => expr::placeholder(&ty, scope),
        };
        let ident = field.name.identifier();
        code.line(if ident == value {
            format!("{ident},")
        } else {
            format!("{ident}: {value},")
        });
    }
    code.close("})");
}
