//! Names, and what is made of them: crates, modules, types, topics, tables, hosts and paths.

pub mod ambiguous_path;
pub mod colliding_names;
pub mod duplicate_operation;
pub mod long_name;
pub mod malformed_database;
pub mod malformed_name;
pub mod port_used_twice;
pub mod reserved_field;
pub mod reserved_name;
pub mod system_without_services;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    ambiguous_path::RULE,
    colliding_names::RULE,
    duplicate_operation::RULE,
    long_name::RULE,
    malformed_database::RULE,
    malformed_name::RULE,
    port_used_twice::RULE,
    reserved_field::RULE,
    reserved_name::RULE,
    system_without_services::RULE,
];
