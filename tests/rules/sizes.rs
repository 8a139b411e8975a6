//! How large teams and services are, and what binds their deployments.

use msarch::graph::observations::Observations;

use super::{only, silent, told, told_with};

#[test]
fn a_small_team_is_only_advised() {
    only(
        "teams: {core_team: {size: 3}}\nservices: {a: {data_ownership: [orders], team: core_team}}",
        "team-size-out-of-range info: team core_team has 3 people; 6 to 10 is the rule",
    );
}

#[test]
fn ten_people_are_a_team() {
    silent(
        "teams: {core_team: {size: 10}}\nservices: {a: {data_ownership: [orders], team: core_team}}",
    );
}

#[test]
fn health_and_metrics_are_no_public_endpoints() {
    let file = |last: &str| {
        format!(
            "rules: {{too-many-endpoints: {{limit: 2}}}}
services: {{a: {{data_ownership: [orders], endpoints: ['GET /orders', {{name: last, method: GET, path: {last}, action: command}}]}}}}
"
        )
    };
    silent(&file("/status"));
    let told = told(&file("/v1/lines"));
    assert_eq!(
        told,
        ["too-many-endpoints warn: a has 2 public endpoints; the limit is fewer than 2"]
    );
}

#[test]
fn counted_lines_go_before_stated_ones() {
    let mut seen = Observations::default();
    seen.lines.insert("a".to_owned(), 50_001);
    let told = told_with("services: {a: {data_ownership: [orders], loc: 10}}", seen);
    assert_eq!(
        told,
        ["code-size warn: a has 50,001 lines of code; more than 50,000 is large"]
    );
}

#[test]
fn fifty_thousand_lines_are_medium() {
    silent("services: {a: {data_ownership: [orders], loc: 50000}}");
}

#[test]
fn a_crate_that_two_services_use_binds_them() {
    let mut seen = Observations::default();
    seen.shared_crates
        .insert("a".to_owned(), vec!["domain".to_owned()]);
    seen.shared_crates
        .insert("b".to_owned(), vec!["domain".to_owned()]);
    let told = told_with(
        "services:\n  a: {data_ownership: [orders]}\n  b: {data_ownership: [stock]}\n",
        seen,
    );
    assert_eq!(
        told,
        [
            "deployment-lockstep warn: a and b are built on one library with domain types, \"domain\""
        ]
    );
}

#[test]
fn waiting_at_the_start_for_a_service_that_is_never_called_is_told() {
    only(
        "services:\n  a: {data_ownership: [orders], depends_on: [b]}\n  b: {data_ownership: [stock]}\n",
        "deployment-lockstep warn: a waits for b when it starts, but never calls it",
    );
}
