//! What is found in the mesh's policies and in raw manifests.

use super::{only, silent, told};

const SERVICES: &str = "services:
  a: {data_ownership: [orders], port: 3001}
  b: {data_ownership: [stock]}
";

/// A file with manifests, each in flow style.
fn with(manifests: &[&str]) -> String {
    let items: Vec<String> = manifests
        .iter()
        .map(|text| format!("    - {text}\n"))
        .collect();
    format!(
        "{SERVICES}mesh:\n  provider: istio\n  manifests:\n{}",
        items.concat()
    )
}

fn virtual_service(spec: &str) -> String {
    with(&[&format!(
        "{{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {{name: a}}, spec: {{{spec}}}}}"
    )])
}

fn destination_rule(policy: &str) -> String {
    with(&[&format!(
        "{{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {{name: a}}, spec: {{host: a, trafficPolicy: {{{policy}}}}}}}"
    )])
}

#[test]
fn a_virtual_service_without_hosts_is_fine_as_a_delegate() {
    let delegate = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: inner}, spec: {http: [{route: [{destination: {host: a}}]}]}}";
    let outer = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: outer}, spec: {hosts: [shop.example], http: [{match: [{uri: {prefix: /a/}}], delegate: {name: inner}}]}}";
    silent(&with(&[delegate, outer]));
    only(
        &with(&[delegate]),
        "virtual-service-without-host-or-destination error: VirtualService inner has no hosts: no request meets it",
    );
}

#[test]
fn a_redirect_and_a_direct_response_lead_somewhere() {
    silent(&virtual_service(
        "hosts: [a], http: [{match: [{uri: {exact: /x}}], redirect: {uri: /y}}, {directResponse: {status: 404}}]",
    ));
}

#[test]
fn a_host_may_be_spelt_in_full_and_lie_in_another_namespace() {
    for host in [
        "a",
        "a.shop",
        "a.shop.svc.cluster.local",
        "other.elsewhere.svc.cluster.local",
    ] {
        let file = virtual_service(&format!(
            "hosts: [a], http: [{{route: [{{destination: {{host: {host}}}}}]}}]"
        ));
        silent(&file.replace("provider: istio", "provider: istio\n  namespace: shop"));
    }
    only(
        &virtual_service("hosts: [a], http: [{route: [{destination: {host: c}}]}]"),
        "unknown-mesh-host-or-subset error: VirtualService a leads to host c, which does not exist",
    );
}

#[test]
fn a_host_outside_needs_a_service_entry() {
    let route = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: a}, spec: {hosts: [pay.example], http: [{route: [{destination: {host: pay.example}}]}]}}";
    let entry = "{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: pay}, spec: {hosts: [pay.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}}";
    only(
        &with(&[route]),
        "unknown-mesh-host-or-subset error: VirtualService a leads to host pay.example, which does not exist",
    );
    silent(&with(&[route, entry]));
}

#[test]
fn a_subset_is_one_that_a_destination_rule_or_the_canary_declares() {
    let file =
        virtual_service("hosts: [a], http: [{route: [{destination: {host: a, subset: v2}}]}]");
    only(
        &file,
        "unknown-mesh-host-or-subset error: VirtualService a leads to subset v2 of a, which nothing declares",
    );
    silent(&file.replace(
        "  manifests:",
        "  services: {a: {canary: {v1: 90, v2: 10}}}\n  manifests:",
    ));
}

#[test]
fn a_port_is_the_one_that_the_service_states() {
    let file = |host: &str, port: u32| {
        virtual_service(&format!(
            "hosts: [a], http: [{{route: [{{destination: {{host: {host}, port: {{number: {port}}}}}}}]}}]"
        ))
    };
    silent(&file("a", 3001));
    silent(&file("b", 9));
    only(
        &file("a", 3002),
        "unknown-mesh-host-or-subset error: VirtualService a leads to port 3002, and a listens on 3001",
    );
}

#[test]
fn shares_are_whole_and_none_is_missing() {
    let file = |first: &str, second: &str| {
        virtual_service(&format!(
            "hosts: [a], http: [{{route: [{{destination: {{host: a}}{first}}}, {{destination: {{host: b}}{second}}}]}}]"
        ))
    };
    silent(&file(", weight: 90", ", weight: 10"));
    let what = "the destinations of http[0] of VirtualService a";
    for (first, second, wanted) in [
        (
            ", weight: 90",
            ", weight: 5",
            format!("warn: the weights of {what} are 90 and 5, which makes 95"),
        ),
        (
            ", weight: 0",
            ", weight: 0",
            format!("error: {what} all have the weight 0: nobody gets a request"),
        ),
        (
            ", weight: 110",
            ", weight: -10",
            format!("error: {what} have a share below nothing"),
        ),
        (
            ", weight: 100",
            "",
            format!("error: {what} do not all have a weight: who has none gets no requests"),
        ),
        (
            "",
            "",
            format!("error: {what} have no weights: all requests go nowhere"),
        ),
    ] {
        only(&file(first, second), &format!("bad-weights {wanted}"));
    }
}

#[test]
fn a_field_of_another_kind_or_spelling_is_unknown() {
    for (file, wanted) in [
        (
            virtual_service(
                "hosts: [a], http: [{route: [{destination: {host: a}}], retries: {attempts: 1, per_try_timeout: 1s}}]",
            ),
            "error: VirtualService a has no field `http[0].retries.per_try_timeout`",
        ),
        (
            virtual_service("hosts: [a], http: [{route: [{destination: {host: a}}], timeout: 30}]"),
            "error: `http[0].timeout` of VirtualService a is not what Istio reads there",
        ),
        (
            virtual_service("hosts: a, http: [{route: [{destination: {host: a}}]}]"),
            "error: `hosts` of VirtualService a is not what Istio reads there",
        ),
        (
            destination_rule("tls: {mode: istio_mutual}"),
            "error: `trafficPolicy.tls.mode` of DestinationRule a cannot be istio_mutual",
        ),
        (
            destination_rule("loadBalancer: {simple: LEAST_CONN}"),
            "error: `LEAST_CONN` in `trafficPolicy.loadBalancer.simple` of DestinationRule a is deprecated",
        ),
        (
            destination_rule("loadBalancer: {warmupDurationSecs: 10s}"),
            "error: `trafficPolicy.loadBalancer.warmupDurationSecs` of DestinationRule a is deprecated",
        ),
        (
            with(&[
                "{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: a}, spec: {host: a}}",
            ]),
            "info: DestinationRule a is written in v1beta1, and v1 is there",
        ),
        (
            with(&[
                "{apiVersion: security.istio.io/v1, kind: DestinationRule, metadata: {name: a}, spec: {host: a}}",
            ]),
            "error: there is no DestinationRule in security.istio.io/v1",
        ),
        (
            with(&[
                "{apiVersion: networking.istio.io/v1, kind: VirtualServce, metadata: {name: a}, spec: {}}",
            ]),
            "error: Istio knows no kind VirtualServce",
        ),
        (
            with(&[
                "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a}, host: a, spec: {host: a}}",
            ]),
            "error: DestinationRule a has no field `host`",
        ),
    ] {
        let told = told(&file);
        let found = told
            .iter()
            .any(|told| *told == format!("deprecated-or-unknown-field {wanted}"));
        assert!(found, "{wanted}\n{}", told.join("\n"));
    }
}

#[test]
fn manifests_of_others_are_left_to_others() {
    silent(&with(&[
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {anything: true}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {gatewayClassName: istio}}",
    ]));
}

#[test]
fn a_narrower_match_behind_a_wider_one_is_never_used() {
    let rule =
        |matched: &str| format!("{{match: [{matched}], route: [{{destination: {{host: a}}}}]}}");
    let file = |first: &str, second: &str| {
        virtual_service(&format!(
            "hosts: [a], http: [{}, {}]",
            rule(first),
            rule(second)
        ))
    };
    let never = "unreachable-mesh-rule warn: http[1] of VirtualService a is never used: http[0] takes its requests";
    only(
        &file("{uri: {prefix: /a/}}", "{uri: {prefix: /a/b/}}"),
        never,
    );
    only(
        &file(
            "{uri: {exact: /a}}",
            "{uri: {exact: /a}, method: {exact: GET}}",
        ),
        never,
    );
    silent(&file("{uri: {prefix: /a/b/}}", "{uri: {prefix: /a/}}"));
    silent(&file(
        "{uri: {prefix: /a/}, method: {exact: GET}}",
        "{uri: {prefix: /a/}}",
    ));
    silent(&file(
        "{headers: {x: {exact: '1'}}}",
        "{headers: {y: {exact: '1'}}}",
    ));
}

#[test]
fn mutual_tls_is_asked_for_and_not_contradicted() {
    let manifest = "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a}, spec: {host: a}}";
    let raw =
        |peer: &[&str]| with(&[&[manifest], peer].concat()).replace("  provider: istio\n", "");
    only(
        &raw(&[]),
        "mtls-missing-or-contradictory warn: the mesh is on, and nothing requires mutual TLS",
    );
    let peer = |mode: &str| {
        format!(
            "{{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {{name: default}}, spec: {{mtls: {{mode: {mode}}}}}}}"
        )
    };
    silent(&raw(&[&peer("STRICT")]));
    only(
        &with(&[&peer("PERMISSIVE")]),
        "mtls-missing-or-contradictory warn: PeerAuthentication default says PERMISSIVE, against the mutual TLS of the mesh",
    );
    only(
        &format!("{SERVICES}mesh: {{mtls: PERMISSIVE}}\n"),
        "mtls-missing-or-contradictory warn: the mesh lets services talk in plain text",
    );
    silent(&format!("{SERVICES}mesh: {{mtls: STRICT}}\n"));
}

#[test]
fn tries_of_a_manifest_fit_into_its_timeout() {
    let file = |timeout: &str, attempts: u32| {
        virtual_service(&format!(
            "hosts: [a], http: [{{route: [{{destination: {{host: a}}}}], timeout: {timeout}, retries: {{attempts: {attempts}, perTryTimeout: 1s, retryOn: connect-failure}}}}]"
        ))
    };
    silent(&file("3s", 1));
    silent(&file("1s", 0));
    only(
        &file("3s", 2),
        "retry-budget-exceeds-timeout warn: 3 tries of 1s and the pauses between take 3050ms, and the request is given up after 3s",
    );
}

#[test]
fn a_prefix_of_istio_is_text_and_no_path() {
    let file = |matches: &str| {
        virtual_service(&format!(
            "hosts: [a], http: [{{match: [{matches}], route: [{{destination: {{host: a}}}}]}}]"
        ))
        .replace(
            "[orders], port",
            "[orders], endpoints: ['GET /orders', 'GET /orders/{id}'], port",
        )
    };
    only(
        &file("{uri: {prefix: /orders}}"),
        "route-shadowed-or-too-broad error: prefix /orders of VirtualService a takes /orders-and-more too",
    );
    only(
        &file("{uri: {prefix: /orders/}}"),
        "route-shadowed-or-too-broad error: prefix /orders/ of VirtualService a leaves /orders out",
    );
    silent(&file("{uri: {exact: /orders}}, {uri: {prefix: /orders/}}"));
    silent(&file("{uri: {prefix: /}}"));
}

#[test]
fn outlier_detection_that_takes_nobody_out_is_incomplete() {
    only(
        &format!(
            "{SERVICES}mesh: {{services: {{a: {{outlier_detection: {{max_ejection_percent: 0}}}}}}}}\n"
        ),
        "incomplete-circuit-breaker error: the outlier detection of a takes out 0 % of the replicas, which is none: it never keeps a request back",
    );
    only(
        &destination_rule("outlierDetection: {consecutive5xxErrors: 0, interval: 10s}"),
        "incomplete-circuit-breaker error: the outlier detection of DestinationRule a never keeps a request back",
    );
    silent(&destination_rule(
        "outlierDetection: {consecutive5xxErrors: 0, consecutiveGatewayErrors: 5}",
    ));
}

#[test]
fn a_version_is_a_name_that_pods_can_bear() {
    let file = |version: &str| {
        format!("{SERVICES}mesh: {{services: {{a: {{canary: {{v1: 90, '{version}': 10}}}}}}}}\n")
    };
    silent(&file("v2-rc1"));
    for version in ["V2", "v 2", "2.0", "-v2", ""] {
        only(
            &file(version),
            &format!("invalid-value error: `{version}` is no name of a version"),
        );
    }
}

#[test]
fn a_condition_of_retries_is_one_that_envoy_knows() {
    let file = |conditions: &str| {
        format!(
            "{SERVICES}mesh: {{services: {{a: {{retries: {{attempts: 1, retry_on: '{conditions}'}}}}}}}}\n"
        )
    };
    silent(&file("connect-failure, refused-stream,503"));
    only(
        &file("connect-failure,connection-failure"),
        "deprecated-or-unknown-field error: `connection-failure` is no condition on which Envoy repeats a request, for the retries of a",
    );
    only(
        &virtual_service(
            "hosts: [a], http: [{route: [{destination: {host: a}}], retries: {attempts: 1, retryOn: 5xxx}}]",
        ),
        "deprecated-or-unknown-field error: `5xxx` is no condition on which Envoy repeats a request, for VirtualService a",
    );
}
