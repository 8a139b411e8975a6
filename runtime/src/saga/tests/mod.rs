//! Every saga ends committed or fully compensated, each effect exactly once, whatever happens in between.

mod crashes;
mod ending;
mod forgetting;
mod interleavings;
#[cfg(feature = "postgres")]
mod replicas;
mod running;
#[cfg(feature = "otlp")]
mod spans;
mod system;
mod trace;
