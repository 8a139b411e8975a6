//! Values that no two records may share: each time a request is pasted, the shell puts the time in.

use serde_json::Value;

use crate::model::Model;
use crate::model::endpoint::{Action, Endpoint};
use crate::model::types::{Field, Type};

/// Stands in a body for the seconds that the shell puts in.
pub(super) const NOW: &str = "\u{e000}";
/// What the shell puts there.
pub(super) const SECONDS: &str = "$(date +%s)";

/// Gives unique fields values that change, and names the first that has one which cannot.
pub(super) fn vary(model: &Model, endpoint: &Endpoint, body: &mut Value) -> Option<String> {
    let Action::Create(entity) = endpoint.action else {
        return None;
    };
    let fields = model.entities[entity].fields.iter();
    let unique = fields
        .flat_map(|fields| &fields.fields)
        .filter(|field| field.unique);
    let mut fixed = None;
    for field in unique {
        let Some(Value::String(text)) = body.get_mut(field.name.as_str()) else {
            continue;
        };
        match varied(model, field, text) {
            Some(varied) => *text = varied,
            None => fixed = fixed.or_else(|| Some(field.name.to_string())),
        }
    }
    fixed
}

fn varied(model: &Model, field: &Field, text: &str) -> Option<String> {
    if *model.resolved(&field.ty) == Type::Uuid {
        let fixed = text.rsplit_once('-')?.0;
        return Some(format!("{fixed}-00{NOW}"));
    }
    let varied = match text.split_once('@') {
        Some((name, host)) => format!("{name}-{NOW}@{host}"),
        None => format!("{text} {NOW}"),
    };
    let limits = &field.limits;
    let sent = varied.replace(NOW, "1700000000");
    let fits = limits
        .max_length
        .is_none_or(|most| sent.chars().count() as u64 <= most);
    let matches = limits.pattern.as_ref().is_none_or(|pattern| {
        regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(&sent))
    });
    (*model.resolved(&field.ty) == Type::String && fits && matches).then_some(varied)
}
