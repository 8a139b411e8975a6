//! Scrape configuration, rules and their tests, as promtool and amtool see them.

use std::process::Command;

use msarch::model::Model;

use crate::architecture::{model_of, model_of_text};
use crate::files::Deployed;
use crate::{deployed, part};

fn promtool(arguments: &[&str]) -> Option<Command> {
    let mut promtool = part::program("promtool", "prometheus (Debian)")?;
    promtool.args(arguments);
    Some(promtool)
}

/// What a tool says of the files of `observability/`.
fn told(deployed: &Deployed, command: Option<Command>) -> Option<Result<(), String>> {
    Some(crate::files::judged(
        command?,
        &deployed.at("observability"),
    ))
}

fn accepted(path: &str, told: Option<Result<(), String>>) {
    if let Some(told) = told {
        assert_eq!(told, Ok(()), "{path}");
    }
}

fn refused(what: &str, told: Option<Result<(), String>>) {
    assert!(told.is_none_or(|told| told.is_err()), "{what}");
}

#[test]
fn prometheus_takes_the_configuration_and_the_rules() {
    for (path, deployed) in deployed() {
        accepted(
            path,
            told(&deployed, promtool(&["check", "config", "prometheus.yaml"])),
        );
        accepted(
            path,
            told(&deployed, promtool(&["check", "rules", "rules.yaml"])),
        );
        if deployed.has("observability/prometheus-kubernetes.yaml") {
            // Some builds of promtool know nothing of Kubernetes: what finds the pods is left out.
            let file = "observability/prometheus-kubernetes.yaml";
            let text = deployed.text(file);
            let found = text
                .lines()
                .find(|line| line.contains("kubernetes_sd_configs"));
            assert!(deployed.changes(
                file,
                found.expect("pods are found"),
                "    static_configs: [{targets: [a]}]"
            ));
            accepted(
                path,
                told(
                    &deployed,
                    promtool(&["check", "config", "prometheus-kubernetes.yaml"]),
                ),
            );
        }
        assert!(deployed.changes(
            "observability/prometheus.yaml",
            "scrape_interval",
            "scrape_intervals"
        ));
        refused(
            path,
            told(&deployed, promtool(&["check", "config", "prometheus.yaml"])),
        );
        assert!(deployed.changes("observability/rules.yaml", "up == 0", "up == == 0"));
        refused(
            path,
            told(&deployed, promtool(&["check", "rules", "rules.yaml"])),
        );
    }
}

#[test]
fn every_alert_fires_and_stays_silent_as_its_tests_say() {
    for (path, deployed) in deployed() {
        accepted(
            path,
            told(&deployed, promtool(&["test", "rules", "rules_test.yaml"])),
        );
    }
}

#[test]
fn an_alert_that_does_otherwise_than_its_tests_say_is_noticed() {
    for (from, to) in [
        ("> 0.05", "> 0.5"),
        ("> 0.05", "> 0.001"),
        ("status='stuck'", "status='running'"),
        ("14.4 * slo", "0.1 * slo"),
        ("severity: page", "severity: ticket"),
        (
            "envoy_response_code_class='5'",
            "envoy_response_code_class='4'",
        ),
        ("upstream_rq_timeout", "upstream_rq_timeouts"),
    ] {
        let deployed = Deployed::of(&model_of_text(PROMISED));
        let changed = deployed.changes("observability/rules.yaml", from, to);
        assert!(changed, "no rule says {from}");
        refused(
            to,
            told(&deployed, promtool(&["test", "rules", "rules_test.yaml"])),
        );
    }
}

/// A saga, an operation and the route to it; these two count the same requests.
const PROMISED: &str = "
msarch: 1
name: s
services:
  a: {data_ownership: [orders], endpoints: {see: {method: GET, path: /a}}}
  b: {data_ownership: [parts]}
events: {Placed: {schema: {id: uuid}, producers: a}}
sagas: {Ordering: {coordinator: a, trigger: Placed, timeout: 5m, steps: [{service: b, action: reserve, kind: retriable}]}}
gateway: {routes: [{path: /a, method: GET, service: a, timeout: 5s}]}
observability: {slo: {a.see: {availability: 99.5%, latency: 400ms}, /a: {availability: 99%, latency: 2s}}}
";

#[test]
fn promises_that_count_the_same_requests_are_broken_together() {
    let deployed = Deployed::of(&model_of_text(PROMISED));
    let rules = deployed.text("observability/rules.yaml");
    assert!(rules.contains("le='0.4'"), "the promised time is a bucket");
    let tests = promtool(&["test", "rules", "rules_test.yaml"]);
    accepted("an operation and its route", told(&deployed, tests));
}

#[test]
fn the_gateway_is_watched_where_it_shows_what_it_counts() {
    let rules = |model: &Model| Deployed::of(model).text("observability/rules.yaml");
    let shop = rules(&model_of("examples/ecommerce.yaml"));
    for alert in ["GatewayErrors", "GatewayTimeouts"] {
        assert_eq!(shop.matches(&format!("alert: {alert}\n")).count(), 1);
    }
    let text = "{msarch: 1, name: s, services: {a: {endpoints: {see: {method: GET, path: /a}}}}, gateway: {routes: [{path: /a, method: [GET], service: a}], middleware: [logging]}}";
    for unseen in [text, "{msarch: 1, name: s, services: {a: {}}}"] {
        let rules = rules(&model_of_text(unseen));
        assert!(!rules.contains("envoy_"), "{rules}");
    }
}

/// Six operations, each with somebody else who waits the shortest.
const WAITING: &str = "
msarch: 1
name: s
services:
  desk:
    calls: [{to: store, operations: [called], timeout: 800ms}]
  store:
    endpoints:
      alone: {method: GET, path: /alone}
      own: {method: GET, path: /own, timeout: 900ms}
      routed: {method: GET, path: /routed}
      called: {method: GET, path: /called}
      late: {method: GET, path: /late, timeout: 60s}
gateway:
  routes:
    - {path: /routed, method: [GET], service: store, timeout: 5s}
    - {path: /called, method: [GET], service: store, timeout: 5s}
    - {path: /late, method: [GET], service: store}
observability: {metrics: {buckets: [0.1, 0.5, 1, 3, 10, 30]}}
";

#[test]
fn a_service_is_slow_where_those_who_ask_are_about_to_give_up() {
    let slow = |text: &str| {
        let rules = Deployed::of(&model_of_text(text)).text("observability/rules.yaml");
        let slow = rules
            .split("- alert: ")
            .filter(|rule| rule.starts_with("SlowRequests") && rule.contains("service: store"));
        let slow: Vec<String> = slow.map(str::to_owned).collect();
        slow.join("")
    };
    let each = slow(WAITING);
    let short = ["GET /own", "GET /called"].join(", ");
    for expected in [
        format!("0.5 s ({short})"),
        "3 s (GET /routed)".to_owned(),
        // The usual thirty seconds of an operation, and of a route.
        "10 s (GET /alone, GET /late)".to_owned(),
        "route='/routed', le='3.0'".to_owned(),
    ] {
        assert!(each.contains(&expected), "{expected}: {each}");
    }
    // The mesh waits for none of them any longer.
    let mesh =
        format!("{WAITING}mesh: {{provider: istio, services: {{store: {{timeout: 700ms}}}}}}");
    let all = slow(&mesh);
    assert!(
        all.contains("service='store', le='0.5'") && !all.contains("route="),
        "{all}"
    );
    // Where even the shortest bucket is too long, nothing can be told.
    let coarse = mesh.replace("[0.1, 0.5, 1, 3, 10, 30]", "[1, 30]");
    assert_eq!(slow(&coarse), "");
}

#[test]
fn every_alert_has_a_test_that_fires_it_and_one_that_does_not() {
    for (path, deployed) in deployed() {
        let rules = deployed.text("observability/rules.yaml");
        let tests = deployed.text("observability/rules_test.yaml");
        let alerts = rules
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("- alert: "));
        let mut seen = 0;
        for alert in alerts {
            let of: Vec<&str> = tests
                .split("\n  - name: ")
                .filter(|test| test.contains(&format!("alertname: {alert}\n")))
                .collect();
            assert!(
                of.iter().any(|test| test.contains("exp_labels")),
                "{path}: {alert}"
            );
            assert!(
                of.iter().any(|test| test.contains("exp_alerts: []")),
                "{path}: {alert}"
            );
            seen += 1;
        }
        assert!(seen > 5, "{path}: {seen}");
        for key in ["summary: ", "description: ", "action: "] {
            assert_eq!(rules.matches(key).count(), seen, "{path}: {key}");
        }
    }
}

#[test]
fn alertmanager_takes_its_configuration_and_there_is_no_secret_in_it() {
    let check = || {
        let mut amtool = part::program("amtool", "prometheus-alertmanager (Debian)")?;
        amtool.args(["check-config", "alertmanager.yaml"]);
        Some(amtool)
    };
    for (path, deployed) in deployed() {
        accepted(path, told(&deployed, check()));
        let text = deployed.text("observability/alertmanager.yaml");
        assert!(
            !text.contains("password") && !text.contains("api_key") && !text.contains("http"),
            "{path}"
        );
        assert!(deployed.changes(
            "observability/alertmanager.yaml",
            "receiver: on-call",
            "receiver: nobody"
        ));
        refused(path, told(&deployed, check()));
    }
}
