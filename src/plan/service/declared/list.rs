//! What lists records, page by page.

use crate::model::arena::EntityId;
use crate::model::endpoint::Endpoint;
use crate::model::service::Party;
use crate::plan::code::Code;
use crate::plan::effects;
use crate::plan::expr::Bindings;
use crate::plan::rust::{RustType, Scope};
use crate::plan::service::parameters::query_fields;

/// A page of records, of those that the query asks for.
pub(super) fn list(
    entity: EntityId,
    bindings: &Bindings<'_>,
    endpoint: &Endpoint,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let name = scope.import(&effects::record_struct(bindings, entity));
    let lib = types
        .names
        .contract_lib(Party::Service(types.model.entities[entity].service));
    let resource = scope.import(&format!(
        "{lib}::api::{}",
        types.names.record(entity).pascal()
    ));
    let query = scope.import("msarch_runtime::storage::Query");
    let fields = query_fields(types, endpoint);
    if fields.is_empty() {
        code.line(format!("let query = {query}::default();"));
    } else {
        let filter = scope.import("msarch_runtime::storage::Filter");
        code.line(format!("let mut filter = {filter}::all();"));
        for (field, ty) in fields {
            let ident = field.name.identifier();
            let column = ident.trim_start_matches("r#");
            let value = if matches!(ty, RustType::Enum(_)) {
                "value.as_str()"
            } else {
                "value"
            };
            code.open(format!("if let Some(value) = input.filters.{ident} {{"));
            code.line(format!(
                "filter = filter.and({filter}::eq(\"{column}\", {value}));"
            ));
            code.close("}");
        }
        code.line(format!("let query = {query}::filter(filter);"));
    }
    code.line("let query = query.limit(input.page.limit).cursor(input.page.position().map(str::to_owned));");
    code.line(format!(
        "let listing = uow.repository::<{name}>().list(query).await?;"
    ));
    let page = scope.import("msarch_runtime::http::Page");
    code.line(format!(
        "let items = listing.items.into_iter().map({resource}::from).collect();"
    ));
    code.line(format!("Ok({page}::new(items, listing.next_cursor))"));
}
