//! Alerts on what a service asks of others: does it do without them, and has it room for its calls?

use std::time::Duration;

use super::rule::{Alert, Series};
use super::services::{alert, case, found, growing, staying};

pub(super) fn breaker_open(recovery: Duration) -> Alert {
    let minutes = (2 * recovery.as_secs()).div_ceil(60).max(2);
    let series = "circuit_breaker_state{service='a-service', name='b-service', instance='1'}";
    let mut open = alert(
        "BreakerOpen",
        format!("max by (service, name) (min_over_time(circuit_breaker_state[{minutes}m])) > 0"),
        None,
        true,
        [
            "{{ $labels.service }} does without {{ $labels.name }}",
            "",
            "See to {{ $labels.name }} first: is it down, slow or out of reach? The breaker closes by itself once it answers.",
        ],
        vec![
            case(
                "open",
                vec![staying(series, 1)],
                vec![found([("service", "a-service"), ("name", "b-service")])],
            ),
            case(
                "open between tries",
                vec![Series::new(
                    series,
                    "1 2 ".repeat(60).trim_end().to_owned() + " 1",
                )],
                vec![found([("service", "a-service"), ("name", "b-service")])],
            ),
            case("closed", vec![staying(series, 0)], Vec::new()),
            case(
                "open once in a while",
                vec![Series::new(series, "0 1 ".repeat(60) + "0")],
                Vec::new(),
            ),
        ],
    );
    open.description = format!("The circuit breaker has not been closed for {minutes} minutes.");
    open
}

pub(super) fn turned_away() -> Alert {
    let series = |outcome: &str| {
        format!(
            "client_request_duration_seconds_count{{service='a-service', target='b-service', method='GET', route='/x', outcome='{outcome}'}}"
        )
    };
    alert(
        "CallsTurnedAway",
        "sum by (service, target) (rate(client_request_duration_seconds_count{outcome='full'}[5m])) > 0",
        Some("5m"),
        false,
        [
            "{{ $labels.service }} has no room for calls to {{ $labels.target }}",
            "Its bulkhead is full: calls are turned away before they are sent.",
            "See why {{ $labels.target }} is slow; if it is not, raise max_concurrent of the bulkhead.",
        ],
        vec![
            case(
                "one a minute",
                vec![growing(series("full"), 1)],
                vec![found([("service", "a-service"), ("target", "b-service")])],
            ),
            case(
                "all go through",
                vec![growing(series("ok"), 100)],
                Vec::new(),
            ),
        ],
    )
}
