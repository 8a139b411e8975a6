//! Conditions of the rules about calls, and about what a service rests on.

use super::{only, silent, told};

/// Services `a`, `b`, ... that call each other as told, with enough room for every timeout.
fn chain(calls: &[(&str, &str)], rest: &str) -> String {
    let mut text = String::from("services:\n");
    for (name, calls) in calls {
        text.push_str(&format!(
            "  {name}: {{data_ownership: [{name}s], endpoints: ['GET /{name}s'], calls: [{calls}]}}\n"
        ));
    }
    format!("{text}resilience: {{bulkheads: {{default: {{}}}}}}\n{rest}")
}

#[test]
fn a_circle_counts_as_one_hop_of_a_chain() {
    let told = told(&chain(
        &[
            ("a", "{to: b, timeout: 9s}"),
            ("b", "{to: c, timeout: 8s}"),
            ("c", "{to: b, timeout: 7s}, {to: d, timeout: 6s}"),
            ("d", "{to: e, timeout: 5s}"),
            ("e", "{to: f, timeout: 4s}"),
            ("f", ""),
        ],
        "",
    ));
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        told[0],
        "sync-chain-too-long warn: 4 synchronous hops, more than 3: a -> {b, c} -> d -> e -> f; with 99.9 % each that is 99.50 %"
    );
    assert!(told[1].starts_with("sync-cycle"));
}

#[test]
fn a_tail_that_two_chains_share_is_told_once() {
    let told = told(&chain(
        &[
            ("a", "{to: c, timeout: 9s}"),
            ("b", "{to: c, timeout: 9s}"),
            ("c", "{to: d, timeout: 8s}"),
            ("d", "{to: e, timeout: 7s}"),
            ("e", "{to: f, timeout: 6s}"),
            ("f", ""),
        ],
        "gateway: {routes: [{path: /as, method: GET, service: a, timeout: 10s, public: true}, {path: /bs, method: GET, service: b, timeout: 10s, public: true}]}",
    ));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("a -> c -> d -> e -> f"), "{}", told[0]);
}

#[test]
fn three_hops_are_no_long_chain() {
    silent(&chain(
        &[
            ("a", "{to: b, timeout: 9s}"),
            ("b", "{to: c, timeout: 8s}"),
            ("c", "{to: d, timeout: 7s}"),
            ("d", ""),
        ],
        "gateway: {routes: [{path: /as, method: GET, service: a, timeout: 10s, public: true}]}",
    ));
}

#[test]
fn who_reads_and_keeps_a_copy_uses_two_channels_for_two_things() {
    silent(
        "services:
  a: {data_ownership: [orders], calls: [{to: b, operations: [show], timeout: 1s, bulkhead: {}}]}
  b:
    data_ownership: {stock: {fields: {level: integer}}}
    endpoints: [{name: show, method: GET, path: '/stock/{id}'}, {name: take, method: PUT, path: '/stock/{id}', emits: Taken}]
events: {Taken: {schema: {level: integer}, producers: b, consumers: a}}
",
    );
}

#[test]
fn an_address_from_the_environment_is_none() {
    let file = |url: &str| {
        format!(
            "externals: {{map-provider: {{url: '{url}'}}}}\nservices: {{a-service: {{data_ownership: [xs]}}}}"
        )
    };
    silent(&file("${MAP_URL}"));
    silent(&file("https://maps.example/v2"));
    only(
        &file("http://10.1.2.3/v2"),
        "hard-coded-endpoint info: system map-provider names a machine by its number",
    );
    only(
        &file("http://a-service:3001"),
        "hard-coded-endpoint info: system map-provider repeats the address of a-service; its name is enough",
    );
}

#[test]
fn a_get_that_has_effects_changes_something() {
    only(
        "services: {a: {data_ownership: {xs: {fields: {seen: boolean}}}, endpoints: [{name: look, method: GET, path: '/xs/{id}/look', action: command, effects: [{set: xs, where: {id: $path.id}, values: {seen: true}}]}]}}",
        "state-changing-get warn: GET /xs/{id}/look of a changes xs",
    );
}

#[test]
fn one_hop_with_many_tries_is_told_as_well() {
    let file = |retries: u32| {
        chain(
            &[
                (
                    "a",
                    &format!("{{to: b, timeout: 100ms, retries: {retries}}}"),
                ),
                ("b", ""),
            ],
            "",
        )
    };
    silent(&file(8));
    only(
        &file(9),
        "retry-amplification warn: one request can become 10 attempts on b: a -> b",
    );
}

#[test]
fn sixty_four_attempts_are_an_error() {
    let told = told(&chain(
        &[
            ("a", "{to: b, timeout: 60s, retries: 3}"),
            ("b", "{to: c, timeout: 9s, retries: 3}"),
            ("c", "{to: d, timeout: 1s, retries: 3}"),
            ("d", ""),
        ],
        "",
    ));
    assert_eq!(
        told,
        [
            "retry-amplification error: one request can become 64 attempts on d (4 x 4 x 4): a -> b -> c -> d"
        ]
    );
}

#[test]
fn the_tries_of_the_gateway_and_of_the_mesh_multiply_those_behind() {
    let told = told(&chain(
        &[("a", "{to: b, timeout: 1s, retries: 2}"), ("b", "")],
        "gateway: {routes: [{path: /as, method: GET, service: a, timeout: 20s, retries: 1, public: true}]}
mesh: {services: {b: {timeout: 900ms, retries: {attempts: 1}}}}
",
    ));
    assert_eq!(
        told,
        [
            "retry-amplification warn: one request can become 12 attempts on b (2 x 6): gateway -> a -> b",
            "retries-in-several-layers warn: a -> b is retried by a (2) and by the mesh (1): up to 6 tries of one request",
        ]
    );
}

#[test]
fn a_mesh_that_repeats_what_has_not_arrived_does_no_work_twice() {
    silent(&chain(
        &[("a", "{to: b, timeout: 1s, retries: 2}"), ("b", "")],
        "mesh: {services: {b: {timeout: 900ms, retries: {attempts: 5, retry_on: 'connect-failure,refused-stream'}}}}",
    ));
}

#[test]
fn a_fallback_or_a_soft_dependency_needs_no_breaker() {
    let file = |call: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs], calls: [{{to: b, timeout: 1s{call}}}]}}, b: {{data_ownership: [ys]}}}}"
        )
    };
    silent(&file(", dependency: soft"));
    silent(&file(", fallback: yesterday's answer"));
    assert_eq!(told(&file("")).len(), 1);
}

#[test]
fn even_pauses_are_told_of_calls_alone() {
    let file = |call: &str, step: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs], calls: [{{to: b, timeout: 1s, bulkhead: {{}}{call}}}]}}, b: {{data_ownership: [ys]}}}}
sagas: {{S: {{coordinator: a, input: {{id: uuid}}, steps: [{{service: b, action: ship, input: id, kind: retriable{step}}}]}}}}
resilience: {{retries: {{even: {{max_attempts: 3, base_delay: 1s, backoff_factor: 1}}, hasty: {{base_delay: 0ms}}}}}}
"
        )
    };
    silent(&file("", ", retry: even"));
    only(
        &file(", retry: even", ""),
        "retry-without-backoff warn: 3 tries come at an even pace, however long the failure lasts",
    );
    only(
        &file(", retry: hasty", ", retry: hasty"),
        "retry-without-backoff warn: 3 tries follow each other at once",
    );
}

/// `a` needs `b` and `c`, and both need `d`: 0.99 each.
fn diamond(b: &str, promise: &str) -> String {
    let service = |name: &str, calls: &str| {
        format!(
            "  {name}: {{data_ownership: [{name}s], availability: 99%, endpoints: [{{name: run, method: POST, path: /{name}s/run, action: command, effect: read}}, 'GET /{name}s'], calls: [{calls}]}}\n"
        )
    };
    format!(
        "services:\n{}{}{}{}resilience: {{timeout: 1s, bulkheads: {{default: {{}}}}}}\nrules: {{timeout-inversion: off}}\nobservability: {{slo: {{{promise}}}}}\n",
        service("a", &format!("{{to: b{b}}}, {{to: c}}")),
        service("b", "{to: d}"),
        service("c", "{to: d}"),
        service("d", ""),
    )
}

#[test]
fn what_two_need_counts_once() {
    silent(&diamond("", "a.run: {availability: 96%}"));
    only(
        &diamond("", "a.run: {availability: 97%}"),
        "slo-out-of-reach warn: a.run promises 97 %, but what it cannot do without allows 96.059 % at most: a (99 %), b (99 %), c (99 %) and d (99 %)",
    );
    silent(&diamond(
        ", fallback: nothing",
        "a.run: {availability: 97%}",
    ));
}

#[test]
fn an_operation_on_own_data_rests_on_its_service_alone() {
    silent(&diamond("", "a.get_as: {availability: 99%}"));
}

#[test]
fn a_route_rests_on_what_the_operations_behind_it_rest_on() {
    let file = |path: &str, method: &str| {
        let promise = format!("'{path}': {{availability: 99%}}");
        let route =
            format!("{{path: '{path}', method: {method}, service: a, timeout: 5s, public: true}}");
        let open =
            diamond("", &promise).replace("action: command", "public: true, action: command");
        format!(
            "{}gateway: {{routes: [{route}]}}\n",
            open.replace(
                "'GET /as'",
                "{name: get_as, method: GET, path: /as, public: true}"
            )
        )
    };
    silent(&file("/as", "GET"));
    only(
        &file("/as/*", "ALL"),
        "slo-out-of-reach warn: /as/* promises 99 %, but what it cannot do without allows 96.059 % at most: a (99 %), b (99 %), c (99 %) and d (99 %)",
    );
}

#[test]
fn who_calls_himself_is_none_of_the_others_that_he_calls() {
    let told = told(
        "services:\n  a: {data_ownership: [as], calls: [{to: a}, {to: b}, {to: c}]}\n  b: {data_ownership: [bs]}\n  c: {data_ownership: [cs]}\nresilience: {timeout: 1s}\nrules: {fan-out: {limit: 2}}\n",
    );
    assert!(told.iter().all(|it| !it.starts_with("fan-out")), "{told:?}");
}

#[test]
fn promises_of_what_is_asked_add_up_unless_asked_side_by_side() {
    let promise = "a.run: {latency: 250ms}, b.run: {latency: 200ms}, c.run: {latency: 100ms}";
    let file = |group: &str| {
        diamond(&format!(", operations: [run]{group}"), promise)
            .replace("{to: c}", &format!("{{to: c, operations: [run]{group}}}"))
    };
    only(
        &file(""),
        "slo-out-of-reach warn: a.run promises 250ms, but what it has to ask first promises 300ms in all",
    );
    silent(&file(", parallel: both"));
}

#[test]
fn an_objective_of_nothing_is_told() {
    let told = told(
        "services: {a: {data_ownership: [xs], endpoints: ['GET /xs']}}\nobservability: {slo: {a.get_x: {availability: 99%}}}",
    );
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("unknown-reference error"),
        "{}",
        told[0]
    );
}

#[test]
fn copies_that_are_not_counted_are_not_one() {
    let file = |replicas: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs, ys, zs]{replicas}}}}}
gateway: {{routes: [{{path: /xs, method: GET, service: a, timeout: 1s, public: true}}, {{path: /ys, method: GET, service: a, timeout: 1s, public: true}}, {{path: /zs, method: GET, service: a, timeout: 1s, public: true}}]}}
"
        )
    };
    silent(&file(""));
    silent(&file(", replicas: 2"));
    only(
        &file(", replicas: 1"),
        "single-point-of-failure info: 3 routes need a, which runs once: /xs, /ys and /zs",
    );
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
