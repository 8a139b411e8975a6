//! The variables that set a service up, as its generated configuration and the runtime read them.

use serde::Serialize;

use super::markdown::{code, text};
use crate::model::Model;
use crate::model::gateway::Authentication;
use crate::model::name::Name;
use crate::plan::service::ServicePlan;

/// A variable, as a row of a table.
#[derive(Debug, Clone, Serialize)]
pub struct SettingRow {
    /// Its name.
    pub variable: String,
    /// What stands in.
    pub default: String,
    /// What it sets.
    pub meaning: String,
}

/// What every service reads (the runtime's `ServiceSettings`): section and key, default, meaning.
const COMMON: &[(&str, &str, &str)] = &[
    (
        "HTTP__TIMEOUT",
        "30s",
        "the longest that any request may take",
    ),
    (
        "HTTP__BODY_LIMIT",
        "1048576",
        "the longest body that is read, in bytes",
    ),
    (
        "HTTP__CORRELATION_HEADER",
        "",
        "the header that carries the correlation id; what the gateway uses where nothing is said",
    ),
    (
        "SHUTDOWN__GRACE",
        "20s",
        "how long running work may take to finish after the stop",
    ),
    (
        "SHUTDOWN__DELAY",
        "0s",
        "how long to go on serving after the stop, unready",
    ),
    ("DATA__FOLDER", "data", "the folder for embedded stores"),
    (
        "INSTANCE",
        "",
        "what tells this copy of the service from the others; where nothing is said, `HOSTNAME`, which each container has of its own",
    ),
    (
        "RETENTION__ANSWERS",
        "1d",
        "how long answers under idempotency keys are kept",
    ),
    (
        "RETENTION__MESSAGES",
        "30d",
        "how long it is known which messages were received",
    ),
    (
        "RETENTION__SAGAS",
        "30d",
        "how long a saga is known after its end",
    ),
    ("LOG__FORMAT", "", "how log lines look"),
    ("LOG__FILTER", "", "what is logged"),
    (
        "BROKER__URL",
        "",
        "the broker's server, such as `nats://nats:4222`, or `tls://nats:4222` for a connection that must be encrypted; the broker is embedded where nothing is said",
    ),
    (
        "BROKER__CA_FILE",
        "",
        "a file with the certificates of authorities that the server's is signed by, in PEM form, which demands TLS; where nothing is said, those of the machine are trusted",
    ),
    ("BROKER__USER", "", "the user at the broker's server"),
    (
        "BROKER__PASSWORD",
        "",
        "the user's password, or `BROKER__PASSWORD_FILE` with a file that holds it",
    ),
    (
        "TRACES__ENDPOINT",
        "",
        "the collector that spans are exported to by OTLP over HTTP, such as http://otel-collector:4318; none where nothing is said",
    ),
    (
        "TRACES__SAMPLE_RATIO",
        "",
        "the share of the traces that begin here which are recorded, from 0 to 1",
    ),
    (
        "BROKER__FILE",
        "",
        "the file of the embedded broker; in the data folder where nothing is said",
    ),
];

/// What every service reads of its database.
const DATABASE: &[(&str, &str, &str)] = &[
    (
        "DATABASE__URL",
        "",
        "the database, as `postgres://user@host:5432/name`, with `?sslmode=verify-full` behind it for a connection that must be encrypted; a file of SQLite in the data folder where nothing is said",
    ),
    (
        "DATABASE__PASSWORD",
        "",
        "the password of its user, or `DATABASE__PASSWORD_FILE` with a file that holds it",
    ),
    (
        "DATABASE__CA_FILE",
        "",
        "a file with the certificates of authorities that the server's is signed by, in PEM form, which demands TLS as `sslmode=verify-full` does; where nothing is said, those of the machine are trusted",
    ),
    (
        "DATABASE__MAX_CONNECTIONS",
        "10",
        "how many connections are open at most",
    ),
    (
        "DATABASE__MIGRATE",
        "true",
        "whether the tables are brought up to date at the start",
    ),
];

/// What a service reads whose instances share a cache.
const CACHE: &[(&str, &str)] = &[
    (
        "CACHE__URL",
        "the cache that all instances share, such as redis://redis:6379, or rediss://redis:6379 for a connection that must be encrypted; where nothing is said, each has its memory alone",
    ),
    (
        "CACHE__USER",
        "who logs in there; needs the keys and channels that begin with the service's name",
    ),
    (
        "CACHE__PASSWORD",
        "the password, or `CACHE__PASSWORD_FILE` with a file that holds it",
    ),
    (
        "CACHE__CA_FILE",
        "a file with the certificates of authorities that its own is signed by, in PEM form; where nothing is said, those of the machine are trusted",
    ),
];

/// What a service reads that asks its callers for tokens: what is declared stands in.
fn tokens(declared: &Authentication) -> [(&'static str, &str, &'static str); 4] {
    let jwks = declared.jwks.as_ref();
    [
        (
            "AUTH__SECRET",
            "",
            "the shared secret, or `AUTH__SECRET_FILE` with a file that holds it; takes the place of published keys",
        ),
        (
            "AUTH__JWKS",
            jwks.map_or("", |jwks| jwks.value.as_str()),
            "where the published keys are: a URL or a file",
        ),
        (
            "AUTH__ISSUER",
            declared.issuer.as_deref().unwrap_or_default(),
            "who issues tokens",
        ),
        (
            "AUTH__AUDIENCE",
            declared.audience.as_deref().unwrap_or_default(),
            "for whom tokens are",
        ),
    ]
}

pub(super) fn settings(model: &Model, plan: &ServicePlan) -> Vec<SettingRow> {
    let row = |key: &str, default: &str, meaning: &str| row(plan, key, default, meaning);
    let mut rows = vec![row(
        "HTTP__ADDRESS",
        &format!("0.0.0.0:{}", plan.port),
        "where requests are taken",
    )];
    rows.extend(
        COMMON
            .iter()
            .map(|(key, default, meaning)| row(key, default, meaning)),
    );
    rows.extend(
        DATABASE
            .iter()
            .map(|(key, default, meaning)| row(key, default, meaning)),
    );
    rows.push(row(
        "DATABASE__SCHEMA",
        plan.schema.trim_matches('"'),
        "the schema of its tables",
    ));
    if plan.caches.shared {
        rows.extend(CACHE.iter().map(|(key, meaning)| row(key, "", meaning)));
    }
    if let Some(declared) = model.authentication() {
        let tokens = tokens(declared);
        rows.extend(
            tokens
                .iter()
                .map(|(key, default, meaning)| row(key, default, meaning)),
        );
    }
    rows.extend(calls(plan));
    rows
}

fn row(plan: &ServicePlan, key: &str, default: &str, meaning: &str) -> SettingRow {
    SettingRow {
        variable: code(&format!("{}__{key}", plan.screaming)),
        default: if default.is_empty() {
            String::new()
        } else {
            code(default)
        },
        meaning: meaning.to_owned(),
    }
}

/// Where those are whom it calls, and by which tokens it does.
fn calls(plan: &ServicePlan) -> Vec<SettingRow> {
    let row = |key: &str, default: &str, meaning: &str| row(plan, key, default, meaning);
    let mut rows = Vec::new();
    let clients = &plan.clients.clients;
    if !clients.is_empty() {
        let meaning = "the token that it calls other services with when nobody asked it to, or `AUTH__TOKEN_FILE` with a file that holds it";
        rows.push(row("AUTH__TOKEN", "", meaning));
    }
    for client in clients.iter().filter(|client| client.first) {
        let calls = format!("CALLS__{}", Name::snake_of(&client.of).to_ascii_uppercase());
        let of = text(&client.of);
        let url = client.url.trim_matches('"');
        rows.push(row(
            &format!("{calls}__URL"),
            url,
            &format!("where {of} is"),
        ));
        if client.service.is_none() {
            let meaning = format!(
                "the token that it calls {of} with, or `{calls}__TOKEN_FILE` with a file that holds it"
            );
            rows.push(row(&format!("{calls}__TOKEN"), "", &meaning));
        }
    }
    rows
}
