//! What a column's values are, beyond their type in SQL: SQLite keeps a uuid, a date and a word alike as text, and only one of them can be
//! read as another.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::arena::TypeId;
use crate::model::types::{Definition, Fields, Type};

/// What begins the word of an enum; its words follow as a JSON list without blanks.
const ENUM: &str = "enum";
/// What begins the word of a list; that of its elements follows.
const LIST: &str = "list:";
/// What begins the word of a record; its fields follow as a JSON object without blanks, those that may be missing with a `?` behind their names.
const RECORD: &str = "record";

/// The type of a field, in one word without blanks.
pub(super) fn word(model: &Model, ty: &Type) -> String {
    spell(model, ty, &mut Vec::new())
}

/// `open` are the records that this one stands in: within itself, a record goes without its fields.
fn spell(model: &Model, ty: &Type, open: &mut Vec<TypeId>) -> String {
    match ty {
        Type::Uuid => "uuid".to_owned(),
        Type::String => "string".to_owned(),
        Type::Integer => "integer".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Decimal => "decimal".to_owned(),
        Type::Boolean => "boolean".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Timestamp => "timestamp".to_owned(),
        Type::Json | Type::Unknown => "json".to_owned(),
        Type::Enum(words) => {
            let words = serde_json::json!(words).to_string();
            format!("{ENUM}{}", words.replace(' ', "\\u0020"))
        }
        Type::Array(element) => format!("{LIST}{}", spell(model, element, open)),
        Type::Named(id) if open.contains(id) => RECORD.to_owned(),
        Type::Named(id) => {
            open.push(*id);
            let word = match &model.types[*id].definition {
                Definition::Alias(alias) => spell(model, alias, open),
                Definition::Record(fields) => record(model, fields, open),
            };
            open.pop();
            word
        }
    }
}

fn record(model: &Model, fields: &Fields, open: &mut Vec<TypeId>) -> String {
    let fields = fields.fields.iter().map(|field| {
        let missing = if field.required { "" } else { "?" };
        let name = format!("{}{missing}", field.name);
        (name, spell(model, &field.ty, open))
    });
    let fields: BTreeMap<String, String> = fields.collect();
    format!("{RECORD}{}", serde_json::json!(fields))
}

/// A word as people say it.
pub(super) fn spoken(word: &str) -> &str {
    if word.starts_with(LIST) {
        "list"
    } else if word.starts_with(ENUM) {
        ENUM
    } else if word.starts_with(RECORD) {
        RECORD
    } else {
        word
    }
}

/// Whether values that were written as one type can be read as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Survival {
    /// All of them.
    All,
    /// All but these words of an enum.
    AllBut(Vec<String>),
    /// All records but those in which these fields are missing, or hold what they may hold no more.
    AllWith(Vec<String>),
    /// None of them for sure.
    None,
}

/// What becomes of the values of a column whose type in SQL stays.
pub(super) fn survival(before: &str, now: &str) -> Survival {
    if before == now {
        return Survival::All;
    }
    if let (Some(before), Some(now)) = (words(before), words(now)) {
        let gone: Vec<String> = before
            .into_iter()
            .filter(|word| !now.contains(word))
            .collect();
        return if gone.is_empty() {
            Survival::All
        } else {
            Survival::AllBut(gone)
        };
    }
    if let (Some(before), Some(now)) = (before.strip_prefix(LIST), now.strip_prefix(LIST)) {
        // In JSON, a whole number is a number as well.
        return match (before, now) {
            ("integer", "number") => Survival::All,
            _ => survival(before, now),
        };
    }
    if before.starts_with(RECORD) && now.starts_with(RECORD) {
        let lacking = lacking(before, now);
        return if lacking.is_empty() {
            Survival::All
        } else {
            Survival::AllWith(lacking)
        };
    }
    let text =
        matches!(before, "uuid" | "decimal" | "date" | "timestamp") || words(before).is_some();
    let document = before.starts_with(RECORD) || before.starts_with(LIST);
    match now {
        "string" if text => Survival::All,
        "json" if document => Survival::All,
        _ => Survival::None,
    }
}

/// Fields of a record that one written before may not have in the form that is wanted now. Of a record without fields nothing is known.
fn lacking(before: &str, now: &str) -> Vec<String> {
    let (Some(before), Some(now)) = (fields(before), fields(now)) else {
        return Vec::new();
    };
    let lacks = now.iter().filter(|(name, wanted)| {
        let bare = name.trim_end_matches('?');
        let optional = format!("{bare}?");
        match (before.get(bare), before.get(&optional)) {
            (Some(held), _) => survival(held, wanted) != Survival::All,
            (None, Some(held)) => optional != **name || survival(held, wanted) != Survival::All,
            (None, None) => optional != **name,
        }
    });
    lacks
        .map(|(name, _)| name.trim_end_matches('?').to_owned())
        .collect()
}

fn fields(word: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(word.strip_prefix(RECORD)?).ok()
}

/// Whether PostgreSQL can turn every value of a native type into one of another as it stands, to be read as what is declared.
pub(super) fn casts(before: &str, now: &str) -> bool {
    matches!(
        (before, now),
        ("uuid" | "decimal", "string") | ("integer", "decimal")
    )
}

fn words(word: &str) -> Option<Vec<String>> {
    serde_json::from_str(word.strip_prefix(ENUM)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_old_value_can_be_read_as_survives() {
        for (before, now) in [
            ("uuid", "string"),
            ("decimal", "string"),
            ("date", "string"),
            (r#"enum["a"]"#, "string"),
            (r#"enum["a"]"#, r#"enum["b","a"]"#),
            ("record", "json"),
            ("record", r#"record{"a":"uuid"}"#),
            (r#"record{"a":"uuid"}"#, "json"),
            (
                r#"record{"a":"uuid","b":"date"}"#,
                r#"record{"a?":"string","c?":"date"}"#,
            ),
            ("list:uuid", "json"),
            ("list:uuid", "list:string"),
            ("list:integer", "list:number"),
        ] {
            assert_eq!(survival(before, now), Survival::All, "{before} {now}");
        }
    }

    #[test]
    fn what_some_old_value_cannot_be_read_as_does_not() {
        for (before, now) in [
            ("string", "uuid"),
            ("string", "date"),
            ("string", r#"enum["a"]"#),
            ("uuid", "date"),
            ("string", "json"),
            ("json", "record"),
            ("list:string", "list:integer"),
            ("list:string", "string"),
        ] {
            assert_eq!(survival(before, now), Survival::None, "{before} {now}");
        }
    }

    #[test]
    fn the_fields_that_a_record_may_lack_are_told() {
        let before = r#"record{"a":"uuid","b?":"date","c":"string"}"#;
        let now = r#"record{"a":"uuid","b":"date","c":"date","d":"uuid","e?":"uuid"}"#;
        let lacking = ["b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(survival(before, now), Survival::AllWith(lacking.clone()));
        let (before, now) = (format!("list:{before}"), format!("list:{now}"));
        assert_eq!(survival(&before, &now), Survival::AllWith(lacking));
    }

    #[test]
    fn the_words_that_an_enum_loses_are_told() {
        let survival = survival(r#"enum["in\u0020use","b"]"#, r#"enum["b"]"#);
        assert_eq!(survival, Survival::AllBut(vec!["in use".to_owned()]));
    }
}
