//! The short notation of types: `uuid`, `string`, `T[]`, `T?`, `a | b`, `(a | b)[]`. Which names are types is known
//! further up; here is only how they are put together.

use serde_json::{Value as Json, json};

use super::decode::{Cx, Decode, Defs, shorten};
use super::fault;
use super::finding::Finding;
use super::source::{Span, Spanned};
use super::yaml::{Node, Scalar, Style, Value};

/// A type as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeExpr {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TypeKind,
}

/// How a type is put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeKind {
    /// A word: a built-in type, a declared one, or the only word of an enum.
    Name(String),
    /// `T[]`.
    Array(Box<TypeExpr>),
    /// `T?`: may be absent.
    Optional(Box<TypeExpr>),
    /// `a | b`: one of these words or types.
    Union(Vec<TypeExpr>),
}

impl TypeExpr {
    /// The type without its `?`, and whether it had one.
    #[must_use]
    pub fn required(&self) -> (&Self, bool) {
        match &self.kind {
            TypeKind::Optional(inner) => (inner, false),
            _ => (self, true),
        }
    }

    /// The words that it names.
    #[must_use]
    pub fn names(&self) -> Vec<Spanned<&str>> {
        match &self.kind {
            TypeKind::Name(name) => vec![Spanned::new(name.as_str(), self.span)],
            TypeKind::Array(inner) | TypeKind::Optional(inner) => inner.names(),
            TypeKind::Union(parts) => parts.iter().flat_map(Self::names).collect(),
        }
    }
}

impl std::fmt::Display for TypeExpr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let grouped = |inner: &Self| match inner.kind {
            TypeKind::Union(_) => format!("({inner})"),
            _ => inner.to_string(),
        };
        match &self.kind {
            TypeKind::Name(name) => f.write_str(name),
            TypeKind::Array(inner) => write!(f, "{}[]", grouped(inner)),
            TypeKind::Optional(inner) => write!(f, "{}?", grouped(inner)),
            TypeKind::Union(parts) => {
                let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
                f.write_str(&parts.join(" | "))
            }
        }
    }
}

/// How deep `[]`, `?` and parentheses may nest.
const MAX_DEPTH: usize = 16;

/// Reads a type. `span` is the place of `text`; where the two are of one length, every part gets its own place.
///
/// # Errors
/// The place and the words for what is wrong.
pub fn parse(text: &str, span: Span) -> Result<TypeExpr, (Span, String)> {
    let width = (span.end - span.start) as usize;
    // In quotes, and without an escape.
    let span = if width == text.len() + 2 {
        span.slice(1, width - 1)
    } else {
        span
    };
    let exact = (span.end - span.start) as usize == text.len();
    let mut parser = Parser {
        text,
        span,
        exact,
        at: 0,
        depth: 0,
    };
    let parsed = parser.union()?;
    parser.blanks();
    match parser.peek() {
        None => Ok(parsed),
        Some(_) if parser.word() > 0 => {
            let word = &text[parser.at..parser.at + parser.word()];
            let message = format!("`{word}` is not expected here: a name has no blank");
            Err(parser.error(word.len(), &message))
        }
        Some(c) => Err(parser.error(c.len_utf8(), &format!("`{c}` is not expected here"))),
    }
}

struct Parser<'t> {
    text: &'t str,
    span: Span,
    exact: bool,
    at: usize,
    depth: usize,
}

type Fault = (Span, String);

impl Parser<'_> {
    fn place(&self, from: usize, to: usize) -> Span {
        if self.exact {
            self.span.slice(from, to)
        } else {
            self.span
        }
    }

    fn error(&self, len: usize, message: &str) -> Fault {
        (self.place(self.at, self.at + len), message.to_owned())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// The length of the name that begins here; 0 where none does.
    fn word(&self) -> usize {
        let rest = &self.text[self.at..];
        rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+')))
            .unwrap_or(rest.len())
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn union(&mut self) -> Result<TypeExpr, Fault> {
        self.blanks();
        let start = self.at;
        let mut parts = vec![self.postfix()?];
        let mut end = self.at;
        loop {
            self.blanks();
            if !self.eat("|") {
                break;
            }
            self.blanks();
            parts.push(self.postfix()?);
            end = self.at;
        }
        match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Ok(TypeExpr {
                span: self.place(start, end),
                kind: TypeKind::Union(parts),
            }),
        }
    }

    fn postfix(&mut self) -> Result<TypeExpr, Fault> {
        let start = self.at;
        let mut inner = self.atom()?;
        let mut marks = 0;
        loop {
            let kind: fn(Box<TypeExpr>) -> TypeKind = if self.eat("[]") {
                TypeKind::Array
            } else if self.eat("?") {
                TypeKind::Optional
            } else {
                return Ok(inner);
            };
            marks += 1;
            if marks > MAX_DEPTH {
                return Err(self.error(0, "the type is nested too deeply"));
            }
            inner = TypeExpr {
                span: self.place(start, self.at),
                kind: kind(Box::new(inner)),
            };
        }
    }

    fn atom(&mut self) -> Result<TypeExpr, Fault> {
        if self.eat("(") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(self.error(0, "the type is nested too deeply"));
            }
            let inner = self.union()?;
            self.blanks();
            self.depth -= 1;
            return if self.eat(")") {
                Ok(inner)
            } else {
                Err(self.error(0, "a `)` is missing"))
            };
        }
        let len = self.word();
        if len == 0 {
            return Err(match self.peek() {
                Some(c) => self.error(c.len_utf8(), &format!("expected a type, found `{c}`")),
                None => self.error(0, "a type is missing here"),
            });
        }
        let name = self.text[self.at..self.at + len].to_owned();
        let span = self.place(self.at, self.at + len);
        self.at += len;
        Ok(TypeExpr {
            span,
            kind: TypeKind::Name(name),
        })
    }
}

impl Decode for TypeExpr {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let Value::Scalar(Scalar { text, style }) = &node.value else {
            cx.wrong_type(&node, "a type such as `uuid`, `string?` or `Item[]`");
            return None;
        };
        let quotes = usize::from(*style == Style::Quoted);
        let width = (node.span.end - node.span.start) as usize;
        let span = node.span.slice(quotes, width.saturating_sub(quotes));
        parse(text, span)
            .map_err(|(span, why)| {
                let message = format!("`{}` is no type: {why}", shorten(text));
                let help = "write a type such as `uuid`, `string?`, `Item[]` or `open | closed`";
                cx.push(Finding::error(fault::INVALID_VALUE, span, message).help(help));
            })
            .ok()
    }

    fn declared(&self) -> Json {
        json!(self.to_string())
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"type": "string", "description": "A type: uuid, string, integer, number, decimal, boolean, date, ISO8601, json, a declared type, `T[]`, `T?` or `a | b`."})
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::SourceId;
    use super::*;

    fn read(text: &str) -> Result<TypeExpr, (Span, String)> {
        parse(text, Span::new(SourceId::default(), 100, 100 + text.len()))
    }

    #[test]
    fn types_are_put_together_by_marks_and_bars() {
        for text in [
            "uuid",
            "ProductItem[]",
            "string?",
            "Item[]?",
            "success | failed",
            "(a | b)[]",
            "(a | b)?",
        ] {
            assert_eq!(
                read(text).map(|parsed| parsed.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            read(" a|b ").map(|parsed| parsed.to_string()),
            Ok("a | b".to_owned())
        );
    }

    #[test]
    fn each_word_of_a_union_knows_its_place() {
        let parsed = read("größe | klein").expect("valid");
        let places: Vec<_> = parsed
            .names()
            .iter()
            .map(|name| (name.span.start, name.span.end))
            .collect();
        assert_eq!(places, [(100, 107), (110, 115)]);
    }

    #[test]
    fn a_type_that_is_none_is_told_at_its_place() {
        for (text, at) in [
            ("", 100),
            ("a |", 103),
            ("a b", 102),
            ("[]", 100),
            ("a[", 101),
            ("(a", 102),
            ("a || b", 103),
        ] {
            assert_eq!(read(text).expect_err(text).0.start, at, "{text}");
        }
        let (_, why) = read("painting | old masters").expect_err("a blank");
        assert_eq!(why, "`masters` is not expected here: a name has no blank");
        assert!(read(&"(".repeat(100_000)).is_err());
        assert!(read(&format!("a{}", "[]".repeat(100_000))).is_err());
    }
}
