//! One slip, one finding: whatever value of an architecture cannot be read, it is told where it stands, and nothing is concluded
//! from its absence, there or elsewhere.

use std::ops::Range;

use msarch::graph::Graph;
use msarch::graph::observations::Observations;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document;
use msarch::syntax::include::load_text;
use msarch::syntax::source::{SourceId, Sources};
use msarch::syntax::yaml::{self, Node, Style, Value};

const ECOMMERCE: &str = include_str!("../examples/ecommerce.yaml");
const BANKING: &str = include_str!("architectures/banking.yaml");

/// An alias of something that is not there: no reader can make anything of it.
const UNREADABLE: &str = "*unreadable";

/// A value that is written as one piece of text, and the keys that lead to it.
struct Scalar {
    keys: String,
    place: Range<usize>,
}

fn scalars(text: &str) -> Vec<Scalar> {
    let root = yaml::parse(text, SourceId::default()).root;
    let mut found = Vec::new();
    gather(&root.expect("a document"), "", &mut found);
    found
}

fn gather(node: &Node, keys: &str, found: &mut Vec<Scalar>) {
    match &node.value {
        Value::Map(map) => {
            for entry in &map.entries {
                gather(&entry.value, &format!("{keys}.{}", entry.key.value), found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| gather(item, keys, found)),
        Value::Scalar(scalar) if scalar.style != Style::Block && !node.is_null() => {
            found.push(Scalar {
                keys: keys.trim_start_matches('.').to_owned(),
                place: node.span.range(),
            });
        }
        _ => {}
    }
}

/// What is found in an architecture, each with its first byte.
fn findings(text: &str) -> Vec<(usize, String)> {
    let mut loaded = load_text("architecture.yaml", text);
    let Some(document) = document::read(&mut loaded) else {
        return Vec::new();
    };
    let model = msarch::model::lower(&document);
    let deny = Deny::default();
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &deny,
    };
    let graph = Graph::new(&model, Observations::default());
    let verdict = rules::check(graph, loaded.findings, context);
    let told = verdict.findings.into_iter().map(|finding| {
        let at = finding.span().range().start;
        (at, format!("{} {}", finding.rule, finding.message))
    });
    told.collect()
}

/// The values of which something else is told too, or instead.
fn followed(text: &str, step: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    let all = scalars(text);
    for Scalar { keys, place } in all.iter().step_by(step) {
        let mut changed = text.to_owned();
        changed.replace_range(place.clone(), UNREADABLE);
        let told = findings(&changed);
        let once = matches!(&told[..], [(at, what)] if *at == place.start && what.starts_with("alias-unknown"));
        if !once {
            let mut sources = Sources::new();
            let id = sources.add("", text);
            let line = sources.get(id).line(place.start);
            wrong.push(format!("{line} {keys}: {told:?}"));
        }
    }
    wrong
}

#[test]
fn a_value_that_cannot_be_read_is_one_finding() {
    for text in [ECOMMERCE, BANKING] {
        assert_eq!(findings(text), []);
        // A part of them; the next test takes all.
        let wrong = followed(text, 13);
        assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
    }
}

#[test]
#[ignore = "takes a minute; `scripts/deep` runs it"]
fn each_value_that_cannot_be_read_is_one_finding() {
    let wrong = followed(ECOMMERCE, 1);
    assert!(wrong.is_empty(), "{} {wrong:#?}", wrong.len());
}

/// A part of the e-commerce example, a word in it, and that word with a slip.
const SLIPS: &[(&str, &str, &str)] = &[
    ("quantity: {type: integer, min: 1}", "integer", "intger"),
    (
        "sku: {type: string, max_length: 40, unique: true}",
        "string",
        "strng",
    ),
    ("product_id: {type: uuid, unique: true}", "uuid", "uid"),
    ("list_stock: {method: GET,", "GET", "GTE"),
    (
        "path: /order-tracking, entity: order_tracking,",
        "/order-tracking",
        "order-tracking",
    ),
    (
        "entity: product_metrics,",
        "product_metrics",
        "product_metrcs",
    ),
    (
        "{type: queued | sent, default: queued}",
        "default: queued",
        "default: queud",
    ),
    ("raises: OrderCreated\n", "OrderCreated", "OrderCreatd"),
    (
        "producers: [order-service]",
        "order-service",
        "order-servce",
    ),
    ("when: {status: success}", "success", "sucess"),
    ("trigger: OrderCreated\n", "OrderCreated", "OrderCreatd"),
    ("- create: reservations", "reservations", "reservatons"),
    ("    version: v1", "v1", "one"),
    ("type: JWT", "JWT", "JTW"),
];

#[test]
fn a_name_or_word_with_a_slip_is_one_finding() {
    let mut wrong = Vec::new();
    for (part, word, slip) in SLIPS {
        let at = ECOMMERCE.find(part);
        let place = at.unwrap_or_else(|| panic!("{part} is there"))
            + part.find(word).expect("the word is in the part");
        let mut changed = ECOMMERCE.to_owned();
        changed.replace_range(place..place + word.len(), slip);
        let told = findings(&changed);
        let once = matches!(&told[..], [(at, _)] if (place..place + word.len()).contains(at));
        if !once {
            wrong.push(format!("{part}: {told:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_lies_beside_an_unreadable_value_is_judged_all_the_same() {
    let text = "msarch: 1\nname: shop\nservices:\n  order-service:\n    data_ownership: [orders]\n    team_ownership: [a]\n    calls:\n      - {to: catalog-service, timeout: soon, operations: [list_products], circuit_breaker: {}, bulkhead: {}}\n      - {to: price-service, timeout: 1s, operations: [list_prices], circuit_breaker: {}, bulkhead: {}}\n  catalog-service: {data_ownership: [products], endpoints: {list_products: {method: GET, path: /products}}}\n";
    let told: Vec<String> = findings(text).into_iter().map(|(_, told)| told).collect();
    assert_eq!(
        told,
        [
            "wrong-type expected a text, found a list",
            "invalid-value `soon` is not a duration",
            "unknown-reference callee of order-service names service \"price-service\", which is not declared",
        ]
    );
}

/// An exception is not unused because a fault hides what it is for.
#[test]
fn exceptions_are_judged_once_no_error_is_left() {
    let text = "msarch: 1\nname: shop\nservices:\n  order-service:\n    data_ownership: [orders]\n    # msarch: allow(missing-timeout) asked once a day\n    calls: [{to: catalog-servce, operations: [list_products], circuit_breaker: {}, bulkhead: {}}]\n  catalog-service: {data_ownership: [products], endpoints: {list_products: {method: GET, path: /products}}}\n";
    let told = findings(text);
    let [(_, slip)] = &told[..] else {
        panic!("{told:?}");
    };
    assert!(slip.starts_with("unknown-reference"), "{slip}");
}

#[test]
fn a_type_that_is_written_as_a_field_is_told_once() {
    let text = "msarch: 1\nname: shop\ntypes:\n  Share: {type: integer, min: 0, max: 100}\n  Kind: {type: string, min: decimal}\nservices:\n  order-service: {data_ownership: {orders: {fields: {discount: Share, kind: Kind}}}}\n";
    assert_eq!(
        findings(text),
        [(
            30,
            "invalid-value type Share is written as a field is".to_owned()
        )]
    );
}

#[test]
fn brackets_in_a_text_without_quotes_are_told_with_the_quotes() {
    for (written, help) in [
        ("endpoints: [GET /orders/{id}]", "\"GET /orders/{id}\""),
        (
            "endpoints: [{name: x, path: /orders/{id}, method: GET}]",
            "\"/orders/{id}\"",
        ),
        (
            "endpoints: {x: {method: GET, path: /orders/{id}/lines}}",
            "\"/orders/{id}/lines\"",
        ),
    ] {
        let text = format!("msarch: 1\nname: shop\nservices:\n  order-service:\n    {written}\n");
        let loaded = load_text("architecture.yaml", &text);
        let told = loaded
            .findings
            .first()
            .and_then(|first| first.help.as_deref());
        let expected = format!("put quotes around a text with brackets in it: `{help}`");
        assert_eq!(told, Some(&*expected), "{written}");
    }
}

#[test]
fn the_broker_promises_what_it_keeps() {
    for (word, right) in [
        ("at-least-once", true),
        ("at-most-once", false),
        ("7", false),
    ] {
        let text = format!(
            "msarch: 1\nname: shop\nservices:\n  order-service: {{data_ownership: [orders]}}\nmessage_broker: {{type: NATS, delivery: {word}}}\n"
        );
        let told = findings(&text);
        let refused = told
            .iter()
            .any(|(_, told)| told.starts_with("invalid-value"));
        assert_eq!(refused, !right, "{told:?}");
    }
}
