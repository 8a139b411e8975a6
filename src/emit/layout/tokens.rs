//! Rust text as tokens. Each remembers what stood before it, so that comments and blank lines survive.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier, a keyword or a lifetime.
    Word,
    /// A literal.
    Literal,
    /// An operator or a separator.
    Sign,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// A comment of any kind, the documenting ones too.
    Comment,
}

/// A token of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// Where it begins in the text.
    pub(super) start: usize,
    /// How many line ends stand before it.
    pub(super) lines: usize,
    /// Whether white space stands before it.
    pub(super) space: bool,
}

impl Token<'_> {
    /// Where it ends in the text.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

const SIGNS: [&str; 21] = [
    "..=", "...", "<<=", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=",
    "/=", "%=", "^=", "&=", "|=", "..",
];

/// The tokens of a text, or nothing if it ends inside one.
pub(super) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some((lines, space, start)) = skip_white(text, at) {
        let (kind, length) = next(&text[start..])?;
        all.push(Token {
            kind,
            text: &text[start..start + length],
            start,
            lines,
            space,
        });
        at = start + length;
    }
    Some(all)
}

fn skip_white(text: &str, from: usize) -> Option<(usize, bool, usize)> {
    let rest = &text[from..];
    let white = rest.len() - rest.trim_start().len();
    let lines = rest[..white].bytes().filter(|byte| *byte == b'\n').count();
    (white < rest.len()).then_some((lines, white > 0, from + white))
}

fn next(rest: &str) -> Option<(Kind, usize)> {
    let first = rest.chars().next()?;
    if rest.starts_with("//") {
        let line = rest.lines().next()?;
        return Some((Kind::Comment, line.trim_end().len()));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, block_comment(rest)?));
    }
    if let Some(length) = raw_string(rest) {
        return Some((Kind::Literal, length));
    }
    let prefix = usize::from(first == 'b' || first == 'c');
    match rest[prefix..].chars().next() {
        Some('"') => return Some((Kind::Literal, prefix + quoted(&rest[prefix..], '"')?)),
        Some('\'') if prefix == 0 => return Some(lifetime_or_char(rest)),
        Some('\'') if first == 'b' => {
            return Some((Kind::Literal, prefix + quoted(&rest[prefix..], '\'')?));
        }
        _ => {}
    }
    if first.is_ascii_digit() {
        return Some((Kind::Literal, number(rest)));
    }
    if is_word(first) {
        let raw = if rest.starts_with("r#") { 2 } else { 0 };
        return Some((Kind::Word, raw + word(&rest[raw..])));
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    Some(match (first, sign) {
        ('(' | '[' | '{', _) => (Kind::Open, 1),
        (')' | ']' | '}', _) => (Kind::Close, 1),
        (_, Some(sign)) => (Kind::Sign, sign.len()),
        _ => (Kind::Sign, first.len_utf8()),
    })
}

fn is_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

fn word(rest: &str) -> usize {
    rest.find(|char| !is_word(char)).unwrap_or(rest.len())
}

fn number(rest: &str) -> usize {
    let whole = word(rest);
    let after = &rest[whole..];
    let fraction =
        after.starts_with('.') && after[1..].starts_with(|char: char| char.is_ascii_digit());
    if fraction {
        whole + 1 + word(&after[1..])
    } else {
        whole
    }
}

fn quoted(rest: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == mark => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn lifetime_or_char(rest: &str) -> (Kind, usize) {
    let name = word(&rest[1..]);
    if name > 0 && !rest[1 + name..].starts_with('\'') {
        return (Kind::Word, 1 + name);
    }
    (Kind::Literal, quoted(rest, '\'').unwrap_or(1))
}

fn raw_string(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inner = body[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inner.find(&end)?;
    Some(rest.len() - inner.len() + length + end.len())
}

fn block_comment(rest: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest[at..].chars().next()?.len_utf8();
        }
    }
    None
}
