//! The history of a database's schema: numbered steps that are applied once, in order, and never rewritten.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::StoreError;

/// One step of a schema's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the history.
    pub number: u32,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

impl Migration {
    /// A step of a history.
    #[must_use]
    pub const fn new(number: u32, name: &'static str, sql: &'static str) -> Self {
        Self { number, name, sql }
    }

    /// The fingerprint of the statements, whatever the line ends of the file.
    #[must_use]
    pub fn checksum(&self) -> String {
        let digest = Sha256::digest(self.sql.replace("\r\n", "\n").as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Which migrations are still to be applied, given those that are recorded with their checksums.
///
/// A recorded migration that changed or vanished is refused, and so is a new one that stands before the last recorded one. A
/// database that is ahead of this binary is accepted, since an older instance may start during a rollout.
pub(super) fn pending<'a>(
    history: &str,
    migrations: &'a [Migration],
    recorded: &BTreeMap<u32, String>,
) -> Result<Vec<&'a Migration>, StoreError> {
    let refuse = |number, reason: &str| {
        Err(StoreError::Migration {
            history: history.to_owned(),
            number,
            reason: reason.to_owned(),
        })
    };
    if let Some(pair) = migrations
        .windows(2)
        .find(|pair| pair[0].number >= pair[1].number)
    {
        return refuse(pair[1].number, "the numbers of the list do not rise");
    }
    let last_known = migrations.last().map_or(0, |last| last.number);
    let last_recorded = recorded.keys().next_back().copied().unwrap_or(0);
    for number in recorded.keys().filter(|number| **number <= last_known) {
        if !migrations
            .iter()
            .any(|migration| migration.number == *number)
        {
            return refuse(
                *number,
                "it was applied to this database, but is no longer in the list",
            );
        }
    }
    let mut pending = Vec::new();
    for migration in migrations {
        match recorded.get(&migration.number) {
            Some(checksum) if *checksum == migration.checksum() => {}
            Some(_) => {
                return refuse(
                    migration.number,
                    "it was changed after it had been applied; add a new one instead",
                );
            }
            None if migration.number < last_recorded => {
                return refuse(
                    migration.number,
                    "it stands before one that is applied already; give it a higher number",
                );
            }
            None => pending.push(migration),
        }
    }
    Ok(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration::new(1, "first", "CREATE TABLE a (b)");
    const SECOND: Migration = Migration::new(2, "second", "CREATE TABLE c (d)");

    fn recorded(migrations: &[Migration]) -> BTreeMap<u32, String> {
        migrations
            .iter()
            .map(|m| (m.number, m.checksum()))
            .collect()
    }

    #[test]
    fn only_what_is_not_recorded_is_pending() {
        let list = [FIRST, SECOND];
        assert_eq!(pending("h", &list, &recorded(&[FIRST])).unwrap(), [&SECOND]);
    }

    #[test]
    fn a_changed_migration_is_refused() {
        let changed = Migration {
            sql: "CREATE TABLE a (x)",
            ..FIRST
        };
        assert!(
            pending("h", &[changed], &recorded(&[FIRST]))
                .unwrap_err()
                .to_string()
                .contains("changed")
        );
    }

    #[test]
    fn a_vanished_migration_is_refused() {
        assert!(pending("h", &[SECOND], &recorded(&[FIRST, SECOND])).is_err());
    }

    #[test]
    fn a_migration_before_an_applied_one_is_refused() {
        assert!(pending("h", &[FIRST, SECOND], &recorded(&[SECOND])).is_err());
    }

    #[test]
    fn a_database_ahead_of_the_binary_is_accepted() {
        assert!(
            pending("h", &[FIRST], &recorded(&[FIRST, SECOND]))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn line_ends_do_not_change_a_checksum() {
        let unix = Migration {
            sql: "a\nb",
            ..FIRST
        };
        let windows = Migration {
            sql: "a\r\nb",
            ..FIRST
        };
        assert_eq!(unix.checksum(), windows.checksum());
    }
}
