//! Stores and tables.

pub mod foreign_table_access;
pub mod multiple_databases;
pub mod shared_database;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    foreign_table_access::RULE,
    multiple_databases::RULE,
    shared_database::RULE,
];
