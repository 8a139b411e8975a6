//! What a comparison comes to.

/// Whether what one writes can be read by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All of it.
    Holds,
    /// Nothing here can tell.
    Unknown,
    /// Not all of it.
    Breaks,
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `items[].price`, empty for the whole.
    pub path: String,
    /// What differs, as the end of a sentence that begins with the place.
    pub what: String,
    /// Whether the new schema reads what was written by the old one.
    pub backward: Verdict,
    /// Whether the old schema reads what is written by the new one.
    pub forward: Verdict,
}

impl Difference {
    /// The difference as a phrase.
    #[must_use]
    pub fn phrase(&self) -> String {
        if self.path.is_empty() {
            format!("the whole {}", self.what)
        } else {
            format!("`{}` {}", self.path, self.what)
        }
    }
}
