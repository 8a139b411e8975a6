//! What measuring needs: architectures of any size, what msarch does with them, and a clock.

mod measure;
mod steps;
mod synthetic;

pub use measure::{Cost, interleaved};
pub use steps::{generate, read_only, tree_of, validate};
pub use synthetic::architecture;
