//! Lists, maps, things that may be left out, and things that have a name.

use std::ops::Deref;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::super::fault;
use super::super::finding::Finding;
use super::super::source::{Span, Spanned};
use super::super::yaml::{Entry, Map, Node, Value};
use super::declared::by_name;
use super::{Cx, Decode, Defs};

impl<T: Decode> Decode for Option<T> {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let value = T::decode(node, cx);
        if value.is_none() {
            cx.lose();
            return Some(T::DECLARES.then(|| T::unread(cx.head)).flatten());
        }
        Some(value)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn declared(&self) -> Json {
        match self.as_ref().map(T::declared) {
            None => Json::Null,
            // An empty list that is written says that there is none.
            Some(Json::Null) => json!([]),
            Some(declared) => declared,
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        T::schema(defs)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        T::decode(node, cx).map(Box::new)
    }

    fn declared(&self) -> Json {
        T::declared(self)
    }

    fn unread(place: Span) -> Option<Self> {
        T::unread(place).map(Box::new)
    }

    fn schema(defs: &mut Defs) -> Json {
        T::schema(defs)
    }
}

/// A list; items that cannot be read are left out.
impl<T: Decode> Decode for Vec<T> {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::List(items) => Some(
                items
                    .into_iter()
                    .filter_map(|item| item_of(item, cx))
                    .collect(),
            ),
            _ => {
                cx.wrong_type(&node, "a list");
                None
            }
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn declared(&self) -> Json {
        match self.is_empty() {
            true => Json::Null,
            false => self.iter().map(T::declared).collect(),
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({"type": "array", "items": T::schema(defs)})
    }
}

fn item_of<T: Decode>(item: Node, cx: &mut Cx) -> Option<T> {
    let head = item.head();
    if item.is_null() {
        cx.push(
            Finding::error(fault::WRONG_TYPE, item.span, "an item of the list is empty")
                .help("remove the dash"),
        );
        cx.lose();
        return None;
    }
    if T::DECLARES {
        return part(head, item, cx);
    }
    let value = cx.under(head, |cx| T::decode(item, cx));
    if value.is_none() {
        cx.lose();
    }
    value
}

/// One value, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for OneOrMany<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Decode> Decode for OneOrMany<T> {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::List(_) => Vec::decode(node, cx).map(Self),
            _ => T::decode(node, cx).map(|one| Self(vec![one])),
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn declared(&self) -> Json {
        self.0.declared()
    }

    fn schema(defs: &mut Defs) -> Json {
        let one = T::schema(defs);
        json!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}

/// A map whose keys are data.
impl<T: Decode> Decode for IndexMap<Spanned<String>, T> {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let Value::Map(map) = node.value else {
            cx.wrong_type(&node, "a map");
            return None;
        };
        let mut decoded = Self::with_capacity(map.entries.len());
        for Entry { key, value } in map.entries {
            if let Some(value) = part(key.span, value, cx) {
                decoded.insert(key.map(String::from), value);
            }
        }
        Some(decoded)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn declared(&self) -> Json {
        by_name(self.iter())
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({"type": "object", "additionalProperties": T::schema(defs)})
    }
}

/// Something behind a name. Where it could not be read, something stands in for it: the name is declared all the same.
fn part<T: Decode>(name: Span, node: Node, cx: &mut Cx) -> Option<T> {
    let places = [name, node.span];
    let value = cx.under(name, |cx| T::decode(node, cx));
    if value.is_some() {
        return value;
    }
    let stand_in = T::unread(name);
    match stand_in {
        Some(_) => cx.tear(cx.torn.len(), places),
        None => cx.lose(),
    }
    stand_in
}

/// Something with a name.
#[derive(Debug, Clone)]
pub struct NamedItem<T> {
    /// The name, and where it was given.
    pub name: Spanned<String>,
    /// The thing.
    pub value: T,
}

/// Things by name, written as a map from name to thing, as a list of things with `name:`, or as a list of bare names.
#[derive(Debug, Clone)]
pub struct Named<T> {
    /// The things in the order of the file. Names may repeat where the list form gives several versions of one thing;
    /// whoever reads them says whether that is a fault.
    pub items: Vec<NamedItem<T>>,
    /// Whether the name of one could not be read.
    pub nameless: bool,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            nameless: false,
        }
    }
}

impl<T> Named<T> {
    /// The names and things in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (&Spanned<String>, &T)> {
        self.items.iter().map(|item| (&item.name, &item.value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The first thing of a name. This walks over all; who needs many builds an index.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.items
            .iter()
            .find(|item| item.name.value == name)
            .map(|item| &item.value)
    }

    /// Tells names that stand twice, where one may stand only once.
    pub(crate) fn report_duplicates(&self, what: &str, cx: &mut Cx) {
        let mut seen: IndexMap<&str, Span> = IndexMap::with_capacity(self.items.len());
        for NamedItem { name, .. } in &self.items {
            if let Some(first) = seen.get(name.value.as_str()) {
                cx.push(duplicate_name(what, name, *first));
            } else {
                seen.insert(&name.value, name.span);
            }
        }
    }
}

/// Tells names that are repeated in a list of names.
pub fn report_repeated<'n>(
    names: impl IntoIterator<Item = &'n Spanned<String>>,
    among: &str,
    cx: &mut Cx,
) {
    let mut seen: IndexMap<&str, Span> = IndexMap::new();
    for name in names {
        if let Some(first) = seen.get(name.value.as_str()) {
            let message = format!("`{}` stands twice among {among}", name.value);
            let finding = Finding::error(fault::DUPLICATE_NAME, name.span, message)
                .here("again here")
                .label(*first, "first here")
                .help("keep one of them");
            cx.push(finding);
        } else {
            seen.insert(&name.value, name.span);
        }
    }
}

/// Two things of one name.
fn duplicate_name(what: &str, again: &Spanned<String>, first: Span) -> Finding {
    Finding::error(
        fault::DUPLICATE_NAME,
        again.span,
        format!("there are two {what} named `{}`", again.value),
    )
    .here("again here")
    .label(first, "first here")
    .help("rename one, or merge the two")
}

impl<T> IntoIterator for Named<T> {
    type Item = NamedItem<T>;
    type IntoIter = std::vec::IntoIter<NamedItem<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<T: Decode> Decode for Named<T> {
    const MAY_BE_EMPTY: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let mut named = Self::default();
        match node.value {
            Value::Map(map) => {
                named.items.reserve_exact(map.entries.len());
                for Entry { key, value } in map.entries {
                    named.add(key.map(String::from), value, cx);
                }
            }
            Value::List(items) => {
                named.items.reserve_exact(items.len());
                for item in items {
                    named.item(item, cx);
                }
            }
            _ if node.as_str().is_some() => named.item(node, cx),
            _ => {
                cx.wrong_type(&node, "a map by name, or a list of items with `name:`");
                return None;
            }
        }
        Some(named)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn declared(&self) -> Json {
        by_name(self.iter())
    }

    fn schema(defs: &mut Defs) -> Json {
        let thing = T::schema(defs);
        let name = T::NAME_KEYS[0];
        json!({"anyOf": [
            {"type": "object", "additionalProperties": defs.or_null(thing)},
            {"type": "array", "items": {"anyOf": [
                {"type": "string"},
                {"type": "object", "required": [name]},
            ]}},
            {"type": "string"},
        ]})
    }
}

impl<T: Decode> Named<T> {
    fn item(&mut self, item: Node, cx: &mut Cx) {
        if let Some(name) = item.as_str().and_then(T::bare_name) {
            self.add(Spanned::new(name, item.span), item, cx);
        } else if let Some((name, value)) = split_name(item, T::NAME_KEYS, cx) {
            self.add(name, value, cx);
        } else {
            self.nameless = true;
            cx.lose();
        }
    }

    fn add(&mut self, name: Spanned<String>, value: Node, cx: &mut Cx) {
        let value = part(name.span, value, cx);
        self.items
            .extend(value.map(|value| NamedItem { name, value }));
    }
}

/// Takes the name out of an item of a list.
fn split_name(item: Node, keys: &[&str], cx: &mut Cx) -> Option<(Spanned<String>, Node)> {
    let head = item.head();
    match item.value {
        Value::Scalar(_) if item.as_str().is_some() => {
            let empty = Node {
                span: item.span,
                value: Value::Map(Map::default()),
            };
            let name = cx.under(head, |cx| String::decode(item, cx))?;
            Some((Spanned::new(name, head), empty))
        }
        Value::Map(mut map) => {
            let Some(at) = map
                .entries
                .iter()
                .position(|entry| keys.contains(&&*entry.key.value))
            else {
                if !cx.incomplete {
                    let message = format!("the key `{}` is missing", keys[0]);
                    let help = format!("add `{}:`", keys[0]);
                    cx.push(
                        Finding::error(fault::MISSING_KEY, head, message)
                            .here("in this item")
                            .help(help),
                    );
                }
                return None;
            };
            let name = map.entries.remove(at);
            let span = name.value.span;
            let name = cx.under(name.key.span, |cx| String::decode(name.value, cx))?;
            Some((
                Spanned::new(name, span),
                Node {
                    span: item.span,
                    value: Value::Map(map),
                },
            ))
        }
        _ => {
            cx.wrong_type(&item, &format!("a name, or an item with `{}:`", keys[0]));
            None
        }
    }
}
