//! Kinds of servers. Any may be named, also one that no driver is there for; a slip near a known word is told, for it would
//! pass as such a one.

use crate::syntax::decode::{Condition, closest, is_no, is_slip};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::{Span, Spanned};
use crate::syntax::suggestion::Suggestion;

const DATABASES: &[&str] = &[
    "PostgreSQL",
    "Postgres",
    "SQLite",
    "MySQL",
    "MariaDB",
    "MSSQL",
    "SQL Server",
    "Oracle",
    "DB2",
    "CockroachDB",
    "YugabyteDB",
    "TiDB",
    "Spanner",
    "Aurora",
    "TimescaleDB",
    "InfluxDB",
    "DuckDB",
    "MongoDB",
    "DocumentDB",
    "DynamoDB",
    "CouchDB",
    "Couchbase",
    "Cosmos DB",
    "Firestore",
    "Cassandra",
    "ScyllaDB",
    "HBase",
    "Bigtable",
    "Neo4j",
    "Redis",
    "Valkey",
    "Memcached",
    "Elasticsearch",
    "OpenSearch",
    "Solr",
    "Meilisearch",
    "Typesense",
    "ClickHouse",
    "BigQuery",
    "Snowflake",
    "Redshift",
    "Druid",
    "EventStoreDB",
    "KurrentDB",
    "Kafka",
    "Apache Kafka",
    "NATS",
];

const BROKERS: &[&str] = &[
    "embedded",
    "NATS",
    "Kafka",
    "Apache Kafka",
    "RabbitMQ",
    "Redpanda",
    "Pulsar",
    "ActiveMQ",
    "Artemis",
    "Redis",
    "MQTT",
    "Mosquitto",
    "SQS",
    "SNS",
    "EventBridge",
    "Kinesis",
    "Pub/Sub",
    "Event Hubs",
    "Service Bus",
    "IBM MQ",
    "ZeroMQ",
];

/// A kind of database, or of another place where data is kept.
#[derive(Debug, Clone)]
pub struct DatabaseKind;

impl Condition for DatabaseKind {
    type Of = String;

    fn fault(value: &String, span: Span) -> Option<Finding> {
        slip(value, span, DATABASES, "kind of database that is known")
    }
}

/// A kind of message broker.
#[derive(Debug, Clone)]
pub struct BrokerKind;

impl Condition for BrokerKind {
    type Of = String;

    fn fault(value: &String, span: Span) -> Option<Finding> {
        slip(value, span, BROKERS, "kind of broker that is known")
    }
}

fn slip(word: &str, span: Span, known: &[&'static str], what: &str) -> Option<Finding> {
    if word.trim().is_empty() {
        let finding = Finding::error(fault::INVALID_VALUE, span, "nothing is written here");
        return Some(finding.help(format!("write a kind, such as `{}`", known[0])));
    }
    if known.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let meant = closest(word, known.iter().copied())?;
    if !is_slip(word, meant, known.iter().copied()) {
        return None;
    }
    let finding = Finding::error(fault::INVALID_VALUE, span, is_no(word, what));
    let was = Spanned::new(word.to_owned(), span);
    Some(
        finding
            .help(format!("did you mean `{meant}`?"))
            .suggest(Some(Suggestion::word(&was, meant))),
    )
}
