//! From the tables that databases have to the tables that the architecture wants.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::{self, Survival, survival};
use super::postgres;
use super::schema::{Column, Distinct, Schema, Table};
use super::snapshot::{Applied, Stored};
use super::sql::{self, Dialect, Fill};

/// What a service's history becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evolution {
    /// The migration to append, where tables differ.
    pub migration: Option<Migration>,
    /// What the lock remembers from now on.
    pub applied: Applied,
    /// What the user should know.
    pub notices: Vec<String>,
    /// Why the tables cannot become what is wanted.
    pub refusals: Vec<String>,
}

/// A migration to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the history.
    pub number: u32,
    /// What it does: `initial`, `add_note`, `change_tables`.
    pub name: String,
    /// Its statements.
    pub sql: String,
}

/// Compares the tables and writes what leads from one to the other, under a number above that of any other migration which is there
/// (`above`). With `drop_data`, what the architecture no longer has is dropped.
#[must_use]
pub fn evolve(
    service: &str,
    before: Option<&Applied>,
    wanted: &Schema,
    dialect: Dialect,
    drop_data: bool,
    above: u32,
) -> Evolution {
    let mut work = Work {
        dialect,
        service,
        tables: before
            .map(|applied| applied.tables.clone())
            .unwrap_or_default(),
        unused: before
            .map(|applied| applied.unused.clone())
            .unwrap_or_default(),
        sql: String::new(),
        names: Vec::new(),
        notices: Vec::new(),
        refusals: Vec::new(),
        drop_data,
    };
    for (name, table) in &wanted.tables {
        work.table(name, table);
    }
    work.dropped_tables(wanted);
    let mut applied = Applied {
        migrations: before
            .map(|applied| applied.migrations.clone())
            .unwrap_or_default(),
        tables: work.tables,
        unused: work.unused,
    };
    let last = applied.migrations.keys().next_back().copied();
    let number = last.unwrap_or(0).max(above) + 1;
    let migration = (last.is_none() || !work.sql.is_empty()).then(|| Migration {
        number,
        name: if last.is_none() {
            "initial".to_owned()
        } else {
            title(&work.names)
        },
        sql: work.sql,
    });
    if let Some(migration) = &migration {
        applied
            .migrations
            .insert(migration.number, migration.name.clone());
    }
    Evolution {
        migration,
        applied,
        notices: work.notices,
        refusals: work.refusals,
    }
}

fn title(names: &[String]) -> String {
    match names {
        [one] if one.len() <= 60 => one.clone(),
        _ => "change_tables".to_owned(),
    }
}

struct Work<'a> {
    dialect: Dialect,
    service: &'a str,
    tables: BTreeMap<String, Vec<Stored>>,
    unused: BTreeSet<String>,
    sql: String,
    names: Vec<String>,
    notices: Vec<String>,
    refusals: Vec<String>,
    drop_data: bool,
}

impl Work<'_> {
    fn step(&mut self, name: String, sql: &str) {
        if !self.sql.is_empty() {
            self.sql.push('\n');
        }
        self.sql.push_str(sql);
        self.names.push(name);
    }

    fn table(&mut self, name: &str, table: &Table) {
        self.unused.remove(name);
        if !self.tables.contains_key(name) && !self.renamed_table(name, table) {
            let columns: Vec<Stored> = table.columns.iter().map(stored).collect();
            self.step(format!("create_{name}"), &sql::create(name, &columns));
            self.tables.insert(name.to_owned(), columns);
            return;
        }
        self.renamed_columns(name, table);
        self.retyped_columns(name, table);
        self.new_columns(name, table);
        self.dropped_columns(name, table);
        self.constraints(name, table);
    }

    fn renamed_table(&mut self, name: &str, table: &Table) -> bool {
        let Some((from, columns)) = table
            .renamed_from
            .as_ref()
            .and_then(|from| self.tables.remove_entry(from))
        else {
            return false;
        };
        self.step(
            format!("rename_{from}_to_{name}"),
            &sql::rename_table(&from, name),
        );
        self.unused.remove(&from);
        self.tables.insert(name.to_owned(), columns);
        true
    }

    fn columns(&mut self, table: &str) -> &mut Vec<Stored> {
        self.tables.entry(table.to_owned()).or_default()
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|columns| columns.iter().any(|known| known.name == column))
    }

    fn rename_column(&mut self, table: &str, from: &str, to: &str) {
        self.step(
            format!("rename_{from}_to_{to}"),
            &sql::rename_column(table, from, to),
        );
        for column in self
            .columns(table)
            .iter_mut()
            .filter(|column| column.name == from)
        {
            to.clone_into(&mut column.name);
        }
    }

    fn renamed_columns(&mut self, name: &str, table: &Table) {
        for column in &table.columns {
            if let Some(from) = &column.renamed_from
                && !self.has(name, &column.name)
                && self.has(name, from)
            {
                self.rename_column(name, from, &column.name);
            }
        }
    }

    /// A column whose old values cannot be read as its new type starts empty; they stay beside it under a name of their own.
    fn retyped_columns(&mut self, name: &str, table: &Table) {
        for column in &table.columns {
            let mut known = self.columns(name).iter();
            let Some(known) = known.find(|known| known.name == column.name).cloned() else {
                continue;
            };
            if known.sql != column.sql {
                if self.casts(&known, column) {
                    let change = postgres::retype(name, &column.name, &column.sql);
                    self.step(format!("retype_{}", column.name), &change);
                    self.retyped(name, column);
                } else {
                    self.set_aside(name, table, column, &known);
                }
                continue;
            }
            let before = known.declared.as_deref().unwrap_or(&column.declared);
            match survival(before, &column.declared) {
                Survival::All => {}
                Survival::AllBut(words) => self.notices.push(format!(
                    "{}: {name}.{} no longer knows `{}`; rows that hold such a word cannot be read until a migration of your own gives them another",
                    self.service,
                    column.name,
                    words.join("`, `")
                )),
                Survival::AllWith(fields) => self.notices.push(format!(
                    "{}: the records in {name}.{} have another form now; rows whose records lack `{}`, or hold something else there, cannot be read until a migration of your own mends them",
                    self.service,
                    column.name,
                    fields.join("`, `")
                )),
                // Rows cannot be without their identifier.
                Survival::None if column.name == "id" => self.notices.push(format!(
                    "{}: the identifiers of {name} are of the type {} now; rows whose identifiers are no such thing cannot be read until a migration of your own gives them others",
                    self.service,
                    declared::spoken(&column.declared)
                )),
                Survival::None => {
                    self.set_aside(name, table, column, &known);
                    continue;
                }
            }
            self.retyped(name, column);
        }
    }

    /// Whether the database itself turns the old values into the new ones.
    fn casts(&self, known: &Stored, column: &Column) -> bool {
        let before = known.declared.as_deref().unwrap_or_default();
        self.dialect == Dialect::Postgres && declared::casts(before, &column.declared)
    }

    fn retyped(&mut self, table: &str, column: &Column) {
        let mut known = self.columns(table).iter_mut();
        if let Some(known) = known.find(|known| known.name == column.name) {
            known.sql.clone_from(&column.sql);
            known.declared = Some(column.declared.clone());
        }
    }

    fn set_aside(&mut self, name: &str, table: &Table, column: &Column, known: &Stored) {
        let mut kept = format!("{}_before", column.name);
        while self.has(name, &kept) || table.column(&kept).is_some() {
            kept.push('_');
        }
        self.rename_column(name, &column.name, &kept);
        let was = known
            .declared
            .as_deref()
            .map_or(known.sql.as_str(), declared::spoken);
        self.notices.push(format!(
            "{}: {name}.{} is of another type now; the {was} values stay in the column {kept}",
            self.service, column.name
        ));
    }

    fn new_columns(&mut self, name: &str, table: &Table) {
        for column in &table.columns {
            if self.has(name, &column.name) {
                continue;
            }
            // A unique column cannot be filled with one value for all rows, and ADD COLUMN takes no UNIQUE in SQLite:
            // it is added empty here, and made what it should be when the table is made anew below.
            let added = Stored {
                nullable: column.nullable || column.unique,
                unique: false,
                ..stored(column)
            };
            let shared = !added.nullable || column.filler_is_default && !column.unique;
            let filler = shared.then_some(column.filler.as_str());
            self.step(
                format!("add_{}", column.name),
                &sql::add(name, &added, filler),
            );
            if !column.nullable && column.unique {
                self.notices.push(format!(
                    "{}: rows of {name} written before get a value of their own as {}",
                    self.service, column.name
                ));
            } else if !column.nullable && !column.filler_is_default {
                self.notices.push(format!(
                    "{}: rows of {name} written before get {} as {}; give the field a `default:` to choose another",
                    self.service, column.filler, column.name
                ));
            }
            self.columns(name).push(added);
        }
    }

    fn dropped_columns(&mut self, name: &str, table: &Table) {
        let gone: Vec<Stored> = self
            .columns(name)
            .iter()
            .filter(|known| table.column(&known.name).is_none())
            .cloned()
            .collect();
        for column in gone {
            if self.drop_data {
                self.notices.push(format!(
                    "{}: the column {} of {name} is dropped",
                    self.service, column.name
                ));
                let before = self.columns(name).clone();
                self.columns(name).retain(|known| known.name != column.name);
                let title = format!("drop_{}", column.name);
                self.reshape(name, table, &before, &[], title);
            } else if !column.nullable || column.unique {
                self.notices.push(format!(
                    "{}: {name} no longer uses the column {}; it stays with its data (`--drop-data` drops it)",
                    self.service, column.name
                ));
                let before = self.columns(name).clone();
                for known in self
                    .columns(name)
                    .iter_mut()
                    .filter(|known| known.name == column.name)
                {
                    known.nullable = true;
                    known.unique = false;
                }
                let title = format!("release_{}", column.name);
                self.reshape(name, table, &before, &[], title);
            }
        }
    }

    fn constraints(&mut self, name: &str, table: &Table) {
        let mut changed = Vec::new();
        let before = self.columns(name).clone();
        for known in self.columns(name).iter_mut() {
            let Some(column) = table.column(&known.name) else {
                continue;
            };
            if known.nullable != column.nullable || known.unique != column.unique {
                known.nullable = column.nullable;
                known.unique = column.unique;
                changed.push(column.name.clone());
            }
        }
        if let Some(first) = changed.first() {
            let title = format!("constrain_{first}");
            self.reshape(name, table, &before, &changed, title);
        }
    }

    /// Gives the table the columns and constraints that are noted by now; the columns to fill may hold nothing so far.
    fn reshape(
        &mut self,
        name: &str,
        table: &Table,
        before: &[Stored],
        to_fill: &[String],
        title: String,
    ) {
        let columns = self.columns(name).clone();
        let filled: Vec<(Stored, Option<Fill>)> = columns
            .into_iter()
            .map(|column| {
                let wanted = table
                    .column(&column.name)
                    .filter(|_| !column.nullable && to_fill.contains(&column.name));
                let value = match wanted {
                    Some(wanted) if wanted.unique => self.distinct(name, wanted),
                    Some(wanted) => Some(Fill::Value(wanted.filler.clone())),
                    None => None,
                };
                (column, value)
            })
            .collect();
        let sql = match self.dialect {
            Dialect::Sqlite => sql::rebuild(name, &filled),
            Dialect::Postgres => postgres::reshape(name, before, &filled),
        };
        self.step(title, &sql);
    }

    /// What fills a unique column where a row has no value; to be refused where there is no such thing.
    fn distinct(&mut self, table: &str, column: &Column) -> Option<Fill> {
        match column.distinct {
            Distinct::Identifier => Some(Fill::Identifier),
            Distinct::NumberAbove(start) => Some(Fill::NumberAbove(start)),
            Distinct::Nothing => {
                self.refusals.push(format!(
                    "{}: `{}` of {table} is required and unique, and records that exist have no value for it: make its type optional with a `?`, or leave out `unique:`",
                    self.service, column.name
                ));
                None
            }
        }
    }

    fn dropped_tables(&mut self, wanted: &Schema) {
        let gone: Vec<String> = self
            .tables
            .keys()
            .filter(|name| !wanted.tables.contains_key(*name))
            .cloned()
            .collect();
        for name in gone {
            if self.drop_data {
                self.notices
                    .push(format!("{}: the table {name} is dropped", self.service));
                self.step(format!("drop_{name}"), &sql::drop_table(&name));
                self.tables.remove(&name);
                self.unused.remove(&name);
            } else if self.unused.insert(name.clone()) {
                self.notices.push(format!(
                    "{}: the table {name} is no longer used; it stays with its data (`--drop-data` drops it)",
                    self.service
                ));
            }
        }
    }
}

fn stored(column: &Column) -> Stored {
    Stored {
        name: column.name.clone(),
        sql: column.sql.clone(),
        declared: Some(column.declared.clone()),
        nullable: column.nullable,
        unique: column.unique,
    }
}
