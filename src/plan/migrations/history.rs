//! The histories of all services' tables, while they are planned.

use std::collections::BTreeMap;

use super::evolve::evolve;
use super::own::{Own, OwnMigration, folder};
use super::schema::Schema;
use super::snapshot::{Applied, Snapshot};
use super::sql::Dialect;
use crate::plan::service::MigrationPlan;

/// What was written before, and what becomes of it.
#[derive(Debug)]
pub struct History<'b> {
    before: &'b Snapshot,
    drop_data: bool,
    own: Own,
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
            own: Own::default(),
            // A service that leaves PostgreSQL may come back: its files are there, and are not written again.
            after: Snapshot {
                postgres: before.postgres.clone(),
                ..Snapshot::default()
            },
            notices: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Takes in the migrations that people wrote.
    #[must_use]
    pub fn with_own(self, own: Own) -> Self {
        Self { own, ..self }
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
        if before.is_none() {
            self.left_behind(service, former);
        }
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

    /// What a service that was there before, with its data in a file alone, leaves where it ran.
    fn left_behind(&mut self, service: &str, former: Option<&str>) {
        let mut names = [Some(service), former].into_iter().flatten();
        let known = &self.before.services;
        if let Some(name) = names.find(|name| known.contains_key(*name)) {
            self.notices.push(format!(
                "{service} moves to PostgreSQL and begins empty there: its data in the file stays behind, and is yours to carry over; on Kubernetes its StatefulSet must be deleted before the next release (`kubectl delete statefulset {name}`; its volume stays)"
            ));
        }
    }

    fn evolved(
        &mut self,
        service: &str,
        before: Option<&Applied>,
        wanted: &Schema,
        dialect: Dialect,
    ) -> (Vec<MigrationPlan>, Applied) {
        let own = self.own_of(service, before, dialect);
        let above = own.last().map_or(0, |last| last.number);
        let evolution = evolve(service, before, wanted, dialect, self.drop_data, above);
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
        let own = own.into_iter().map(|own| MigrationPlan {
            number: own.number,
            name: own.name,
            file: own.file,
            sql: None,
        });
        let mut migrations: Vec<MigrationPlan> = migrations.chain(own).collect();
        migrations.sort_by_key(|migration| migration.number);
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

impl History<'_> {
    /// The migrations that somebody wrote for a service; what is wrong with them is told.
    fn own_of(
        &mut self,
        service: &str,
        before: Option<&Applied>,
        dialect: Dialect,
    ) -> Vec<OwnMigration> {
        let (own, others) = self.own.of(service, dialect);
        let place = folder(service, dialect);
        self.notices.extend(others.into_iter().map(|file| {
            format!(
                "{place}/{file} is not run: a migration is called by a number and a name, such as 0002_fill_the_gaps.sql"
            )
        }));
        let mut taken: BTreeMap<u32, String> = before
            .into_iter()
            .flat_map(|applied| &applied.migrations)
            .map(|(number, name)| (*number, format!("{number:04}_{name}.sql")))
            .collect();
        let last = taken.keys().next_back().copied().unwrap_or(0);
        let next = own.last().map_or(0, |own| own.number).max(last) + 1;
        for own in &own {
            if let Some(other) = taken.insert(own.number, own.file.clone()) {
                self.refusals.push(format!(
                    "{place}: {other} and {} have the same number: give the one that is yours a free one, {next:04}_{}.sql for instance",
                    own.file, own.name
                ));
            }
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::plan::workspace::of_model;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    /// What is told of a service on an engine, and what is remembered.
    fn planned(service: &str, engine: &str, before: &Snapshot) -> (Vec<String>, Snapshot) {
        let text = format!(
            "{{msarch: 1, name: shop, services: {{{service}: {{data_ownership: [orders], store: {{database_type: {engine}}}}}}}}}"
        );
        let mut loaded = load_text("architecture.yaml", &text);
        let model = lower(&document::read(&mut loaded).unwrap());
        let mut history = History::new(before, false);
        let _ = of_model(&model, &mut history);
        (history.notices, history.after)
    }

    #[test]
    fn a_service_that_moves_to_a_server_is_told_once_what_it_leaves_behind() {
        let (told, file) = planned("orders", "SQLite", &Snapshot::default());
        assert_eq!(told, [""; 0]);
        let (told, server) = planned("orders", "PostgreSQL", &file);
        assert_eq!(told.len(), 1, "{told:?}");
        let command = "`kubectl delete statefulset orders`";
        assert!(
            told[0].starts_with("orders moves to PostgreSQL"),
            "{told:?}"
        );
        assert!(told[0].contains(command), "{told:?}");
        assert_eq!(planned("orders", "PostgreSQL", &server).0, [""; 0]);
    }

    #[test]
    fn a_service_that_was_never_anywhere_else_leaves_nothing_behind() {
        let (told, _) = planned("orders", "PostgreSQL", &Snapshot::default());
        assert_eq!(told, [""; 0]);
    }

    /// What is told of a table whose field is of one type and then of another, and the statements for it.
    fn changed(from: &str, to: &str) -> (Vec<String>, Option<String>) {
        let planned = |ty: &str, before: &Snapshot| {
            let text = format!(
                "{{msarch: 1, name: shop, services: {{orders: {{data_ownership: {{orders: {{fields: {{site: {ty}}}}}}}}}}}}}"
            );
            let mut loaded = load_text("architecture.yaml", &text);
            let model = lower(&document::read(&mut loaded).unwrap());
            let mut history = History::new(before, false);
            let workspace = of_model(&model, &mut history);
            let new = workspace.services[0].migrations.last().unwrap().sql.clone();
            // The lock keeps it as lines.
            let after = Snapshot::parse(&history.after.lines()).unwrap();
            (history.notices, new, after)
        };
        let (_, _, before) = planned(from, &Snapshot::default());
        let (told, sql, _) = planned(to, &before);
        (told, sql)
    }

    #[test]
    fn a_type_that_cannot_read_the_old_values_is_told_whatever_its_column_is() {
        for (from, to) in [
            ("string", "uuid"),
            ("string", "'a | b'"),
            ("'string[]'", "'uuid[]'"),
        ] {
            let (told, sql) = changed(from, to);
            assert!(told[0].contains("site_before"), "{from} {to}: {told:?}");
            assert!(sql.unwrap().contains("\"site_before\""));
        }
    }

    #[test]
    fn a_type_that_can_read_the_old_values_is_not_worth_a_word() {
        for (from, to) in [
            ("uuid", "string"),
            ("'a | b'", "string"),
            ("'a | b'", "'a | c | b'"),
            ("'uuid[]'", "'string[]'"),
        ] {
            assert_eq!(changed(from, to), (Vec::new(), None), "{from} {to}");
        }
    }
}
