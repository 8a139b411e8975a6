//! What is seen of requests, and what is not to be seen of the gateway.

use super::client::{ask, try_ask};
use super::proxy::until;
use super::{TWIN, file, model_of, running, tokens};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_request_leaves_a_line_of_json_and_a_span_and_goes_on_with_its_trace() {
    let Some(running) = running() else { return };
    let token = tokens::signed("HS256", &tokens::claims("alice"), tokens::SECRET.as_bytes());
    let token = format!("Bearer {token}");
    let headers = [
        ("authorization", token.as_str()),
        ("traceparent", PARENT),
        ("x-trail", "order-7"),
    ];
    let answer = ask(
        running.proxy.port,
        "GET /api/known/7?secret=1",
        &headers,
        "",
    );
    assert_eq!(
        (answer.status, answer.header("x-trail")),
        (200, Some("order-7"))
    );
    let line = running
        .proxy
        .logged(|line| line["correlation_id"] == "order-7");
    let told = ["method", "path", "route", "upstream", "subject", "trace_id"]
        .map(|name| line[name].as_str().unwrap_or_default());
    let trace = "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(
        told,
        [
            "GET",
            "/api/known/7",
            "/api/known/*",
            "thing-service",
            "alice",
            trace
        ],
        "{line}"
    );
    assert_eq!(line["status"], 200, "{line}");
    assert!(
        line["duration_ms"].is_u64() && !line.to_string().contains("secret"),
        "{line}"
    );
    let forwarded = answer.json()["headers"]["traceparent"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(
        forwarded.contains(trace) && forwarded != PARENT,
        "{forwarded}"
    );
    let id: Vec<u8> = (0..32)
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(&trace[at..at + 2], 16).ok())
        .collect();
    let holds = |body: &[u8], part: &[u8]| body.windows(part.len()).any(|window| window == part);
    until("a span", || {
        let sent = running.collector.seen();
        sent.iter()
            .any(|request| {
                request.line.starts_with("POST /v1/traces")
                    && holds(&request.body, &id)
                    && holds(&request.body, b"gateway")
            })
            .then_some(())
    });
}

#[test]
fn what_callers_say_about_themselves_is_not_believed() {
    let Some(running) = running() else { return };
    let headers = [
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=6.6.6.6"),
        ("x-real-ip", "6.6.6.6"),
        ("x-request-id", "mine"),
        ("x-trail", "two words"),
        ("x-envoy-upstream-rq-timeout-ms", "1"),
        ("x-envoy-original-path", "/private"),
        ("x-deadline-ms", "1"),
    ];
    let answer = ask(running.proxy.port, "GET /api/things/7", &headers, "");
    assert_eq!(answer.status, 200, "{answer:?}");
    let seen = &answer.json()["headers"];
    let from = seen["x-forwarded-for"].as_str().unwrap_or_default();
    assert!(!from.contains("6.6.6.6") && !from.is_empty(), "{seen}");
    assert_ne!(seen["x-envoy-original-path"], "/private", "{seen}");
    assert_eq!(seen["x-forwarded-host"], "twin.example", "{seen}");
    assert_eq!(seen["x-deadline-ms"], "5000", "{seen}");
    for absent in [
        "forwarded",
        "x-real-ip",
        "x-envoy-upstream-rq-timeout-ms",
        "x-envoy-internal",
    ] {
        assert!(seen[absent].is_null(), "{absent}: {seen}");
    }
    let made = answer.header("x-trail").unwrap_or_default();
    assert_eq!(made.len(), 36, "{made}");
    assert_eq!(
        (seen["x-trail"].as_str(), seen["x-request-id"].as_str()),
        (Some(made), Some(made)),
        "{seen}"
    );
    let own = answer
        .headers
        .keys()
        .find(|name| name.starts_with("x-envoy") || *name == "server");
    assert_eq!(own, None, "{answer:?}");
}

#[test]
fn the_answers_of_the_gateway_itself_carry_the_correlation_too() {
    let Some(running) = running() else { return };
    for path in ["GET /nowhere", "GET /api/known/7", "GET //"] {
        let answer = ask(running.proxy.port, path, &[("x-trail", "c-1")], "");
        assert_eq!(answer.header("x-trail"), Some("c-1"), "{answer:?}");
    }
}

#[test]
fn the_administration_is_on_loopback_and_its_metrics_alone_are_outside() {
    let Some(running) = running() else { return };
    let metrics = |line: &str| ask(running.proxy.metrics, line, &[], "").status;
    assert_eq!(metrics("GET /stats/prometheus"), 200);
    assert_eq!(metrics("GET /ready"), 200);
    for line in [
        "GET /",
        "GET /config_dump",
        "GET /stats",
        "POST /quitquitquit",
        "GET /stats/prometheus/",
        "GET /ready/../config_dump",
        "POST /ready",
    ] {
        assert_eq!(metrics(line), 404, "{line}");
    }
    assert!(try_ask("127.0.0.1", running.proxy.admin, "GET /ready", &[], "").is_ok());
    // Another address of this machine: whoever listens everywhere would answer.
    assert!(try_ask("127.0.0.2", running.proxy.admin, "GET /ready", &[], "").is_err());
    let stats = ask(running.proxy.metrics, "GET /stats/prometheus", &[], "").body;
    assert!(stats.contains("envoy_http_downstream_rq_total"), "{stats}");
}

#[test]
fn what_the_gateway_gives_up_is_counted_under_the_names_that_its_alerts_look_for() {
    let Some(running) = running() else { return };
    let slow = [("x-sleep-ms", "1500")];
    let answer = ask(running.proxy.port, "GET /api/slow/1", &slow, "");
    assert_eq!(answer.status, 504, "{answer:?}");
    let rules = file(&model_of(TWIN), "deploy/observability/rules.yaml").expect("it is watched");
    let shown = ask(running.proxy.metrics, "GET /stats/prometheus", &[], "").body;
    for (name, labels) in [
        ("envoy_cluster_upstream_rq_timeout", ""),
        (
            "envoy_cluster_upstream_rq_xx",
            "envoy_response_code_class=\"5\",",
        ),
    ] {
        assert!(
            rules.contains(&format!("{name}{{envoy_cluster_name=~'")),
            "{rules}"
        );
        let counted = format!("{name}{{{labels}envoy_cluster_name=\"thing-service\"}} 1");
        assert!(shown.contains(&counted), "{counted}: {shown}");
    }
}
