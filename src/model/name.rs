//! Names: parsed once, then spelt for every target by the functions here and nowhere else.

use std::fmt;

use crate::syntax::source::{Span, Spanned};

/// Longest name, in characters: crate names, topics and DNS labels (63) keep room for what is added to it.
pub const MAX_LENGTH: usize = 40;

/// A name with its place. Equal names may be spelt differently: compare [`Name::snake`] for that.
#[derive(Debug, Clone, Default)]
pub struct Name {
    written: Box<str>,
    /// In snake case, where that is not how it is written.
    snake: Option<Box<str>>,
    span: Span,
}

impl Name {
    /// Takes a name as written.
    pub fn new(written: impl Into<String>, span: Span) -> Self {
        let written = written.into().into_boxed_str();
        let snake = (!is_snake(&written)).then(|| Self::snake_of(&written).into_boxed_str());
        Self {
            written,
            snake,
            span,
        }
    }

    /// As written in the file.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// `order_service`: fields, modules, tables.
    pub fn snake(&self) -> &str {
        self.snake.as_deref().unwrap_or(&self.written)
    }

    /// `OrderService`: types.
    pub fn pascal(&self) -> String {
        let mut text = String::with_capacity(self.snake().len());
        Self::words(self.snake()).for_each(|word| capitalise(word, &mut text));
        text
    }

    /// `orderService`.
    pub fn camel(&self) -> String {
        let mut words = Self::words(self.snake());
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |mut text, word| {
            capitalise(word, &mut text);
            text
        })
    }

    /// `order-service`: crates, hosts, topics, paths.
    pub fn kebab(&self) -> String {
        self.snake().replace('_', "-")
    }

    /// `ORDER_SERVICE`: environment variables.
    pub fn screaming(&self) -> String {
        self.snake().to_ascii_uppercase()
    }

    /// A Rust identifier in snake case; a keyword is written raw, or with a final `_` where Rust knows no raw form.
    pub fn identifier(&self) -> String {
        match self.snake() {
            word @ ("self" | "super" | "crate") => format!("{word}_"),
            word if is_keyword(word) => format!("r#{word}"),
            word => word.to_owned(),
        }
    }

    /// Snake case of any spelling: `orderId`, `OrderId`, `order-id` and `order_id` are one name.
    pub fn snake_of(written: &str) -> String {
        if is_snake(written) {
            return written.to_owned();
        }
        let mut snake = String::with_capacity(written.len() + 4);
        let mut before: Option<char> = None;
        let mut chars = written.chars().peekable();
        while let Some(char) = chars.next() {
            let last = before.replace(char);
            if !char.is_alphanumeric() {
                if !snake.is_empty() && !snake.ends_with('_') {
                    snake.push('_');
                }
                continue;
            }
            let after_lower = last.is_some_and(|last| last.is_lowercase() || last.is_numeric());
            let ends_acronym = last.is_some_and(char::is_uppercase)
                && chars.peek().is_some_and(|next| next.is_lowercase());
            if char.is_uppercase() && (after_lower || ends_acronym) && !snake.ends_with('_') {
                snake.push('_');
            }
            if char.is_ascii() {
                snake.push(char.to_ascii_lowercase());
            } else {
                snake.extend(char.to_lowercase());
            }
        }
        let full = snake.trim_end_matches('_').len();
        snake.truncate(full);
        snake
    }

    fn words(snake: &str) -> impl Iterator<Item = &str> {
        snake.split('_').filter(|word| !word.is_empty())
    }
}

impl From<&Spanned<String>> for Name {
    fn from(name: &Spanned<String>) -> Self {
        Self::new(name.value.clone(), name.span)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.snake() == other.snake()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.snake().cmp(other.snake())
    }
}

/// Whether a name is in snake case as it is written, as most are; only plain letters are looked at.
fn is_snake(written: &str) -> bool {
    let bytes = written.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    bytes.iter().all(plain)
        && !bytes.starts_with(b"_")
        && !bytes.ends_with(b"_")
        && !bytes.windows(2).any(|pair| pair == b"__")
}

/// `orders` → `order`, `categories` → `category`, `addresses` → `address`.
pub fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes"] {
        if let Some(stem) = plural.strip_suffix(ending) {
            return format!("{stem}{}", ending.trim_end_matches("es"));
        }
    }
    match plural.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => plural.to_owned(),
    }
}

/// Whether Rust keeps the word for itself (The Rust Reference, Keywords; strict and reserved, edition 2024).
pub fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
        "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
        "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
        "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type",
        "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.binary_search(&word).is_ok()
}

/// Whether a type of this name would stand in the way of one that generated files use under it: those that every Rust module knows
/// (`std::prelude`), and what files that define types import for them.
pub fn is_known_type(word: &str) -> bool {
    const TYPES: &[&str] = &[
        "AsMut",
        "AsRef",
        "Box",
        "Checks",
        "Clone",
        "Copy",
        "Decimal",
        "Default",
        "Deserialize",
        "Drop",
        "Eq",
        "Err",
        "Extend",
        "Fn",
        "FnMut",
        "FnOnce",
        "From",
        "Into",
        "IntoIterator",
        "Iterator",
        "Limited",
        "None",
        "Ok",
        "Option",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "Result",
        "Self",
        "Send",
        "Serialize",
        "Sized",
        "Some",
        "String",
        "Sync",
        "ToOwned",
        "ToString",
        "TryFrom",
        "TryInto",
        "Unpin",
        "Vec",
    ];
    TYPES.binary_search(&word).is_ok()
}

/// Adds a word with a capital.
fn capitalise(word: &str, text: &mut String) {
    let mut chars = word.chars();
    if let Some(first) = chars.next() {
        text.extend(first.to_uppercase());
        text.push_str(chars.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(written: &str) -> Name {
        Name::new(written, Span::default())
    }

    #[test]
    fn every_spelling_of_a_name_is_one_name() {
        for written in [
            "orderId", "OrderId", "order-id", "order_id", "Order ID", "orderID",
        ] {
            assert_eq!(name(written).snake(), "order_id", "{written}");
        }
        assert_eq!(name("HTTPRoute2xx").snake(), "http_route2xx");
    }

    #[test]
    fn a_name_is_spelt_for_each_target() {
        let name = name("payment-service");
        assert_eq!(name.pascal(), "PaymentService");
        assert_eq!(name.camel(), "paymentService");
        assert_eq!(name.kebab(), "payment-service");
        assert_eq!(name.screaming(), "PAYMENT_SERVICE");
    }

    #[test]
    fn keywords_become_identifiers() {
        assert_eq!(name("type").identifier(), "r#type");
        assert_eq!(name("self").identifier(), "self_");
        assert_eq!(name("order").identifier(), "order");
    }

    #[test]
    fn plurals_lose_their_ending() {
        let pairs = [
            ("orders", "order"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("status", "status"),
            ("inventory", "inventory"),
            ("purchases", "purchase"),
        ];
        for (plural, expected) in pairs {
            assert_eq!(singular(plural), expected);
        }
    }
}
