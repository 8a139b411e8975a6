//! Bringing a database's schema up to date.

use std::collections::BTreeMap;

use super::Session;
use crate::storage::Clock;
use crate::storage::migrations::pending;
use crate::storage::{Kind, Migration, StoreResult, SystemClock, Value};

/// Applies what is missing of a history, within the session's transaction: all of it or nothing. Says how many that were.
///
/// The table `msarch_migrations` must exist.
pub(in crate::storage) async fn migrate<S: Session>(
    session: &mut S,
    history: &str,
    migrations: &[Migration],
) -> StoreResult<usize> {
    let missing = pending(history, migrations, &recorded(session, history).await?)?;
    for migration in &missing {
        session.script(migration.sql).await?;
        let sql = "INSERT INTO msarch_migrations (history, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)";
        let arguments = vec![
            history.into(),
            migration.number.into(),
            migration.name.into(),
            migration.checksum().into(),
            SystemClock.now().into(),
        ];
        session.execute(sql.into(), arguments).await?;
        tracing::info!(
            migration.history = history,
            migration.number,
            migration.name,
            "migration applied"
        );
    }
    Ok(missing.len())
}

/// Whether nothing of a history is missing. The table `msarch_migrations` must exist.
pub(in crate::storage) async fn is_migrated<S: Session>(
    session: &mut S,
    history: &str,
    migrations: &[Migration],
) -> StoreResult<bool> {
    let recorded = recorded(session, history).await?;
    Ok(pending(history, migrations, &recorded)?.is_empty())
}

async fn recorded<S: Session>(
    session: &mut S,
    history: &str,
) -> StoreResult<BTreeMap<u32, String>> {
    let sql = "SELECT number, checksum FROM msarch_migrations WHERE history = $1";
    let rows = session
        .query(sql.into(), vec![history.into()], &[Kind::Int, Kind::Text])
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match <[Value; 2]>::try_from(row) {
            Ok([Value::Int(number), Value::Text(checksum)]) => {
                Some((u32::try_from(number).ok()?, checksum))
            }
            _ => None,
        })
        .collect())
}
