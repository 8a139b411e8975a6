//! Values of the file as Rust expressions: where each root stands in the code around it, and how types are met.

pub mod bindings;
pub mod convert;
pub mod value;

pub use bindings::{Bindings, Shape, variable};
pub use convert::{convert, placeholder};
pub use value::{condition, initialized, member, path, value};

/// An expression of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// Its text.
    pub text: String,
    /// Whether it leaves the function with `?` where the value cannot be had.
    pub fallible: bool,
}

impl Expr {
    /// An expression that always has a value.
    pub fn sure(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            fallible: false,
        }
    }

    /// An expression that may leave the function.
    pub fn fallible(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            fallible: true,
        }
    }

    /// The same, within another text.
    #[must_use]
    pub fn map(self, text: impl FnOnce(&str) -> String) -> Self {
        Self {
            text: text(&self.text),
            ..self
        }
    }
}
