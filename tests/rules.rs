//! What rules find beyond the example on their page: each test is one condition.

#[path = "rules/calls.rs"]
mod calls;
#[path = "rules/deadlines.rs"]
mod deadlines;
#[path = "rules/events.rs"]
mod events;
#[path = "rules/fields.rs"]
mod fields;
#[path = "rules/mesh.rs"]
mod mesh;
#[path = "rules/names.rs"]
mod names;
#[path = "rules/ownership.rs"]
mod ownership;
#[path = "rules/platform.rs"]
mod platform;
#[path = "rules/routes.rs"]
mod routes;
#[path = "rules/sagas.rs"]
mod sagas;
#[path = "rules/sizes.rs"]
mod sizes;
#[path = "rules/values.rs"]
mod values;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document;
use msarch::syntax::finding::Finding;
use msarch::syntax::include::load_text;
use msarch::syntax::source::Span;

/// The head of the architectures here.
const HEAD: &str = "msarch: 1\nname: shop\n";

/// Findings of an architecture whose head is written for it.
fn found_with(text: &str, observations: Observations) -> Vec<Finding> {
    let mut loaded = load_text("architecture.yaml", &format!("{HEAD}{text}"));
    let document = document::read(&mut loaded).expect("an architecture");
    let model = msarch::model::lower(&document);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    rules::check(Graph::new(&model, observations), loaded.findings, context).findings
}

/// Findings as `rule severity: message`.
fn told_with(text: &str, observations: Observations) -> Vec<String> {
    found_with(text, observations)
        .iter()
        .map(|finding| format!("{} {}: {}", finding.rule, finding.severity, finding.message))
        .collect()
}

fn told(text: &str) -> Vec<String> {
    told_with(text, Observations::default())
}

/// Helps of the findings, and what each of them points at first.
fn pointed(text: &str) -> Vec<(String, String)> {
    let whole = format!("{HEAD}{text}");
    let found = found_with(text, Observations::default());
    let at = |span: Span| whole[span.start as usize..span.end as usize].to_owned();
    found
        .iter()
        .map(|finding| (at(finding.span()), finding.help.clone().unwrap_or_default()))
        .collect()
}

fn silent(text: &str) {
    let told = told(text);
    assert!(told.is_empty(), "{}", told.join("\n"));
}

fn only(text: &str, wanted: &str) {
    assert_eq!(told(text), [wanted]);
}

#[test]
fn an_answer_comes_from_the_file_or_from_the_handler() {
    let file = |response: &str| {
        format!(
            "services: {{a: {{data_ownership: [orders], endpoints: [{{name: one, method: POST, path: /prices, request: {{weight: decimal}}, {response}}}]}}}}"
        )
    };
    silent(&file("response: {price: decimal}"));
    silent(&file("response: decimal"));
    silent(&file(
        "response: {price: decimal}, values: {price: $request.weight}",
    ));
    only(
        &file("response: {price: decimal, size: integer}, values: {price: $request.weight}"),
        "value-without-source error: nothing gives size of answer of one",
    );
    let half = pointed(&file(
        "response: {price: decimal, size: integer}, values: {price: 1}",
    ));
    assert!(
        half[0]
            .1
            .ends_with("without any `values:` the whole answer is left to the handler, in code"),
        "{half:?}"
    );
    only(
        &file("response: {price: decimal}, values: {cost: 1, price: 1}"),
        "undeclared-field error: answer of one has no field cost",
    );
    only(
        &file("values: {cost: 1}"),
        "malformed-endpoint error: the answer of operation one has no fields of its own",
    );
}

#[test]
fn a_record_is_found_by_its_identifier() {
    let file = |path: &str| {
        format!(
            "services: {{a: {{data_ownership: {{vines: {{key: code, fields: {{code: string, plot: uuid}}}}}}, endpoints: [{{name: one, method: GET, path: '{path}'}}]}}}}"
        )
    };
    silent(&file("/vines/{id}"));
    silent(&file("/vines/{vine_id}"));
    for field in ["code", "plot"] {
        only(
            &file(&format!("/vines/{{{field}}}")),
            &format!(
                "malformed-endpoint error: operation one finds vines by their {field}, which is not their identifier"
            ),
        );
    }
}

#[test]
fn a_key_that_an_effect_has_no_use_for_is_refused() {
    let effect = |text: &str| {
        format!(
            "services: {{a: {{data_ownership: {{ledgers: {{fields: {{plot: uuid, kilos: {{type: decimal, default: 0}}}}}}}}, endpoints: {{weigh: {{method: POST, path: '/plots/{{id}}/weight', action: command, request: {{kilos: decimal}}, effects: [{{{text}}}]}}}}}}}}"
        )
    };
    silent(&effect(
        "set: ledgers, where: {plot: $path.id}, values: {kilos: $request.kilos}, or_create: true",
    ));
    for text in ["", "values: {}, ", "or_create: true, "] {
        only(
            &effect(&format!("{text}set: ledgers, where: {{plot: $path.id}}")),
            "malformed-effect error: this sets nothing of data ledgers",
        );
    }
    for text in [
        "adjust: ledgers, where: {plot: $path.id}, by: {kilos: $request.kilos}, or_create: true",
        "create: ledgers, values: {plot: $path.id}, or_create: false",
    ] {
        only(
            &effect(text),
            "malformed-effect error: `or_create` means nothing for this effect",
        );
    }
}

#[test]
fn a_list_gives_a_page_of_its_records() {
    let file = |response: &str| {
        format!(
            "services: {{a: {{data_ownership: {{orders: {{fields: {{note: string}}}}}}, endpoints: [{{name: one, method: GET, path: /orders, {response}}}]}}}}"
        )
    };
    silent(&file("response: orders"));
    silent(&file("action: command, response: {count: integer}"));
    only(
        &file("response: {count: integer}"),
        "malformed-endpoint error: operation one lists orders, and answers something else",
    );
}

#[test]
fn what_says_which_page_is_no_filter() {
    let file = |filters: &str| {
        format!(
            "services: {{a: {{data_ownership: {{reels: {{fields: {{cursor: uuid, limit: short | long}}}}}}, endpoints: [{{name: one, method: GET, path: /reels{filters}}}]}}}}"
        )
    };
    silent(&file(""));
    for name in ["cursor", "limit"] {
        only(
            &file(&format!(", filters: [{name}]")),
            &format!(
                "malformed-endpoint error: `{name}` of a query says which page is asked for, and cannot be a filter"
            ),
        );
    }
}

#[test]
fn a_service_may_answer_at_its_root() {
    silent(
        "services: {a: {data_ownership: [orders], endpoints: ['GET /', {name: search, method: POST, path: /, action: command, effect: read}]}}",
    );
    let told = told(
        "services: {a: {data_ownership: [orders], endpoints: [{name: one, method: GET, path: /orders/, action: command}]}}",
    );
    assert_eq!(
        told,
        ["malformed-endpoint error: `/orders/` has nothing between two `/`, or behind the last"]
    );
}

#[test]
fn a_comment_allows_a_finding_on_its_line() {
    silent(
        "services:\n  a: {data_ownership: [orders], loc: 61000} # msarch: allow(code-size) being split\n",
    );
}

#[test]
fn a_level_of_the_file_moves_a_rule_but_not_its_lesser_advice() {
    let file = |size: u32| {
        format!(
            "rules: {{team-size-out-of-range: error}}\nteams: {{core_team: {{size: {size}}}}}\nservices: {{a: {{data_ownership: [orders]}}}}"
        )
    };
    assert!(told(&file(14))[0].starts_with("team-size-out-of-range error"));
    assert!(told(&file(3))[0].starts_with("team-size-out-of-range info"));
}

#[test]
fn limits_that_nothing_can_keep_or_check_are_told_before_code_is_made_of_them() {
    let told = told(
        "services:\n  a-service:\n    data_ownership:\n      xs:\n        fields:\n          \
         n: {type: integer, min: 5, max: 1}\n          \
         l: {type: string, min_length: 2, max_length: 1}\n          \
         h: {type: integer, min: 99999999999999999999999}\n          \
         p: {type: string, pattern: \"(\"}\n          \
         q: {type: string, pattern: \"^(?!a)\"}\n          \
         d: {type: integer, min: 3, default: 1}\n          \
         e: {type: string, max_length: 2, default: abc}\n          \
         m: {type: decimal, min: 0, default: \"1.5\"}\n",
    );
    assert_eq!(
        told,
        [
            "invalid-value error: `n` allows no value: min 5 is above max 1",
            "invalid-value error: `l` allows no value: min_length 2 is above max_length 1",
            "invalid-value error: `h` has the limit 100000000000000000000000, which is out of range",
            "invalid-value error: `(` is no regular expression",
            "invalid-value error: `^(?!a)` is no regular expression",
            "invalid-value error: the default of `d` is less than its min 3",
            "invalid-value error: the default of `e` is longer than its max_length 2",
        ]
    );
}

#[test]
fn a_version_of_the_format_that_is_not_known_is_told() {
    let mut loaded = load_text(
        "architecture.yaml",
        "msarch: 2\nname: shop\nservices: {a-service: {}}\n",
    );
    let document = document::read(&mut loaded).expect("an architecture");
    let model = msarch::model::lower(&document);
    let told: Vec<_> = model
        .faults
        .iter()
        .map(|fault| fault.message.as_str())
        .collect();
    assert_eq!(told, ["version 2 of the format is not known"]);
}
