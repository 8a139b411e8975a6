//! Values of the right type that can work nowhere.

use super::{pointed, told};

/// A file with one of each, to be changed.
const FILE: &str = "
services:
  a:
    bounded_context: Things
    data_ownership: {things: {fields: {m: integer}}}
    endpoints: [GET /things]
    resources: {cpu: 500m, memory: 512Mi}
    store: {database_type: PostgreSQL, host: '${DB_HOST}', password: '${DB_PASSWORD}', search_engine: Elasticsearch}
externals: {pay: {url: 'https://pay.example/v1'}}
observability:
  health: {live: /livez, ready: /readyz}
  logging: {level: info, correlation_header: x-trail}
  metrics: {buckets: [0.1, 10]}
  tracing: {exporter: otlp, endpoint: 'http://collector:4318'}
caches: {hot: {service: a, of: things, l1_cache: {ttl: 30s}}}
message_broker: {type: NATS, url: '${NATS_URL}', delivery: at-least-once, retention: 7d}
gateway:
  host: shop.example
  authentication: {type: JWT, algorithms: [EdDSA], jwks: 'https://id.example/jwks.json', issuer: x, audience: y}
  cors: {allowed_origins: ['https://shop.example'], allowed_methods: [GET], allowed_headers: [x-trail]}
  rate_limit: {window: 60s, max_requests: 5, key: address}
  routes: [{path: /things, method: [GET], service: a, timeout: 2s}]
";

/// What is told of the file with a part of it written otherwise, that is not told of it as it is.
fn changed(was: &str, now: &str) -> Vec<String> {
    assert!(FILE.contains(was), "{was}");
    let before = told(FILE);
    let mut told = told(&FILE.replacen(was, now, 1));
    told.retain(|finding| !before.contains(finding));
    told
}

/// What is written in place of what, and what is told of it.
const UNUSABLE: &[(&str, &str, &str)] = &[
    ("level: info", "level: loud", "`loud` is not allowed here"),
    ("live: /livez", "live: livez", "`livez` is no path"),
    (
        "ready: /readyz",
        "ready: '/re ady?x'",
        "`/re ady?x` is no path",
    ),
    (
        "ready: /readyz",
        "ready: /livez",
        "`/livez` cannot answer both for `live` and for `ready`",
    ),
    ("[0.1, 10]", "[]", "there are no buckets"),
    (
        "[0.1, 10]",
        "[-1, 10]",
        "a bucket ends at no time that anything takes",
    ),
    ("[0.1, 10]", "[10, 0.1]", "buckets are not ascending"),
    ("[0.1, 10]", "[10, 10]", "buckets are not ascending"),
    ("algorithms: [EdDSA]", "algorithms: []", "the list is empty"),
    ("method: [GET]", "method: []", "the list is empty"),
    (
        "allowed_methods: [GET]",
        "allowed_methods: []",
        "the list is empty",
    ),
    (
        "'https://id.example/jwks.json'",
        "jwks",
        "this is no address of `http://` or `https://`",
    ),
    (
        "'https://pay.example/v1'",
        "'not a url'",
        "this is no address of `http://` or `https://`",
    ),
    (
        "'https://pay.example/v1'",
        "'ftp://u:secret@x'",
        "this is no address of `http://` or `https://`",
    ),
    (
        "'https://pay.example/v1'",
        "'https://${PAY HOST}/v1'",
        "this is no address of `http://` or `https://`",
    ),
    (
        "'http://collector:4318'",
        "otel",
        "this is no address of `http://` or `https://`",
    ),
    (
        "'${NATS_URL}'",
        "'${NATS_URL'",
        "a reference to a variable is not whole",
    ),
    (
        "'${DB_HOST}'",
        "'${DB HOST}'",
        "a reference to a variable is not whole",
    ),
    (
        "'${DB_PASSWORD}'",
        "'${}'",
        "a reference to a variable is not whole",
    ),
    ("window: 60s", "window: 0s", "a time of 0ms is none"),
    ("ttl: 30s", "ttl: 0", "a time of 0ms is none"),
    ("retention: 7d", "retention: 0s", "a time of 0ms is none"),
    (
        "delivery: at-least-once",
        "delivery: at-most-once",
        "`at-most-once` is not allowed here",
    ),
    (
        "host: shop.example",
        "host: 'http://shop.example/x'",
        "`http://shop.example/x` is no name of a host",
    ),
    (
        "['https://shop.example']",
        "['shop.example/']",
        "`shop.example/` is no origin: no browser sends it",
    ),
    (
        "allowed_headers: [x-trail]",
        "allowed_headers: ['a b']",
        "`a b` is no name of a header",
    ),
    (
        "header: x-trail",
        "header: 'a: b'",
        "`a: b` is no name of a header",
    ),
    (
        "bounded_context: Things",
        "bounded_context: ''",
        "nothing is written here",
    ),
    (
        "cpu: 500m",
        "cpu: much",
        "`much` is no amount of CPU or memory",
    ),
    (
        "memory: 512Mi",
        "memory: 512 MB",
        "`512 MB` is no amount of CPU or memory",
    ),
];

#[test]
fn a_value_that_can_work_nowhere_is_told_once() {
    for (was, now, message) in UNUSABLE {
        let wanted = format!("invalid-value error: {message}");
        let told = changed(was, now);
        assert!(told.contains(&wanted), "{now}: {told:#?}");
        let wrong = told.iter().filter(|told| told.starts_with("invalid-value"));
        assert_eq!(wrong.count(), 1, "{now}: {told:#?}");
        assert!(!told.concat().contains("secret@"), "{told:#?}");
    }
}

#[test]
fn values_that_work_are_silent() {
    for (was, now) in [
        ("level: info", "level: WARN"),
        ("[0.1, 10]", "[0.5, 2.5, 10]"),
        ("'https://pay.example/v1'", "'${PAY_URL}'"),
        (
            "'https://pay.example/v1'",
            "'HTTP://${PAY_HOST}:8080/v1?x=y'",
        ),
        ("'${NATS_URL}'", "'nats://${NATS_HOST}:4222'"),
        ("'${DB_HOST}'", "'${DB_HOST_1}.internal'"),
        ("['https://shop.example']", "['*']"),
        (
            "['https://shop.example']",
            "['https://shop.example:8443', 'capacitor://localhost']",
        ),
        ("cpu: 500m", "cpu: 1"),
        ("cpu: 500m", "cpu: 0.5"),
        ("memory: 512Mi", "memory: 1G"),
        ("database_type: PostgreSQL", "database_type: postgres"),
        ("database_type: PostgreSQL", "database_type: MSSQL"),
        ("database_type: PostgreSQL", "database_type: Fauna"),
        ("type: NATS", "type: kafka"),
        ("type: NATS", "type: Solace"),
    ] {
        assert_eq!(changed(was, now), [""; 0], "{now}");
    }
}

#[test]
fn a_slip_in_the_kind_of_a_server_is_told_with_what_was_meant() {
    let kinds = [
        ("database_type: PostgreSQL", "PostrgeSQL", "PostgreSQL"),
        ("database_type: PostgreSQL", "MogoDB", "MongoDB"),
        (
            "search_engine: Elasticsearch",
            "Elastcsearch",
            "Elasticsearch",
        ),
        ("type: NATS", "NTAS", "NATS"),
        ("type: NATS", "RabitMQ", "RabbitMQ"),
    ];
    for (was, slip, meant) in kinds {
        let (key, _) = was.split_once(' ').unwrap();
        let text = FILE.replacen(was, &format!("{key} {slip}"), 1);
        let told = pointed(&text);
        let wanted = (slip.to_owned(), format!("did you mean `{meant}`?"));
        assert!(told.contains(&wanted), "{told:#?}");
    }
}

#[test]
fn one_call_counts_its_tries_once() {
    let file = |call: &str| {
        format!(
            "services:
  a: {{data_ownership: [orders], calls: [{{to: b, timeout: 1s, bulkhead: {{}}, {call}}}]}}
  b: {{data_ownership: [parts], endpoints: [GET /parts]}}
"
        )
    };
    let told = told(&file("retries: 3, retry: {max_attempts: 2}"));
    let wanted =
        "duplicate-key error: `retries` and `max_attempts` both say how often this call is tried";
    assert!(told.iter().any(|told| told == wanted), "{told:#?}");
    super::silent(&file("retries: 3, retry: {base_delay: 50ms}"));
}

#[test]
fn who_is_named_twice_in_one_list_is_told() {
    let file = |producers: &str, consumers: &str, calls: &str| {
        format!(
            "services:
  a: {{data_ownership: [orders], calls: [{calls}]}}
  b: {{data_ownership: [parts], endpoints: [GET /parts]}}
events: {{Placed: {{schema: {{id: uuid, kind: big | small}}, producers: [{producers}], consumers: [{consumers}]}}}}
"
        )
    };
    let call = "{to: b, timeout: 1s, bulkhead: {}}";
    let told = |text: &str| {
        let mut told = told(text);
        told.retain(|told| told.starts_with("duplicate-name"));
        told
    };
    assert_eq!(
        told(&file("a, a", "b, b", &format!("{call}, {call}"))),
        [
            "duplicate-name error: `b` stands twice among calls of all operations",
            "duplicate-name error: `a` stands twice among the producers",
            "duplicate-name error: b takes Placed v1 twice",
        ]
    );
    let one = "{to: b, operations: [get_parts], timeout: 1s, bulkhead: {}}";
    assert_eq!(told(&file("a", "b", &format!("{one}, {call}"))), [""; 0]);
}

#[test]
fn a_limit_can_be_reached() {
    let file = |limit: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}\nrules: {{cross-team-coupling: {{limit: {limit}}}}}"
        )
    };
    super::only(&file("-1"), "invalid-value error: -1 is no limit");
    super::only(
        &file("80"),
        "unknown-rule warn: cross-team-coupling compares shares, and none is above 80",
    );
    super::silent(&file("0.8"));
}
