//! From tokens to what the layout knows. What it does not know is `None`, and is kept as it stands.

mod cursor;
mod expressions;
mod items;
mod operands;
mod statements;

use super::tokens::tokens;
use super::tree::Entry;
use cursor::Cursor;

/// The entries of a file.
pub(super) fn file(text: &str) -> Option<Vec<Entry>> {
    let tokens = tokens(text)?;
    let mut cursor = Cursor::new(text, &tokens);
    let entries = cursor.entries(Cursor::item)?;
    cursor.at_end().then_some(entries)
}
