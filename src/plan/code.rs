//! Lines of code with their indentation, and what is known of them only once all are written.

/// A piece of a function's body: lines, indented from zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    lines: Vec<String>,
    depth: usize,
}

impl Code {
    /// No lines.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line at the current depth.
    pub fn line(&mut self, text: impl AsRef<str>) {
        let text = text.as_ref();
        self.lines.push(if text.is_empty() {
            String::new()
        } else {
            format!("{}{text}", "    ".repeat(self.depth))
        });
    }

    /// Adds a line that opens a block.
    pub fn open(&mut self, text: impl AsRef<str>) {
        self.line(text);
        self.depth += 1;
    }

    /// Adds a line that closes a block.
    pub fn close(&mut self, text: impl AsRef<str>) {
        self.depth = self.depth.saturating_sub(1);
        self.line(text);
    }

    /// Adds another piece at the current depth.
    pub fn append(&mut self, other: &Self) {
        other.lines.iter().for_each(|line| self.line(line));
    }

    /// What a parameter is called: with `_` before it where nothing reads it.
    pub fn parameter(&self, word: &str) -> String {
        if self.reads(word) {
            word.to_owned()
        } else {
            format!("_{word}")
        }
    }

    /// Whether a variable is read anywhere: as a word that is no field's name and no part of a text.
    pub fn reads(&self, variable: &str) -> bool {
        self.lines.iter().any(|line| reads(line, variable))
    }

    /// Takes `let name = ` away from what the unit of work gives, where nothing reads it afterwards.
    pub fn unbind(&mut self) {
        for index in 0..self.lines.len() {
            let line = self.lines[index].trim_start();
            let Some((name, work)) = given(line) else {
                continue;
            };
            if !read_later(&self.lines[index + 1..], name) {
                let indent = &self.lines[index][..self.lines[index].len() - line.len()];
                let work = match work.strip_suffix(".remove(0);") {
                    Some(work) => format!("{work};"),
                    None => work.to_owned(),
                };
                self.lines[index] = format!("{indent}{work}");
            }
        }
    }

    /// The text, each line indented by some levels more.
    pub fn text(&self, levels: usize) -> String {
        let indent = "    ".repeat(levels);
        let lines = self.lines.iter().map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("{indent}{line}")
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Takes `.clone()` away where a field of `owner` is read once only, outside loops and closures: it is moved then.
    pub fn move_once(&mut self, owner: &str) {
        let mut loops: Vec<usize> = Vec::new();
        let mut movable = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            let depth = line.len() - line.trim_start().len();
            loops.retain(|opened| depth > *opened);
            if line.trim_start().starts_with("for ") {
                loops.push(depth);
            } else if loops.is_empty() && !line.contains('|') {
                movable.extend(clones(line, owner).into_iter().map(|place| (index, place)));
            }
        }
        for (index, place) in movable {
            let total: usize = self
                .lines
                .iter()
                .map(|line| occurrences(line, &place))
                .sum();
            let whole: usize = self.lines.iter().map(|line| borrows(line, owner)).sum();
            if total == 1 && whole == 0 {
                self.lines[index] = self.lines[index].replace(&format!("{place}.clone()"), &place);
            }
        }
    }
}

/// `let name = uow...;`: the name, and the work that gives it.
fn given(line: &str) -> Option<(&str, &str)> {
    let (name, work) = line.strip_prefix("let ")?.split_once(" = ")?;
    let plain = !name.contains(' ') && work.starts_with("uow.") && work.ends_with(';');
    plain.then_some((name, work))
}

/// Whether a variable is read before another of its name hides it. What begins the other may still read it.
fn read_later(lines: &[String], variable: &str) -> bool {
    let hidden = format!("let {variable} = ");
    let mut hiding: Option<String> = None;
    for line in lines {
        if reads(line, variable) {
            return true;
        }
        let begins = line.trim_start();
        if begins.starts_with(&hidden) {
            let indent = &line[..line.len() - begins.len()];
            hiding = Some(format!("{indent}}}"));
            if !line.ends_with('{') {
                return false;
            }
        } else if hiding.as_ref().is_some_and(|end| line.starts_with(end)) {
            return false;
        }
    }
    false
}

/// Puts something else in the place of a word.
pub fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for at in places(text, word) {
        replaced.push_str(&text[done..at]);
        replaced.push_str(by);
        done = at + word.len();
    }
    replaced.push_str(&text[done..]);
    replaced
}

/// The places `owner.field` that a line clones.
fn clones(line: &str, owner: &str) -> Vec<String> {
    let prefix = format!("{owner}.");
    line.match_indices(&prefix)
        .filter_map(|(at, _)| {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '#')?;
            rest[end..]
                .starts_with(".clone()")
                .then(|| format!("{prefix}{}", &rest[..end]))
        })
        .collect()
}

/// How often the owner is used as a whole.
fn borrows(line: &str, owner: &str) -> usize {
    occurrences(line, owner)
        - line
            .matches(&format!("{owner}."))
            .count()
            .min(occurrences(line, owner))
}

/// How often a word stands in a line, as a word.
fn occurrences(line: &str, word: &str) -> usize {
    places(line, word).count()
}

fn places<'l>(line: &'l str, word: &'l str) -> impl Iterator<Item = usize> + 'l {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = line[..*at].chars().next_back().is_some_and(is_word);
            let after = line[at + word.len()..].chars().next().is_some_and(is_word);
            !before && !after
        })
}

fn reads(line: &str, variable: &str) -> bool {
    places(line, variable).any(|at| is_variable(line, at, variable.len()))
}

/// Whether what stands before a place has opened a text and not closed it.
fn is_in_text(before: &str) -> bool {
    let (mut open, mut escaped) = (false, false);
    for char in before.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = open,
            '"' => open = !open,
            _ => {}
        }
    }
    open
}

fn is_variable(line: &str, at: usize, length: usize) -> bool {
    let (before, after) = (&line[..at], &line[at + length..]);
    let named = after.starts_with(": ")
        || before.ends_with('.')
        || before.ends_with("let ")
        || after.starts_with('(');
    !named && !is_in_text(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_read_once_is_moved() {
        let mut code = Code::new();
        code.line("let a = input.name.clone();");
        code.line("let b = input.note.clone();");
        code.line("let c = input.note.clone();");
        code.open("for item in &input.items {");
        code.line("let d = input.tag.clone();");
        code.close("}");
        code.move_once("input");
        let text = code.text(0);
        assert!(text.contains("a = input.name;"), "{text}");
        assert_eq!(text.matches("input.note.clone()").count(), 2);
        assert!(text.contains("input.tag.clone()"));
    }

    #[test]
    fn a_fields_name_is_no_variable() {
        let mut code = Code::new();
        code.line("memo: record.memo,");
        assert!(!code.reads("memo"));
        code.line("let x = f(\"memo\", memo);");
        assert!(code.reads("memo"));
    }

    #[test]
    fn a_longer_name_is_another_word() {
        assert_eq!(occurrences("input.name input.name_two", "input.name"), 1);
    }
}
