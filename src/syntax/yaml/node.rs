//! The tree.

use super::super::source::{Span, Spanned};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From its first byte to the byte after its last one, comments and line breaks behind it left out. A value that
    /// was not written (`key:`) has the place of its key.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What a node can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Anything that is written as one piece of text. Its type is decided by whoever asks.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
    /// Something that was refused with a finding of its own; whoever meets it stays silent.
    Refused,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: `no`, `012` and `1.0` keep their raw text.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block, `|` or `>`.
    Block,
}

/// A text, after escapes and folding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text.
    pub text: Box<str>,
    /// How it was written.
    pub style: Style,
}

/// A mapping, in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// The entries; no key stands twice.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key, with its own place.
    pub key: Spanned<Box<str>>,
    /// The value.
    pub value: Node,
}

impl Map {
    /// The entry of a key. This walks over the entries; who needs many of them goes over the map once.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.key.value == key)
    }
}

impl Node {
    /// Nothing at all, at a place.
    #[must_use]
    pub fn nothing(span: Span) -> Self {
        let text = Box::default();
        let style = Style::Plain;
        Self {
            span,
            value: Value::Scalar(Scalar { text, style }),
        }
    }

    /// What it is, in words: `text`, `a list`, `a map`, `nothing`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Refused => "something refused",
        }
    }

    /// Whether it says nothing: empty, `~` or `null` without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar(scalar) => {
                scalar.style == Style::Plain
                    && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// The text, when it is one and not nothing.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if !self.is_null() => Some(&scalar.text),
            _ => None,
        }
    }

    /// The map, when it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, when it is one.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key, when this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).map(|entry| &entry.value)
    }

    /// The place to point at when the whole is meant: the first key of a map, the first item of a list, else itself.
    #[must_use]
    pub fn head(&self) -> Span {
        match &self.value {
            Value::Map(map) => map
                .entries
                .first()
                .map_or(self.span, |entry| entry.key.span),
            Value::List(items) => items.first().map_or(self.span, Node::head),
            _ => self.span,
        }
    }

    /// The node that a JSON pointer names; the place of the nearest one that exists otherwise.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> &Node {
        let mut node = self;
        for part in pointer.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            let next = match &node.value {
                Value::Map(map) => map.get(&part).map(|entry| &entry.value),
                Value::List(items) => part.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// The same as JSON, by the core schema of YAML 1.2: plain `true`, `null` and numbers are what they look like.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar_to_json(scalar),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(map) => serde_json::Value::Object(
                map.entries
                    .iter()
                    .map(|entry| (entry.key.value.to_string(), entry.value.to_json()))
                    .collect(),
            ),
            Value::Refused => serde_json::Value::Null,
        }
    }

    /// How many nodes the tree has, this one included.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::count).sum(),
            Value::Map(map) => map.entries.iter().map(|entry| entry.value.count()).sum(),
            _ => 0,
        }
    }

    /// How many levels the tree has, this one included.
    #[must_use]
    pub fn height(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::height).max().unwrap_or(0),
            Value::Map(map) => map
                .entries
                .iter()
                .map(|entry| entry.value.height())
                .max()
                .unwrap_or(0),
            _ => 0,
        }
    }
}

fn scalar_to_json(scalar: &Scalar) -> serde_json::Value {
    use serde_json::Value as Json;
    if scalar.style != Style::Plain {
        return Json::String(scalar.text.to_string());
    }
    match &*scalar.text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        text => match super::number(text) {
            Some(number) => number.to_json(),
            None => Json::String(text.to_owned()),
        },
    }
}
