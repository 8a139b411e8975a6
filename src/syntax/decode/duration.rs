//! Durations: `"500ms"`, `"30s"`, `"15m"`, `"1h"`, `"1d"`, and bare numbers where a key states their unit.

use std::fmt;
use std::ops::Deref;

use serde_json::{Value as Json, json};

use super::super::source::Span;
use super::super::yaml::{Node, Number, Scalar, Style, Value, number};
use super::{Cx, Decode, Defs, shorten};

/// A length of time that remembers how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    millis: u64,
    bare: bool,
}

/// The longest duration: a hundred years, so that no sum of a few of them overflows.
const LONGEST: u64 = 100 * 365 * 86_400_000;

const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

impl Duration {
    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self {
            millis,
            bare: false,
        }
    }

    /// The length in milliseconds.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.millis
    }

    /// Whether it was written without a unit.
    #[must_use]
    pub const fn is_bare(self) -> bool {
        self.bare
    }

    /// As the standard library has it.
    #[must_use]
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.millis)
    }

    /// Reads a number with a unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (found, factor) = split(text)?;
        let millis = match found {
            Number::Whole(whole) => u64::try_from(whole).ok()?.checked_mul(factor)?,
            Number::Decimal(decimal) => whole_millis(decimal, factor)?,
        };
        (millis <= LONGEST).then_some(Self::from_millis(millis))
    }
}

/// The number in front of a unit, and the unit in milliseconds.
fn split(text: &str) -> Option<(Number, u64)> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let unit = text[split..].trim_start();
    let (_, factor) = UNITS.iter().find(|(known, _)| *known == unit)?;
    Some((number(&text[..split])?, *factor))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a hundred years need no precision"
)]
fn is_too_long(found: Number, factor: u64) -> bool {
    let count = match found {
        Number::Whole(whole) => whole as f64,
        Number::Decimal(decimal) => decimal,
    };
    count * factor as f64 > LONGEST as f64
}

/// `1.5s` is 1500 ms; `0.5ms` is nothing that we can wait for.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked against the bounds"
)]
fn whole_millis(decimal: f64, factor: u64) -> Option<u64> {
    let millis = decimal * factor as f64;
    let whole = millis.round();
    ((millis - whole).abs() < 1e-6 && (0.0..=LONGEST as f64).contains(&whole))
        .then_some(whole as u64)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS
            .iter()
            .rev()
            .find(|(_, factor)| self.millis >= *factor && self.millis.is_multiple_of(*factor));
        match fits {
            Some((unit, factor)) => write!(f, "{}{unit}", self.millis / factor),
            None => write!(f, "{}ms", self.millis),
        }
    }
}

/// A [`Duration`] whose bare numbers are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub Duration);

/// A [`Duration`] whose bare numbers are seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub Duration);

impl Deref for Millis {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl Deref for Seconds {
    type Target = Duration;

    fn deref(&self) -> &Duration {
        &self.0
    }
}

const PATTERN: &str = r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)\s*$";

/// Reads a duration; `bare` is the factor of a bare number to milliseconds and its unit, when there may be one.
fn read(node: &Node, cx: &mut Cx, bare: Option<(u64, &str)>) -> Option<Duration> {
    const HELP: &str = "write a number and a unit, such as `500ms`, `30s`, `15m`, `1h` or `1d`";
    let (text, plain) = match &node.value {
        Value::Scalar(Scalar { text, style }) if !node.is_null() => (text, *style == Style::Plain),
        _ => {
            cx.wrong_type(node, "a duration");
            return None;
        }
    };
    if let Some(found) = number(text.trim()).filter(|_| plain || bare.is_none()) {
        let Some((factor, unit)) = bare else {
            cx.invalid(
                node.span,
                format!("the duration `{}` has no unit", shorten(text)),
                HELP,
            );
            return None;
        };
        return bare_number(found, factor).or_else(|| {
            if is_too_long(found, factor) {
                return too_long(text, node.span, cx);
            }
            refuse(
                text,
                node.span,
                cx,
                &format!("{HELP}; a bare number is taken as {unit}"),
            )
        });
    }
    Duration::parse(text).or_else(|| match split(text) {
        Some((found, factor)) if is_too_long(found, factor) => too_long(text, node.span, cx),
        _ => refuse(text, node.span, cx, HELP),
    })
}

/// The longest takes its place: something is stated here, so that nobody reports it as missing besides.
fn too_long(text: &str, span: Span, cx: &mut Cx) -> Option<Duration> {
    cx.invalid(
        span,
        format!("the duration `{}` is too long", shorten(text)),
        "write a hundred years (`36500d`) or less",
    );
    Some(Duration::from_millis(LONGEST))
}

fn bare_number(found: Number, factor: u64) -> Option<Duration> {
    let Number::Whole(whole) = found else {
        return None;
    };
    let millis = u64::try_from(whole).ok()?.checked_mul(factor)?;
    (millis <= LONGEST).then_some(Duration { millis, bare: true })
}

fn refuse(text: &str, span: Span, cx: &mut Cx, help: &str) -> Option<Duration> {
    cx.invalid(span, format!("`{}` is not a duration", shorten(text)), help);
    None
}

impl Decode for Duration {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        read(&node, cx, None)
    }

    fn declared(&self) -> Json {
        json!(self.to_string())
    }

    fn unread(_: Span) -> Option<Self> {
        Some(Self::from_millis(1_000))
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "string", "pattern": PATTERN})
    }
}

impl Decode for Millis {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        read(&node, cx, Some((1, "milliseconds"))).map(Self)
    }

    fn declared(&self) -> Json {
        json!(self.0.to_string())
    }

    fn unread(place: Span) -> Option<Self> {
        Duration::unread(place).map(Self)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"anyOf": [{"type": "string", "pattern": PATTERN}, {"type": "integer", "minimum": 0, "description": "milliseconds"}]})
    }
}

impl Decode for Seconds {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        read(&node, cx, Some((1_000, "seconds"))).map(Self)
    }

    fn declared(&self) -> Json {
        json!(self.0.to_string())
    }

    fn unread(place: Span) -> Option<Self> {
        Duration::unread(place).map(Self)
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"anyOf": [{"type": "string", "pattern": PATTERN}, {"type": "integer", "minimum": 0, "description": "seconds"}]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("15m", 900_000),
            ("1h", 3_600_000),
            ("1d", 86_400_000),
            ("1.5s", 1500),
            (" 2 s ", 2000),
        ] {
            assert_eq!(
                Duration::parse(text).map(Duration::millis),
                Some(millis),
                "{text}"
            );
        }
        for text in [
            "",
            "s",
            "5",
            "5x",
            "-5s",
            "1.2.3s",
            "0.5ms",
            "99999999999999999999s",
            "40000d",
            "5 minutes",
        ] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_too_long_is_no_other_fault() {
        for text in [
            "99999999999d",
            "99999999999999999999s",
            "40000d",
            "36500.5d",
        ] {
            let (found, factor) = split(text).unwrap();
            assert!(is_too_long(found, factor), "{text}");
        }
        let (found, factor) = split("36500d").unwrap();
        assert!(!is_too_long(found, factor));
    }

    #[test]
    fn a_duration_is_shown_in_its_largest_whole_unit() {
        let shown: Vec<_> = [0, 500, 1500, 30_000, 90_000, 900_000, 86_400_000]
            .map(|millis| Duration::from_millis(millis).to_string())
            .into();
        assert_eq!(shown, ["0ms", "500ms", "1500ms", "30s", "90s", "15m", "1d"]);
    }
}
