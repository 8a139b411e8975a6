//! The gateway's order, caches, what is seen of the system, and what must not be.

use super::{only, silent, told};

/// A system with a gateway.
fn gateway(text: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: [orders], endpoints: {{get_orders: {{method: GET, path: /orders, public: true}}}}}}}}
gateway:
  routes: [{{path: /orders, method: GET, service: a, timeout: 5s, public: true}}]
{text}
"
    )
}

#[test]
fn a_limit_of_subjects_stands_behind_the_check_of_tokens_where_it_says_so() {
    let file = |order: &str, key: &str| {
        gateway(&format!(
            "  middleware: [tracing, metrics, logging, {order}]
  authentication: {{type: JWT, algorithms: [EdDSA], jwks: 'https://id.example/jwks.json', issuer: 'https://id.example', audience: shop}}
  rate_limit: {{window: 1m, max_requests: 9{key}}}"
        ))
    };
    silent(&file("authentication, rate_limiting", ", key: subject"));
    silent(&file("rate_limiting, authentication", ""));
    only(
        &file("authentication, rate_limiting", ", key: address"),
        "middleware-order-or-limit-key info: addresses are counted behind authentication: whoever guesses tokens is never counted",
    );
}

#[test]
fn a_limit_of_subjects_in_front_of_the_check_of_tokens_counts_addresses() {
    let file = |order: &str, key: &str| {
        gateway(&format!(
            "  middleware: [tracing, metrics, logging, {order}]
  authentication: {{type: JWT, algorithms: [EdDSA], jwks: 'https://id.example/jwks.json', issuer: 'https://id.example', audience: shop}}
  rate_limit: {{window: 1m, max_requests: 9, key: {key}}}"
        ))
    };
    silent(&file("rate_limiting, authentication", "address"));
    only(
        &file("rate_limiting, authentication", "subject"),
        "middleware-order-or-limit-key info: a limit of subjects counts addresses instead: it stands in front of authentication",
    );
    only(
        &gateway(
            "  middleware: [tracing, metrics, logging, rate_limiting]\n  rate_limit: {window: 1m, max_requests: 9, key: subject}",
        ),
        "middleware-order-or-limit-key info: a limit of subjects counts addresses instead: nothing checks tokens",
    );
}

#[test]
fn a_gateway_that_lists_what_is_passed_lists_metrics_and_logs() {
    only(
        &gateway("  middleware: [tracing, metrics]"),
        "telemetry-or-health-missing warn: the gateway keeps no access log",
    );
    only(
        &gateway("  middleware: [compression]"),
        "telemetry-or-health-missing warn: the gateway keeps no metrics and no access log",
    );
    // What the list names is passed, whatever stands beside it.
    silent(&gateway(
        "  middleware: [tracing, metrics, logging]\n  monitoring: {metrics: false}",
    ));
}

#[test]
fn no_trace_needs_to_leave_a_local_system() {
    let file = |targets: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}
observability: {{tracing: {{exporter: none}}}}
deployment: {{targets: [{targets}]}}
"
        )
    };
    silent(&file("local"));
    only(
        &file("local, compose"),
        "telemetry-or-health-missing warn: no trace leaves the system where it is deployed",
    );
}

#[test]
fn a_gateway_without_traces_is_fine_where_nobody_exports_any() {
    silent(&gateway("  middleware: [metrics, logging]"));
    only(
        &gateway("  monitoring: {tracing: false}\nobservability: {tracing: {exporter: otlp}}"),
        "context-not-propagated info: services export their traces, and the gateway takes no part in them: none shows the way in",
    );
}

#[test]
fn the_header_of_a_trace_is_no_place_for_another_id() {
    only(
        "services: {a: {data_ownership: [orders]}}\nobservability: {logging: {correlation_header: Traceparent}}",
        "context-not-propagated info: correlation ids travel in traceparent, which belongs to W3C Trace Context: who takes part in traces replaces them",
    );
}

#[test]
fn labels_with_an_end_multiply() {
    let values = |count: usize| {
        (0..count)
            .map(|at| format!("v{at}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let file = |count: usize| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}
observability: {{metrics: {{custom: {{seen_total: {{type: counter, service: a, labels: {{x: [{}], y: [{}]}}}}}}}}}}
",
            values(count),
            values(100)
        )
    };
    silent(&file(100));
    only(
        &file(101),
        "high-cardinality-label warn: metric seen_total has 10,100 combinations of labels (x 101 and y 100), more than 10,000",
    );
}

#[test]
fn a_label_that_nothing_gives_a_value_is_judged_by_its_name() {
    let file = |label: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}
observability: {{metrics: {{custom: {{seen_total: {{type: counter, service: a, labels: [{label}]}}}}}}}}
"
        )
    };
    silent(&file("tier"));
    assert_eq!(told(&file("order_id")).len(), 1);
}

#[test]
fn a_cache_of_one_copy_or_with_a_named_age_needs_no_event() {
    let file = |replicas: &str, cache: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]{replicas}}}}}
caches: {{c: {{service: a, of: orders, l1_cache: {{ttl: 5s}}{cache}}}}}
"
        )
    };
    silent(&file("", ""));
    silent(&file(", replicas: 3", ", l2_cache: {ttl: 9s}"));
    silent(&file(", replicas: 3", ", max_staleness: 5s"));
    assert_eq!(told(&file(", replicas: 3", "")).len(), 1);
}

#[test]
fn what_is_kept_outside_is_as_old_as_what_is_kept_inside() {
    let file = |levels: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders]}}}}
caches: {{c: {{service: a, of: orders, l1_cache: {{ttl: 5s}}, {levels}, max_staleness: 10s}}}}
"
        )
    };
    silent(&file("l2_cache: {ttl: 10s}"));
    only(
        &file("l2_cache: {ttl: 11s}"),
        "staleness-or-ttl-order warn: by the levels of c, \"orders\" may be 11s old, and 10s is allowed",
    );
    only(
        &file("l3_cache: {ttl: 6s}"),
        "staleness-or-ttl-order warn: by the levels of c, \"orders\" may be 11s old (5s + 6s), and 10s is allowed",
    );
}

#[test]
fn a_near_level_that_outlives_the_next_is_told_before_its_age() {
    only(
        "services: {a: {data_ownership: [orders]}}
caches: {c: {service: a, of: orders, l1_cache: {ttl: 9s}, l2_cache: {ttl: 5s}, max_staleness: 10s}}
",
        "staleness-or-ttl-order warn: l1_cache of c keeps entries for 9s, longer than l2_cache behind it (5s)",
    );
}

#[test]
fn a_secret_is_found_wherever_it_stands_and_never_repeated() {
    for text in [
        "externals: {maps: {url: 'https://maps.example?api_key=hunter2'}}",
        "message_broker: {type: NATS, url: 'nats://app:hunter2@nats:4222'}",
        "mesh: {mtls: STRICT, manifests: [{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: hunter2}}]}",
    ] {
        let told = told(&format!(
            "services: {{a: {{data_ownership: [orders]}}}}\n{text}\n"
        ));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("literal-secret error"), "{}", told[0]);
        assert!(!told[0].contains("hunter2"), "{}", told[0]);
    }
}

#[test]
fn keys_that_are_fetched_in_plain_text_are_told() {
    only(
        &gateway(
            "  authentication: {type: JWT, algorithms: [EdDSA], jwks: 'http://id.example/jwks.json', issuer: 'https://id.example', audience: shop}",
        ),
        "plaintext-or-unauthenticated-call warn: the keys that tokens are checked with are fetched in plain text",
    );
}

#[test]
fn what_a_token_need_not_say_is_told_once() {
    let file = |keys: &str| gateway(&format!("  authentication: {{type: JWT, {keys}}}"));
    let jwks = "jwks: 'https://id.example/jwks.json'";
    only(
        &file(&format!("algorithms: [RS256], {jwks}, audience: shop")),
        "token-for-anybody warn: tokens are accepted without asking who issued them: whatever these keys have signed opens the door",
    );
    only(
        &file(&format!(
            "algorithms: [EdDSA], {jwks}, issuer: 'https://id.example'"
        )),
        "token-for-anybody warn: tokens are accepted without asking for whom they are: whatever these keys have signed opens the door",
    );
    // A secret that many share is the graver fact, and tells this too.
    let told = told(&file("algorithms: [HS256], secret: '${TOKEN_SECRET}'"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("shared-symmetric-jwt-key"),
        "{}",
        told[0]
    );
}

#[test]
fn an_external_system_that_nobody_calls_is_no_call() {
    silent(
        "externals: {rates: {url: 'http://rates.example'}}\nservices: {a: {data_ownership: [orders]}}\n",
    );
}

#[test]
fn an_ingress_of_its_own_leads_past_the_gateway() {
    only(
        &gateway(
            "mesh: {mtls: STRICT, manifests: [{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: a}}}]}}]}}]}",
        ),
        "gateway-bypass warn: Ingress i opens a to the outside, past the gateway",
    );
}

#[test]
fn what_stays_within_the_cluster_leads_past_no_gateway() {
    let file =
        |manifest: &str| gateway(&format!("mesh: {{mtls: STRICT, manifests: [{manifest}]}}"));
    let service = |kind: &str| {
        file(&format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {{type: {kind}, selector: {{app: a}}}}}}"
        ))
    };
    silent(&service("ClusterIP"));
    only(
        &service("LoadBalancer"),
        "gateway-bypass warn: Service s of type LoadBalancer opens a to the outside, past the gateway",
    );
    let routed = |gateways: &str| {
        file(&format!(
            "{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: v}}, spec: {{hosts: [a], gateways: [{gateways}], http: [{{route: [{{destination: {{host: a}}}}]}}]}}}}"
        ))
    };
    silent(&routed("mesh"));
    only(
        &routed("mesh, front"),
        "gateway-bypass warn: VirtualService v of the ingress gateway front opens a to the outside, past the gateway",
    );
}

#[test]
fn a_service_that_another_one_calls_needs_no_route() {
    let file = |calls: &str| {
        format!(
            "services:
  a: {{data_ownership: [orders], endpoints: ['GET /orders']{calls}}}
  b: {{data_ownership: [stock], endpoints: ['GET /stock']}}
gateway: {{routes: [{{path: /orders, method: GET, service: a, timeout: 5s, public: true}}]}}
"
        )
    };
    silent(&file(", calls: [{to: b, timeout: 1s, bulkhead: {}}]"));
    only(
        &file(""),
        "public-service-without-route info: b has 1 operation, and neither a route nor a call leads there",
    );
}

#[test]
fn most_calls_of_a_team_may_stay_in_it() {
    let file = |owner: &str| {
        let callee = |name: &str, team: &str| {
            format!(
                "  {name}: {{team_ownership: {team}, data_ownership: [{name}s], endpoints: ['GET /{name}s']}}\n"
            )
        };
        let caller = |name: &str, to: [&str; 2]| {
            format!(
                "  {name}: {{team_ownership: ours, data_ownership: [{name}s], calls: [{{to: {}}}, {{to: {}}}]}}\n",
                to[0], to[1]
            )
        };
        format!(
            "resilience: {{timeout: 1s, bulkheads: {{default: {{}}}}}}\nservices:\n{}{}{}{}{}{}",
            caller("a", ["c", "d"]),
            caller("b", ["e", "f"]),
            callee("c", "ours"),
            callee("d", "theirs"),
            callee("e", owner),
            callee("f", "others"),
        )
    };
    silent(&file("ours"));
    only(
        &file("theirs"),
        "cross-team-coupling info: 3 of 4 calls of ours lead to services of others and theirs",
    );
}

#[test]
fn words_that_several_services_share_are_written_in_one_way() {
    only(
        "services:
  a: {domain: E-commerce, data_ownership: [orders]}
  b: {domain: Ecommerce, data_ownership: [stock]}
  c: {domain: Ecommerce, data_ownership: [prices]}
",
        "duplicate-or-near-miss-name warn: one domain is written in two ways: \"E-commerce\" and \"Ecommerce\"",
    );
}

#[test]
fn a_service_before_an_external_system_may_be_called_like_it() {
    silent(
        "externals: {stripe: {url: 'https://stripe.example'}}
services: {stripe-service: {data_ownership: [charges]}}
",
    );
}

#[test]
fn nothing_is_nothing_in_any_unit() {
    silent(
        "services: {a: {data_ownership: [orders]}}\nresilience: {retries: {now: {base_delay: 0, max_delay: 1s}}}\n",
    );
}

fn routed(authentication: &str, routes: &str) -> String {
    format!(
        "services:
  a:
    data_ownership: [orders]
    endpoints:
      list_orders: {{method: GET, path: /orders, public: true}}
      get_order: {{method: GET, path: '/orders/{{id}}'}}
gateway:
{authentication}
  routes:
{routes}
"
    )
}

const CHECKED: &str = "  authentication: {type: JWT, algorithms: [EdDSA], jwks: 'https://id.shop.example/jwks.json', issuer: 'https://id.shop.example', audience: shop}";
const OPEN: &str = "    - {path: '/orders/*', method: GET, service: a, timeout: 5s, public: true}";

#[test]
fn a_public_route_names_the_operations_that_ask_for_a_token() {
    only(
        &routed(CHECKED, OPEN),
        "public-route-to-guarded-operation warn: route /orders/* is public, and a asks for a token: get_order",
    );
}

#[test]
fn an_operation_that_another_route_guards_is_guarded_on_purpose() {
    let guarded =
        format!("{OPEN}\n    - {{path: '/orders/{{id}}', method: GET, service: a, timeout: 5s}}");
    silent(&routed(CHECKED, &guarded));
}

#[test]
fn where_no_token_is_asked_for_a_public_route_is_public() {
    silent(&routed("", OPEN));
}

#[test]
fn a_system_is_in_one_namespace_that_kubernetes_can_have() {
    let file = |rest: &str| {
        format!(
            "services: {{a: {{endpoints: {{get_orders: {{method: GET, path: /orders}}}}}}}}\n{rest}\n"
        )
    };
    silent(&file("deployment: {namespace: shop-1}"));
    for name in ["Shop", "-shop", "a.b", "big_shop", ""] {
        only(
            &file(&format!("deployment: {{namespace: '{name}'}}")),
            &format!("invalid-value error: `{name}` is no name of a namespace"),
        );
    }
    let both = |other: &str| {
        file(&format!(
            "mesh: {{namespace: shop}}\ndeployment: {{namespace: {other}}}"
        ))
    };
    silent(&both("shop"));
    only(
        &both("store"),
        "invalid-value error: the system is in the namespace store and in shop",
    );
}
