//! Scrape configuration, rules and their tests, as promtool and amtool see them.

use std::process::Command;

use crate::architecture::model_of;
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
    ] {
        for path in ["examples/minimal.yaml", "tests/architectures/banking.yaml"] {
            let deployed = Deployed::of(&model_of(path));
            if deployed.changes("observability/rules.yaml", from, to) {
                refused(
                    &format!("{path}: {to}"),
                    told(&deployed, promtool(&["test", "rules", "rules_test.yaml"])),
                );
            }
        }
    }
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
