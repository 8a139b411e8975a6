//! Rust, spelt: types, fields, literals and imports of generated files.

pub mod literal;
pub mod record;
pub mod scope;
pub mod ty;

pub use literal::{float, literal, string, toml_string};
pub use record::{EnumDef, FieldDef, StructDef, plain_sentence, sentence, words};
pub use scope::Scope;
pub use ty::RustType;
