//! The keys of a map that is to become a record: known ones are taken in the order of the record, unknown ones are told.

use super::super::fault;
use super::super::finding::Finding;
use super::super::source::Span;
use super::super::suggestion::Suggestion;
use super::super::yaml::{Entry, Map, Node, Value};
use super::{Cx, Decode, closest, describe, is_slip, shorten};

/// A key of a record.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The key as it is written.
    pub key: &'static str,
    /// Other spellings that are read as well.
    pub also: &'static [&'static str],
    /// What people write instead; not read, but known well enough to help.
    pub hints: &'static [&'static str],
    /// Whether the key must be there although the record can do without.
    pub required: bool,
    /// Whether a value is of its shape.
    pub fits: fn(&Node) -> bool,
}

/// Whether a value is of the shape that a type reads, whatever else may be wrong with it.
pub fn fits<T: Decode>(node: &Node) -> bool {
    let mut trial = Cx::new(node.head(), true);
    trial.trial = true;
    let _ = T::decode(node.clone(), &mut trial);
    let refused = |finding: &Finding| {
        finding.rule == fault::WRONG_TYPE && [node.head(), node.span].contains(&finding.span())
    };
    !trial.findings.iter().any(refused)
}

/// The entries of one map, sorted to the keys of the record.
#[derive(Debug)]
pub struct Fields {
    keys: &'static [Field],
    slots: Vec<Option<Entry>>,
    next: usize,
    /// The place of the record: the key that leads to it, or its first key.
    pub span: Span,
    /// Whether a part of it could not be read, or must be there and is not.
    pub torn: bool,
    /// From its first byte to its last.
    whole: Span,
    /// Whether its parts are things of their own.
    parts: bool,
}

impl Fields {
    /// Sorts the entries of `node`, which must be a map. Nothing at all is an empty map.
    /// `what` is the name of the record's type; `parts` says that its parts are things of their own.
    pub fn open(
        node: Node,
        keys: &'static [Field],
        what: &str,
        parts: bool,
        cx: &mut Cx,
    ) -> Option<Self> {
        let mut fields = Self {
            keys,
            slots: Vec::new(),
            next: 0,
            span: cx.head,
            torn: cx.unread,
            whole: node.span,
            parts,
        };
        if node.is_null() {
            fields.slots = keys.iter().map(|_| None).collect();
            return Some(fields);
        }
        let Value::Map(map) = node.value else {
            cx.wrong_type(&node, &format!("{} (a map)", a(what)));
            return None;
        };
        fields.slots = fields.sort(map, what, cx);
        Some(fields)
    }

    /// Decodes the next key of the record.
    pub fn take<T: Decode>(&mut self, cx: &mut Cx) -> Option<T> {
        let index = self.next;
        self.next += 1;
        let field = self.keys.get(index)?;
        let torn = cx.torn.len();
        let lost = cx.has_lost();
        let (mut head, mut place) = (self.span, self.span);
        let value = match self.slots.get_mut(index).and_then(Option::take) {
            Some(entry) if entry.value.is_null() && (T::MAY_BE_EMPTY || T::absent().is_none()) => {
                self.empty::<T>(field, &entry, cx)
            }
            Some(entry) => {
                head = entry.key.span;
                place = head.to(entry.value.span);
                let value = cx.under(head, |cx| T::decode(entry.value, cx));
                if value.is_none() {
                    cx.lose();
                }
                value
            }
            None => {
                if field.required || T::absent().is_none() {
                    self.missing(field, cx);
                }
                T::absent()
            }
        };
        self.weigh(torn, place, cx);
        if lost {
            cx.lose();
        }
        // What is wrong and could be left out is left out, so that the rest of the record is still checked.
        value.or_else(T::absent).or_else(|| T::unread(head))
    }

    /// Notes what of the record is uncertain, once one of its keys is read: all of it, or where its parts are things of
    /// their own that key alone, and what is said of the record as such.
    fn weigh(&mut self, before: usize, place: Span, cx: &mut Cx) {
        let lost = cx.has_lost();
        if self.parts {
            if lost {
                self.torn = true;
                cx.tear(cx.torn.len(), [self.span, place]);
            }
        } else if lost || cx.torn.len() > before {
            self.torn = true;
            cx.tear(before, [self.span, self.whole]);
        }
    }

    fn empty<T: Decode>(&self, field: &Field, entry: &Entry, cx: &mut Cx) -> Option<T> {
        if !T::MAY_BE_EMPTY || field.required {
            let message = format!("`{}` has no value", field.key);
            cx.push(
                Finding::error(fault::MISSING_KEY, entry.key.span, message)
                    .help("write a value behind the colon"),
            );
            cx.lose();
        }
        T::absent()
    }

    fn missing(&self, field: &Field, cx: &mut Cx) {
        cx.lose();
        if !cx.incomplete {
            let message = format!("the key `{}` is missing", field.key);
            let help = format!("add `{}:`", field.key);
            cx.push(
                Finding::error(fault::MISSING_KEY, self.span, message)
                    .here("here")
                    .help(help),
            );
        }
    }

    /// The entries by the keys of the record. Those that nobody reads are told.
    fn sort(&mut self, map: Map, what: &str, cx: &mut Cx) -> Vec<Option<Entry>> {
        let keys = self.keys;
        let mut slots: Vec<Option<Entry>> = keys.iter().map(|_| None).collect();
        let mut strangers = Vec::new();
        for entry in map.entries {
            let name = &*entry.key.value;
            let index = keys
                .iter()
                .position(|field| field.key == name || field.also.contains(&name));
            let Some(index) = index else {
                strangers.push(entry);
                continue;
            };
            if let Some(first) = &slots[index] {
                let message = format!(
                    "`{name}` and `{}` are two spellings of one key",
                    first.key.value
                );
                let finding = Finding::error(fault::DUPLICATE_KEY, entry.key.span, message)
                    .here("again here")
                    .label(first.key.span, "first here; this one is read")
                    .help(format!(
                        "keep one of them, best spelt `{}`",
                        keys[index].key
                    ));
                cx.push(finding);
                continue;
            }
            slots[index] = Some(entry);
        }
        // A trial tells nothing.
        if cx.trial {
            return slots;
        }
        let lost = cx.has_lost();
        for slip in tell(&strangers, &slots, keys, what, cx) {
            cx.lose();
            self.weigh(cx.torn.len(), slip, cx);
        }
        if lost {
            cx.lose();
        }
        slots
    }
}

/// Tells of keys that nobody reads, and what was meant where that can only be one key which is not there yet. Gives the places
/// of these: their values are lost.
fn tell(
    strangers: &[Entry],
    slots: &[Option<Entry>],
    keys: &'static [Field],
    what: &str,
    cx: &mut Cx,
) -> Vec<Span> {
    let mut slips = Vec::new();
    let meant: Vec<Option<usize>> = strangers.iter().map(|entry| slip(entry, keys)).collect();
    let mut claims = vec![0_usize; keys.len()];
    for index in meant.iter().flatten() {
        claims[*index] += 1;
    }
    for (entry, meant) in strangers.iter().zip(meant) {
        // Two keys cannot become one.
        let meant = meant.filter(|index| claims[*index] == 1 && slots[*index].is_none());
        let was = || entry.key.clone().map(String::from);
        let suggestion = meant.map(|index| Suggestion::word(&was(), keys[index].key));
        if suggestion.is_some() {
            slips.push(entry.key.span.to(entry.value.span));
        }
        cx.push(unknown(entry, slots, keys, what).suggest(suggestion));
    }
    slips
}

/// The key that can only have been meant.
fn slip(entry: &Entry, keys: &'static [Field]) -> Option<usize> {
    let known = || keys.iter().map(|field| field.key);
    let meant = closest(&entry.key.value, fitting(entry, keys))?;
    is_slip(&entry.key.value, meant, known())
        .then(|| keys.iter().position(|field| field.key == meant))?
}

/// The keys that could have the value of an entry.
fn fitting(entry: &Entry, keys: &'static [Field]) -> impl Iterator<Item = &'static str> {
    let near = keys
        .iter()
        .filter(|field| closest(&entry.key.value, [field.key]).is_some());
    near.filter(|field| (field.fits)(&entry.value))
        .map(|field| field.key)
}

fn unknown(entry: &Entry, slots: &[Option<Entry>], keys: &'static [Field], what: &str) -> Finding {
    let name = &*entry.key.value;
    let message = format!("`{}` is not a key of {}", shorten(name), a(what));
    let finding = Finding::error(fault::UNKNOWN_KEY, entry.key.span, message);
    let hinted = keys.iter().find(|field| {
        field
            .hints
            .iter()
            .any(|hint| hint.eq_ignore_ascii_case(name))
    });
    let meant = hinted
        .map(|field| field.key)
        .or_else(|| closest(name, fitting(entry, keys)));
    let beside = |key: &str| {
        let at = keys.iter().position(|field| field.key == key)?;
        slots[at].as_ref()
    };
    match meant {
        Some(key) if beside(key).is_some() => finding
            .here(format!("`{key}` is there already"))
            .help(format!("keep one of the two, as `{key}:`")),
        Some(key) => finding
            .here(format!("did you mean `{key}`?"))
            .help(format!("write `{key}:`")),
        None => {
            let known: Vec<_> = keys
                .iter()
                .map(|field| format!("`{}`", field.key))
                .collect();
            finding.help(format!(
                "remove it; the keys known here are {}",
                known.join(", ")
            ))
        }
    }
}

/// A record's type in words: `Endpoint` is `an endpoint`.
fn a(what: &str) -> String {
    let words = describe(what);
    let article = if words.starts_with(['a', 'e', 'i', 'o']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {words}")
}
