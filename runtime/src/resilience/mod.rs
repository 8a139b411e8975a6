//! Staying upright when others fall: circuit breaker, retry, deadline, bulkhead. Each stands alone; the
//! [client](crate::client) puts them together.
//!
//! ```
//! use msarch_runtime::resilience::{Breaker, BreakerPolicy, BreakerState};
//! use std::time::Duration;
//!
//! let breaker = Breaker::new(BreakerPolicy {
//!     failure_threshold: 2,
//!     monitor_window: Duration::from_secs(60),
//!     recovery_timeout: Duration::from_secs(30),
//!     success_threshold: 1,
//! });
//! for _ in 0..2 {
//!     breaker.admit().expect("closed").failure();
//! }
//! assert_eq!(breaker.state(), BreakerState::Open);
//! assert!(breaker.admit().is_err());
//! ```

mod breaker;
mod bulkhead;
mod clock;
mod deadline;
mod retry;

pub use breaker::{Breaker, BreakerPolicy, BreakerState, Open, Permit};
pub use bulkhead::{Bulkhead, BulkheadPermit, BulkheadPolicy, Full};
pub use clock::{Clock, ManualClock, SystemClock};
pub use deadline::{DeadlinePassed, before};
pub use retry::RetryPolicy;
pub(crate) use retry::random_unit;
