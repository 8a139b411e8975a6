//! What the errors of PostgreSQL mean to a caller.

use crate::problem::FieldError;
use crate::storage::StoreError;
use crate::tls::Distrust;

/// States of which another try may know nothing: connection lost (08), not enough resources (53), stopped by an operator (57P),
/// serialization (40), a lock that cannot be had (55P03), a standby that only reads (25006), a statement prepared before a migration (0A000).
const PASSING: [&str; 7] = ["08", "53", "57P", "40", "55P03", "25006", "0A000"];
/// A value that no text or document of PostgreSQL can hold, such as the character U+0000.
const NO_TEXT: [&str; 2] = ["22021", "22P05"];
/// A moment beyond what PostgreSQL keeps.
const NO_TIME: &str = "22008";

/// A failure of a statement.
pub(super) fn failure(operation: &'static str, error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(cause) = &error else {
        return if connection_lost(&error) {
            StoreError::unavailable(operation, error)
        } else {
            StoreError::backend(operation, error)
        };
    };
    let code = cause.code().unwrap_or_default().into_owned();
    if cause.is_unique_violation() || cause.is_foreign_key_violation() {
        return StoreError::Conflict {
            table: cause.table().unwrap_or_default().to_owned(),
            detail: cause.message().to_owned(),
        };
    }
    if NO_TEXT.contains(&code.as_str()) {
        return unfit("/text", "must not hold the character U+0000");
    }
    if code == NO_TIME {
        return unfit(
            "/moment",
            "must lie within the years that the database knows",
        );
    }
    if PASSING.iter().any(|passing| code.starts_with(passing)) {
        StoreError::unavailable(operation, error)
    } else {
        StoreError::backend(operation, error)
    }
}

/// A failure of the first connection, in words that say what to set.
pub(super) fn refused(server: &str, error: sqlx::Error) -> StoreError {
    let code = match &error {
        sqlx::Error::Database(cause) => cause.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    let help = match (code.as_str(), Distrust::of(&error.to_string())) {
        (_, Some(reason)) => reason.help("database").into(),
        ("28P01" | "28000", _) => {
            "check the user in `database.url`, and `database.password`".into()
        }
        ("3D000", _) => "create the database, or correct its name in `database.url`".into(),
        _ => "check `database.url`, and that the server runs and can be reached".into(),
    };
    StoreError::Unreachable {
        server: server.to_owned(),
        help,
        source: error.into(),
    }
}

fn connection_lost(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_)
            | sqlx::Error::BeginFailed
    )
}

fn unfit(what: &str, detail: &str) -> StoreError {
    StoreError::Unfit {
        table: "the database".to_owned(),
        errors: vec![FieldError::new(what, detail)],
    }
}
