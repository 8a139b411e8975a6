//! Forms that many keys share: a name or a record, names or a map of values.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::syntax::decode::{Cx, Decode, Defs};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::{Node, Value};

/// The name of something declared elsewhere, or the thing itself.
#[derive(Debug, Clone)]
pub enum NameOr<T> {
    /// A name.
    Name(Spanned<String>),
    /// The thing.
    Here(Box<T>),
}

impl<T: Decode> Decode for NameOr<T> {
    const DECLARES: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::Scalar(_) => Spanned::decode(node, cx).map(Self::Name),
            _ => T::decode(node, cx).map(|thing| Self::Here(Box::new(thing))),
        }
    }

    fn declared(&self) -> Json {
        match self {
            Self::Name(name) => name.declared(),
            Self::Here(thing) => thing.declared(),
        }
    }

    fn unread(place: Span) -> Option<Self> {
        T::unread(place).map(|thing| Self::Here(Box::new(thing)))
    }

    fn schema(defs: &mut Defs) -> Json {
        let thing = T::schema(defs);
        json!({"anyOf": [{"type": "string"}, thing]})
    }
}

/// Field by field a literal or a reference (`$order.id`).
pub type Values = IndexMap<Spanned<String>, Node>;

/// Names alone, or names with where their values come from.
#[derive(Debug, Clone)]
pub enum Bindings {
    /// `order_items` or `[order_items, address]`.
    Names(Vec<Spanned<String>>),
    /// `{items: $trigger.items}`.
    Map(Values),
}

impl Decode for Bindings {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::Map(_) => Values::decode(node, cx).map(Self::Map),
            Value::List(_) => Vec::decode(node, cx).map(Self::Names),
            _ => Spanned::decode(node, cx).map(|name| Self::Names(vec![name])),
        }
    }

    fn declared(&self) -> Json {
        match self {
            Self::Names(names) => names.declared(),
            Self::Map(values) => values.declared(),
        }
    }

    fn schema(_: &mut Defs) -> Json {
        json!({"anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "object"},
        ]})
    }
}
