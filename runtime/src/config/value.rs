//! The types that a setting can have, and how they are written.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::context::CorrelationHeader;
use crate::telemetry::{LogFormat, SampleRatio};

/// A type that a setting can have.
pub trait ConfigValue: Sized {
    /// Reads it from text.
    ///
    /// # Errors
    /// What the text should have been, with an example.
    fn read(text: &str) -> Result<Self, String>;
}

macro_rules! by_from_str {
    ($($kind:ty: $expected:literal),* $(,)?) => {$(
        impl ConfigValue for $kind {
            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| $expected.to_owned())
            }
        }
    )*};
}

by_from_str! {
    u16: "a number from 0 to 65535",
    u32: "a whole number, 0 or more",
    u64: "a whole number, 0 or more",
    usize: "a whole number, 0 or more",
    i64: "a whole number",
    f64: "a number",
    bool: "`true` or `false`",
    SocketAddr: "an address with a port, such as 127.0.0.1:8080",
}

impl ConfigValue for String {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl ConfigValue for CorrelationHeader {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "the name of a header, such as x-correlation-id".to_owned())
    }
}

impl ConfigValue for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("a path".to_owned())
        } else {
            Ok(text.into())
        }
    }
}

/// A list, separated by commas.
impl ConfigValue for Vec<String> {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect())
    }
}

impl ConfigValue for Duration {
    fn read(text: &str) -> Result<Self, String> {
        parse_duration(text)
            .ok_or_else(|| "a time with its unit, such as 250ms, 30s, 15m or 1h".to_owned())
    }
}

impl ConfigValue for SampleRatio {
    fn read(text: &str) -> Result<Self, String> {
        let ratio = text.parse().ok().and_then(Self::new);
        ratio.ok_or_else(|| "a number from 0 to 1".to_owned())
    }
}

impl ConfigValue for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "json" => Ok(Self::Json),
            "human" => Ok(Self::Human),
            _ => Err("`json` or `human`".to_owned()),
        }
    }
}

/// Reads a time with its unit: `250ms`, `30s`, `15m`, `1h`, `2d`.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().ok()?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_its_unit() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("15m"), Some(Duration::from_secs(900)));
        for text in [
            "",
            "15",
            "m",
            "1.5s",
            "-1s",
            "1 s",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_is_separated_by_commas() {
        assert_eq!(Vec::<String>::read("a, b,,c").unwrap(), ["a", "b", "c"]);
    }
}
