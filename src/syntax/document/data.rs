//! Fields, owned data and the stores that hold it.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::servers::DatabaseKind;
use super::texts::WithVariables;
use crate::syntax::decode::{Checked, Cx, Decode, Defs, Int, Named, choice, record};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::{Node, Value};

/// Fields by name, a type by its notation, or raw JSON Schema.
#[derive(Debug, Clone)]
pub enum FieldsDecl {
    /// A type: `ProductItem`, `a | b`.
    Notation(Spanned<String>),
    /// Field by field.
    Fields {
        /// Where they stand.
        span: Span,
        /// The fields.
        fields: IndexMap<Spanned<String>, FieldDecl>,
    },
    /// JSON Schema, word for word.
    Raw {
        /// Where it stands.
        span: Span,
        /// The schema.
        schema: Node,
    },
}

impl FieldsDecl {
    fn is_raw(node: &Node) -> bool {
        let is_object = node.get("type").and_then(Node::as_str) == Some("object");
        node.get("$schema").is_some()
            || (is_object
                && node
                    .get("properties")
                    .is_some_and(|all| all.as_map().is_some()))
    }
}

impl Decode for FieldsDecl {
    const DECLARES: bool = true;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let span = node.span;
        match &node.value {
            Value::Scalar(_) => Spanned::decode(node, cx).map(Self::Notation),
            Value::Map(_) if Self::is_raw(&node) => Some(Self::Raw { span, schema: node }),
            _ => IndexMap::decode(node, cx).map(|fields| Self::Fields { span, fields }),
        }
    }

    fn declared(&self) -> Json {
        match self {
            Self::Notation(notation) => notation.declared(),
            Self::Fields { fields, .. } => fields.declared(),
            Self::Raw { schema, .. } => schema.declared(),
        }
    }

    fn unread(place: Span) -> Option<Self> {
        Spanned::unread(place).map(Self::Notation)
    }

    fn schema(defs: &mut Defs) -> Json {
        let field = FieldDecl::schema(defs);
        json!({"anyOf": [
            {"type": "string", "description": "A type: `ProductItem`, `T[]`, `a | b`"},
            {"type": "object", "additionalProperties": field, "description": "Field by field"},
            {"type": "object", "required": ["type", "properties"], "description": "Raw JSON Schema 2020-12"},
        ]})
    }
}

/// A field's type, alone or with what else is known of it.
#[derive(Debug, Clone)]
pub enum FieldDecl {
    /// `uuid`, `string?`, `ProductItem[]`, `a | b`.
    Notation(Spanned<String>),
    /// The type and more.
    Record(Box<FieldRecord>),
}

impl Decode for FieldDecl {
    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        match node.value {
            Value::Map(_) => {
                FieldRecord::decode(node, cx).map(|record| Self::Record(Box::new(record)))
            }
            _ => Spanned::decode(node, cx).map(Self::Notation),
        }
    }

    fn declared(&self) -> Json {
        match self {
            Self::Notation(notation) => json!({"type": notation.declared()}),
            Self::Record(record) => record.declared(),
        }
    }

    fn unread(place: Span) -> Option<Self> {
        Spanned::unread(place).map(Self::Notation)
    }

    fn schema(defs: &mut Defs) -> Json {
        let record = FieldRecord::schema(defs);
        json!({"anyOf": [
            {
                "type": "string",
                "description": "uuid, string, integer, number, decimal, boolean, date, ISO8601, json, a named type, \
                                `T[]`, `T?` (optional) or `a | b`",
            },
            record,
        ]})
    }
}

record! {
    /// A field with what is known of it. Its limits hold wherever the field stands, in lists and named types too: a request that breaks
    /// one is refused with 400 and a pointer to the field. The limits of owned data hold for every write: a request's field that goes
    /// there unchanged has them as well; any other request is refused with 422 (409 where an adjustment leads beyond them), a saga
    /// step is rejected, and an event is kept as a dead letter at once, or after the last attempt where an adjustment leads beyond them.
    pub struct FieldRecord {
        /// Its type, in short notation.
        r#type = "type": Spanned<String>,
        /// What it means.
        description: Option<String>,
        /// What stands there when nothing is given.
        default: Option<Node>,
        /// Least number.
        min: Option<Spanned<f64>>,
        /// Greatest number.
        max: Option<Spanned<f64>>,
        /// Least length of a text or list.
        min_length: Option<Spanned<Int>>,
        /// Greatest length of a text or list.
        max_length: Option<Spanned<Int>>,
        /// Regular expression (ECMA 262) that a text matches.
        pattern: Option<Spanned<String>>,
        /// Whether no two records share a value.
        unique: Option<Spanned<bool>>,
        /// Whether it must be there. A type that ends in `?` says no.
        required: Option<Spanned<bool>>,
        /// Whether it is personal and kept out of logs.
        sensitive: Option<bool>,
        /// What it was called before; its data and the code that uses it move along.
        renamed_from: Option<Spanned<String>>,
    }
}

record! {
    /// Data that a service owns: a table or a collection. Each record also has id, version, created_at and updated_at.
    pub struct Entity {
        /// Its fields. Without them a record has a free-form JSON body.
        fields: Option<FieldsDecl>,
        /// What it holds.
        description: Option<String>,
        /// The field by which people name a record; unique.
        key: Option<Spanned<String>>,
        /// Whether it is derived from elsewhere, by events.
        projection: Option<bool>,
        /// What it was called before.
        renamed_from: Option<Spanned<String>>,
    }
}

choice! {
    /// What a store is for. A service has one primary store.
    pub enum StoreRole {
        /// The source of truth.
        Primary = "primary",
        /// Full-text search, derived from the primary.
        Search = "search",
        /// A cache.
        Cache = "cache",
        /// Analytical queries.
        Analytics = "analytics",
        /// Streams of event-sourced aggregates.
        EventStore = "event_store",
        /// Sessions.
        Session = "session",
    }
}

record! {
    /// Where a service keeps its data.
    pub struct Store {
        /// PostgreSQL, MySQL, MongoDB, ClickHouse, Elasticsearch, Redis, SQLite, ...
        database_type: Option<Spanned<Checked<DatabaseKind>>>,
        /// The database's name; the service's name where it is left out.
        database: Option<Spanned<String>>,
        /// The schema in the database.
        schema: Option<Spanned<String>>,
        /// The server.
        host: Option<Spanned<Checked<WithVariables>>>,
        /// Who logs in.
        user: Option<Spanned<Checked<WithVariables>>>,
        /// A reference to the password: `${ORDER_DB_PASSWORD}`.
        password: Option<Spanned<Checked<WithVariables>>>,
        /// Its tables.
        tables: Option<Named<Table>>,
        /// Its collections.
        collections: Option<Named<Table>>,
        /// How it is used, in words: `CRUD + Search`.
        access_pattern: Option<String>,
        /// A further store of role search.
        search_engine: Option<Spanned<Checked<DatabaseKind>>>,
        /// Further stores.
        stores: Vec<StoresItem>,
    }
}

record! {
    /// A further store of a service.
    pub struct StoresItem {
        /// What it is for.
        role: StoreRole,
        /// PostgreSQL, Elasticsearch, Redis, ...
        database_type: Spanned<Checked<DatabaseKind>>,
        /// The database's name.
        database: Option<Spanned<String>>,
        /// The schema in it.
        schema: Option<Spanned<String>>,
        /// The server.
        host: Option<Spanned<Checked<WithVariables>>>,
        /// Who logs in.
        user: Option<Spanned<Checked<WithVariables>>>,
        /// Its tables.
        tables: Option<Named<Table>>,
        /// Its collections.
        collections: Option<Named<Table>>,
    }
}

record! {
    /// A table or collection.
    pub struct Table {
        /// Whether it is derived from elsewhere, by events.
        projection: Option<bool>,
        /// Whether it holds nothing of the business: outbox, migrations, ...
        technical: Option<bool>,
        /// Column → `table.column` that it refers to.
        foreign_keys: IndexMap<Spanned<String>, Spanned<String>>,
    }
}
