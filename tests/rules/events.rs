//! Conditions of the rules about events and event-sourced aggregates.

use super::{only, silent, told};

const THREE: &str =
    "services: {a: {data_ownership: [xs]}, b: {data_ownership: [ys]}, c: {data_ownership: [zs]}}\n";

#[test]
fn versions_of_one_producer_have_one_producer() {
    silent(&format!(
        "{THREE}events:
  - {{name: Placed, version: v1, schema: {{id: uuid}}, producers: a, consumers: b}}
  - {{name: Placed, version: v2, schema: {{id: uuid, at: date}}, producers: a, consumers: c}}
"
    ));
}

#[test]
fn a_field_is_looked_for_in_every_version_that_is_taken() {
    only(
        &format!(
            "{THREE}events:
  Placed:
    producers: a
    versions: {{v1: {{schema: {{id: uuid}}}}, v2: {{schema: {{id: uuid, note: string}}, upcast: {{note: none}}}}}}
    consumers: [{{service: b, versions: [v1, v2], fields: [id, note]}}]
"
        ),
        "consumer-field-not-in-schema error: b reads note of Placed, but v1 has no such field",
    );
}

#[test]
fn an_optional_field_may_be_read() {
    silent(&format!(
        "{THREE}events: {{Placed: {{schema: {{id: uuid, note: string?}}, producers: a, consumers: [{{service: b, fields: [note]}}]}}}}"
    ));
}

/// `b` keeps of Placed, v1 and v2, what is written.
fn kept(first: &str, second: &str, reaction: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: [xs]}}, b: {{data_ownership: {{ys: {{fields: {{note: string, count: 'integer?'}}}}}}}}}}
events:
  Placed:
    producers: a
    versions: {{v1: {{schema: {{{first}}}}}, v2: {{schema: {{{second}}}}}}}
    consumers: [{{service: b, versions: [v2, v1], {reaction}}}]
"
    )
}

#[test]
fn what_a_consumer_does_is_read_from_each_version_that_it_takes() {
    let with = |first: &str, second: &str| {
        told(&kept(
            first,
            second,
            "effects: [{create: ys, values: {note: $event.note}}]",
        ))
    };
    let lacks = "nothing here is called note";
    assert_eq!(
        with("id: uuid", "id: uuid, note: string"),
        [format!("unknown-value error: for Placed v1, {lacks}")]
    );
    assert_eq!(
        with("id: uuid, note: string", "id: uuid"),
        [format!("unknown-value error: for Placed v2, {lacks}")]
    );
    assert_eq!(
        with("id: uuid, note: 'integer[]'", "id: uuid, note: string"),
        ["type-mismatch error: for Placed v1, note is of type string, not integer[]"]
    );
    assert_eq!(
        with("id: uuid, note: string", "id: uuid, note: 'string?'"),
        ["value-without-source error: for Placed v2, note may be missing here"]
    );
    // What all of them lack is told once, and of none of them.
    assert_eq!(
        with("id: uuid", "id: uuid, of: uuid"),
        [format!("unknown-value error: {lacks}")]
    );
    silent(&kept(
        "id: uuid, note: 'blue | red'",
        "id: uuid, note: 'blue | red | none', count: 'integer?'",
        "effects: [{create: ys, values: {note: $event.note}}]",
    ));
}

#[test]
fn conditions_and_fields_found_by_name_are_looked_for_in_each_version() {
    let newer = |reaction: &str| {
        told(&kept(
            "id: uuid",
            "id: uuid, note: string, kind: one | two",
            reaction,
        ))
    };
    assert_eq!(
        newer("when: {kind: one}"),
        ["unknown-value error: for Placed v1, nothing here is called kind"]
    );
    assert_eq!(
        newer("effects: [{create: ys}]"),
        ["value-without-source error: for Placed v1, nothing gives note of data ys"]
    );
    let emitted = newer("emits: {event: Placed, version: v2, values: {kind: one}}");
    let unknown = "value-without-source error: for Placed v1, nothing gives note of event Placed";
    assert!(emitted.contains(&unknown.to_owned()), "{emitted:?}");
    // An entry for each version says for each what is done.
    silent(
        &kept("id: uuid", "id: uuid, note: string", "effects: [{create: ys}]").replace(
            "[v2, v1], effects: [{create: ys}]}",
            "[v2], effects: [{create: ys}]}, {service: b, versions: [v1], effects: [{create: ys, values: {note: none}}]}",
        ),
    );
}

#[test]
fn a_service_takes_a_version_once() {
    let twice = "duplicate-name error: b takes Placed v1 twice";
    let file = |consumers: &str| {
        format!(
            "{THREE}events: {{Placed: {{schema: {{id: uuid}}, producers: a, consumers: [{consumers}]}}}}"
        )
    };
    only(&file("b, c, b"), twice);
    only(&file("{service: b, versions: [v1, v1]}"), twice);
    only(&file("b, {service: b, versions: [v1]}"), twice);
}

fn round(first: &str, last: &str) -> String {
    format!(
        "{THREE}events:
  A: {{schema: {{id: uuid, kind: one | two}}, producers: a, consumers: [{{service: b{first}, emits: B}}]}}
  B: {{schema: {{id: uuid, kind: one | two}}, producers: b, consumers: [{{service: c, emits: C}}]}}
  C: {{schema: {{id: uuid, kind: one | two}}, producers: c, consumers: [{{service: a, emits: {last}}}]}}
"
    )
}

#[test]
fn a_loop_of_three_events_is_drawn() {
    only(
        &round("", "A"),
        "event-loop warn: A -> b -> B -> c -> C -> a -> A never ends",
    );
}

#[test]
fn a_condition_ends_a_loop() {
    silent(&round(", when: {kind: one}", "A"));
    silent(&round("", "{event: A, when: {kind: one}}"));
}

#[test]
fn a_saga_that_its_own_end_starts_again_is_a_loop() {
    only(
        "services: {a: {data_ownership: [xs]}, b: {data_ownership: [ys]}}
events:
  A: {schema: {id: uuid}, producers: a}
  B: {schema: {id: uuid}, producers: a, consumers: [{service: a, emits: A}]}
sagas:
  Round:
    trigger: A
    steps: [{service: b, action: ship, input: id, kind: pivot}]
    on_success: {emits: B}
    on_failure: {emits: B}
",
        "event-loop warn: A -> a -> B -> a -> A never ends",
    );
}

fn doubled(consumer: &str, effects: &str) -> String {
    format!(
        "services:
  a: {{data_ownership: [xs]}}
  b: {{data_ownership: {{ys: {{fields: {{x: uuid}}}}, seen: {{projection: true, fields: {{x: uuid}}}}, logs: {{fields: {{x: uuid}}}}}}}}
events: {{A: {{schema: {{id: uuid}}, producers: a, consumers: [{{service: b{consumer}}}]}}}}
sagas:
  Twice:
    trigger: A
    steps:
      - {{service: a, action: begin, input: id, compensation: reject}}
      - {{service: b, action: ship, input: id, kind: pivot{effects}}}
      - {{service: a, action: end, input: id, kind: retriable}}
"
    )
}

#[test]
fn a_reaction_that_changes_what_the_step_changes_is_doubled() {
    let effect =
        |entity: &str, id: &str| format!(", effects: [{{create: {entity}, values: {{x: {id}}}}}]");
    let step = effect("ys", "$id");
    let wanted = "double-driven-participant warn: b is told to ship by Twice and consumes A as well: it may do it twice";
    only(&doubled(&effect("ys", "$event.id"), &step), wanted);
    only(&doubled("", &step), wanted);
    only(&doubled(&effect("logs", "$event.id"), ""), wanted);
    silent(&doubled(&effect("logs", "$event.id"), &step));
    silent(&doubled(&effect("seen", "$event.id"), ""));
}

#[test]
fn who_keeps_or_asks_for_the_outcome_looks_at_it() {
    let file = |consumer: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs]}}, b: {{data_ownership: {{ys: {{fields: {{ok: boolean}}}}}}}}}}
events: {{Paid: {{schema: {{id: uuid, ok: boolean}}, producers: a, consumers: [{{service: b{consumer}}}]}}}}
"
        )
    };
    silent(&file(", when: {ok: true}"));
    silent(&file(", effects: [{create: ys, values: {ok: $event.ok}}]"));
    only(
        &file(""),
        "outcome-flag-event info: Paid mixes success and failure, and b does not say which it means",
    );
}

#[test]
fn an_event_that_starts_a_saga_may_not_get_lost() {
    only(
        "services: {a: {data_ownership: [xs]}, b: {data_ownership: {ys: {projection: true, fields: {x: uuid}}}}}
events:
  A: {schema: {id: uuid}, producers: a, delivery: at-most-once, consumers: [{service: b, effects: [{create: ys, values: {x: $event.id}}]}]}
sagas:
  Ship:
    trigger: A
    steps:
      - {service: a, action: begin, input: id, compensation: reject}
      - {service: a, action: end, input: id, kind: pivot}
",
        "lossy-delivery warn: A may get lost, and then Ship is never started",
    );
}

#[test]
fn a_projection_survives_a_lost_event() {
    silent(
        "services: {a: {data_ownership: [xs]}, b: {data_ownership: {ys: {projection: true, fields: {x: uuid}}}}}
events:
  A: {schema: {id: uuid}, producers: a, delivery: at-most-once, consumers: [{service: b, effects: [{create: ys, values: {x: $event.id}}]}]}
",
    );
}

#[test]
fn a_key_that_may_be_missing_recognises_nothing() {
    let file = |key: &str| {
        format!(
            "{THREE}events: {{A: {{schema: {{id: uuid, number: string?}}, producers: a, consumers: [{{service: b, idempotency_key: {key}}}]}}}}"
        )
    };
    silent(&file("event_id"));
    silent(&file("id"));
    only(
        &file("number"),
        "consumer-delivery-policy-missing warn: b knows A by its number again, but v1 may come without it",
    );
    only(
        &file("nummer"),
        "consumer-delivery-policy-missing warn: b knows A by its nummer again, but v1 has no such field",
    );
}

fn aggregate(rest: &str, end: &str) -> String {
    format!(
        "services:
  a:
    data_ownership: {{orders: {{projection: true, fields: {{customer: uuid}}}}}}
    aggregates:
      Order:
        entity: orders
        events: {{Placed: {{schema: {{customer: uuid}}}}}}
        commands: {{place: {{input: {{customer: uuid}}, raises: Placed}}}}
{rest}{end}"
    )
}

#[test]
fn an_operation_that_writes_past_the_aggregate_is_told() {
    let told = told(&aggregate(
        "    endpoints: ['POST /orders', 'GET /orders']\n",
        "",
    ));
    assert_eq!(
        told,
        [
            "two-write-models warn: orders follow from the events of Order, but post_orders writes them directly"
        ]
    );
    silent(&aggregate(
        "    endpoints: [{name: place, method: POST, path: /orders, command: place}, 'GET /orders']\n",
        "",
    ));
}

#[test]
fn a_log_is_no_event_store() {
    silent(&aggregate("", "event_store: {type: SQLite}\n"));
    let store = "    store: {database_type: PostgreSQL, stores: [{role: event_store, database_type: Apache Kafka}]}\n";
    only(
        &aggregate(store, ""),
        "no-optimistic-concurrency error: Apache Kafka appends whatever comes: two writers of one Order both succeed",
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
            "invalid-event-schema error: the schema of Placed v1 has no `required` list: nobody knows what is always there"
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
