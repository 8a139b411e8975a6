//! Records or messages that were found, to be held against those that were expected.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::body::parsed;
use super::expectation::{Names, matches};

/// What was found.
#[derive(Clone, Debug)]
#[must_use = "say what is expected: `.are(...)`"]
pub struct Seen {
    what: String,
    items: Vec<Value>,
    names: Arc<Mutex<Names>>,
}

impl Seen {
    pub(super) fn new(
        what: impl Into<String>,
        items: Vec<Value>,
        names: Arc<Mutex<Names>>,
    ) -> Self {
        Self {
            what: what.into(),
            items,
            names,
        }
    }

    /// The items, as JSON.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    /// There are none.
    ///
    /// # Panics
    /// When there are some.
    #[track_caller]
    pub fn none(&self) {
        assert!(
            self.items.is_empty(),
            "no {} were expected: {}",
            self.what,
            list(&self.items)
        );
    }

    /// These are there, in any order, and no others.
    ///
    /// # Panics
    /// When one is missing, or there are more.
    #[track_caller]
    pub fn are(&self, expected: &str) {
        let Value::Array(expected) = parsed(expected) else {
            panic!("expected is a list of {}", self.what)
        };
        let count = (self.items.len(), expected.len());
        assert!(
            count.0 == count.1,
            "{} {} instead of {}: {}",
            count.0,
            self.what,
            count.1,
            list(&self.items)
        );
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left: Vec<&Value> = self.items.iter().collect();
        for one in &expected {
            let mut reasons = Vec::new();
            let found = left.iter().position(|seen| {
                let mut tried = names.clone();
                match matches(one, seen, &mut tried) {
                    Ok(()) => {
                        *names = tried;
                        true
                    }
                    Err(reason) => {
                        reasons.push(reason);
                        false
                    }
                }
            });
            match found {
                Some(index) => drop(left.remove(index)),
                None => panic!(
                    "none of the {} is {one}:\n  {}",
                    self.what,
                    reasons.join("\n  ")
                ),
            }
        }
    }
}

fn list(items: &[Value]) -> String {
    items.iter().map(|item| format!("\n  {item}")).collect()
}
