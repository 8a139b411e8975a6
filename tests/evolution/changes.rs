//! Everything that `msarch diff` tells: what changed, whom it breaks, who is deployed first.

use msarch::graph::evolution::changes::{Change, changes, rollout};

use super::older;

/// The changes, as `area kind subject what`, with whom they break behind ` !`.
pub(crate) fn told(old: &str, new: &str) -> Vec<String> {
    all(old, new).iter().map(line).collect()
}

fn all(old: &str, new: &str) -> Vec<Change> {
    changes(&older(old), &older(new))
}

fn line(change: &Change) -> String {
    let hurt: Vec<String> = change.hurts.iter().map(ToString::to_string).collect();
    let breaks = if hurt.is_empty() {
        String::new()
    } else {
        format!(" ! {}", hurt.join(", "))
    };
    let (area, kind) = (change.area.as_str(), change.kind.as_str());
    format!("{area} {kind}: {} {}{breaks}", change.subject, change.what)
}

fn order(change: &Change) -> Option<(Vec<&str>, Vec<&str>)> {
    fn words(names: &[String]) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }
    let order = change.order.as_ref()?;
    Some((words(&order.first), words(&order.then)))
}

const SHOP: &str = "
services:
  shop: {data_ownership: {orders: {fields: {item: string, count: integer}}}, team_ownership: one, endpoints: {place: {method: POST, path: /orders, action: create}, get: {method: GET, path: '/orders/{id}'}}}
  desk: {data_ownership: [notes], team_ownership: two, calls: [{to: shop, operations: [get], timeout: 1s}]}
teams: {one: {size: 6}, two: {size: 6}}
gateway: {routes: [{path: /api/orders/*, method: ALL, service: shop, rewrite: /orders, timeout: 5s, public: true}]}
";

#[test]
fn an_architecture_differs_in_nothing_from_itself() {
    for path in [
        "examples/ecommerce.yaml",
        "examples/minimal.yaml",
        "tests/architectures/banking.yaml",
        "tests/architectures/ride_hailing.yaml",
    ] {
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.replacen("msarch: 1\n", "", 1);
        let text: String = text
            .lines()
            .filter(|line| !line.starts_with("name:"))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_eq!(told(&text, &text), [""; 0], "{path}");
        let fresh = changes(&older("services: {}\n"), &older(&text));
        assert!(
            fresh.len() > 5 && fresh.iter().all(|change| !change.breaks()),
            "{path}"
        );
    }
}

#[test]
fn an_operation_that_goes_breaks_those_who_call_it_and_those_who_come_through_the_gateway() {
    let new = SHOP.replace(", get: {method: GET, path: '/orders/{id}'}", "");
    assert_eq!(
        told(SHOP, &new.replace("operations: [get], ", "")),
        [
            "operations removed: shop.get GET /orders/{id} is gone ! desk (two), whoever asks /api/orders/*",
            "calls removed: desk.calls.shop.operations is gone, was get",
        ]
    );
}

#[test]
fn requests_are_read_by_the_new_side_and_answers_by_the_old() {
    let with = |fields: &str| SHOP.replace("item: string, count: integer", fields);
    let of = |fields: &str| {
        let all = told(&with("item: string, count: integer"), &with(fields));
        all.into_iter()
            .filter(|line| line.starts_with("operations"))
            .collect::<Vec<_>>()
    };
    // A field that may be left out hurts nobody; one that must be sent hurts those who do not know it.
    assert_eq!(
        of("item: string, count: integer, note: string?"),
        [
            "operations changed: shop.place has another request: `note` is new",
            "operations changed: shop.place has another answer: `note` is new",
            "operations changed: shop.get has another answer: `note` is new"
        ]
    );
    assert_eq!(
        of("item: string, count: integer, note: string")[0],
        "operations changed: shop.place has another request: `note` is new and must be there ! whoever asks /api/orders/*"
    );
    // With a default, a request may leave it out.
    assert_eq!(
        of("item: string, count: integer, note: {type: string, default: none}")[0],
        "operations changed: shop.place has another request: `note` is new"
    );
    // What is not known is refused in a request, and missed in an answer.
    assert_eq!(
        of("item: string"),
        [
            "operations changed: shop.place has another request: `count` is gone ! whoever asks /api/orders/*",
            "operations changed: shop.place has another answer: `count` is gone ! whoever asks /api/orders/*",
            "operations changed: shop.get has another answer: `count` is gone ! desk (two), whoever asks /api/orders/*"
        ]
    );
}

#[test]
fn an_operation_on_another_path_is_another_to_its_callers() {
    let new = SHOP.replace("path: '/orders/{id}'", "path: '/orders/by-id/{id}'");
    assert_eq!(
        told(SHOP, &new)[0],
        "operations changed: shop.get is GET /orders/by-id/{id} now, was GET /orders/{id} ! desk (two), whoever asks /api/orders/*"
    );
    // What the parameter is called does not matter on the wire.
    assert_eq!(
        told(SHOP, &SHOP.replace("/orders/{id}", "/orders/{order}")),
        [""; 0]
    );
}

#[test]
fn an_operation_under_another_name_is_the_same_to_its_callers() {
    let new = SHOP
        .replace("get: {method: GET", "show: {method: GET")
        .replace("operations: [get]", "operations: [show]");
    assert_eq!(
        told(SHOP, &new),
        [
            "operations changed: shop.show was called get",
            "calls changed: desk.calls.shop.operations is show, was get",
        ]
    );
    // What it asks and answers counts all the same.
    let other = new.replace(
        "/orders/{id}'}",
        "/orders/{id}', response: {item: integer}}",
    );
    assert_eq!(
        told(SHOP, &other)[1..3],
        [
            "operations changed: shop.show has another answer: `item` was string, is now integer ! desk (two), whoever asks /api/orders/*",
            "operations changed: shop.show has another answer: `count` is gone ! desk (two), whoever asks /api/orders/*",
        ]
    );
    // A name that moved on to another path leaves the old path to who took it.
    let beside = SHOP.replace(
        "get: {method: GET, path: '/orders/{id}'}",
        "old: {method: GET, path: '/orders/{id}'}, get: {method: GET, path: '/orders/by-id/{id}'}",
    );
    assert_eq!(
        told(SHOP, &beside),
        [
            "operations added: shop.get GET /orders/by-id/{id} is new",
            "operations changed: shop.old was called get",
        ]
    );
}

#[test]
fn a_new_operation_is_deployed_before_those_who_call_it() {
    let new = SHOP
        .replace(
            "get: {method",
            "list: {method: GET, path: /orders}, get: {method",
        )
        .replace("operations: [get]", "operations: [get, list]");
    let all = all(SHOP, &new);
    assert_eq!(
        line(&all[0]),
        "operations added: shop.list GET /orders is new"
    );
    assert_eq!(order(&all[0]), Some((vec!["shop"], vec!["desk"])));
    assert_eq!(rollout(&all).stages, [["shop"], ["desk"]]);
}

#[test]
fn data_that_changed_hands_is_told_with_both_owners() {
    let old = "services:
  a: {data_ownership: [xs, ys], team_ownership: one}
  b: {data_ownership: [zs], team_ownership: two}
";
    let new = "services:
  a: {data_ownership: [xs], team_ownership: one}
  b: {data_ownership: [zs, ys], team_ownership: two}
";
    assert_eq!(
        told(old, new),
        ["data changed: ys is owned by b, was owned by a ! a (one)"]
    );
}

#[test]
fn what_is_renamed_is_no_loss() {
    let old = "services:\n  a: {data_ownership: [xs]}\n  b: {data_ownership: [ys], calls: [{to: a, timeout: 1s}]}\n";
    let new = "services:\n  c: {renamed_from: a, data_ownership: {zs: {renamed_from: xs}}}\n  b: {data_ownership: [ys], calls: [{to: c, timeout: 1s}]}\n";
    assert_eq!(
        told(old, new),
        [
            "services changed: c was called a ! b",
            "data changed: c.zs was called xs"
        ]
    );
}

#[test]
fn edges_and_owners_that_changed_are_told() {
    let old = "services:
  a: {data_ownership: [xs], team_ownership: one, calls: [{to: b, timeout: 1s}]}
  b: {data_ownership: [ys], team_ownership: two}
events: {E: {producers: a, schema: {x: uuid}, consumers: b}}
";
    let new = "services:
  a: {data_ownership: [xs], team_ownership: two}
  b: {data_ownership: [ys], team_ownership: two, calls: [{to: a, timeout: 1s}]}
events: {E: {producers: [a, b], schema: {x: uuid}}}
";
    assert_eq!(
        told(old, new),
        [
            "services changed: a belongs to two, belonged to one",
            "calls added: b calls a",
            "calls removed: a no longer calls b",
            "events added: E is published by b now",
            "events removed: E is no longer taken by b",
        ]
    );
}

#[test]
fn events_are_told_difference_by_difference() {
    let with = |schema: &str, consumer: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs]}}, b: {{data_ownership: [ys]}}}}\nevents: {{E: {{producers: a, schema: {schema}, consumers: {consumer}}}}}\n"
        )
    };
    let all = all(
        &with("{x: uuid, n: integer}", "b"),
        &with("{x: uuid, n: number, s: string}", "b"),
    );
    assert_eq!(
        all.iter().map(line).collect::<Vec<_>>(),
        [
            "events changed: E v1: `n` was integer, is now number",
            "events changed: E v1: `s` is new and must be there ! b"
        ]
    );
    let gone = told(
        &with("{x: uuid}", "b"),
        "services: {a: {data_ownership: [xs]}, b: {data_ownership: [ys]}}\n",
    );
    assert_eq!(gone, ["events removed: E is gone ! b"]);
}

#[test]
fn versions_and_publicity_are_told_also_where_nobody_is_hurt() {
    let with = |event: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs]}}}}\nevents: {{E: {{producers: a, {event}}}}}\n"
        )
    };
    let both = with("versions: {v1: {schema: {x: uuid}}, v2: {schema: {y: uuid}}}");
    let second = with("versions: {v2: {schema: {y: uuid}}}");
    assert_eq!(
        told(&both, &second),
        ["events removed: E has no version v1 any more"]
    );
    assert_eq!(
        told(&second, &both),
        ["events added: E has the new version v1"]
    );
    assert_eq!(
        told(
            &with("schema: {x: uuid}"),
            &with("version: v1.1, schema: {x: uuid}")
        ),
        ["events changed: E v1.1 was called v1"]
    );
    let beside = with("versions: {v1: {schema: {x: uuid}}, v2: {schema: {y: uuid}}}");
    assert_eq!(
        told(&with("schema: {x: uuid}"), &beside),
        ["events added: E has the new version v2"]
    );
    assert_eq!(
        told(&with("version: v1"), &with("schema: {x: uuid}")),
        ["events changed: E v1 has a schema now"]
    );
    let (public, private) = (
        with("public: true, schema: {x: uuid}"),
        with("schema: {x: uuid}"),
    );
    assert_eq!(
        told(&public, &private),
        ["events removed: E may no longer be taken outside of this system"]
    );
    assert_eq!(
        told(&private, &public),
        ["events added: E may be taken outside of this system now"]
    );
}

#[test]
fn the_side_that_can_read_both_is_deployed_first() {
    let with = |ty: &str, mode: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs]}}, b: {{data_ownership: [ys]}}}}\nevents: {{E: {{compatibility: {mode}, producers: a, schema: {{n: {ty}}}, consumers: b}}}}\n"
        )
    };
    let first = |old: &str, new: &str, mode: &str| {
        let all = all(&with(old, mode), &with(new, mode));
        assert!(!all[0].breaks());
        order(&all[0]).map(|(first, _)| first.join(" "))
    };
    assert_eq!(first("integer", "number", "backward").as_deref(), Some("b"));
    assert_eq!(first("number", "integer", "forward").as_deref(), Some("a"));
}

#[test]
fn routes_that_open_less_break_those_who_ask() {
    let with = |routes: &str| {
        format!("services: {{a: {{data_ownership: [xs]}}}}\ngateway: {{routes: [{routes}]}}\n")
    };
    let route =
        |path: &str, more: &str| format!("{{path: {path}, service: a, timeout: 5s, {more}}}");
    let old = with(&route("/x/*", "method: [GET, POST], public: true"));
    let new = with(&route("/x/*", "method: [GET, PUT]"));
    assert_eq!(
        told(&old, &new),
        [
            "routes changed: /x/* needs a token now ! whoever asks /x/*",
            "routes changed: /x/* takes PUT too",
            "routes changed: /x/* takes POST no more ! whoever asks /x/*"
        ]
    );
    assert_eq!(
        told(&old, &with("")),
        ["routes removed: /x/* is gone ! whoever asks /x/*"]
    );
    // A wider route takes over.
    let wide = with(&route("/*", "method: ALL, public: true"));
    assert_eq!(
        told(&old, &wide),
        [
            "routes added: /* leads to a",
            "routes removed: /x/* is gone; a wider route takes over"
        ]
    );
}

#[test]
fn steps_that_went_or_moved_break_sagas_under_way_unless_their_version_is_another() {
    let with = |version: u32, steps: &str| {
        format!(
            "services: {{a: {{data_ownership: [xs]}}, b: {{data_ownership: [ys]}}, c: {{data_ownership: [zs]}}}}
events: {{E: {{producers: a, schema: {{x: uuid}}}}}}
sagas: {{S: {{trigger: E, version: {version}, timeout: 5m, steps: [{steps}]}}}}
"
        )
    };
    let step = |service: &str, action: &str| format!("{{service: {service}, action: {action}}}");
    let (one, two, three) = (step("a", "one"), step("b", "two"), step("c", "three"));
    let old = with(1, &format!("{one}, {two}, {three}"));
    assert_eq!(
        told(&old, &with(1, &format!("{one}, {three}, {two}"))),
        ["sagas changed: S does one -> three -> two, did one -> two -> three ! a, b, c"]
    );
    assert_eq!(
        told(&old, &with(1, &format!("{one}, {three}"))),
        ["sagas changed: S no longer has the step b.two ! a, b"]
    );
    assert_eq!(
        told(&old, &with(2, &format!("{one}, {three}"))),
        [
            "sagas changed: S no longer has the step b.two",
            "sagas changed: S is version 2, was 1"
        ]
    );
    let longer = with(1, &format!("{one}, {two}, {three}, {}", step("a", "four")));
    assert_eq!(
        told(&old, &longer),
        ["sagas changed: S has the new step a.four"]
    );
}

#[test]
fn the_same_versions_give_the_same_words() {
    let text = std::fs::read_to_string("examples/ecommerce.yaml").unwrap();
    let text = text
        .replacen("msarch: 1\n", "", 1)
        .replacen("name: ", "description: ", 1);
    let other = "services: {order-service: {data_ownership: [orders]}}\n";
    assert_eq!(told(&text, other), told(&text, other));
}

#[test]
fn events_that_an_aggregate_keeps_for_itself_are_told() {
    let file = |events: &str| {
        format!(
            "services: {{a: {{data_ownership: {{xs: {{projection: true, fields: {{status: open | closed}}}}}}, aggregates: {{X: {{entity: xs, events: {{{events}}}, commands: {{}}}}}}}}}}\n"
        )
    };
    let opened = |schema: &str| file(&format!("Opened: {{status: open, schema: {schema}}}"));
    assert_eq!(
        told(
            &opened("{by: string}"),
            &opened("{by: string, why: string, note: string?}")
        ),
        [
            "events changed: X.Opened `why` is new and must be there ! aggregate X",
            "events changed: X.Opened `note` is new",
        ]
    );
    assert_eq!(
        told(&opened("{by: string}"), &file("")),
        ["events removed: X.Opened is not applied any more, and may be stored ! aggregate X"]
    );
}
