//! Values as Rust expressions.

use serde_json::Value;

use super::record::variant;
use super::{RustType, Scope};

/// A text as a Rust string literal, on one line.
pub fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Characters that have no picture, or turn the text around them.
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}') =>
            {
                out.push_str(&format!("\\u{{{:x}}}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as a basic string of TOML, on one line: a string of JSON but for the one control character that JSON lets stand.
pub fn toml_string(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// A number as a Rust float literal.
pub fn float(number: f64) -> String {
    let text = format!("{number:?}");
    if text.contains(['e', 'i', 'N']) {
        format!("{number:e}")
    } else {
        text
    }
}

/// A value written in the file, as an expression of a type; JSON where it fits no other.
pub fn literal(value: &Value, ty: &RustType, scope: &mut Scope) -> String {
    match (ty, value) {
        (RustType::Option(_), Value::Null) => "None".to_owned(),
        (RustType::Option(inner), value) => format!("Some({})", literal(value, inner, scope)),
        (RustType::String, Value::String(text)) => format!("{}.to_owned()", string(text)),
        (RustType::String, other) => format!("{}.to_owned()", string(&other.to_string())),
        (RustType::Integer, Value::Number(number)) => number
            .as_i64()
            .map_or_else(|| "0".to_owned(), |number| number.to_string()),
        (RustType::Number, Value::Number(number)) => float(number.as_f64().unwrap_or_default()),
        (RustType::Boolean, Value::Bool(yes)) => yes.to_string(),
        (RustType::Decimal, value) => decimal(&text_of(value), scope),
        (RustType::Uuid, value) => uuid(&text_of(value), scope),
        (RustType::Date, value) => date(&text_of(value), scope),
        (RustType::Timestamp, value) => timestamp(&text_of(value), scope),
        (RustType::Enum(_), value) => format!("{}::{}", ty.spell(scope), variant(&text_of(value))),
        (RustType::Vec(item), Value::Array(items)) => {
            let items: Vec<_> = items
                .iter()
                .map(|value| literal(value, item, scope))
                .collect();
            if items.is_empty() {
                "Vec::new()".to_owned()
            } else {
                format!("vec![{}]", items.join(", "))
            }
        }
        (_, value) => format!("{}!({value})", scope.import("serde_json::json")),
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `Decimal::new(1250, 2)` for 12.50: exact, and checked here rather than where it runs.
fn decimal(text: &str, scope: &mut Scope) -> String {
    let name = scope.import("rust_decimal::Decimal");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match format!("{whole}{fraction}").parse::<i64>() {
        Ok(0) | Err(_) => format!("{name}::ZERO"),
        Ok(digits) if fraction.is_empty() => format!("{name}::from({digits})"),
        Ok(digits) => format!("{name}::new({digits}, {})", fraction.len()),
    }
}

fn uuid(text: &str, scope: &mut Scope) -> String {
    let name = scope.import("uuid::Uuid");
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    match u128::from_str_radix(&digits, 16) {
        Ok(number) if number > 0 => format!("{name}::from_u128(0x{number:032x})"),
        _ => format!("{name}::nil()"),
    }
}

fn date(text: &str, scope: &mut Scope) -> String {
    let name = scope.import("chrono::NaiveDate");
    format!("{}.parse::<{name}>().unwrap_or_default()", string(text))
}

fn timestamp(text: &str, scope: &mut Scope) -> String {
    let (time, utc) = (
        scope.import("chrono::DateTime"),
        scope.import("chrono::Utc"),
    );
    format!(
        "{}.parse::<{time}<{utc}>>().unwrap_or_default()",
        string(text)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_on_one_line() {
        assert_eq!(string("a \"b\"\\\n\u{202e}"), r#""a \"b\"\\\n\u{202e}""#);
    }

    #[test]
    fn decimals_are_exact() {
        let mut scope = Scope::new("x");
        assert_eq!(decimal("12.50", &mut scope), "Decimal::new(1250, 2)");
        assert_eq!(decimal("-3", &mut scope), "Decimal::from(-3)");
        assert_eq!(decimal("0.00", &mut scope), "Decimal::ZERO");
    }

    #[test]
    fn whole_floats_stay_floats() {
        assert_eq!(float(3.0), "3.0");
        assert_eq!(float(0.1), "0.1");
    }
}
