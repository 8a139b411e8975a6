//! Places as machines want them.

use crate::syntax::source::{Position, Sources, Span};

/// A place in a file, with lines and columns from 1; columns count characters.
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) start: Position,
    pub(super) end: Position,
}

pub(super) fn place(sources: &Sources, span: Span) -> Place<'_> {
    Place {
        file: sources.get(span.source).name(),
        start: sources.position(span),
        end: sources.end_position(span),
    }
}

/// A path as the path of a URI: what is not plain is percent-encoded (RFC 3986).
pub(super) fn uri_path(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
