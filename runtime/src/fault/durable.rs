//! Counts what a local run makes durable, and ends the process at one of these operations, as `kill -9` would: what was committed
//! stays, what was not never was. Off until it is asked for.
//!
//! An operation is a commit that changed something: of a unit of work, of a message at the broker, or of an answer to it.

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happens at durable operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Each stands in the log, with its number.
    Log,
    /// The process ends right before this one, counted from 1.
    KillBefore(u64),
    /// The process ends right after this one, counted from 1.
    KillAfter(u64),
}

/// The text says nothing about durable operations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is nothing to do at durable operations; write log, kill-before:N or kill-after:N"
)]
pub struct DurableError {
    text: String,
}

impl FromStr for Durable {
    type Err = DurableError;

    fn from_str(text: &str) -> Result<Self, DurableError> {
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
        let read = match text.split_once(':') {
            None if text == "log" => Some(Self::Log),
            Some(("kill-before", at)) => number(at).map(Self::KillBefore),
            Some(("kill-after", at)) => number(at).map(Self::KillAfter),
            _ => None,
        };
        read.ok_or_else(|| DurableError {
            text: text.to_owned(),
        })
    }
}

static ASKED: OnceLock<Durable> = OnceLock::new();
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Says for the whole process what happens at durable operations; the first word counts.
pub fn watch(asked: Durable) {
    let _ = ASKED.set(asked);
}

/// Carries a durable operation out, if the process lives so long.
pub(crate) async fn operation<T>(work: impl Future<Output = T>) -> T {
    let Some(asked) = ASKED.get().copied() else {
        return work.await;
    };
    let number = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    if asked == Durable::KillBefore(number) {
        std::process::abort();
    }
    let done = work.await;
    if asked == Durable::KillAfter(number) {
        std::process::abort();
    }
    if asked == Durable::Log {
        tracing::info!(operation = number, "durable operation");
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_its_number_and_side() {
        assert_eq!("log".parse(), Ok(Durable::Log));
        assert_eq!("kill-before:7".parse(), Ok(Durable::KillBefore(7)));
        assert_eq!("kill-after:1".parse(), Ok(Durable::KillAfter(1)));
    }

    #[test]
    fn what_names_no_operation_is_told() {
        for text in [
            "",
            "kill",
            "kill-before",
            "kill-after:0",
            "kill-after:x",
            "log:1",
        ] {
            let told = text.parse::<Durable>().unwrap_err().to_string();
            assert!(told.contains("kill-before:N"), "{text}: {told}");
        }
    }
}
