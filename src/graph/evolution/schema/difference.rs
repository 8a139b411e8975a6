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

/// A kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A field went.
    Removed,
    /// A field has another name.
    Renamed,
    /// A field came that need not be there.
    Added,
    /// A field came that must be there.
    RequiredAdded,
    /// A field that need not be there has to be.
    MadeRequired,
    /// A field that had to be there need not be.
    MadeOptional,
    /// Another type, or other alternatives.
    Type,
    /// Other words.
    Words,
    /// Other limits.
    Limits,
    /// Other names are taken besides those that are declared.
    FurtherNames,
    /// Something that nothing here follows.
    Keywords,
}

impl Change {
    /// As it is told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "field-removed",
            Self::Renamed => "field-renamed",
            Self::Added => "field-added",
            Self::RequiredAdded => "required-field-added",
            Self::MadeRequired => "made-required",
            Self::MadeOptional => "made-optional",
            Self::Type => "type-changed",
            Self::Words => "values-changed",
            Self::Limits => "limits-changed",
            Self::FurtherNames => "further-names-changed",
            Self::Keywords => "keywords-changed",
        }
    }
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind it is of.
    pub kind: Change,
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
    /// Whether one of the two cannot read what is written by the other.
    #[must_use]
    pub fn breaks(&self) -> bool {
        [self.backward, self.forward].contains(&Verdict::Breaks)
    }

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
