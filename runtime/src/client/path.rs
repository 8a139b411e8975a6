//! Paths from templates, so that a value can never add a segment or a query of its own.

use std::fmt::{Display, Write as _};

/// Fills the `{...}` of a template in order, each value percent-encoded. A value that is missing leaves its place empty.
#[must_use]
pub fn filled(template: &str, values: &[&dyn Display]) -> String {
    let mut values = values.iter();
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        path.push_str(before);
        let Some((_, after)) = after.split_once('}') else {
            rest = "";
            break;
        };
        if let Some(value) = values.next() {
            encode(&value.to_string(), &mut path);
        }
        rest = after;
    }
    path.push_str(rest);
    path
}

/// Percent-encodes all but the unreserved characters of RFC 3986; the segments `.` and `..` lose their meaning too.
pub(super) fn encode(text: &str, out: &mut String) {
    let dots = matches!(text, "." | "..");
    for byte in text.bytes() {
        match byte {
            b'.' if dots => out.push_str("%2E"),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_template_in_order() {
        assert_eq!(filled("/a/{x}/b/{y}", &[&1, &"z"]), "/a/1/b/z");
        assert_eq!(filled("/plain", &[]), "/plain");
    }

    #[test]
    fn a_value_stays_within_its_segment() {
        assert_eq!(
            filled("/a/{x}", &[&"../b?c=d/é"]),
            "/a/..%2Fb%3Fc%3Dd%2F%C3%A9"
        );
        assert_eq!(filled("/a/{x}/b", &[&".."]), "/a/%2E%2E/b");
    }
}
