//! What a column's values are, beyond their type in SQL: SQLite keeps a uuid, a date and a word alike as text, and only one of them can be
//! read as another.

use crate::model::Model;
use crate::model::types::{Definition, Type};

/// What begins the word of an enum; its words follow as a JSON list without blanks.
const ENUM: &str = "enum";
/// What begins the word of a list; that of its elements follows.
const LIST: &str = "list:";

/// The type of a field, in one word without blanks.
pub(super) fn word(model: &Model, ty: &Type) -> String {
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
        Type::Array(element) => format!("{LIST}{}", word(model, element)),
        Type::Named(id) => match &model.types[*id].definition {
            Definition::Alias(alias) => word(model, alias),
            Definition::Record(_) => "record".to_owned(),
        },
    }
}

/// A word as people say it.
pub(super) fn spoken(word: &str) -> &str {
    if word.starts_with(LIST) {
        "list"
    } else if word.starts_with(ENUM) {
        ENUM
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
    let text =
        matches!(before, "uuid" | "decimal" | "date" | "timestamp") || words(before).is_some();
    let document = before == "record" || before.starts_with(LIST);
    match now {
        "string" if text => Survival::All,
        "json" if document => Survival::All,
        _ => Survival::None,
    }
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
    fn the_words_that_an_enum_loses_are_told() {
        let survival = survival(r#"enum["in\u0020use","b"]"#, r#"enum["b"]"#);
        assert_eq!(survival, Survival::AllBut(vec!["in use".to_owned()]));
    }
}
