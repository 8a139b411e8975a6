//! What is checked of a value beyond its type; every field that is wrong is named, however deep it lies.
//!
//! ```
//! use msarch_runtime::validate::{Checks, Limited};
//!
//! struct Line {
//!     quantity: i64,
//! }
//!
//! impl Limited for Line {
//!     fn limits(&self, checks: Checks) -> Checks {
//!         checks.min("/quantity", self.quantity, 1)
//!     }
//! }
//!
//! let lines = vec![Line { quantity: 2 }, Line { quantity: 0 }];
//! let checks = Checks::new().within("/lines", &lines).max_length("/note", "far too long".len(), 5);
//! let problem = checks.finish().expect_err("two fields are wrong");
//! assert_eq!(problem.errors()[0].pointer, "/lines/1/quantity");
//! assert_eq!(problem.errors()[1].pointer, "/note");
//! ```

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;

use crate::problem::{FieldError, Problem};

/// What has limits beyond its type, its own or those of what lies within it.
pub trait Limited {
    /// Holds it against its limits; pointers begin at the value itself.
    fn limits(&self, checks: Checks) -> Checks;

    /// Checks what the type alone does not say.
    ///
    /// # Errors
    /// 400 with every field that is wrong.
    fn validate(&self) -> Result<(), Problem> {
        self.limits(Checks::new()).finish()
    }
}

impl<T: Limited> Limited for Vec<T> {
    fn limits(&self, checks: Checks) -> Checks {
        let items = self.iter().enumerate();
        items.fold(checks, |checks, (index, item)| {
            checks.within(&format!("/{index}"), item)
        })
    }
}

impl<T: Limited> Limited for Option<T> {
    fn limits(&self, checks: Checks) -> Checks {
        match self {
            Some(value) => value.limits(checks),
            None => checks,
        }
    }
}

/// Collects the fields that are wrong.
#[derive(Debug, Default)]
#[must_use = "nothing is refused before `finish`"]
pub struct Checks {
    /// Where the value lies that is checked now.
    at: String,
    errors: Vec<FieldError>,
}

impl Checks {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value within this one, with limits of its own.
    pub fn within<T: Limited>(mut self, pointer: &str, value: &T) -> Self {
        let outside = self.at.len();
        self.at.push_str(pointer);
        let mut checks = value.limits(self);
        checks.at.truncate(outside);
        checks
    }

    /// A number that may not be less.
    pub fn min<T: PartialOrd + Display>(self, pointer: &str, value: T, least: T) -> Self {
        let fits = value >= least;
        self.expect(fits, pointer, || format!("must be at least {least}"))
    }

    /// A number that may not be more.
    pub fn max<T: PartialOrd + Display>(self, pointer: &str, value: T, most: T) -> Self {
        let fits = value <= most;
        self.expect(fits, pointer, || format!("must be at most {most}"))
    }

    /// A text or a list that may not be shorter.
    pub fn min_length(self, pointer: &str, length: usize, least: usize) -> Self {
        self.expect(length >= least, pointer, || {
            format!("must not be shorter than {least}")
        })
    }

    /// A text or a list that may not be longer.
    pub fn max_length(self, pointer: &str, length: usize, most: usize) -> Self {
        self.expect(length <= most, pointer, || {
            format!("must not be longer than {most}")
        })
    }

    /// A text that has to match a regular expression. One that cannot be read matches nothing.
    pub fn pattern(self, pointer: &str, value: &str, pattern: &str) -> Self {
        let fits = compiled(pattern).is_some_and(|regex| regex.is_match(value));
        self.expect(fits, pointer, || format!("must match `{pattern}`"))
    }

    /// Anything else that has to hold.
    pub fn expect(mut self, fits: bool, pointer: &str, detail: impl FnOnce() -> String) -> Self {
        if !fits {
            let pointer = format!("{}{pointer}", self.at);
            self.errors.push(FieldError::new(pointer, detail()));
        }
        self
    }

    /// The fields that are wrong.
    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// 400 with every field that is wrong.
    pub fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::validation(self.errors))
        }
    }
}

/// The expression of a declared pattern, compiled once: there are as many as the code declares, and lists hold each item against it.
fn compiled(pattern: &str) -> Option<Regex> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return regex.clone();
    }
    let regex = Regex::new(pattern).ok();
    known.insert(pattern.to_owned(), regex.clone());
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_themselves_are_allowed() {
        let checks = Checks::new()
            .min("/a", 1, 1)
            .max("/a", 1, 1)
            .min_length("/b", 2, 2)
            .max_length("/b", 2, 2);
        assert!(checks.finish().is_ok());
    }

    struct Tree {
        height: i64,
        branches: Vec<Tree>,
        crown: Option<Box<str>>,
    }

    impl Limited for Tree {
        fn limits(&self, checks: Checks) -> Checks {
            let mut checks = checks
                .min("/height", self.height, 1)
                .within("/branches", &self.branches);
            if let Some(crown) = &self.crown {
                checks = checks.max_length("/crown", crown.len(), 3);
            }
            checks
        }
    }

    fn tree(height: i64, branches: Vec<Tree>) -> Tree {
        Tree {
            height,
            branches,
            crown: None,
        }
    }

    #[test]
    fn what_is_wrong_is_found_however_deep_it_lies() {
        let mut wrong = tree(
            1,
            vec![
                tree(1, Vec::new()),
                tree(1, vec![tree(0, Vec::new())]),
                tree(-1, Vec::new()),
            ],
        );
        wrong.crown = Some("wide".into());
        let problem = wrong.validate().unwrap_err();
        let pointers: Vec<&str> = problem
            .errors()
            .iter()
            .map(|error| error.pointer.as_str())
            .collect();
        assert_eq!(
            pointers,
            [
                "/branches/1/branches/0/height",
                "/branches/2/height",
                "/crown"
            ]
        );
    }

    #[test]
    fn a_pattern_that_cannot_be_read_matches_nothing() {
        for _ in 0..2 {
            assert!(Checks::new().pattern("/code", "a", "(").finish().is_err());
        }
    }

    #[test]
    fn a_text_that_does_not_match_is_named_with_the_pattern() {
        let problem = Checks::new()
            .pattern("/code", "abc", "^[0-9]+$")
            .finish()
            .unwrap_err();
        assert_eq!(problem.errors()[0].pointer, "/code");
        assert!(problem.errors()[0].detail.contains("^[0-9]+$"));
    }
}
