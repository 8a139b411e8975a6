//! `choice!`: one word out of a list.

use super::super::fault;
use super::super::finding::Finding;
use super::super::source::{Span, Spanned};
use super::super::suggestion::Suggestion;
use super::super::yaml::Node;
use super::{Cx, closest, is_slip, shorten};

/// Defines an enum whose values are words of the file. Further spellings that are read stand behind the first.
/// Upper and lower case do not matter where only one word could be meant; the first spelling is the one that is shown.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        pub enum $choice:ident {
            $(
                $(#[doc = $variant_doc:literal])+
                $variant:ident = $word:literal $(| $also:literal)*,
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $choice {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $choice {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The value of a word, if it is one.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                $(if [$word $(, $also)*].iter().any(|known| known.eq_ignore_ascii_case(word)) {
                    return Some(Self::$variant);
                })+
                None
            }
        }

        impl std::fmt::Display for $choice {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::syntax::decode::Decode for $choice {
            fn decode(node: $crate::syntax::yaml::Node, cx: &mut $crate::syntax::decode::Cx) -> Option<Self> {
                $crate::syntax::decode::decode_choice(node, cx, &[$($word),+], Self::from_word)
            }

            fn declared(&self) -> serde_json::Value {
                self.as_str().into()
            }

            fn unread(_: $crate::syntax::source::Span) -> Option<Self> {
                Self::ALL.first().copied()
            }

            fn schema(defs: &mut $crate::syntax::decode::Defs) -> serde_json::Value {
                defs.define(stringify!($choice), |_| serde_json::json!({
                    "description": $crate::syntax::decode::describe(concat!($($doc, "\n"),+)),
                    "oneOf": [$({
                        "enum": [$word $(, $also)*],
                        "description": concat!($($variant_doc),+).trim(),
                    }),+],
                }))
            }
        }
    };
}

pub(crate) use choice;

/// The decoder behind `choice!`.
pub fn decode_choice<T>(
    node: Node,
    cx: &mut Cx,
    words: &[&'static str],
    from_word: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let Some(word) = node.as_str() else {
        cx.wrong_type(&node, &list(words));
        return None;
    };
    let found = from_word(word.trim());
    if found.is_none() {
        reject(word, node.span, words, cx);
    }
    found
}

fn reject(word: &str, span: Span, words: &[&'static str], cx: &mut Cx) {
    let message = format!("`{}` is not allowed here", shorten(word));
    let finding = Finding::error(fault::INVALID_VALUE, span, message);
    cx.push(match closest(word, words.iter().copied()) {
        Some(meant) => {
            let sure = is_slip(word, meant, words.iter().copied());
            let was = Spanned::new(word.to_owned(), span);
            finding
                .help(format!(
                    "did you mean `{meant}`? allowed are {}",
                    list(words)
                ))
                .suggest(sure.then(|| Suggestion::word(&was, meant)))
        }
        None => finding.help(format!("write {}", list(words))),
    });
}

/// `a`, `b` or `c`.
fn list(words: &[&'static str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
