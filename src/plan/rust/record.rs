//! Structs and enums of generated files.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{RustType, Scope};
use crate::model::name::{Name, is_keyword};
use crate::model::types::Field;

/// A struct to print.
#[derive(Debug, Clone, Serialize)]
pub struct StructDef {
    /// Its name.
    pub name: String,
    /// What it is, as a sentence.
    pub doc: String,
    /// Its fields.
    pub fields: Vec<FieldDef>,
    /// Whether a field that is not declared is refused when it is read.
    pub strict: bool,
}

/// A field to print.
#[derive(Debug, Clone, Serialize)]
pub struct FieldDef {
    /// As a Rust identifier.
    pub ident: String,
    /// Without the `r#` of a keyword: for what is built from it.
    pub bare: String,
    /// As JSON spells it.
    pub wire: String,
    /// Whether serde has to be told.
    pub renamed: bool,
    /// Its type, spelt.
    pub ty: String,
    /// Its type without the `Option`.
    pub inner: String,
    /// Whether it may be missing.
    pub optional: bool,
    /// Whether it is a field of a patch: one that is not sent is not one that is null.
    pub patched: bool,
    /// Whether it stays out of logs.
    pub sensitive: bool,
    /// What it is, as a sentence.
    pub doc: String,
    /// The function that gives its value where none is sent.
    pub default: Option<String>,
    /// Its type, for decisions.
    #[serde(skip)]
    pub rust: RustType,
}

impl FieldDef {
    /// A field of a name and a type.
    pub fn new(name: &Name, rust: RustType, description: Option<&str>, scope: &mut Scope) -> Self {
        let ident = name.identifier();
        let bare = ident.trim_start_matches("r#").to_owned();
        Self {
            renamed: bare != name.as_str(),
            wire: name.as_str().to_owned(),
            ty: rust.spell(scope),
            inner: rust.inner().spell(scope),
            optional: rust.is_option(),
            patched: false,
            sensitive: false,
            doc: sentence(description, &words(name)),
            default: None,
            ident,
            bare,
            rust,
        }
    }

    /// A field as declared in the file.
    pub fn of(field: &Field, rust: RustType, scope: &mut Scope) -> Self {
        Self {
            sensitive: field.sensitive,
            ..Self::new(&field.name, rust, field.description.as_deref(), scope)
        }
    }
}

/// An enum of words to print.
#[derive(Debug, Clone, Serialize)]
pub struct EnumDef {
    /// Its name.
    pub name: String,
    /// What it is, as a sentence.
    pub doc: String,
    /// Its variants, the first being the default.
    pub variants: Vec<Variant>,
}

/// A variant to print.
#[derive(Debug, Clone, Serialize)]
pub struct Variant {
    /// As Rust spells it.
    pub ident: String,
    /// As JSON spells it.
    pub wire: String,
}

impl EnumDef {
    /// An enum of words. Words that Rust would spell alike are numbered.
    pub fn new(name: String, doc: String, words: &[String]) -> Self {
        let mut taken = BTreeSet::new();
        let variants = words
            .iter()
            .map(|word| {
                let mut ident = variant(word);
                while !taken.insert(ident.clone()) {
                    ident.push('X');
                }
                Variant {
                    ident,
                    wire: word.clone(),
                }
            })
            .collect();
        Self {
            name,
            doc,
            variants,
        }
    }
}

/// A word as a variant's name.
pub(super) fn variant(word: &str) -> String {
    let pascal = Name::new(word, crate::syntax::source::Span::default()).pascal();
    let pascal: String = pascal.chars().filter(char::is_ascii_alphanumeric).collect();
    match pascal.chars().next() {
        None => "Empty".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("N{pascal}"),
        Some(_) if pascal == "Self" || is_keyword(&pascal) => format!("{pascal}Value"),
        Some(_) => pascal,
    }
}

/// A description as a sentence for a doc comment on one line, or words in its place.
pub fn sentence(description: Option<&str>, otherwise: &str) -> String {
    escape_doc(&plain_sentence(description, otherwise))
}

/// A description as a sentence on one line, where nothing reads Markdown.
pub fn plain_sentence(description: Option<&str>, otherwise: &str) -> String {
    let text = description
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .unwrap_or(otherwise);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = text.chars();
    let mut sentence: String = chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    });
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// The words of a name: `customer id`.
pub fn words(name: &Name) -> String {
    name.snake().replace('_', " ")
}

/// Square brackets and angle brackets would be links and tags to rustdoc.
fn escape_doc(text: &str) -> String {
    text.replace('[', "\\[")
        .replace(']', "\\]")
        .replace('<', "\\<")
        .replace('>', "\\>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_variants() {
        for (word, ident) in [
            ("in_transit", "InTransit"),
            ("2fa", "N2fa"),
            ("self", "SelfValue"),
            ("", "Empty"),
            ("A-B", "AB"),
        ] {
            assert_eq!(variant(word), ident, "{word}");
        }
    }

    #[test]
    fn words_that_rust_spells_alike_stay_apart() {
        let def = EnumDef::new(
            "E".to_owned(),
            String::new(),
            &["a-b".to_owned(), "a_b".to_owned()],
        );
        assert_eq!(def.variants[0].ident, "AB");
        assert_eq!(def.variants[1].ident, "ABX");
    }

    #[test]
    fn a_description_is_a_sentence_on_one_line() {
        assert_eq!(sentence(Some(" the  id\n of it "), "x"), "The id of it.");
        assert_eq!(sentence(None, "order id"), "Order id.");
    }
}
