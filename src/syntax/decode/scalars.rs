//! Texts, truth values and numbers.

use std::ops::Deref;

use serde_json::{Value as Json, json};

use super::super::source::{Span, Spanned};
use super::super::yaml::{Node, Number, Scalar, Style, Value, number};
use super::{Cx, Decode, Defs};

impl Decode for String {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        if node.as_str().is_none() {
            cx.wrong_type(&node, "a text");
            return None;
        }
        match node.value {
            Value::Scalar(scalar) => Some(scalar.text.into()),
            _ => None,
        }
    }

    fn declared(&self) -> Json {
        json!(self)
    }

    fn unread(_: Span) -> Option<Self> {
        Some(Self::new())
    }

    fn schema(_: &mut Defs) -> Json {
        // An unquoted `1` or `no` is read as the text that it is.
        json!({"type": ["string", "number", "boolean"]})
    }
}

impl Decode for bool {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let word = match &node.value {
            Value::Scalar(Scalar {
                text,
                style: Style::Plain,
            }) => &**text,
            _ => "",
        };
        match word {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => {
                let meant = node.as_str().and_then(truth);
                let instead = meant.map(|meant| (meant.to_string(), format!("write `{meant}`")));
                cx.wrong(&node, "`true` or `false`", instead);
                None
            }
        }
    }

    fn declared(&self) -> Json {
        json!(self)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "boolean"})
    }
}

/// What the other words for a truth value mean: those of YAML 1.1, and those in quotes.
fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Some(true),
        "false" | "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

/// The number in a node; `None` with a finding when there is none.
fn number_in(node: &Node, expected: &str, cx: &mut Cx) -> Option<Number> {
    let found = match &node.value {
        Value::Scalar(Scalar {
            text,
            style: Style::Plain,
        }) => number(text),
        _ => None,
    };
    if found.is_none() {
        let bare = node.as_str().filter(|text| number(text).is_some());
        let instead = bare.map(|bare| {
            let help = format!("write `{bare}` without the quotes");
            (bare.to_owned(), help)
        });
        cx.wrong(node, expected, instead);
    }
    found
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounded<const MIN: u64, const MAX: u64>(pub u64);

/// Any whole number from 0 that 53 bits can hold, which is what JSON readers agree on.
pub type Int = Bounded<0, 9_007_199_254_740_991>;

impl<const MIN: u64, const MAX: u64> Deref for Bounded<MIN, MAX> {
    type Target = u64;

    fn deref(&self) -> &u64 {
        &self.0
    }
}

impl<const MIN: u64, const MAX: u64> Decode for Bounded<MIN, MAX> {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let whole = match number_in(&node, "a whole number", cx)? {
            Number::Whole(whole) => whole,
            Number::Decimal(_) => {
                cx.wrong_type(&node, "a whole number");
                return None;
            }
        };
        match u64::try_from(whole) {
            Ok(value) if (MIN..=MAX).contains(&value) => Some(Self(value)),
            _ => {
                cx.invalid(
                    node.span,
                    format!("{whole} is out of range"),
                    format!("write a number from {MIN} to {MAX}"),
                );
                None
            }
        }
    }

    fn declared(&self) -> Json {
        json!(self.0)
    }

    fn unread(_: Span) -> Option<Self> {
        Some(Self(MIN))
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

impl Decode for f64 {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match number_in(&node, "a number", cx)? {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the nearest float is what was asked for"
            )]
            Number::Whole(whole) => Some(whole as f64),
            Number::Decimal(decimal) => Some(decimal),
        }
    }

    fn declared(&self) -> Json {
        json!(self)
    }

    fn unread(_: Span) -> Option<Self> {
        Some(0.0)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "number"})
    }
}

/// A share: a number from 0 to 1, or a percentage such as `99.9%`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Ratio(pub f64);

impl Deref for Ratio {
    type Target = f64;

    fn deref(&self) -> &f64 {
        &self.0
    }
}

impl Decode for Ratio {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        const EXPECTED: &str = "a share (`0.999` or `99.9%`)";
        let percent = node
            .as_str()
            .and_then(|text| text.trim().strip_suffix('%'))
            .map(|text| number(text.trim()));
        let (found, scale) = match percent {
            Some(Some(found)) => (found, 100.0),
            Some(None) => {
                cx.wrong_type(&node, EXPECTED);
                return None;
            }
            None => (number_in(&node, EXPECTED, cx)?, 1.0),
        };
        let value = match found {
            #[expect(clippy::cast_precision_loss, reason = "only 0 to 100 are allowed")]
            Number::Whole(whole) => whole as f64,
            Number::Decimal(decimal) => decimal,
        } / scale;
        if !(0.0..=1.0).contains(&value) {
            cx.invalid(
                node.span,
                "the share is not between 0 and 1",
                "write `0.999` or `99.9%`",
            );
            return None;
        }
        Some(Self(value))
    }

    fn declared(&self) -> Json {
        json!(self.0)
    }

    fn unread(_: Span) -> Option<Self> {
        Some(Self(1.0))
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"anyOf": [
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$"},
        ]})
    }
}

impl<T: Decode> Decode for Spanned<T> {
    const NAME_KEYS: &'static [&'static str] = T::NAME_KEYS;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let span = if node.as_str().is_some() {
            node.span
        } else {
            node.head()
        };
        T::decode(node, cx).map(|value| Self { value, span })
    }

    fn declared(&self) -> Json {
        self.value.declared()
    }

    fn unread(place: Span) -> Option<Self> {
        T::unread(place).map(|value| Self { value, span: place })
    }

    fn schema(defs: &mut Defs) -> Json {
        T::schema(defs)
    }
}

/// A part that is kept as written: its meaning is decided further up.
impl Decode for Node {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        if matches!(node.value, Value::Refused) {
            cx.lose();
        }
        Some(node)
    }

    fn declared(&self) -> Json {
        self.to_json()
    }

    fn schema(_: &mut Defs) -> Json {
        json!(true)
    }
}
