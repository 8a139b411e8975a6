//! Exact decimal numbers, as far as sample data needs them.

use std::fmt;

use serde_json::Value;

/// Digits and how many of them stand behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    digits: i128,
    scale: u32,
}

impl Exact {
    pub(super) const ZERO: Self = Self {
        digits: 0,
        scale: 0,
    };

    /// A number, or a text that spells one.
    pub(super) fn of(value: &Value) -> Option<Self> {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return None,
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            digits,
            scale: u32::try_from(fraction.len()).ok()?,
        })
    }

    pub(super) fn negative(self) -> Self {
        Self {
            digits: -self.digits,
            ..self
        }
    }

    pub(super) fn is_below_zero(self) -> bool {
        self.digits < 0
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(other.negative())
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let scale = self.scale.max(other.scale);
        let scaled = |number: Self| number.digits * 10_i128.pow(scale - number.scale);
        Self {
            digits: scaled(self) + scaled(other),
            scale,
        }
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self {
            digits: self.digits * other.digits,
            scale: self.scale + other.scale,
        }
    }

    /// As JSON: a number where it was one, else a text.
    pub(super) fn json(self, like: &Value) -> Value {
        match (like, i64::try_from(self.digits)) {
            (Value::Number(number), Ok(whole)) if self.scale == 0 && !number.is_f64() => {
                whole.into()
            }
            (Value::Number(_), _) => self
                .to_string()
                .parse::<f64>()
                .map_or(Value::Null, Into::into),
            _ => Value::String(self.to_string()),
        }
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.digits.unsigned_abs(),
            width = self.scale as usize + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        if fraction.is_empty() {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::of(&json!(text)).expect("a number")
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(exact("0.1").plus(exact("0.2")).to_string(), "0.3");
        assert_eq!(exact("1.50").times(exact("-3")).to_string(), "-4.50");
        assert_eq!(exact("-0.05").to_string(), "-0.05");
    }

    #[test]
    fn a_number_stays_a_number_and_a_text_a_text() {
        assert_eq!(exact("3").json(&json!(1)), json!(3));
        assert_eq!(exact("3.5").json(&json!(1.0)), json!(3.5));
        assert_eq!(exact("3").json(&json!("1.0")), json!("3"));
    }
}
