//! Alerts on what every service shows, whatever it does: is it there, does it answer, and does anything pile up behind it?

use std::time::Duration;

use super::calling::{breaker_open, turned_away};
use super::gateway;
use super::messages::{dead_letters, lag, outbox, stuck, waiting};
use super::patience::Patience;
use super::rule::{Alert, Case, Group, Series};
use crate::model::Model;
use crate::plan::deployment::Deployment;

/// More requests than this at a time wait for each other: a copy has ten connections to its database.
const MANY_IN_FLIGHT: u32 = 20;

/// The groups of alerts.
pub(super) fn alerts(model: &Model, deployment: &Deployment) -> Vec<Group> {
    let mut serving = vec![
        down(deployment),
        instance_down(),
        restarts(),
        worker_restarts(),
        errors(),
    ];
    let patience = Patience::of(model);
    serving.extend(model.services.ids().filter_map(|id| patience.slow(id)));
    serving.push(saturated());
    let mut calling = Vec::new();
    let calls = || model.calls.iter();
    let breakers = calls().filter_map(|call| call.circuit_breaker.as_ref());
    let longest = breakers.map(|breaker| breaker.recovery_timeout).max();
    let longest = longest.or_else(|| deployment.cache.then_some(Duration::from_secs(1)));
    calling.extend(longest.map(breaker_open));
    calling.extend(
        calls()
            .any(|call| call.bulkhead.is_some())
            .then(turned_away),
    );
    let mut messages = Vec::new();
    if deployment.broker {
        messages.extend([outbox(), lag(), waiting(), dead_letters()]);
    }
    messages.extend(model.sagas.iter().next().is_some().then(stuck));
    let group = |name, alerts| Group {
        name,
        recordings: Vec::new(),
        alerts,
    };
    let groups = [
        group("gateway", gateway::alerts(model, deployment)),
        group("serving", serving),
        group("calling", calling),
        group("messages", messages),
    ];
    groups
        .into_iter()
        .filter(|group| !group.alerts.is_empty())
        .collect()
}

/// A counter that grows by so much each minute, for two hours.
pub(super) fn growing(series: impl Into<String>, each_minute: u32) -> Series {
    Series::new(series, format!("0+{each_minute}x120"))
}

/// A value that stays the same for two hours.
pub(super) fn staying(series: impl Into<String>, value: u32) -> Series {
    Series::new(series, format!("{value}x120"))
}

pub(super) fn case(
    name: &str,
    series: Vec<Series>,
    firing: Vec<Vec<(&'static str, String)>>,
) -> Case {
    Case {
        name: name.to_owned(),
        series,
        firing,
    }
}

pub(super) fn found<const N: usize>(
    labels: [(&'static str, &str); N],
) -> Vec<(&'static str, String)> {
    labels
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
}

pub(super) fn alert(
    name: &'static str,
    expr: impl Into<String>,
    hold: Option<&'static str>,
    page: bool,
    [summary, description, action]: [&str; 3],
    cases: Vec<Case>,
) -> Alert {
    Alert {
        name,
        expr: expr.into(),
        hold,
        page,
        labels: Vec::new(),
        summary: summary.to_owned(),
        description: description.to_owned(),
        action: action.to_owned(),
        cases,
    }
}

fn down(deployment: &Deployment) -> Alert {
    let names: Vec<&str> = deployment
        .workloads
        .iter()
        .map(|workload| workload.name.as_str())
        .collect();
    let absent = names
        .iter()
        .map(|name| format!("absent(up{{job='{name}'}})"));
    let expr: Vec<String> = std::iter::once("sum by (job) (up) == 0".to_owned())
        .chain(absent)
        .collect();
    let up = |but: &[&str]| -> Vec<Series> {
        let others = names.iter().filter(|name| !but.contains(name));
        others
            .map(|name| staying(format!("up{{job='{name}', instance='1'}}"), 1))
            .collect()
    };
    let mut cases = vec![case("everything is up", up(&[]), Vec::new())];
    if let Some(first) = names.first() {
        let mut stopped = up(&[first]);
        stopped.push(staying(format!("up{{job='{first}', instance='1'}}"), 0));
        cases.push(case(
            "no copy answers",
            stopped,
            vec![found([("job", first)])],
        ));
        cases.push(case(
            "no copy is there",
            up(&[first]),
            vec![found([("job", first)])],
        ));
    }
    alert(
        "ServiceDown",
        expr.join(" or "),
        Some("1m"),
        true,
        [
            "{{ $labels.job }} is down",
            "No copy of {{ $labels.job }} answers when it is asked for its metrics.",
            "See whether its containers run and what they logged last; undo the last change to it.",
        ],
        cases,
    )
}

fn instance_down() -> Alert {
    let up = |instance: &str, value| {
        staying(
            format!("up{{job='a-service', instance='{instance}'}}"),
            value,
        )
    };
    alert(
        "InstanceDown",
        "up == 0",
        Some("5m"),
        false,
        [
            "a copy of {{ $labels.job }} is down",
            "{{ $labels.instance }} has not answered for five minutes.",
            "See whether its container runs and what it logged last.",
        ],
        vec![
            case(
                "one of two does not answer",
                vec![up("1", 1), up("2", 0)],
                vec![found([("job", "a-service"), ("instance", "2")])],
            ),
            case("both answer", vec![up("1", 1), up("2", 1)], Vec::new()),
        ],
    )
}

fn restarts() -> Alert {
    let series = "process_start_time_seconds{service='a-service', job='a-service', instance='1'}";
    alert(
        "Restarts",
        "changes(process_start_time_seconds[30m]) > 2",
        None,
        false,
        [
            "{{ $labels.service }} keeps restarting",
            "{{ $labels.instance }} began anew more than twice within half an hour.",
            "Read its log before the last end: a panic, memory at its limit, or a part that it cannot start without.",
        ],
        vec![
            case(
                "it begins anew every minute",
                vec![Series::new(series, "1000+60x120")],
                vec![found([
                    ("service", "a-service"),
                    ("job", "a-service"),
                    ("instance", "1"),
                ])],
            ),
            case("it runs on", vec![staying(series, 1000)], Vec::new()),
        ],
    )
}

fn worker_restarts() -> Alert {
    let series = "worker_restarts_total{service='a-service', worker='outbox-relay', instance='1'}";
    alert(
        "WorkerRestarts",
        "sum by (service, worker) (increase(worker_restarts_total[15m])) > 3",
        None,
        false,
        [
            "{{ $labels.worker }} of {{ $labels.service }} keeps failing",
            "This background work failed and was begun anew more than three times within a quarter of an hour.",
            "The log of {{ $labels.service }} says why it failed.",
        ],
        vec![
            case(
                "it fails every minute",
                vec![growing(series, 1)],
                vec![found([
                    ("service", "a-service"),
                    ("worker", "outbox-relay"),
                ])],
            ),
            case("it never fails", vec![growing(series, 0)], Vec::new()),
        ],
    )
}

fn errors() -> Alert {
    let series = |status: &str| {
        format!(
            "http_requests_total{{service='a-service', method='GET', route='/x', status_code='{status}'}}"
        )
    };
    let failed = "sum by (service) (rate(http_requests_total{status_code=~'5..'}[5m]))";
    alert(
        "ManyErrors",
        format!("{failed} / sum by (service) (rate(http_requests_total[5m])) > 0.05"),
        Some("5m"),
        true,
        [
            "{{ $labels.service }} fails",
            "More than one in twenty requests to {{ $labels.service }} ends in a server error.",
            "See which route and status (http_requests_total), then the traces of failed requests; undo the last change to it or to what it calls.",
        ],
        vec![
            case(
                "one in ten fails",
                vec![growing(series("200"), 90), growing(series("503"), 10)],
                vec![found([("service", "a-service")])],
            ),
            case(
                "one in a hundred fails",
                vec![growing(series("200"), 99), growing(series("503"), 1)],
                Vec::new(),
            ),
        ],
    )
}

fn saturated() -> Alert {
    let series = "http_requests_in_flight{service='a-service', job='a-service', instance='1'}";
    alert(
        "Saturated",
        format!("min_over_time(http_requests_in_flight[5m]) > {MANY_IN_FLIGHT}"),
        None,
        false,
        [
            "{{ $labels.service }} has more to do than it can",
            "For five minutes, requests to {{ $labels.instance }} have been waiting for each other.",
            "Add copies of it, or find out what holds its connections: slow queries, or a slow service that it calls.",
        ],
        vec![
            case(
                "forty at a time",
                vec![staying(series, 40)],
                vec![found([
                    ("service", "a-service"),
                    ("job", "a-service"),
                    ("instance", "1"),
                ])],
            ),
            case("four at a time", vec![staying(series, 4)], Vec::new()),
        ],
    )
}
