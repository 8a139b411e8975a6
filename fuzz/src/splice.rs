//! Architectures put together from the examples on the rules' pages: bytes say which, and what is cut, moved and repeated.
//!
//! A block is a line and what stands deeper below it. Blocks move with their indentation, so that most of what comes out is YAML
//! that means something, which bytes at random hardly ever are.

use std::sync::LazyLock;

use msarch::rules::RULES;

/// The longest text that is put together, in bytes: longer ones are left to files that people really have.
const LONGEST: usize = 100_000;

/// The architectures of all pages, bad and good, as lines.
static PAGES: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let blocks = RULES
        .iter()
        .flat_map(|rule| rule.docs.split("```yaml\n").skip(1));
    let texts = blocks.filter_map(|rest| rest.split_once("```"));
    texts.map(|(text, _)| text.lines().collect()).collect()
});

/// Scalars that stand at some border.
const BORDERS: [&str; 24] = [
    "0",
    "-1",
    "99999999999999999999",
    "0.1",
    "1e400",
    "0ms",
    "1ms",
    "10d",
    "",
    "~",
    "[]",
    "{}",
    "\"\"",
    "é",
    "\"\\u0000\"",
    "$request.id",
    "$sum(items.a * items.b)",
    "${X}",
    "self",
    "a?",
    "a[]",
    "a | b",
    "*",
    "/{id}/*",
];

/// Bytes that are used up one by one; there are zeros behind the last one.
struct Tape<'a>(std::slice::Iter<'a, u8>);

impl Tape<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let mut byte = || usize::from(self.0.next().copied().unwrap_or_default());
        let number = if bound > 256 {
            byte() << 8 | byte()
        } else {
            byte()
        };
        number % bound.max(1)
    }

    fn is_over(&self) -> bool {
        self.0.as_slice().is_empty()
    }
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The lines of the block that begins at `start`.
fn block<L: AsRef<str>>(lines: &[L], start: usize) -> std::ops::Range<usize> {
    let own = lines.get(start).map_or(0, |line| depth(line.as_ref()));
    let deeper = lines
        .iter()
        .skip(start + 1)
        .take_while(|line| depth(line.as_ref()) > own);
    start..(start + 1 + deeper.count()).min(lines.len())
}

/// The architecture that the bytes say.
pub(crate) fn spliced(bytes: &[u8]) -> String {
    let mut tape = Tape(bytes.iter());
    let mut lines = owned(&PAGES[tape.below(PAGES.len())]);
    while !tape.is_over() && !lines.is_empty() {
        change(&mut lines, &mut tape);
        if lines.iter().map(|line| line.len() + 1).sum::<usize>() > LONGEST {
            break;
        }
    }
    let mut text = lines.join("\n");
    text.truncate(text.floor_char_boundary(LONGEST));
    text.push('\n');
    text
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

/// One change: a block of another page takes the place of one of the same depth, stands beside it, or moves, or is repeated, or goes.
fn change(lines: &mut Vec<String>, tape: &mut Tape<'_>) {
    let kind = tape.below(8);
    let at = tape.below(lines.len());
    let own = block(lines, at);
    match kind {
        0 | 1 => {
            let page = &PAGES[tape.below(PAGES.len())];
            let same: Vec<usize> = (0..page.len())
                .filter(|&line| depth(page[line]) == depth(&lines[at]))
                .collect();
            if !same.is_empty() {
                let other = block(page, same[tape.below(same.len())]);
                let end = if kind == 0 { own.end } else { own.start };
                lines.splice(own.start..end, owned(&page[other]));
            }
        }
        2 => drop(lines.drain(own)),
        3 => {
            let moved: Vec<String> = lines.drain(own).collect();
            let to = tape.below(lines.len() + 1);
            lines.splice(to..to, moved);
        }
        4 => repeat(lines, own, 1 << tape.below(10)),
        5 => border(&mut lines[at], tape),
        6 => {
            let word = longest_word(&lines[tape.below(lines.len())]).to_owned();
            let line = &mut lines[at];
            *line = line.replacen(&longest_word(line).to_owned(), &word, 1);
        }
        _ => join(lines, tape),
    }
}

/// Repeats a block, each time under another name.
fn repeat(lines: &mut Vec<String>, own: std::ops::Range<usize>, times: usize) {
    let size: usize = lines[own.clone()].iter().map(|line| line.len() + 8).sum();
    let original = lines[own.clone()].to_vec();
    let copies = (0..times.min(LONGEST / size.max(1))).flat_map(|number| {
        let mut copy = original.clone();
        let name = longest_word(&copy[0]).to_owned();
        if !name.is_empty() {
            for line in &mut copy {
                *line = line.replace(&name, &format!("{name}{number}"));
            }
        }
        copy
    });
    let copies: Vec<String> = copies.collect();
    lines.splice(own.end..own.end, copies);
}

/// Writes something else for the value of a line.
fn border(line: &mut String, tape: &mut Tape<'_>) {
    let word = BORDERS[tape.below(BORDERS.len())];
    let values: Vec<usize> = line.match_indices(": ").map(|(at, _)| at + 2).collect();
    if let Some(&at) = values.get(tape.below(values.len())) {
        let end = line[at..]
            .find([',', '}', ']'])
            .map_or(line.len(), |end| at + end);
        line.replace_range(at..end, word);
    }
}

/// Takes the top-level sections of another page along.
fn join(lines: &mut Vec<String>, tape: &mut Tape<'_>) {
    let page = &PAGES[tape.below(PAGES.len())];
    for section in (0..page.len()).filter(|&line| depth(page[line]) == 0) {
        let key = page[section].split(':').next().unwrap_or_default();
        let other = &page[block(page, section)];
        match lines.iter().position(|line| {
            line.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(':'))
        }) {
            Some(at) if other.len() > 1 => drop(lines.splice(at + 1..at + 1, owned(&other[1..]))),
            Some(_) => {}
            None => lines.extend(owned(other)),
        }
    }
}

/// The longest name in a line.
fn longest_word(line: &str) -> &str {
    let words = line.split(|char: char| !char.is_alphanumeric() && char != '_' && char != '-');
    words.max_by_key(|word| word.len()).unwrap_or_default()
}
