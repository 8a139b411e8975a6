//! Migrations that people write themselves: files in the folder of those that are generated, run in the order of their numbers with them.

use std::collections::BTreeMap;

use super::sql::Dialect;

/// What lies in the folders of migrations and was not generated, by folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(BTreeMap<String, Vec<String>>);

/// A migration that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnMigration {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) file: String,
}

impl Own {
    /// Whether a folder of the workspace holds migrations.
    #[must_use]
    pub fn is_folder(folder: &str) -> bool {
        folder.starts_with("services/")
            && (folder.ends_with("/migrations") || folder.ends_with("/migrations/postgres"))
    }

    /// Adds a file in such a folder; one that holds no statements by its name is passed over.
    pub fn add(&mut self, folder: &str, file: String) {
        if file.ends_with(".sql") {
            self.0.entry(folder.to_owned()).or_default().push(file);
        }
    }

    /// Those of a service, in the order of their numbers, and the files that have no number.
    pub(super) fn of(&self, service: &str, dialect: Dialect) -> (Vec<OwnMigration>, Vec<&str>) {
        let files = self.0.get(&folder(service, dialect));
        let (mut numbered, mut others) = (Vec::new(), Vec::new());
        for file in files.into_iter().flatten() {
            match numbered_by(file) {
                Some(migration) => numbered.push(migration),
                None => others.push(file.as_str()),
            }
        }
        numbered.sort_by(|one: &OwnMigration, other| {
            (one.number, &one.file).cmp(&(other.number, &other.file))
        });
        (numbered, others)
    }
}

/// Where the migrations of a service lie.
pub(super) fn folder(service: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!("services/{service}/migrations"),
        Dialect::Postgres => format!("services/{service}/migrations/postgres"),
    }
}

/// `0002_fill_the_gaps.sql`. The name becomes part of the service's code, so it is plain.
fn numbered_by(file: &str) -> Option<OwnMigration> {
    let (number, name) = file.strip_suffix(".sql")?.split_once('_')?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let digits = number.bytes().all(|digit| digit.is_ascii_digit());
    let number: u32 = number.parse().ok()?;
    (digits && number > 0 && !name.is_empty() && name.chars().all(plain)).then(|| OwnMigration {
        number,
        name: name.to_owned(),
        file: file.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_plain_name_make_a_migration() {
        let read = |file: &str| numbered_by(file).map(|own| (own.number, own.name));
        assert_eq!(read("0002_mine.sql"), Some((2, "mine".to_owned())));
        assert_eq!(read("12_a-b_c.sql"), Some((12, "a-b_c".to_owned())));
        for other in [
            "mine.sql",
            "0000_mine.sql",
            "+1_mine.sql",
            "0002_.sql",
            "0002_a\"b.sql",
            "0002_mine.txt",
            "99999999999_mine.sql",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
