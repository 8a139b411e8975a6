//! Conditions of the rules about names, and about metrics, which are names first.

use super::{only, pointed, silent, told};

fn owning(data: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: {{{data}: {{fields: {{x: string}}}}}}, endpoints: [GET /{data}]}}}}"
    )
}

#[test]
fn data_whose_record_would_hide_a_type_of_rust_keeps_its_own_name() {
    for data in ["results", "options", "boxes", "decimals", "strings"] {
        silent(&owning(data));
    }
}

#[test]
fn data_that_is_itself_called_like_a_type_of_rust_is_refused() {
    for (data, record) in [("result", "Result"), ("vec", "Vec"), ("limited", "Limited")] {
        only(
            &owning(data),
            &format!(
                "reserved-name error: entity {data}: one record of it would be a {record}, which is taken by Rust, or by what every generated file imports"
            ),
        );
    }
}

#[test]
fn a_parameter_is_not_called_like_what_the_operation_takes_besides() {
    let endpoint = |text: &str| {
        "services: {a: {data_ownership: {copies: {fields: {x: string}}}, endpoints: {act: {TEXT}}}}"
            .replace("TEXT", text)
    };
    silent(&endpoint(
        "method: GET, path: '/copies/{key}/{body}', action: command",
    ));
    only(
        &endpoint(
            "method: POST, path: '/copies/{key}/act', action: command, effects: [{create: copies, values: {x: y}}]",
        ),
        "reserved-name error: path parameter key of act: the operation takes something of this name besides",
    );
}

fn metric(text: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: {{orders: {{fields: {{total: decimal, count: integer, note: a | b}}}}}}, endpoints: {{read: {{method: GET, path: '/orders/{{id}}', response: orders}}}}}}}}
observability: {{metrics: {{custom: {{{text}}}}}}}"
    )
}

#[test]
fn a_metric_that_prometheus_takes_is_no_finding() {
    for text in [
        "seen_total: {type: counter, service: a, labels: [service, kind]}",
        "seen: {type: counter, on: read, labels: [note], value: $record.count}",
        "seen: {type: gauge, on: read, value: $record.total}",
        "seen: {type: histogram, on: read, value: $record.count, buckets: [1, 2]}",
    ] {
        silent(&metric(text));
    }
}

#[test]
fn a_metric_that_prometheus_refuses_is_told() {
    for (text, what) in [
        (
            "m-x: {type: counter, service: a}",
            "metric m-x: names of metrics have no `-`",
        ),
        (
            "http_requests_total: {type: counter, service: a}",
            "metric http_requests_total: every service has a metric with the series http_requests_total",
        ),
        (
            "http_request_duration_seconds_sum: {type: gauge, service: a}",
            "metric http_request_duration_seconds_sum: every service has a metric with the series http_request_duration_seconds_sum",
        ),
        (
            "m: {type: gauge, service: a}, m_total: {type: counter, service: a}",
            "metric m_total: m has the series m already",
        ),
        (
            "m_total: {type: gauge, service: a}",
            "metric m_total: a name that ends in `_total` is that of a counter",
        ),
        (
            "m: {type: counter, service: a, labels: [bad-label]}",
            "metric m: label bad-label is no name of a label",
        ),
        (
            "m: {type: counter, service: a, labels: [le]}",
            "metric m: label le is kept by Prometheus for itself",
        ),
        (
            "m: {type: counter, service: a, labels: [__x]}",
            "metric m: label __x is kept by Prometheus for itself",
        ),
        (
            "m: {type: counter, on: read, labels: [colour]}",
            "metric m: nothing that is known when it moves is called colour",
        ),
        (
            "m: {type: histogram, service: a, buckets: []}",
            "metric m: a histogram without buckets tells no distribution",
        ),
        (
            "m: {type: counter, service: a, buckets: [1]}",
            "metric m: only a histogram has buckets",
        ),
        (
            "m: {type: counter, on: read, value: $record.total}",
            "metric m: a counter counts by an integer",
        ),
        (
            "m: {type: gauge, on: read, value: $record.note}",
            "metric m: its value is no number",
        ),
    ] {
        only(&metric(text), &format!("malformed-metric error: {what}"));
    }
}

#[test]
fn buckets_that_are_not_ascending_are_an_invalid_value() {
    let told = told(&metric("m: {type: histogram, service: a, buckets: [2, 1]}"));
    assert_eq!(
        told,
        ["invalid-value error: buckets of metric m are not ascending"]
    );
}

fn stored(store: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: [orders], endpoints: [GET /orders], store: {{database_type: PostgreSQL, tables: [orders], {store}}}}}}}"
    )
}

#[test]
fn a_name_that_postgres_takes_for_a_database_is_no_finding() {
    let longest = format!("database: {}", "a".repeat(63));
    for store in [
        "database: orders",
        "database: _orders$2",
        "database: pg_orders",
        "schema: order_management",
        "user: order_app",
        "user: '${ORDER_DB_USER}', host: db.shop.internal",
        &longest,
    ] {
        silent(&stored(store));
    }
}

#[test]
fn a_name_that_cannot_be_made_on_a_server_of_postgres_is_refused() {
    let long = "a".repeat(64);
    for (what, name, wrong) in [
        ("database", "postgres", "postgres is PostgreSQL's own"),
        ("database", "template0", "template0 is PostgreSQL's own"),
        ("database", "template1", "template1 is PostgreSQL's own"),
        ("schema", "pg_orders", "pg_orders is PostgreSQL's own"),
        ("user", "postgres", "postgres is PostgreSQL's own"),
        (
            "database",
            "'No-tes; DROP'",
            "\"No-tes; DROP\" is no name in PostgreSQL",
        ),
        ("schema", "Orders", "\"Orders\" is no name in PostgreSQL"),
        ("user", "a@b", "\"a@b\" is no name in PostgreSQL"),
        ("database", "'${DB}'", "\"${DB}\" is no name in PostgreSQL"),
        ("database", "''", "\"\" is no name in PostgreSQL"),
        ("database", "1st", "\"1st\" is no name in PostgreSQL"),
        (
            "database",
            &long,
            &format!("\"{long}\" is no name in PostgreSQL"),
        ),
    ] {
        only(
            &stored(&format!("{what}: {name}")),
            &format!("malformed-database error: {what} of a: {wrong}"),
        );
    }
}

#[test]
fn names_of_databases_on_engines_without_a_driver_are_not_judged() {
    let file = stored("database: No-tes").replace("PostgreSQL", "MongoDB");
    silent(&file);
}

#[test]
fn a_service_that_gives_its_database_a_name_of_the_servers_own_is_refused() {
    let service = |more: &str| {
        format!(
            "services: {{template1: {{data_ownership: [orders], endpoints: [GET /orders], store: {{database_type: PostgreSQL, tables: [orders]{more}}}}}}}"
        )
    };
    only(
        &service(""),
        "malformed-database error: database of template1: template1 is PostgreSQL's own",
    );
    silent(&service(", database: orders"));
}

#[test]
fn a_ring_of_many_types_is_told_once_and_without_delay() {
    let ring = |count: usize| {
        let types = (0..count).map(|at| format!("  T{at}: {{next: T{}}}\n", (at + 1) % count));
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}\ntypes:\n{}",
            types.collect::<String>()
        )
    };
    let began = std::time::Instant::now();
    only(&ring(4_000), "endless-type error: type T0 contains itself");
    assert!(
        began.elapsed().as_secs() < 20,
        "it took {:?}",
        began.elapsed()
    );
}

#[test]
fn of_circles_that_share_types_the_first_of_each_is_told() {
    let told = told(
        "services: {a: {data_ownership: [orders]}}
types:
  A: {b: B}
  B: {a: A, c: C}
  C: {b: B, own: C, list: 'C[]'}
  D: {a: A}
",
    );
    assert_eq!(
        told,
        [
            "endless-type error: type A contains itself",
            "endless-type error: type B contains itself",
            "endless-type error: type C contains itself",
        ]
    );
}

#[test]
fn two_fields_do_not_change_names_in_one_step() {
    let file = |more: &str| {
        format!(
            "services: {{a: {{data_ownership: {{orders: {{fields: {{x: {{type: string, renamed_from: y}}, y: {{type: string{more}}}}}}}}}, endpoints: [GET /orders]}}}}"
        )
    };
    silent(&file(""));
    silent(&file(", renamed_from: z"));
    only(
        &file(", renamed_from: x"),
        "invalid-value error: field x and field y cannot change names in one step",
    );
}

/// A declaration and three names of it, of which some lead nowhere.
fn named(declared: &str, names: [&str; 3]) -> String {
    let [producer, first, second] = names;
    format!(
        "services:
  {declared}: {{data_ownership: [payments]}}
  order-service: {{data_ownership: [orders]}}
events:
  Paid: {{schema: {{id: uuid}}, producers: {producer}, consumers: [order-service]}}
  Made: {{schema: {{id: uuid}}, producers: order-service, consumers: [{first}]}}
  Told: {{schema: {{id: uuid}}, producers: order-service, consumers: [{second}]}}
"
    )
}

#[test]
fn names_that_agree_against_a_declaration_that_nobody_names_are_told_once_at_the_declaration() {
    let file = named("paymen-tservice", ["payment-service"; 3]);
    let told = told(&file);
    let unknown: Vec<&String> = told
        .iter()
        .filter(|told| told.starts_with("unknown-reference"))
        .collect();
    assert_eq!(
        unknown,
        [
            "unknown-reference error: service \"payment-service\" is named in 3 places and declared in none"
        ]
    );
    let place = (
        "paymen-tservice".to_owned(),
        "write payment-service here".to_owned(),
    );
    assert!(pointed(&file).contains(&place));
}

#[test]
fn a_slip_in_a_use_is_told_at_the_use() {
    let slip = "paymen-tservice";
    for names in [
        [slip, slip, "payment-service"],
        [slip, "payment-service", "payment-service"],
    ] {
        let uses = names.iter().filter(|name| **name == slip).count();
        let told = pointed(&named("payment-service", names));
        let at = (slip.to_owned(), "write payment-service".to_owned());
        assert_eq!(told.iter().filter(|one| **one == at).count(), uses);
    }
    // One name alone says nothing of which of the two is right.
    let other = named(
        "paymen-tservice",
        ["order-service", "order-service", "payment-service"],
    );
    let at = (
        "payment-service".to_owned(),
        "write paymen-tservice".to_owned(),
    );
    assert!(pointed(&other).contains(&at));
}

#[test]
fn nobody_is_told_to_call_itself() {
    let file = "services:
  card-service: {data_ownership: [cards], calls: [{to: crad-service, timeout: 1s, circuit_breaker: {}}]}
  cart-service: {data_ownership: [carts], endpoints: [GET /carts]}
";
    assert!(
        pointed(file)
            .iter()
            .all(|(_, help)| !help.starts_with("write")),
        "{:?}",
        pointed(file)
    );
}
