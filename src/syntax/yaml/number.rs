//! What a plain scalar is as a number, by the core schema of YAML 1.2.

/// A number as written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// Any other finite number.
    Decimal(f64),
}

impl Number {
    /// As JSON; whole numbers that JSON numbers of this build cannot hold become floats.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Self::Whole(whole) => match (u64::try_from(whole), i64::try_from(whole)) {
                (Ok(unsigned), _) => unsigned.into(),
                (_, Ok(signed)) => signed.into(),
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "the nearest float is what JSON readers would take too"
                )]
                _ => (whole as f64).into(),
            },
            Self::Decimal(decimal) => decimal.into(),
        }
    }
}

/// Reads a number: decimal, `0o` and `0x` integers, and decimals with a point or an exponent. `.inf` and `.nan` are
/// text here: nothing in an architecture is infinite.
#[must_use]
pub fn number(text: &str) -> Option<Number> {
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8);
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || !digits.contains(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Number::Whole);
    }
    if digits
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
    {
        return text
            .parse::<f64>()
            .ok()
            .filter(|f| f.is_finite())
            .map(Number::Decimal);
    }
    None
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    if digits.starts_with(['-', '+']) {
        return None;
    }
    i128::from_str_radix(digits, radix).ok().map(Number::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_core_schema() {
        assert_eq!(number("012"), Some(Number::Whole(12)));
        assert_eq!(number("0x1F"), Some(Number::Whole(31)));
        assert_eq!(number("0o17"), Some(Number::Whole(15)));
        assert_eq!(number("-7"), Some(Number::Whole(-7)));
        assert_eq!(number("1.5e3"), Some(Number::Decimal(1500.0)));
        assert_eq!(number(".5"), Some(Number::Decimal(0.5)));
        for text in [
            "", "-", ".", "e", "1_000", "1.2.3", "0x", "v1", "1m", ".inf", "1e999", "--1",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
