//! The lock: which files were generated, from what, and which edits to them are settled.
//!
//! Plain text, one line per path, sorted, without times, so that two branches merge it line by line:
//! ```text
//! format 1
//! msarch 0.1.0
//! generated <sha256 of the last render> <edit> Cargo.toml
//! @schema {"any":"line that an upper floor keeps here"}
//! ```
//! `<edit>` is `-`, the SHA-256 of a settled edit, or `!` for a merge that left conflict markers.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::digest::Digest;
use crate::emit::tree::{Kind, check_path};

/// The format of the lock that this msarch writes.
pub const FORMAT: u32 = 1;

const HEADER: &str = "# What msarch generated here. Keep it under version control. \
After a merge conflict in this file: msarch generate --rebuild-lock\n";

/// What the user did to a generated file, as far as it is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Nothing.
    None,
    /// These contents were merged with `--merge` and stay.
    Settled(Digest),
    /// A merge left conflict markers for the user to resolve.
    Conflicted,
}

/// What the lock knows about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// The last render.
    pub(super) base: Digest,
    pub(super) edit: Edit,
}

impl Entry {
    pub(super) fn line(&self, path: &str) -> String {
        let edit = match self.edit {
            Edit::None => "-".to_owned(),
            Edit::Settled(digest) => digest.to_string(),
            Edit::Conflicted => "!".to_owned(),
        };
        format!("{} {} {edit} {path}\n", self.kind.word(), self.base)
    }

    pub(super) fn parse(line: &str) -> Option<(String, Self)> {
        let mut words = line.splitn(4, ' ');
        let kind = Kind::from_word(words.next()?)?;
        let base = Digest::parse(words.next()?)?;
        let edit = match words.next()? {
            "-" => Edit::None,
            "!" => Edit::Conflicted,
            digest => Edit::Settled(Digest::parse(digest)?),
        };
        let path = words.next()?;
        check_path(path).ok()?;
        Some((path.to_owned(), Self { kind, base, edit }))
    }
}

/// Lines that upper floors keep in the lock, by the name of their section.
pub type Sections = BTreeMap<String, Vec<String>>;

/// The lock as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) version: String,
    pub(super) entries: BTreeMap<String, Entry>,
    /// What a bad merge says of a path besides its entry; only when the lock is being mended.
    pub(super) doubles: Vec<(String, Entry)>,
    pub(super) sections: Sections,
}

/// What is wrong with the text of a lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Conflict { line: usize },
    Broken { line: usize, why: &'static str },
    Newer(u32),
}

impl Lock {
    /// Reads a lock. With `mend`, what a bad merge did is undone as far as possible instead of reported.
    pub(super) fn parse(text: &str, mend: bool) -> Result<Self, Fault> {
        let mut lock = Self::default();
        for (index, line) in text.lines().enumerate() {
            match lock.read_line(line.trim_end_matches('\r'), index + 1) {
                Err(Fault::Conflict { .. } | Fault::Broken { .. }) if mend => {}
                result => result?,
            }
        }
        if lock.version.is_empty() && !mend {
            return Err(Fault::Broken {
                line: 1,
                why: "does not begin a lock",
            });
        }
        Ok(lock)
    }

    fn read_line(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        let broken = |why| Err(Fault::Broken { line: number, why });
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if is_marker(line) {
            return Err(Fault::Conflict { line: number });
        }
        if let Some(section) = line.strip_prefix('@') {
            let Some((name, rest)) = section.split_once(' ') else {
                return broken("is not a line of a section");
            };
            self.sections
                .entry(name.to_owned())
                .or_default()
                .push(rest.to_owned());
        } else if let Some(format) = line.strip_prefix("format ") {
            match format.parse() {
                Ok(FORMAT) => {}
                Ok(newer) => return Err(Fault::Newer(newer)),
                Err(_) => return broken("has no number as its format"),
            }
        } else if let Some(version) = line.strip_prefix("msarch ") {
            version.clone_into(&mut self.version);
        } else {
            let Some((path, entry)) = Entry::parse(line) else {
                return broken("does not say a kind, a SHA-256, an edit and a path");
            };
            if self.entries.contains_key(&path) {
                self.doubles.push((path, entry));
                return broken("names a path for the second time");
            }
            self.entries.insert(path, entry);
        }
        Ok(())
    }

    /// The lock's text; the same lock always has the same.
    pub(super) fn render(&self) -> String {
        let mut text = format!("{HEADER}format {FORMAT}\nmsarch {}\n", self.version);
        for (path, entry) in &self.entries {
            text.push_str(&entry.line(path));
        }
        for (name, lines) in &self.sections {
            for line in lines {
                let _ = writeln!(text, "@{name} {line}");
            }
        }
        text
    }
}

fn is_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"]
        .iter()
        .any(|marker| line.starts_with(marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Entry {
        Entry {
            kind: Kind::Generated,
            base: Digest::of(text.as_bytes()),
            edit: Edit::None,
        }
    }

    fn lock(files: &[(&str, &str)]) -> Lock {
        Lock {
            version: "1.2.3".into(),
            entries: files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), entry(text)))
                .collect(),
            ..Lock::default()
        }
    }

    #[test]
    fn a_lock_is_read_as_it_was_written() {
        let mut written = lock(&[("a b/c", "1"), ("d", "2")]);
        written.entries.get_mut("d").unwrap().edit = Edit::Settled(Digest::of(b"3"));
        written
            .sections
            .insert("schema".into(), vec!["{\"x\": 1}".into(), String::new()]);
        assert_eq!(Lock::parse(&written.render(), false), Ok(written));
    }

    #[test]
    fn a_lock_with_windows_line_ends_is_read() {
        let written = lock(&[("a", "1")]);
        assert_eq!(
            Lock::parse(&written.render().replace('\n', "\r\n"), false),
            Ok(written)
        );
    }

    #[test]
    fn conflict_markers_are_named_by_line_and_mended_on_demand() {
        let (ours, theirs) = (entry("1").line("a"), entry("2").line("a"));
        let text =
            format!("format 1\nmsarch 1.2.3\n<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> topic\n");
        assert_eq!(Lock::parse(&text, false), Err(Fault::Conflict { line: 3 }));
        let mended = Lock::parse(&text, true).unwrap();
        assert_eq!(mended.entries["a"], entry("1"));
        assert_eq!(mended.doubles, [("a".to_owned(), entry("2"))]);
    }

    #[test]
    fn a_path_in_the_lock_that_leaves_the_folder_is_refused() {
        let text = format!("format 1\nmsarch 1.2.3\n{}", entry("1").line("../../home"));
        assert!(matches!(
            Lock::parse(&text, false),
            Err(Fault::Broken { line: 3, .. })
        ));
        assert!(Lock::parse(&text, true).unwrap().entries.is_empty());
    }

    #[test]
    fn a_later_format_is_not_guessed_at_even_when_mending() {
        assert_eq!(
            Lock::parse("format 2\nmsarch 9.0.0\n", true),
            Err(Fault::Newer(2))
        );
    }

    #[test]
    fn a_file_that_is_no_lock_is_said_to_be_none() {
        assert!(matches!(Lock::parse("", false), Err(Fault::Broken { .. })));
        assert!(matches!(
            Lock::parse("hello\n", false),
            Err(Fault::Broken { line: 1, .. })
        ));
    }
}
