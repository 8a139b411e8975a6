//! How long calls may last, and what may be tried again.

use super::{only, pointed, silent, told};

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

/// `b` shows its own parts, and has a command that asks `c` for 12.7 seconds in all: the gateway and `a` read, and may order.
fn parts(read: &str, command: &str) -> String {
    format!(
        "services:
  a: {{data_ownership: [checks], calls: [{{to: b, {read}timeout: 2s, retries: 3, idempotency_key: true, bulkhead: {{}}}}]}}
  b:
    data_ownership: [parts]
    endpoints:
      get_part: {{method: GET, path: '/parts/{{id}}', public: true}}
      order_part: {{method: POST, path: /orders, idempotency_key: required{command}}}
    calls: [{{to: c, operations: [get_bs], timeout: 3s, retries: 3, bulkhead: {{}}}}]
  c: {{data_ownership: [bs], endpoints: ['GET /bs']}}
gateway: {{routes: [{{path: '/parts/{{id}}', method: GET, service: b, timeout: 2s, retries: 3, public: true}}]}}
"
    )
}

#[test]
fn who_only_reads_waits_for_nobody_behind_and_multiplies_nothing() {
    silent(&parts("operations: [get_part], ", ""));
    // What asks gives up before its caller does.
    let told = told(&parts("operations: [order_part], ", ", timeout: 1s"));
    assert!(
        told.iter().all(|it| !it.starts_with("timeout-inversion")),
        "{told:?}"
    );
}

#[test]
fn a_call_that_may_be_any_counts_as_one_of_a_command() {
    for read in [
        "",
        "operations: [order_part], ",
        "operations: [get_part, order_part], ",
    ] {
        assert_eq!(
            told(&parts(read, "")),
            [
                "timeout-inversion error: a waits 2s for b, which may wait 12.7s for c, 4 tries and their pauses included: it gives up first, and the work is wasted",
                "retry-amplification warn: one request can become 16 attempts on c (4 x 4): a -> b -> c",
            ],
            "{read}"
        );
    }
}

#[test]
fn without_a_command_it_is_what_writes_that_asks_and_without_that_anything() {
    let file = |endpoints: &str, path: &str, method: &str| {
        told(&format!(
            "services:
  a: {{data_ownership: [parts], endpoints: [{endpoints}], calls: [{{to: b, timeout: 3s, bulkhead: {{}}}}]}}
  b: {{data_ownership: [bs]}}
gateway: {{routes: [{{path: {path}, method: {method}, service: a, timeout: 2s, public: true}}]}}
"
        ))
    };
    assert_eq!(file("GET /parts, POST /parts", "/parts", "GET"), [""; 0]);
    for (endpoints, method) in [
        ("GET /parts, POST /parts", "POST"),
        ("GET /parts", "GET"),
        ("", "GET"),
    ] {
        let told = file(endpoints, "/parts", method);
        assert_eq!(told.len(), 1, "{endpoints}: {told:?}");
        assert!(told[0].starts_with("timeout-inversion"), "{told:?}");
    }
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
fn a_chain_is_not_told_to_take_one_timeout_for_all() {
    let services = "services:
  a: {data_ownership: [orders], calls: [{to: b, bulkhead: {}}]}
  b: {data_ownership: [parts], endpoints: [GET /parts], calls: [{to: c, bulkhead: {}}]}
  c: {data_ownership: [bits], endpoints: [GET /bits]}
";
    let helps: Vec<String> = pointed(services)
        .into_iter()
        .map(|(_, help)| help)
        .collect();
    assert_eq!(
        helps,
        [
            "add a `timeout` that is longer than b waits for those that it calls, and shorter than callers of a wait",
            "add a `timeout` that is shorter than callers of b wait, such as `timeout: 1s`",
        ]
    );
}
