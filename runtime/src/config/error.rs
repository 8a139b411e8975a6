//! What can be wrong with the settings. A value is shown unless it belongs to a secret.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

/// Everything that is wrong with the settings of a service.
#[derive(Debug)]
pub struct ConfigError {
    /// Each fault, in the order in which the settings were read.
    pub faults: Vec<ConfigFault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings cannot be used")?;
        self.faults
            .iter()
            .try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with one variable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// The value cannot be read as what the setting is.
    #[error("{variable} is `{value}`, which is not {expected}")]
    Malformed {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
        /// What it should be, with an example.
        expected: String,
    },
    /// The setting has no default and was not given.
    #[error("{variable} is not set, and there is no default")]
    Missing {
        /// The variable.
        variable: String,
    },
    /// The file of a secret cannot be read.
    #[error("{variable} names `{}`, which cannot be read: {source}", path.display())]
    Unreadable {
        /// The variable.
        variable: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The secret is given both ways.
    #[error("{variable} and {by_file} are both set; set one")]
    Twice {
        /// The variable.
        variable: String,
        /// The variable that names a file.
        by_file: String,
    },
    /// No setting reads this variable.
    #[error("{variable} is not a setting of this service{}", hint(nearest.as_deref()))]
    Unknown {
        /// The variable.
        variable: String,
        /// The setting that was probably meant.
        nearest: Option<String>,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// The known name with the fewest letters to change, if they are few.
pub(super) fn nearest(name: &str, known: &BTreeSet<String>) -> Option<String> {
    let ranked = known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate));
    let (edits, best) = ranked.min()?;
    (edits <= 3).then(|| best.clone())
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
