//! What is counted, and what is written of it.

use super::*;

#[test]
fn a_counter_keeps_the_name_that_was_declared() {
    let metrics = Metrics::new("s");
    metrics
        .counter("things_total", "Things", ["kind"])
        .inc(["a"]);
    metrics.counter("bare", "No suffix", []).inc([]);
    let text = metrics.render();
    assert!(
        text.contains("things_total{service=\"s\",kind=\"a\"} 1"),
        "{text}"
    );
    assert!(text.contains("bare_total{service=\"s\"} 1"), "{text}");
}

#[test]
fn asked_twice_a_counter_is_the_same() {
    let metrics = Metrics::new("s");
    metrics.counter("n_total", "N", []).inc([]);
    metrics.counter("n_total", "N", []).inc([]);
    assert_eq!(metrics.counter("n_total", "N", []).get([]), 2);
    assert_eq!(metrics.render().matches("# TYPE n counter").count(), 1);
}

#[test]
fn two_shapes_under_one_name_export_only_the_first() {
    let metrics = Metrics::new("s");
    metrics.counter("n", "N", []).inc([]);
    metrics.gauge("n", "N", []).set([], 5.0);
    assert!(!metrics.render().contains(" 5.0"));
}

#[test]
fn a_declared_service_label_is_not_written_twice() {
    let metrics = Metrics::new("s");
    metrics
        .gauge(
            "database_connections_active",
            "Open",
            ["database", "service"],
        )
        .set(["main", "s"], 2.0);
    let text = metrics.render();
    assert!(
        text.contains("database_connections_active{service=\"s\",database=\"main\"} 2.0"),
        "{text}"
    );
}

#[test]
fn a_histogram_has_the_declared_buckets() {
    let metrics = Metrics::new("s");
    let histogram = metrics.histogram("value", "Value", ["tier"], &[10.0, 5.0]);
    histogram.observe(["gold"], 7.0);
    let text = metrics.render();
    assert!(
        text.contains("value_bucket{service=\"s\",le=\"5.0\",tier=\"gold\"} 0"),
        "{text}"
    );
    assert!(
        text.contains("value_bucket{service=\"s\",le=\"10.0\",tier=\"gold\"} 1"),
        "{text}"
    );
}

#[test]
fn two_services_in_one_process_do_not_mix() {
    let (one, two) = (Metrics::new("one"), Metrics::new("two"));
    one.counter("n_total", "N", []).inc([]);
    assert!(!two.render().contains("n_total"));
}

#[test]
fn a_service_that_begins_anew_tells_another_time() {
    let began = |metrics: &Metrics| -> f64 {
        let text = metrics.render();
        let mut lines = text.lines();
        let line =
            lines.find_map(|line| line.strip_prefix("process_start_time_seconds{service=\"s\"} "));
        line.expect("it is shown").parse().unwrap()
    };
    let first = Metrics::new("s");
    let told = began(&first);
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(began(&first).to_bits(), told.to_bits());
    assert!(began(&Metrics::new("s")) > told && told > 1.7e9);
}
