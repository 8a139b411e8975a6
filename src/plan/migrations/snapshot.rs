//! What the migrations written so far amount to, as lines that the lock keeps.

use std::collections::{BTreeMap, BTreeSet};

/// What one service's migrations amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Number → name of each migration.
    pub migrations: BTreeMap<u32, String>,
    /// Table → columns in the order in which they were added.
    pub tables: BTreeMap<String, Vec<Stored>>,
    /// Tables that the architecture no longer has, and that stay with their data.
    pub unused: BTreeSet<String>,
}

/// A column as it stands in databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its type in SQL.
    pub sql: String,
    /// Its type as declared, in one word without blanks. Older locks do not tell.
    pub declared: Option<String>,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether no two rows share a value.
    pub unique: bool,
}

/// All services' tables, as the lock remembers them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By service.
    pub services: BTreeMap<String, Applied>,
    /// On PostgreSQL, by service: of those that keep their data there.
    pub postgres: BTreeMap<String, Applied>,
}

/// A line of the lock that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the lock's memory of the tables is damaged at `{line}`: restore `.msarch/lock` from version control"
)]
pub struct SnapshotError {
    line: String,
}

impl Snapshot {
    /// Reads the lines that [`Snapshot::lines`] wrote.
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn parse(lines: &[String]) -> Result<Self, SnapshotError> {
        let mut snapshot = Self::default();
        for line in lines {
            let (history, words) = match line.strip_prefix(POSTGRES) {
                Some(words) => (&mut snapshot.postgres, words),
                None => (&mut snapshot.services, line.as_str()),
            };
            read(history, words).ok_or_else(|| SnapshotError { line: line.clone() })?;
        }
        Ok(snapshot)
    }

    /// One line per migration and per column, sorted by service; names hold no blanks.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let postgres = written(&self.postgres).into_iter();
        let postgres = postgres.map(|line| format!("{POSTGRES}{line}"));
        written(&self.services)
            .into_iter()
            .chain(postgres)
            .collect()
    }
}

/// What begins a line about a service's tables on PostgreSQL.
const POSTGRES: &str = "postgres ";

fn read(services: &mut BTreeMap<String, Applied>, line: &str) -> Option<()> {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["migration", service, number, name] => {
            let applied = services.entry(service.to_owned()).or_default();
            applied
                .migrations
                .insert(number.parse().ok()?, name.to_owned());
        }
        ["column", service, table, name, null, unique, ..] => {
            let applied = services.entry(service.to_owned()).or_default();
            // Types in SQL begin with a capital, and declared ones do not.
            let small = |word: &&&str| word.starts_with(|first: char| first.is_ascii_lowercase());
            let declared = words.get(6).filter(small);
            applied
                .tables
                .entry(table.to_owned())
                .or_default()
                .push(Stored {
                    name: name.to_owned(),
                    sql: words[6 + usize::from(declared.is_some())..].join(" "),
                    declared: declared.map(|word| (*word).to_owned()),
                    nullable: flag(null, "null", "not-null")?,
                    unique: flag(unique, "unique", "-")?,
                });
        }
        ["unused", service, table] => {
            services
                .entry(service.to_owned())
                .or_default()
                .unused
                .insert(table.to_owned());
        }
        _ => return None,
    }
    Some(())
}

fn written(services: &BTreeMap<String, Applied>) -> Vec<String> {
    let mut lines = Vec::new();
    for (service, applied) in services {
        for (number, name) in &applied.migrations {
            lines.push(format!("migration {service} {number} {name}"));
        }
        lines.extend(
            applied
                .unused
                .iter()
                .map(|table| format!("unused {service} {table}")),
        );
        for (table, columns) in &applied.tables {
            for column in columns {
                let null = if column.nullable { "null" } else { "not-null" };
                let unique = if column.unique { "unique" } else { "-" };
                let declared = column.declared.iter().map(|word| format!("{word} "));
                lines.push(format!(
                    "column {service} {table} {} {null} {unique} {}{}",
                    column.name,
                    declared.collect::<String>(),
                    column.sql
                ));
            }
        }
    }
    lines
}

fn flag(word: &str, yes: &str, no: &str) -> Option<bool> {
    match word {
        word if word == yes => Some(true),
        word if word == no => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_survives_its_lines() {
        let lines: Vec<String> = [
            "migration order-service 1 initial",
            "migration order-service 2 add_note",
            "unused order-service carts",
            "column order-service orders id not-null - TEXT",
            "column order-service orders score null unique DOUBLE PRECISION",
            "column order-service orders state not-null - enum[\"open\",\"in\\u0020use\"] TEXT",
            "postgres migration order-service 1 initial",
            "postgres column order-service orders note null - TEXT COLLATE \"C\"",
            "postgres column order-service orders place null - string TEXT COLLATE \"C\"",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(Snapshot::parse(&lines).unwrap().lines(), lines);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let error = Snapshot::parse(&["column x".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`column x`"), "{error}");
    }
}
