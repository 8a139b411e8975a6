//! What rules find beyond the example on their page: each test is one condition.

#[path = "rules/calls.rs"]
mod calls;
#[path = "rules/events.rs"]
mod events;
#[path = "rules/mesh.rs"]
mod mesh;
#[path = "rules/names.rs"]
mod names;
#[path = "rules/ownership.rs"]
mod ownership;
#[path = "rules/platform.rs"]
mod platform;
#[path = "rules/sagas.rs"]
mod sagas;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document;
use msarch::syntax::include::load_text;

/// Findings as `rule severity: message`, of an architecture whose head is written for it.
fn told_with(text: &str, observations: Observations) -> Vec<String> {
    let mut loaded = load_text(
        "architecture.yaml",
        &format!("msarch: 1\nname: shop\n{text}"),
    );
    let document = document::read(&mut loaded).expect("an architecture");
    let model = msarch::model::lower(&document);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let verdict = rules::check(Graph::new(&model, observations), loaded.findings, context);
    verdict
        .findings
        .iter()
        .map(|finding| format!("{} {}: {}", finding.rule, finding.severity, finding.message))
        .collect()
}

fn told(text: &str) -> Vec<String> {
    told_with(text, Observations::default())
}

fn silent(text: &str) {
    let told = told(text);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

fn only(text: &str, wanted: &str) {
    assert_eq!(told(text), [wanted]);
}

#[test]
fn a_circle_of_three_is_drawn_through_its_cheapest_call() {
    let service = |name: &str, call: &str| {
        format!(
            "  {name}:
    endpoints:
      read_{name}: {{method: GET, path: /{name}, action: command}}
      write_{name}: {{method: POST, path: /{name}}}
    calls: [{{{call}, timeout: 1s}}]
"
        )
    };
    let services = [
        service("a", "to: b"),
        service("b", "to: c"),
        service("c", "to: a, operations: [read_a]"),
    ];
    only(
        &format!("services:\n{}", services.concat()),
        "sync-cycle error: services call each other in a circle: c -> a -> b -> c",
    );
}

#[test]
fn a_service_that_calls_itself_is_a_circle() {
    only(
        "services: {a: {data_ownership: [things], endpoints: ['GET /things'], calls: [{to: a, timeout: 1s}]}}",
        "sync-cycle error: services call each other in a circle: a -> a",
    );
}

#[test]
fn events_close_no_circle() {
    silent(
        "services:
  a: {data_ownership: [orders], endpoints: ['GET /orders'], calls: [{to: b, timeout: 1s, bulkhead: {}}]}
  b: {data_ownership: [stock], endpoints: ['GET /stock']}
events:
  StockChanged: {schema: {id: uuid}, producers: b, consumers: a}
  OrderPlaced: {schema: {id: uuid}, producers: a, consumers: b}
",
    );
}

#[test]
fn timeouts_on_a_circle_are_not_called_inverted() {
    only(
        "services:
  a: {data_ownership: [orders], endpoints: ['GET /orders'], calls: [{to: b, timeout: 1s, bulkhead: {}}]}
  b: {data_ownership: [stock], endpoints: ['GET /stock'], calls: [{to: a, timeout: 2s, bulkhead: {}}]}
",
        "sync-cycle error: services call each other in a circle: a -> b -> a",
    );
}

#[test]
fn tries_and_pauses_count_against_the_callers_timeout() {
    let file = |retries: u32| {
        format!(
            "services:
  a: {{data_ownership: [orders], calls: [{{to: b, timeout: 1s, bulkhead: {{}}}}]}}
  b: {{data_ownership: [stock], endpoints: ['GET /stock'], calls: [{{to: c, timeout: 300ms, retries: {retries}, bulkhead: {{}}}}]}}
  c: {{data_ownership: [prices], endpoints: ['GET /prices']}}
"
        )
    };
    silent(&file(1));
    let told = told(&file(2));
    assert_eq!(
        told,
        [
            "timeout-inversion error: a waits 1s for b, which may wait 1.2s for c, 3 tries and their pauses included: it gives up first, and the work is wasted"
        ]
    );
}

#[test]
fn a_timeout_as_long_as_the_inner_one_is_inverted() {
    let told = told(
        "services:
  a: {data_ownership: [orders], calls: [{to: b, timeout: 1s, bulkhead: {}}]}
  b: {data_ownership: [stock], endpoints: ['GET /stock'], calls: [{to: c, timeout: 1s, bulkhead: {}}]}
  c: {data_ownership: [prices], endpoints: ['GET /prices']}
",
    );
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("timeout-inversion"));
}

#[test]
fn a_route_and_the_mesh_are_layers_of_one_hop() {
    let told = told(
        "services: {a: {data_ownership: [orders]}}
gateway: {routes: [{path: /orders, method: GET, service: a, timeout: 5s, public: true}]}
mesh: {services: {a: {timeout: 30s}}}
",
    );
    assert_eq!(
        told,
        [
            "timeout-inversion error: route /orders waits 5s for a, while the mesh keeps trying for 30s: it gives up first, and the work is wasted"
        ]
    );
}

#[test]
fn a_timeout_of_nothing_is_none() {
    only(
        "services:
  a: {data_ownership: [orders], calls: [{to: b, timeout: 0ms, bulkhead: {}}]}
  b: {data_ownership: [stock], endpoints: ['GET /stock']}
",
        "missing-timeout warn: a calls b with a timeout of 0, which means none",
    );
}

#[test]
fn the_default_timeout_is_a_timeout() {
    silent(
        "services:
  a: {data_ownership: [orders], calls: [{to: b, bulkhead: {}}]}
  b: {data_ownership: [stock], endpoints: ['GET /stock']}
resilience: {timeout: 2s}
",
    );
}

#[test]
fn a_call_that_repeats_a_post_needs_a_key() {
    let file = |call: &str| {
        format!(
            "services:
  a: {{data_ownership: [orders], calls: [{{to: b, timeout: 1s, bulkhead: {{}}, {call}}}]}}
  b: {{data_ownership: [charges], endpoints: [{{name: charge, method: POST, path: /charges}}, {{name: list, method: GET, path: /charges}}]}}
"
        )
    };
    let told = told(&file("operations: [charge], retries: 2"));
    assert_eq!(
        told,
        [
            "retry-of-unsafe-method error: a tries charge of b up to 3 times: a slow POST is done more than once"
        ]
    );
    silent(&file(
        "operations: [charge], retries: 2, idempotency_key: true",
    ));
    silent(&file("operations: [charge], retries: 0"));
    silent(&file("operations: [list], retries: 2"));
    silent(&file("retries: 2"));
}

#[test]
fn a_route_may_repeat_what_does_no_work_twice() {
    let file = |operation: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders], endpoints: [{operation}, 'GET /orders']}}}}
gateway: {{routes: [{{path: /orders/*, method: ALL, service: a, timeout: 5s, retries: 2, public: true}}]}}
"
        )
    };
    silent(&file("'GET /orders/{id}'"));
    silent(&file(
        "{name: search, method: POST, path: /orders/search, action: command, effect: read}",
    ));
    let told_of = told(
        &(file(
            "{name: ping, method: POST, path: /orders/pings, action: command, effect: read, emits: Pinged}",
        ) + "events: {Pinged: {schema: {timestamp: ISO8601}, producers: a, public: true}}\n"),
    );
    assert_eq!(told_of.len(), 1, "{told_of:?}");
    silent(&file(
        "{name: create, method: POST, path: /orders, idempotency_key: required}",
    ));
    silent(&file(
        "{name: create, method: POST, path: /drafts, entity: orders, action: create}",
    ));
    let told = told(&file("'POST /orders'"));
    assert_eq!(
        told,
        [
            "retry-of-unsafe-method error: route /orders/* repeats ALL methods up to 2 times: a slow POST is done up to 3 times"
        ]
    );
}

#[test]
fn a_service_may_answer_at_its_root() {
    silent(
        "services: {a: {data_ownership: [orders], endpoints: ['GET /', {name: search, method: POST, path: /, action: command, effect: read}]}}",
    );
    let told = told(
        "services: {a: {data_ownership: [orders], endpoints: [{name: one, method: GET, path: /orders/, action: command}]}}",
    );
    assert_eq!(
        told,
        ["malformed-endpoint error: `/orders/` has nothing between two `/`, or behind the last"]
    );
}

#[test]
fn the_mesh_may_repeat_what_has_not_arrived() {
    let file = |retry_on: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders], endpoints: ['POST /orders']}}}}
mesh: {{services: {{a: {{timeout: 5s, retries: {{attempts: 2, per_try_timeout: 1s, retry_on: '{retry_on}'}}}}}}}}
"
        )
    };
    silent(&file("connect-failure,refused-stream"));
    let told = told(&file("5xx"));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with(
            "retry-of-unsafe-method error: the mesh repeats requests to a up to 2 times"
        ),
        "{}",
        told[0]
    );
}

#[test]
fn schemas_of_one_database_are_only_worth_knowing() {
    only(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, database: shop, schema: orders}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, database: shop, schema: stock}}
",
        "shared-database info: a and b use schemas of one database, \"shop\"",
    );
}

#[test]
fn databases_of_one_name_on_two_hosts_are_two() {
    silent(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, host: db-a, database: main}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, host: db-b, database: main}}
",
    );
}

#[test]
fn a_foreign_table_hides_the_shared_database_of_the_pair() {
    only(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, database: shop, tables: [orders]}}
  b:
    data_ownership: [reports]
    store: {database_type: PostgreSQL, database: shop, tables: [reports]}
    access: [{table: orders, mode: write}]
",
        "foreign-table-access error: b writes \"orders\", which a owns",
    );
}

#[test]
fn one_table_is_no_foreign_one_to_its_owner() {
    silent("services: {a: {data_ownership: [orders], access: [{table: orders, mode: read}]}}");
}

#[test]
fn singular_and_plural_are_one_entity() {
    only(
        "services:
  a: {data_ownership: [categories]}
  b: {data_ownership: [category]}
",
        "entity-with-several-owners error: \"categories\" is owned by a and b",
    );
}

#[test]
fn nothing_is_concluded_from_tables_that_are_not_listed() {
    silent("services: {a: {data_ownership: [orders, lines], store: {database_type: PostgreSQL}}}");
}

#[test]
fn technical_tables_need_no_owner() {
    silent(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, tables: [orders, outbox, {name: jobs, technical: true}]}}
",
    );
}

#[test]
fn a_small_team_is_only_advised() {
    only(
        "teams: {core_team: {size: 3}}\nservices: {a: {data_ownership: [orders], team: core_team}}",
        "team-size-out-of-range info: team core_team has 3 people; 6 to 10 is the rule",
    );
}

#[test]
fn ten_people_are_a_team() {
    silent(
        "teams: {core_team: {size: 10}}\nservices: {a: {data_ownership: [orders], team: core_team}}",
    );
}

#[test]
fn health_and_metrics_are_no_public_endpoints() {
    let file = |last: &str| {
        format!(
            "rules: {{too-many-endpoints: {{limit: 2}}}}
services: {{a: {{data_ownership: [orders], endpoints: ['GET /orders', {{name: last, method: GET, path: {last}, action: command}}]}}}}
"
        )
    };
    silent(&file("/status"));
    let told = told(&file("/v1/lines"));
    assert_eq!(
        told,
        ["too-many-endpoints warn: a has 2 public endpoints; the limit is fewer than 2"]
    );
}

#[test]
fn counted_lines_go_before_stated_ones() {
    let mut seen = Observations::default();
    seen.lines.insert("a".to_owned(), 50_001);
    let told = told_with("services: {a: {data_ownership: [orders], loc: 10}}", seen);
    assert_eq!(
        told,
        ["code-size warn: a has 50,001 lines of code; more than 50,000 is large"]
    );
}

#[test]
fn fifty_thousand_lines_are_medium() {
    silent("services: {a: {data_ownership: [orders], loc: 50000}}");
}

#[test]
fn a_crate_that_two_services_use_binds_them() {
    let mut seen = Observations::default();
    seen.shared_crates
        .insert("a".to_owned(), vec!["domain".to_owned()]);
    seen.shared_crates
        .insert("b".to_owned(), vec!["domain".to_owned()]);
    let told = told_with(
        "services:\n  a: {data_ownership: [orders]}\n  b: {data_ownership: [stock]}\n",
        seen,
    );
    assert_eq!(
        told,
        [
            "deployment-lockstep warn: a and b are built on one library with domain types, \"domain\""
        ]
    );
}

#[test]
fn waiting_at_the_start_for_a_service_that_is_never_called_is_told() {
    only(
        "services:\n  a: {data_ownership: [orders], depends_on: [b]}\n  b: {data_ownership: [stock]}\n",
        "deployment-lockstep warn: a waits for b when it starts, but never calls it",
    );
}

#[test]
fn an_undeclared_consumer_hides_that_nobody_consumes() {
    only(
        "services: {a: {data_ownership: [orders]}}\nevents: {Placed: {schema: {id: uuid}, producers: a, consumers: zebra}}",
        "unknown-reference error: consumer of event Placed names service \"zebra\", which is not declared",
    );
}

#[test]
fn an_external_event_needs_no_producer() {
    silent(
        "services: {a: {data_ownership: [orders]}}\nevents: {Placed: {schema: {id: uuid}, external: true, consumers: [{service: a, idempotency_key: id}]}}",
    );
}

#[test]
fn a_raw_schema_without_required_promises_nothing() {
    let file = |schema: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}\nevents: {{Placed: {{producers: a, public: true, schema: {schema}}}}}"
        )
    };
    silent(&file(
        "{type: object, properties: {id: {type: string}}, required: [id]}",
    ));
    let told = told(&file("{type: object, properties: {id: {type: string}}}"));
    assert_eq!(
        told,
        [
            "invalid-event-schema error: the schema of Placed v1 has no `required` list, so that nothing need be there"
        ]
    );
}

#[test]
fn a_raw_schema_is_held_to_the_meta_schema() {
    let told = told(
        "services: {a: {data_ownership: [orders]}}\nevents: {Placed: {producers: a, public: true, schema: {type: object, required: [id], properties: {id: {type: strung}}}}}",
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("is not valid JSON Schema at /properties/id/type"),
        "{}",
        told[0]
    );
}

#[test]
fn a_step_before_retriable_ones_needs_no_compensation() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId}
      - {service: b, action: ship, input: orderId, kind: retriable}
",
    );
}

#[test]
fn parallel_compensations_have_no_order() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId}
      - {service: b, action: pack, input: orderId}
      - {service: b, action: ship, input: orderId}
    compensation:
      - {step: reserve, compensation: release, parallel: true}
      - {step: pack, compensation: unpack, parallel: true}
",
    );
}

#[test]
fn a_compensation_may_use_what_its_own_step_gave() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId, output: {reservation: uuid}, compensation: {action: release, input: reservation}}
      - {service: b, action: ship, input: orderId}
",
    );
}

#[test]
fn a_later_output_is_not_there_yet() {
    only(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: tracking, compensation: {action: release, input: orderId}}
      - {service: b, action: ship, input: orderId, output: {tracking: uuid}}
",
        "unbound-input error: reserve needs tracking, but nothing gives it",
    );
}

#[test]
fn a_comment_allows_a_finding_on_its_line() {
    silent(
        "services:\n  a: {data_ownership: [orders], loc: 61000} # msarch: allow(code-size) being split\n",
    );
}

#[test]
fn a_level_of_the_file_moves_a_rule_but_not_its_lesser_advice() {
    let file = |size: u32| {
        format!(
            "rules: {{team-size-out-of-range: error}}\nteams: {{core_team: {{size: {size}}}}}\nservices: {{a: {{data_ownership: [orders]}}}}"
        )
    };
    assert!(told(&file(14))[0].starts_with("team-size-out-of-range error"));
    assert!(told(&file(3))[0].starts_with("team-size-out-of-range info"));
}

#[test]
fn limits_that_nothing_can_keep_or_check_are_told_before_code_is_made_of_them() {
    let told = told(
        "services:\n  a-service:\n    data_ownership:\n      xs:\n        fields:\n          \
         n: {type: integer, min: 5, max: 1}\n          \
         l: {type: string, min_length: 2, max_length: 1}\n          \
         h: {type: integer, min: 99999999999999999999999}\n          \
         p: {type: string, pattern: \"(\"}\n          \
         q: {type: string, pattern: \"^(?!a)\"}\n          \
         d: {type: integer, min: 3, default: 1}\n          \
         e: {type: string, max_length: 2, default: abc}\n          \
         m: {type: decimal, min: 0, default: \"1.5\"}\n",
    );
    assert_eq!(
        told,
        [
            "invalid-value error: `n` allows no value: min 5 is above max 1",
            "invalid-value error: `l` allows no value: min_length 2 is above max_length 1",
            "invalid-value error: `h` has the limit 100000000000000000000000, which is out of range",
            "invalid-value error: `(` is no regular expression",
            "invalid-value error: `^(?!a)` is no regular expression",
            "invalid-value error: the default of `d` is less than its min 3",
            "invalid-value error: the default of `e` is longer than its max_length 2",
        ]
    );
}

#[test]
fn a_version_of_the_format_that_is_not_known_is_told() {
    let mut loaded = load_text(
        "architecture.yaml",
        "msarch: 2\nname: shop\nservices: {a-service: {}}\n",
    );
    let document = document::read(&mut loaded).expect("an architecture");
    let model = msarch::model::lower(&document);
    let told: Vec<_> = model
        .faults
        .iter()
        .map(|fault| fault.message.as_str())
        .collect();
    assert_eq!(told, ["version 2 of the format is not known"]);
}
