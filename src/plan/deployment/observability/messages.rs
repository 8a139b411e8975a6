//! Alerts on messages and sagas: does anything wait, pile up, get given up or stand still?

use super::rule::{Alert, Series};
use super::services::{alert, case, found, staying};

/// The relay publishes so many messages at a time: more than that wait because it cannot.
const OUTBOX_BATCH: u32 = 100;
/// More messages than this are a day's delay for a consumer that needs a second for ten.
const MUCH_LAG: u32 = 1000;

pub(super) fn outbox() -> Alert {
    let series = "outbox_messages_waiting{service='a-service', instance='1'}";
    let waiting = |time: &str, more: u32| {
        format!("max by (service) (min_over_time(outbox_messages_waiting[{time}])) > {more}")
    };
    alert(
        "OutboxBacklog",
        format!("{} or {}", waiting("5m", OUTBOX_BATCH), waiting("30m", 0)),
        None,
        true,
        [
            "messages of {{ $labels.service }} are not published",
            "What was committed waits to be published: others do not learn of it.",
            "See whether the broker is up and lets {{ $labels.service }} publish; nothing is lost meanwhile.",
        ],
        vec![
            case(
                "many wait",
                vec![staying(series, OUTBOX_BATCH + 1)],
                vec![found([("service", "a-service")])],
            ),
            case(
                "one never leaves",
                vec![staying(series, 1)],
                vec![found([("service", "a-service")])],
            ),
            case(
                "they come and go",
                vec![Series::new(series, "80 0 ".repeat(60) + "80")],
                Vec::new(),
            ),
        ],
    )
}

pub(super) fn lag() -> Alert {
    let series = "messages_lag{service='a-service', topic='b-happened', group='a-service.b-happened-v1', instance='1'}";
    alert(
        "ConsumerLag",
        format!("max by (service, group) (min_over_time(messages_lag[10m])) > {MUCH_LAG}"),
        None,
        false,
        [
            "{{ $labels.group }} cannot keep up",
            "More than a thousand messages have been waiting for it for ten minutes.",
            "See whether it fails (messages_received_total by outcome) or is slow; several copies of {{ $labels.service }} share the work.",
        ],
        vec![
            case(
                "two thousand wait",
                vec![staying(series, 2 * MUCH_LAG)],
                vec![found([
                    ("service", "a-service"),
                    ("group", "a-service.b-happened-v1"),
                ])],
            ),
            case("ten wait", vec![staying(series, 10)], Vec::new()),
            case(
                "it catches up",
                vec![Series::new(series, "6000-50x120")],
                Vec::new(),
            ),
        ],
    )
}

pub(super) fn waiting() -> Alert {
    let series =
        "consumer_waiting{service='a-service', consumer='a-service.b-happened-v1', instance='1'}";
    alert(
        "ConsumerWaiting",
        "max by (service, consumer) (min_over_time(consumer_waiting[5m])) == 1",
        None,
        false,
        [
            "{{ $labels.consumer }} waits",
            "For five minutes it has been waiting for a store or a service that is not available.",
            "The log of {{ $labels.service }} names what it waits for; it goes on by itself once that is back.",
        ],
        vec![
            case(
                "it waits",
                vec![staying(series, 1)],
                vec![found([
                    ("service", "a-service"),
                    ("consumer", "a-service.b-happened-v1"),
                ])],
            ),
            case("it works", vec![staying(series, 0)], Vec::new()),
        ],
    )
}

pub(super) fn dead_letters() -> Alert {
    let series = "dead_letters{service='a-service', group='a-service.b-happened-v1', instance='1'}";
    alert(
        "DeadLetters",
        "max by (service, group) (dead_letters) > 0",
        Some("1m"),
        true,
        [
            "{{ $labels.group }} gave messages up",
            "It could not deal with a message, however often it tried: its effect is missing.",
            "The binary of {{ $labels.service }} lists them with their reasons (`dead-letters`). Mend the cause, then deliver them once more (`replay`).",
        ],
        vec![
            case(
                "one was given up",
                vec![Series::new(series, "0x110 1x10")],
                vec![found([
                    ("service", "a-service"),
                    ("group", "a-service.b-happened-v1"),
                ])],
            ),
            case("none was", vec![staying(series, 0)], Vec::new()),
        ],
    )
}

pub(super) fn stuck() -> Alert {
    let series = |status: &str| {
        format!("sagas{{service='a-service', saga='Buying', status='{status}', instance='1'}}")
    };
    alert(
        "SagaStuck",
        "max by (service, saga) (sagas{status='stuck'}) > 0",
        Some("1m"),
        true,
        [
            "a saga {{ $labels.saga }} of {{ $labels.service }} is stuck",
            "It can go neither forward nor back by itself: something was done and not undone.",
            "The log names the saga and its step. See to the cause there; the step is tried again.",
        ],
        vec![
            case(
                "one is stuck",
                vec![staying(series("stuck"), 1)],
                vec![found([("service", "a-service"), ("saga", "Buying")])],
            ),
            case(
                "many run",
                vec![staying(series("running"), 50), staying(series("stuck"), 0)],
                Vec::new(),
            ),
        ],
    )
}
