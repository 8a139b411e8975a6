//! What the tests of services stand on, tested itself.

mod expectations;
mod sagas;
