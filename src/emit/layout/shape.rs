//! The room that is left for a piece of code: rustfmt's `Shape`, with block indents only.

/// The greatest width of a line.
pub(super) const MAX: usize = 100;
/// The width of an indent.
pub(super) const TAB: usize = 4;

/// Where a piece begins and how wide its first line may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) width: usize,
    /// The indent of the block that the piece is in.
    pub(super) indent: usize,
    /// How far the piece begins to the right of the indent.
    pub(super) offset: usize,
}

impl Shape {
    /// All the room of a line with an indent.
    pub(super) fn indented(indent: usize) -> Self {
        Self {
            width: MAX.saturating_sub(indent),
            indent,
            offset: 0,
        }
    }

    /// One block deeper, on a line of its own.
    pub(super) fn deeper(self) -> Self {
        Self::indented(self.indent + TAB)
    }

    pub(super) fn used(self) -> usize {
        self.indent + self.offset
    }

    /// What follows on the right and is not this piece's.
    pub(super) fn overhead(self) -> usize {
        MAX.saturating_sub(self.used() + self.width)
    }

    pub(super) fn sub(self, width: usize) -> Option<Self> {
        Some(Self {
            width: self.width.checked_sub(width)?,
            ..self
        })
    }

    pub(super) fn offset_left(self, width: usize) -> Option<Self> {
        let shape = self.sub(width)?;
        Some(Self {
            offset: self.offset + width,
            ..shape
        })
    }

    /// Whether a text of one or more lines fits.
    pub(super) fn fits(self, text: &str) -> bool {
        if first_width(text) > self.width {
            return false;
        }
        if !text.contains('\n') {
            return true;
        }
        text.lines().skip(1).all(|line| width(line) <= MAX)
            && last_width(text) <= self.used() + self.width
    }
}

/// A line end and an indent.
pub(super) fn newline(indent: usize) -> String {
    format!("\n{}", " ".repeat(indent))
}

pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}

pub(super) fn first_width(text: &str) -> usize {
    width(text.lines().next().unwrap_or(""))
}

pub(super) fn last_width(text: &str) -> usize {
    width(text.rsplit('\n').next().unwrap_or(""))
}

pub(super) fn newlines(text: &str) -> usize {
    text.matches('\n').count()
}
