//! The file as written: YAML text becomes records whose every value knows its place. Nothing is looked up, defaulted or
//! judged here beyond its own shape; that is the work of the floors above.

pub mod decode;
pub mod document;
pub mod fault;
pub mod finding;
pub mod fingerprint;
pub mod include;
pub mod secrets;
pub mod source;
pub mod suggestion;
pub mod suppression;
pub mod types;
pub mod yaml;
