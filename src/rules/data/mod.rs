//! Stores and tables.

pub mod cross_service_foreign_key;
pub mod foreign_table_access;
pub mod multiple_databases;
pub mod publisher_without_outbox;
pub mod shared_credentials;
pub mod shared_database;
pub mod unused_datastore;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    cross_service_foreign_key::RULE,
    foreign_table_access::RULE,
    multiple_databases::RULE,
    publisher_without_outbox::RULE,
    shared_credentials::RULE,
    shared_database::RULE,
    unused_datastore::RULE,
];
