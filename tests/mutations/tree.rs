//! An architecture as a tree that can be changed anywhere, and its text with a line for each value.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use msarch::syntax::yaml::{Node, Style, Value};

/// A value of the file. A path to it is its keys and positions, with slashes between: `services/order-service/calls/0/timeout`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// A text as it is written, quotes and all.
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl From<&Node> for Tree {
    fn from(node: &Node) -> Self {
        match &node.value {
            Value::Scalar(scalar) if scalar.style == Style::Plain => {
                Self::Text(scalar.text.to_string())
            }
            Value::Scalar(scalar) => Self::Text(serde_json::json!(&*scalar.text).to_string()),
            Value::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Map(map) => {
                let entries = map.entries.iter();
                Self::Map(
                    entries
                        .map(|entry| (entry.key.value.to_string(), Self::from(&entry.value)))
                        .collect(),
                )
            }
            Value::Refused => Self::Text(String::new()),
        }
    }
}

/// A text.
pub(crate) fn text(text: impl Into<String>) -> Tree {
    Tree::Text(text.into())
}

/// A map of texts.
pub(crate) fn map<const N: usize>(entries: [(&str, &str); N]) -> Tree {
    Tree::Map(
        entries
            .map(|(key, value)| (key.to_owned(), text(value)))
            .to_vec(),
    )
}

impl Tree {
    /// What lies at a path.
    pub(crate) fn get(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .filter(|step| !step.is_empty())
            .try_fold(self, |tree, step| match tree {
                Self::Map(entries) => entries
                    .iter()
                    .find(|(key, _)| key == step)
                    .map(|(_, value)| value),
                Self::List(items) => items.get(step.parse::<usize>().ok()?),
                Self::Text(_) => None,
            })
    }

    fn get_mut(&mut self, path: &str) -> Option<&mut Self> {
        path.split('/')
            .filter(|step| !step.is_empty())
            .try_fold(self, |tree, step| match tree {
                Self::Map(entries) => entries
                    .iter_mut()
                    .find(|(key, _)| key == step)
                    .map(|(_, value)| value),
                Self::List(items) => items.get_mut(step.parse::<usize>().ok()?),
                Self::Text(_) => None,
            })
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.get(path).is_some()
    }

    /// The text at a path, without quotes.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        match self.get(path)? {
            Self::Text(text) => Some(text.trim_matches('"')),
            _ => None,
        }
    }

    /// The steps that lead on from a path.
    pub(crate) fn steps(&self, path: &str) -> Vec<String> {
        match self.get(path) {
            Some(Self::Map(entries)) => entries.iter().map(|(key, _)| key.clone()).collect(),
            Some(Self::List(items)) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    /// The paths that lead on from a path.
    pub(crate) fn paths(&self, path: &str) -> Vec<String> {
        self.steps(path)
            .into_iter()
            .map(|step| format!("{path}/{step}"))
            .collect()
    }

    /// What is named below a path, be it as a map or as a list of records with a `name`: path and name.
    pub(crate) fn named(&self, path: &str) -> Vec<(String, String)> {
        let listed = matches!(self.get(path), Some(Self::List(_)));
        let all = self.steps(path).into_iter();
        let named = all.filter_map(|step| {
            let at = format!("{path}/{step}");
            let name = if listed {
                self.text(&format!("{at}/name"))?.to_owned()
            } else {
                step
            };
            Some((at, name))
        });
        named.collect()
    }

    /// The texts of a list, or the one text that stands for it.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        match self.get(path) {
            Some(Self::Text(_)) => self.text(path).into_iter().collect(),
            _ => self
                .paths(path)
                .iter()
                .filter_map(|path| self.text(path))
                .collect(),
        }
    }

    /// Puts a value at a path: in place of what is there, or behind the last of its neighbours.
    pub(crate) fn put(&mut self, path: &str, value: Self) {
        if let Some(there) = self.get_mut(path) {
            *there = value;
            return;
        }
        let (parent, step) = path.rsplit_once('/').unwrap_or(("", path));
        if !self.has(parent) {
            self.put(parent, Self::Map(Vec::new()));
        }
        match self.get_mut(parent) {
            Some(Self::Map(entries)) => entries.push((step.to_owned(), value)),
            Some(Self::List(items)) => items.push(value),
            Some(one) => *one = Self::List(vec![one.clone(), value]),
            None => {}
        }
    }

    /// Adds an entry to a map, whether its key is there or not.
    pub(crate) fn push(&mut self, path: &str, key: &str, value: Self) {
        if let Some(Self::Map(entries)) = self.get_mut(path) {
            entries.push((key.to_owned(), value));
        }
    }

    pub(crate) fn take(&mut self, path: &str) -> Option<Self> {
        let (parent, step) = path.rsplit_once('/').unwrap_or(("", path));
        match self.get_mut(parent)? {
            Self::Map(entries) => {
                let at = entries.iter().position(|(key, _)| key == step)?;
                Some(entries.remove(at).1)
            }
            Self::List(items) => Some(items.remove(step.parse().ok()?)),
            Self::Text(_) => None,
        }
    }

    /// Every text of the tree, keys included, changed.
    pub(crate) fn each(&self, change: &dyn Fn(&str) -> String) -> Self {
        match self {
            Self::Text(text) => Self::Text(change(text)),
            Self::List(items) => Self::List(items.iter().map(|item| item.each(change)).collect()),
            Self::Map(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(key, value)| (change(key), value.each(change)))
                    .collect(),
            ),
        }
    }

    /// The tree as a file, and the line of each path.
    pub(crate) fn print(&self) -> Printed {
        let mut printed = Printed::default();
        printed.tree(self, "", 0);
        printed
    }
}

/// A file, and where in it things are.
#[derive(Debug, Default)]
pub(crate) struct Printed {
    pub(crate) text: String,
    lines: BTreeMap<String, usize>,
    written: usize,
}

impl Printed {
    /// The lines that a finding about a path may lie at: that of its key, and that of its first value.
    pub(crate) fn lines(&self, path: &str) -> Vec<usize> {
        let own = self.lines.get(path).copied();
        own.into_iter()
            .chain(
                own.filter(|_| {
                    path.rsplit('/')
                        .next()
                        .is_some_and(|step| step.parse::<usize>().is_ok())
                })
                .map(|line| line + 1),
            )
            .collect()
    }

    /// The path of a line, for those who look for a fault.
    pub(crate) fn path(&self, line: usize) -> &str {
        self.lines
            .iter()
            .find(|(_, at)| **at == line)
            .map_or("", |(path, _)| path)
    }

    fn tree(&mut self, tree: &Tree, path: &str, depth: usize) {
        match tree {
            Tree::Map(entries) => {
                for (key, value) in entries {
                    let plain = key
                        .chars()
                        .all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
                    let head = if plain {
                        format!("{key}:")
                    } else {
                        format!("{key:?}:")
                    };
                    let below = if path.is_empty() {
                        key.clone()
                    } else {
                        format!("{path}/{key}")
                    };
                    self.entry(&head, value, below, depth);
                }
            }
            Tree::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.entry("-", item, format!("{path}/{index}"), depth);
                }
            }
            Tree::Text(_) => {}
        }
    }

    fn entry(&mut self, head: &str, value: &Tree, path: String, depth: usize) {
        self.written += 1;
        self.lines.insert(path.clone(), self.written);
        let value_text = match value {
            Tree::Text(text) => text.as_str(),
            Tree::List(items) if items.is_empty() => "[]",
            Tree::Map(entries) if entries.is_empty() => "{}",
            _ => "",
        };
        let line = format!("{:1$}{head} {value_text}", "", depth * 2);
        let _ = writeln!(self.text, "{}", line.trim_end());
        self.tree(value, &path, depth + 1);
    }
}
