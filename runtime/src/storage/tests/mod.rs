//! What stores promise: the suite on each of them.

pub(crate) mod fixture;
pub(crate) mod fused;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod sqlite;
