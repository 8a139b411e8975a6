//! From one type to another.

use super::Expr;
use crate::plan::rust::{RustType, Scope};

/// A value of one type as one of another.
pub fn convert(text: &str, from: &RustType, to: &RustType, scope: &mut Scope) -> Expr {
    if from == to {
        return Expr::sure(text);
    }
    match (from, to) {
        (RustType::Option(inner), RustType::Option(wanted)) => optional(text, inner, wanted, scope),
        (from, RustType::Option(wanted)) => {
            convert(text, from, wanted, scope).map(|text| format!("Some({text})"))
        }
        (RustType::Option(inner), to) => {
            let problem = scope.import("msarch_runtime::problem::Problem");
            let present = format!(
                "{text}.ok_or_else(|| {problem}::unprocessable(\"a value that is needed is missing\"))?"
            );
            Expr {
                fallible: true,
                ..convert(&present, inner, to, scope)
            }
        }
        _ => plain(text, from, to, scope),
    }
}

fn optional(text: &str, inner: &RustType, wanted: &RustType, scope: &mut Scope) -> Expr {
    let one = plain("value", inner, wanted, scope);
    if one.fallible {
        return recoded(text, scope);
    }
    Expr::sure(match one.text.strip_suffix("(value)") {
        Some(function) if !function.contains('(') => format!("{text}.map({function})"),
        _ => format!("{text}.map(|value| {})", one.text),
    })
}

fn plain(text: &str, from: &RustType, to: &RustType, scope: &mut Scope) -> Expr {
    let sure = |text: String| Expr::sure(text);
    match (from, to) {
        (from, to) if from == to => sure(text.to_owned()),
        (RustType::Integer, RustType::Decimal) => {
            sure(format!("{}::from({text})", to.spell(scope)))
        }
        (RustType::Integer, RustType::Number) => sure(format!("{text} as f64")),
        (RustType::Number, RustType::Decimal) => sure(format!(
            "{}::try_from({text}).unwrap_or_default()",
            to.spell(scope)
        )),
        (RustType::Decimal, RustType::Number) => {
            sure(format!("f64::try_from({text}).unwrap_or_default()"))
        }
        (RustType::Timestamp, RustType::String) => sure(format!("{text}.to_rfc3339()")),
        (RustType::Timestamp, RustType::Date) => sure(format!("{text}.date_naive()")),
        (RustType::Enum(_), RustType::String) => sure(format!("{text}.as_str().to_owned()")),
        (
            RustType::Uuid
            | RustType::Integer
            | RustType::Number
            | RustType::Decimal
            | RustType::Boolean
            | RustType::Date,
            RustType::String,
        ) => sure(format!("{text}.to_string()")),
        (_, RustType::Json) => sure(format!("{}!({text})", scope.import("serde_json::json"))),
        _ => recoded(text, scope),
    }
}

/// Through JSON: for types that are alike on the wire and declared in two places.
fn recoded(text: &str, scope: &mut Scope) -> Expr {
    Expr::fallible(format!(
        "{}(&{text})?",
        scope.import("msarch_runtime::convert::recode")
    ))
}

/// What a type offers first.
pub fn placeholder(ty: &RustType, scope: &mut Scope) -> String {
    match ty {
        RustType::Uuid => format!("{}::now_v7()", ty.spell(scope)),
        RustType::String => "String::new()".to_owned(),
        RustType::Integer => "0".to_owned(),
        RustType::Number => "0.0".to_owned(),
        RustType::Boolean => "false".to_owned(),
        RustType::Decimal => format!("{}::ZERO", ty.spell(scope)),
        RustType::Timestamp => format!("{}::now()", scope.import("chrono::Utc")),
        RustType::Date | RustType::Enum(_) | RustType::Struct(_) => {
            format!("{}::default()", ty.spell(scope))
        }
        RustType::Json => format!("{}::Null", ty.spell(scope)),
        RustType::Vec(_) => "Vec::new()".to_owned(),
        RustType::Option(_) => "None".to_owned(),
    }
}
