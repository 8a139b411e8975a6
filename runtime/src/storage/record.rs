//! How an entity tells which table holds it, and how it becomes a row.

use uuid::Uuid;

use super::{Kind, Row, StoreError};
use crate::validate::Checks;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column<'a> {
    /// Its name, as the database spells it.
    pub name: &'a str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be empty.
    pub nullable: bool,
}

impl<'a> Column<'a> {
    /// A column that is always filled.
    #[must_use]
    pub const fn new(name: &'a str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            nullable: false,
        }
    }

    /// A column that may be empty.
    #[must_use]
    pub const fn nullable(name: &'a str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            nullable: true,
        }
    }
}

/// A table. Each has the columns `id` (uuid), `version` (integer), `created_at` and `updated_at` beside its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// Its name, as the database spells it.
    pub name: &'a str,
    /// All its columns, the common ones included.
    pub columns: &'a [Column<'a>],
}

impl<'a> Table<'a> {
    /// The column of a name.
    ///
    /// # Errors
    /// When the table has no such column.
    pub fn column(&self, name: &str) -> Result<Column<'a>, StoreError> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .copied()
            .ok_or_else(|| StoreError::UnknownColumn {
                table: self.name.to_owned(),
                column: name.to_owned(),
            })
    }
}

/// An entity that is kept in a table. Written by the [`record!`](crate::record) macro.
pub trait Record: Sized + Send + Sync {
    /// The table that holds it.
    const TABLE: Table<'static>;

    /// Its identity.
    fn id(&self) -> Uuid;
    /// How often it was changed, from 1; the version that a change is based on.
    fn version(&self) -> i64;
    /// Holds it against the limits of its fields; pointers begin with the name of a column.
    fn limits(&self, checks: Checks) -> Checks {
        checks
    }
    /// The entity as a row.
    ///
    /// # Errors
    /// When a field has no stored form.
    fn to_row(&self) -> Result<Row, StoreError>;
    /// The entity from its row.
    ///
    /// # Errors
    /// When a column does not hold what its field needs.
    fn from_row(row: &Row) -> Result<Self, StoreError>;
}

/// Ties a struct to its table: `record!(Customer in "customers" { id: Uuid, ..., nickname: Text or Null })`.
///
/// Lists every field with the kind of its column, `id`, `version`, `created_at` and `updated_at` included. Kinds are those of
/// [`Kind`]; `Enum` is an enumeration kept as text and `Json` any serializable structure. `or Null` marks a column that may be empty.
/// A struct with limits ([`Limited`](crate::validate::Limited)) is kept within them where it says so: `record!(limited Customer in ...)`.
#[macro_export]
macro_rules! record {
    (limited $type:ident in $table:literal { $($columns:tt)* }) => {
        $crate::record!(@of $type in $table {
            fn limits(&self, checks: $crate::validate::Checks) -> $crate::validate::Checks {
                $crate::validate::Limited::limits(self, checks)
            }
        } { $($columns)* });
    };
    ($type:ident in $table:literal { $($columns:tt)* }) => {
        $crate::record!(@of $type in $table {} { $($columns)* });
    };
    (@of $type:ident in $table:literal { $($limits:tt)* } { $($field:ident : $kind:ident $(or $null:ident)?),* $(,)? }) => {
        impl $crate::storage::Record for $type {
            const TABLE: $crate::storage::Table<'static> = $crate::storage::Table {
                name: $table,
                columns: &[$($crate::storage::Column {
                    name: $crate::storage::column_name(stringify!($field)),
                    kind: $crate::record!(@kind $kind),
                    nullable: [$(stringify!($null),)? ""].len() == 2,
                }),*],
            };

            fn id(&self) -> $crate::storage::Uuid {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }

            $($limits)*

            fn to_row(&self) -> ::std::result::Result<$crate::storage::Row, $crate::storage::StoreError> {
                let mut row = $crate::storage::Row::new();
                $(row.set(
                    $crate::storage::column_name(stringify!($field)),
                    $crate::record!(@put $kind, self.$field),
                );)*
                Ok(row)
            }

            fn from_row(row: &$crate::storage::Row) -> ::std::result::Result<Self, $crate::storage::StoreError> {
                Ok(Self {
                    $($field: $crate::record!(@take $kind, row, $crate::storage::column_name(stringify!($field))),)*
                })
            }
        }
    };
    (@kind Enum) => { $crate::storage::Kind::Text };
    (@kind $kind:ident) => { $crate::storage::Kind::$kind };
    (@put Enum, $value:expr) => { $crate::storage::Value::encode(&$value, $crate::storage::Kind::Text)? };
    (@put Json, $value:expr) => { $crate::storage::Value::encode(&$value, $crate::storage::Kind::Json)? };
    (@put $kind:ident, $value:expr) => { $value.clone() };
    (@take Enum, $row:expr, $column:expr) => { $row.decode($column)? };
    (@take Json, $row:expr, $column:expr) => { $row.decode($column)? };
    (@take $kind:ident, $row:expr, $column:expr) => { $row.get($column)? };
}

/// The column of a field: its name without the `r#` that Rust needs for keywords.
#[doc(hidden)]
#[must_use]
pub const fn column_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// Lets enumerations whose JSON form is a string be given where a [`Value`](crate::storage::Value) is asked for: in filters and effects.
#[macro_export]
macro_rules! stored_as_text {
    ($($type:ty),* $(,)?) => {$(
        impl ::std::convert::From<$type> for $crate::storage::Value {
            fn from(value: $type) -> Self {
                // The JSON form of a fieldless variant is its name; it cannot fail.
                Self::encode(&value, $crate::storage::Kind::Text).unwrap_or(Self::Null)
            }
        }
    )*};
}
