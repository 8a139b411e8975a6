//! Which records are meant: conditions, order and pages, without any database's language.

use uuid::Uuid;

use super::{StoreError, Table, Value};
use crate::http::{Page, PageQuery};

/// How a column is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// A condition on records.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every record.
    All,
    /// A column compared with a value. Compared with null, `Eq` means empty and `Ne` means filled.
    Compare(String, Comparison, Value),
    /// A column that holds one of the values.
    In(String, Vec<Value>),
    /// All of the conditions.
    And(Vec<Filter>),
    /// At least one of the conditions.
    Or(Vec<Filter>),
}

impl Filter {
    /// Every record.
    #[must_use]
    pub fn all() -> Self {
        Self::All
    }

    /// Records whose column equals a value.
    pub fn eq(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Eq, value)
    }

    /// Records whose column differs from a value.
    pub fn ne(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Ne, value)
    }

    /// Records whose column is less than a value.
    pub fn lt(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Lt, value)
    }

    /// Records whose column is at most a value.
    pub fn le(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Le, value)
    }

    /// Records whose column is more than a value.
    pub fn gt(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Gt, value)
    }

    /// Records whose column is at least a value.
    pub fn ge(column: &str, value: impl Into<Value>) -> Self {
        Self::compare(column, Comparison::Ge, value)
    }

    /// Records whose column holds one of the values.
    pub fn any_of<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::In(
            column.to_owned(),
            values.into_iter().map(Into::into).collect(),
        )
    }

    /// Records that meet this condition and another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, filter) | (filter, Self::All) => filter,
            (Self::And(mut all), other) => {
                all.push(other);
                Self::And(all)
            }
            (first, second) => Self::And(vec![first, second]),
        }
    }

    /// Records that meet this condition, or another.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Or(mut any) => {
                any.push(other);
                Self::Or(any)
            }
            first => Self::Or(vec![first, other]),
        }
    }

    /// The columns that the condition looks at, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns = match self {
            Self::All => Vec::new(),
            Self::Compare(column, ..) | Self::In(column, _) => vec![column.clone()],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::columns).collect(),
        };
        let mut seen = Vec::new();
        columns.retain(|column| {
            let new = !seen.contains(column);
            seen.push(column.clone());
            new
        });
        columns
    }

    fn compare(column: &str, comparison: Comparison, value: impl Into<Value>) -> Self {
        Self::Compare(column.to_owned(), comparison, value.into())
    }
}

/// The column by which a list is ordered; records that are equal in it follow their identifiers. Empty columns come last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Order {
    /// The smallest first.
    #[must_use]
    pub fn ascending(column: &str) -> Self {
        Self {
            column: column.to_owned(),
            descending: false,
        }
    }

    /// The greatest first.
    #[must_use]
    pub fn descending(column: &str) -> Self {
        Self {
            column: column.to_owned(),
            descending: true,
        }
    }
}

/// Which records a list shows, in which order, and which part of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The condition.
    pub filter: Filter,
    /// The order; by identifier if none is given, which for version 7 is the order of creation.
    pub order: Option<Order>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many records at most.
    pub limit: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: Filter::All,
            order: None,
            cursor: None,
            limit: 100,
        }
    }
}

impl Query {
    /// Records that meet a condition: at most a hundred, by identifier.
    #[must_use]
    pub fn filter(filter: Filter) -> Self {
        Self {
            filter,
            ..Self::default()
        }
    }

    /// In another order.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }

    /// Goes on where a page ended.
    #[must_use]
    pub fn cursor(mut self, cursor: Option<String>) -> Self {
        self.cursor = cursor;
        self
    }

    /// The page that a request asks for.
    #[must_use]
    pub fn page(self, page: &PageQuery) -> Self {
        self.limit(page.limit)
            .cursor(page.position().map(ToOwned::to_owned))
    }

    /// At most so many records.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// The records.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next_cursor: Option<String>,
}

impl<T> From<Listing<T>> for Page<T> {
    fn from(listing: Listing<T>) -> Self {
        Self::new(listing.items, listing.next_cursor)
    }
}

/// The record at which a page ended: what it holds in the ordering column, and its identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// What the ordering column holds.
    pub value: Value,
    /// The identifier.
    pub id: Uuid,
}

impl Position {
    /// The position as a text; the HTTP side makes it opaque.
    #[must_use]
    pub fn to_cursor(&self) -> String {
        serde_json::json!([self.value.to_json(), self.id]).to_string()
    }

    /// Reads a cursor that this list gave out.
    pub(super) fn parse(
        cursor: &str,
        table: &Table<'_>,
        order: &Order,
    ) -> Result<Self, StoreError> {
        let kind = table.column(&order.column)?.kind;
        let (value, id) = serde_json::from_str::<(serde_json::Value, Uuid)>(cursor)
            .map_err(|_| StoreError::Cursor)?;
        let value = Value::from_json(value, kind).map_err(|_| StoreError::Cursor)?;
        Ok(Self { value, id })
    }
}
