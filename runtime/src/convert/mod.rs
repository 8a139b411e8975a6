//! One value as another type that looks the same on the wire: contracts declare their own types, and messages meet them.
//!
//! ```
//! use msarch_runtime::convert::recode;
//!
//! let text: String = recode(&serde_json::json!("paid")).expect("text is text");
//! assert_eq!(text, "paid");
//! assert!(recode::<_, i64>(&"seven").is_err());
//! ```

mod words;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::problem::Problem;

pub(crate) use words::misread;

/// A value as another type, through its JSON form.
///
/// # Errors
/// 422 when the value is none of that type.
pub fn recode<T: Serialize, U: DeserializeOwned>(value: &T) -> Result<U, Problem> {
    let json = serde_json::to_value(value).map_err(Problem::internal)?;
    serde_json::from_value(json).map_err(|error| {
        let detail = without_value(&error);
        Problem::unprocessable(format!("a value does not fit: {detail}"))
    })
}

/// Reads a field of a merge patch (RFC 7396), with `#[serde(default)]`: one that is not sent is `None`. A null that is sent is read as
/// what the field holds: `Some(None)` where that may be missing, and refused where it may not.
///
/// # Errors
/// What is sent does not fit.
pub fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What does not fit, in JSON's words and without the value itself, which may be sensitive: `invalid type: string, expected a number`.
pub(crate) fn without_value(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let shows = ["invalid type: ", "invalid value: ", "unknown variant "];
    let (Some(start), Some(expected)) = (
        shows.iter().find(|start| text.starts_with(**start)),
        text.rfind(", expected "),
    ) else {
        return text;
    };
    // The kind of the value is told before the value: string "...", integer `...`.
    let kind = text[start.len()..expected]
        .split(['"', '`'])
        .next()
        .unwrap_or_default();
    let kind = kind.trim_end_matches([' ', ':']);
    let place = text.rfind(" at line ").unwrap_or(text.len());
    let wanted = text[expected..place].trim_start_matches(", expected ");
    let shown = format!("{start}{}", words::kind(kind));
    let shown = shown.trim_end_matches([' ', ':']);
    format!("{shown}, expected {}", words::wanted(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        without_value(&serde_json::from_str::<T>(json).unwrap_err())
    }

    #[test]
    fn a_patch_tells_what_is_not_sent_from_what_is_cleared() {
        #[derive(Debug, serde::Deserialize, PartialEq)]
        struct Patch {
            #[serde(default, deserialize_with = "sent")]
            name: Option<String>,
            #[serde(default, deserialize_with = "sent")]
            note: Option<Option<String>>,
        }
        let read = |json| serde_json::from_str::<Patch>(json);
        let patch = |note| Patch { name: None, note };
        assert_eq!(read("{}").unwrap(), patch(None));
        assert_eq!(read(r#"{"note":null}"#).unwrap(), patch(Some(None)));
        let note = Some(Some("x".to_owned()));
        assert_eq!(read(r#"{"note":"x"}"#).unwrap(), patch(note));
        assert!(read(r#"{"name":null}"#).is_err());
    }

    #[test]
    fn what_does_not_fit_is_told_without_its_value() {
        #[derive(Debug, serde::Deserialize)]
        enum Word {
            Known,
        }
        assert_eq!(
            told::<i64>(r#""a, expected secret""#),
            "invalid type: string, expected an integer of 64 bits"
        );
        assert_eq!(
            told::<u8>("4711"),
            "invalid value: integer, expected an integer from 0 to 255"
        );
        assert_eq!(told::<f64>("{}"), "invalid type: object, expected a number");
        assert_eq!(
            told::<Vec<i64>>("7.5"),
            "invalid type: number, expected an array"
        );
        assert_eq!(
            told::<String>("null"),
            "invalid type: null, expected a string"
        );
        assert_eq!(
            told::<Word>(r#""secret""#),
            "unknown variant, expected `Known`"
        );
        assert!(matches!(
            serde_json::from_str(r#""Known""#),
            Ok(Word::Known)
        ));
        let problem = recode::<_, rust_decimal::Decimal>(&"secret").unwrap_err();
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}
