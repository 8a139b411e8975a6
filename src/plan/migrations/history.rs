//! The histories of all services' tables, while they are planned.

use super::evolve::evolve;
use super::schema::Schema;
use super::snapshot::{Applied, Snapshot};
use super::sql::Dialect;
use crate::plan::service::MigrationPlan;

/// What was written before, and what becomes of it.
#[derive(Debug)]
pub struct History<'b> {
    before: &'b Snapshot,
    drop_data: bool,
    /// What the lock remembers from now on.
    pub after: Snapshot,
    /// What the user should know.
    pub notices: Vec<String>,
    /// Why tables cannot become what the architecture wants: nothing may be written where there are any.
    pub refusals: Vec<String>,
}

impl<'b> History<'b> {
    /// Goes on from what the lock remembers. With `drop_data`, what the architecture no longer has is dropped.
    #[must_use]
    pub fn new(before: &'b Snapshot, drop_data: bool) -> Self {
        Self {
            before,
            drop_data,
            // A service that leaves PostgreSQL may come back: its files are there, and are not written again.
            after: Snapshot {
                postgres: before.postgres.clone(),
                ..Snapshot::default()
            },
            notices: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// The migrations of a service for PostgreSQL, beside those that [`History::of`] gives.
    pub(in crate::plan) fn on_postgres(
        &mut self,
        service: &str,
        former: Option<&str>,
        wanted: &Schema,
    ) -> Vec<MigrationPlan> {
        let known = &self.before.postgres;
        let before = known
            .get(service)
            .or_else(|| former.and_then(|former| known.get(former)));
        let (migrations, applied) = self.evolved(service, before, wanted, Dialect::Postgres);
        self.after.postgres.insert(service.to_owned(), applied);
        migrations
    }

    /// The migrations of a service whose tables should become as wanted; `former` is the name that it had before.
    pub(in crate::plan) fn of(
        &mut self,
        service: &str,
        former: Option<&str>,
        wanted: &Schema,
    ) -> Vec<MigrationPlan> {
        let mut before = self.before.services.get(service);
        if before.is_none()
            && let Some(former) = former
        {
            before = self.before.services.get(former);
            if before.is_some() {
                // The broker and every inbox know the messages of a service by its name, so a file that moved along would take all of
                // them for new ones.
                self.notices.push(format!(
                    "the local data of {former} does not move to {service}, which begins empty; it stays in data/services/{former}"
                ));
            }
        }
        let (migrations, applied) = self.evolved(service, before, wanted, Dialect::Sqlite);
        self.after.services.insert(service.to_owned(), applied);
        migrations
    }

    fn evolved(
        &mut self,
        service: &str,
        before: Option<&Applied>,
        wanted: &Schema,
        dialect: Dialect,
    ) -> (Vec<MigrationPlan>, Applied) {
        let evolution = evolve(service, before, wanted, dialect, self.drop_data);
        let mut new = evolution.migration;
        let migrations = evolution
            .applied
            .migrations
            .iter()
            .map(|(number, name)| MigrationPlan {
                number: *number,
                name: name.clone(),
                file: format!("{number:04}_{name}.sql"),
                sql: new.take_if(|new| new.number == *number).map(|new| new.sql),
            });
        let migrations = migrations.collect();
        // Of both kinds of database the same is told, once.
        for notice in evolution.notices {
            if !self.notices.contains(&notice) {
                self.notices.push(notice);
            }
        }
        for refusal in evolution.refusals {
            if !self.refusals.contains(&refusal) {
                self.refusals.push(refusal);
            }
        }
        (migrations, evolution.applied)
    }
}
