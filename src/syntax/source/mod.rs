//! Files as read, and the places in them: every later floor speaks of a place as a [`Span`], and only `report` turns it
//! into a file name, a line and a column.

mod file;
mod span;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

pub use self::file::{Position, Source};
pub use self::span::{SourceId, Span, Spanned};

/// Every file of one run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
    torn: Vec<Span>,
}

impl Sources {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a file in.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name.into(), text.into()));
        id
    }

    /// Takes in all files of another run, and says under which ids they are here. A file that is here already, read to the
    /// same text, stays one file.
    pub fn take_in(&mut self, other: Self) -> Vec<SourceId> {
        let mut known: BTreeMap<String, SourceId> = self
            .iter()
            .map(|(id, file)| (file.name.clone(), id))
            .collect();
        let mut ids = Vec::with_capacity(other.files.len());
        for file in other.files {
            let same = known
                .get(&file.name)
                .copied()
                .filter(|id| self.get(*id).text == file.text);
            ids.push(same.unwrap_or_else(|| {
                let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
                known.insert(file.name.clone(), id);
                self.files.push(file);
                id
            }));
        }
        ids
    }

    /// Notes places of which a part could not be read: nothing is certain that is found there.
    pub fn tear(&mut self, places: impl IntoIterator<Item = Span>) {
        let mut all = std::mem::take(&mut self.torn);
        all.extend(places);
        all.sort_unstable();
        for place in all {
            match self.torn.last_mut() {
                Some(last) if last.source == place.source && place.start <= last.end => {
                    last.end = last.end.max(place.end);
                }
                _ => self.torn.push(place),
            }
        }
    }

    /// Whether a place lies where a part could not be read.
    #[must_use]
    pub fn is_torn(&self, place: Span) -> bool {
        let begun = |torn: &Span| (torn.source, torn.start) <= (place.source, place.start);
        let last = self.torn.partition_point(begun).checked_sub(1);
        last.is_some_and(|at| {
            self.torn[at].source == place.source && place.start < self.torn[at].end
        })
    }

    /// The file behind an id.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.index()]
    }

    /// All files in the order of loading.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, file)| (SourceId(u32::try_from(i).unwrap_or(u32::MAX)), file))
    }

    /// The text that a span covers.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).text().get(span.range()).unwrap_or("")
    }

    /// The text that a span covers, as it may be shown.
    #[must_use]
    pub fn shown(&self, span: Span) -> Cow<'_, str> {
        let shown = self.get(span.source).shown(span.range());
        shown.unwrap_or_default()
    }

    /// Hides a word within a span from whoever is shown the file; where it is written in another way, all of the span.
    pub fn hide(&mut self, span: Span, word: &str) {
        let Some(file) = self.files.get_mut(span.source.index()) else {
            return;
        };
        let text = file.text.get(span.range()).unwrap_or("");
        let start = span.range().start;
        let mut found: Vec<Range<usize>> = text
            .match_indices(word)
            .map(|(at, word)| start + at..start + at + word.len())
            .collect();
        if found.is_empty() {
            found.push(span.range());
        }
        file.hidden.append(&mut found);
    }

    /// The texts that nobody is shown, as far as they touch a span.
    pub fn hidden_at(&self, span: Span) -> impl Iterator<Item = &str> {
        self.get(span.source).hidden_at(span.range())
    }

    /// Where a span begins.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        self.get(span.source).position(span.start as usize)
    }

    /// Where a span ends.
    #[must_use]
    pub fn end_position(&self, span: Span) -> Position {
        self.get(span.source).position(span.end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_two_runs_stand_side_by_side_and_the_same_file_once() {
        let mut all = Sources::new();
        all.add("a.yaml", "a: 1");
        all.add("shared.yaml", "b: 1");
        let mut other = Sources::new();
        other.add("b.yaml", "c: 1");
        other.add("shared.yaml", "b: 1");
        other.add("a.yaml", "changed meanwhile");
        let ids = all.take_in(other);
        let names: Vec<_> = all.iter().map(|(_, file)| file.name()).collect();
        assert_eq!(names, ["a.yaml", "shared.yaml", "b.yaml", "a.yaml"]);
        let at: Vec<_> = ids.iter().map(|id| id.index()).collect();
        assert_eq!(at, [2, 1, 3]);
    }
}
