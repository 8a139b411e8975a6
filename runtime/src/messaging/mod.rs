//! Messages.

mod envelope;
mod error;

pub use envelope::{Envelope, Event};
pub use error::MessageError;
