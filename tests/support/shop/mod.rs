//! The e-commerce example as its customers see it, and the books that must balance in the end.

pub(crate) mod books;
mod buyers;

pub(crate) use buyers::{Counter, Placed, Shop};

/// How all orders ended.
pub(crate) struct Ended {
    pub(crate) fulfilled: usize,
    pub(crate) cancelled: usize,
    pub(crate) refunded: usize,
}
