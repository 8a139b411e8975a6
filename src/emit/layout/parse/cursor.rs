//! A place among the tokens, and the text of what was passed.

use crate::emit::layout::tokens::{Kind, Token};

/// Reads tokens one after the other.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    tokens: &'t [Token<'t>],
    pub(super) at: usize,
    /// Nothing may be kept as it stands: within a macro, what is not understood need not be Rust.
    pub(super) strict: bool,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, tokens: &'t [Token<'t>]) -> Self {
        Self {
            text,
            tokens,
            at: 0,
            strict: false,
        }
    }

    pub(super) fn at_end(&self) -> bool {
        self.at == self.tokens.len()
    }

    pub(super) fn token(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at)
    }

    /// The token that stands so many places on.
    pub(super) fn ahead(&self, places: usize) -> &'t str {
        self.tokens
            .get(self.at + places)
            .map_or("", |token| token.text)
    }

    /// The token that stands so many places back.
    pub(super) fn before(&self, places: usize) -> &'t str {
        let at = self.at.checked_sub(places);
        at.map_or("", |at| self.tokens[at].text)
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.ahead(0) == text
    }

    pub(super) fn is_any(&self, texts: &[&str]) -> bool {
        texts.contains(&self.ahead(0))
    }

    /// Whether the token here is of a kind.
    pub(super) fn is_kind(&self, kind: Kind) -> bool {
        self.token().is_some_and(|token| token.kind == kind)
    }

    pub(super) fn bump(&mut self) -> Option<&'t str> {
        let token = self.token()?;
        self.at += 1;
        Some(token.text)
    }

    /// Passes a token if it is this one.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, text: &str) -> Option<()> {
        self.eat(text).then_some(())
    }

    /// Passes a bracket and all within.
    pub(super) fn group(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.token()?.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.checked_sub(1)?,
                Kind::Comment => return None,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Passes all up to one of some tokens outside all brackets; `<` counts as one where types stand.
    pub(super) fn until(&mut self, ends: &[&str], types: bool) -> Option<String> {
        let start = self.at;
        let mut angles = 0_usize;
        while let Some(token) = self.token() {
            if angles == 0 && ends.contains(&token.text) {
                break;
            }
            match (token.kind, token.text) {
                (Kind::Open, _) => {
                    self.group()?;
                    continue;
                }
                (Kind::Close, _) => break,
                (Kind::Comment, _) => return None,
                (_, "<") if types => angles += 1,
                (_, ">") if types => angles = angles.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
        }
        Some(self.flat(start))
    }

    /// The text as it stands from a token to here.
    pub(super) fn raw(&self, start: usize) -> String {
        match (self.tokens.get(start), self.at.checked_sub(1)) {
            (Some(first), Some(last)) if last >= start => {
                self.text[first.start..self.tokens[last].end()].to_owned()
            }
            _ => String::new(),
        }
    }

    /// The text from a token to here on one line.
    pub(super) fn flat(&self, start: usize) -> String {
        let mut flat = String::new();
        let mut before = "";
        for (place, token) in self.tokens[start..self.at].iter().enumerate() {
            if place > 0 {
                let gap = if token.lines > 0 {
                    joined(&mut flat, before, token.text)
                } else {
                    token.space
                };
                if gap {
                    flat.push(' ');
                }
            }
            flat.push_str(token.text);
            before = token.text;
        }
        flat
    }
}

/// Whether a blank belongs where two lines become one; a comma that ends a list goes.
fn joined(flat: &mut String, before: &str, after: &str) -> bool {
    if matches!(after, ")" | "]" | "}" | ">") && before == "," {
        flat.pop();
    }
    match (before, after) {
        (_, "}") | ("{", _) => true,
        ("(" | "[" | "<" | "::", _) | (_, ")" | "]" | ">" | "." | "?" | ";" | "," | "::") => false,
        _ => true,
    }
}
