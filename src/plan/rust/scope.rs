//! The imports of one Rust file: a path is asked for, and its spelling in that file comes back.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// Names that every file knows already, or that generated files use for themselves: nothing else is imported under them.
const TAKEN: &[&str] = &[
    "Box", "Clone", "Copy", "Debug", "Default", "Drop", "Err", "Error", "Fn", "From", "Into",
    "Iterator", "None", "Ok", "Option", "Send", "Some", "String", "Sync", "ToString", "TryFrom",
    "TryInto", "Vec",
];

/// What a file imports. Groups (`std`, other crates, this crate) are kept apart, and sorted as rustfmt sorts them.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The module that the file is: what is defined there needs no import.
    module: String,
    /// Name → path.
    names: BTreeMap<String, String>,
    /// Names defined in the file itself.
    own: Vec<String>,
}

impl Scope {
    /// The scope of a module, by its whole path: `contracts_shop::api`.
    pub fn new(module: impl Into<String>) -> Self {
        Self {
            module: module.into(),
            ..Self::default()
        }
    }

    /// Says that the file defines this name itself.
    pub fn define(&mut self, name: impl Into<String>) {
        self.own.push(name.into());
    }

    /// Imports a path and gives its spelling: its last name, or the whole path where that name means something else here.
    pub fn import(&mut self, path: &str) -> String {
        let (parent, name) = path.rsplit_once("::").unwrap_or(("", path));
        if parent == self.module {
            return name.to_owned();
        }
        let (path, name) = (self.local(path), name.to_owned());
        if self.names.get(&name) == Some(&path) {
            return name;
        }
        if TAKEN.contains(&name.as_str())
            || self.own.contains(&name)
            || self.names.contains_key(&name)
        {
            return path;
        }
        self.names.insert(name.clone(), path);
        name
    }

    /// Imports several paths.
    pub fn all<'a>(&mut self, paths: impl IntoIterator<Item = &'a str>) {
        for path in paths {
            self.import(path);
        }
    }

    fn local(&self, path: &str) -> String {
        match path.split_once("::") {
            Some((krate, rest)) if Some(krate) == self.module.split("::").next() => {
                format!("crate::{rest}")
            }
            _ => path.to_owned(),
        }
    }

    /// The `use` lines, each as long as it comes.
    fn lines(&self) -> Vec<String> {
        let mut groups: [BTreeMap<&str, Vec<&str>>; 3] = Default::default();
        for path in self.names.values() {
            let (module, name) = path.rsplit_once("::").unwrap_or(("", path));
            let group = match module.split("::").next() {
                Some("std") => 0,
                Some("crate" | "super" | "self") => 2,
                _ => 1,
            };
            groups[group].entry(module).or_default().push(name);
        }
        let mut lines: Vec<String> = Vec::new();
        for group in &groups {
            if group.is_empty() {
                continue;
            }
            if !lines.is_empty() {
                lines.push(String::new());
            }
            let mut uses: Vec<(Vec<String>, String)> = group
                .iter()
                .map(|(module, names)| use_line(module, names))
                .collect();
            uses.sort();
            lines.extend(uses.into_iter().map(|(_, line)| line));
        }
        lines
    }
}

/// The line for some names of a module, with the key by which rustfmt sorts it: a list follows a single name.
fn use_line(module: &str, names: &[&str]) -> (Vec<String>, String) {
    let mut key: Vec<String> = module.split("::").map(sort_key).collect();
    let mut names = names.to_vec();
    names.sort_by_key(|name| sort_key(name));
    let tail = match names.as_slice() {
        [name] => {
            key.push(sort_key(name));
            (*name).to_owned()
        }
        _ => {
            key.push("\u{7f}".to_owned());
            format!("{{{}}}", names.join(", "))
        }
    };
    let path = if module.is_empty() {
        tail
    } else {
        format!("{module}::{tail}")
    };
    (key, format!("use {path};"))
}

/// `self`, `super` and `crate` come first; then upper case before lower case, as in ASCII.
fn sort_key(segment: &str) -> String {
    match segment {
        "self" => "\u{1}".to_owned(),
        "super" => "\u{2}".to_owned(),
        "crate" => "\u{3}".to_owned(),
        name => name.trim_start_matches("r#").to_owned(),
    }
}

impl Serialize for Scope {
    /// As the lines of the file, ready to print.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.lines().join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_grouped_and_sorted() {
        let mut scope = Scope::new("orders");
        scope.all([
            "uuid::Uuid",
            "std::time::Duration",
            "chrono::Utc",
            "chrono::DateTime",
            "orders::model::Order",
        ]);
        assert_eq!(
            scope.lines(),
            [
                "use std::time::Duration;",
                "",
                "use chrono::{DateTime, Utc};",
                "use uuid::Uuid;",
                "",
                "use crate::model::Order;"
            ]
        );
    }

    #[test]
    fn a_name_that_is_taken_is_spelt_in_full() {
        let mut scope = Scope::new("orders");
        assert_eq!(scope.import("a::Thing"), "Thing");
        assert_eq!(scope.import("b::Thing"), "b::Thing");
        assert_eq!(scope.import("a::Thing"), "Thing");
        assert_eq!(scope.import("c::String"), "c::String");
    }
}
