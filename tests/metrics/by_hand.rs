//! Figures of a small system, each worked out on paper.

use serde_json::{Value, json};

use super::{figures, of};

/// ```text
/// gateway -> shop   /api/check-outs, /api/visits
/// gateway -> prices /api/prices, 4 tries
/// shop    -> cart   hard, 2 tries of 2s
/// shop    -> prices soft, 1 try of 300ms
/// cart    -> stock  hard, 3 tries of 200ms
/// stock   -> carrier (not ours), hard, 1 try of 100ms
/// cart publishes CartFilled; stock and prices receive it
/// ```
const MARKET: &str = r#"
teams: {back: {size: 7}, front: {size: 7}}
externals:
  carrier: {availability: 99%}
services:
  shop:
    team_ownership: front
    availability: 99.9%
    data_ownership: {visits: {fields: {page: string}}}
    endpoints:
      - {name: check_out, method: POST, path: /check-outs, action: command, effect: read}
      - {name: list_visits, method: GET, path: /visits}
    calls:
      - {to: cart, operations: [fill], timeout: 2s, retries: 1, idempotency_key: true}
      - {to: prices, operations: [list_prices], timeout: 300ms, retries: 0, dependency: soft, fallback: none are shown}
  cart:
    team_ownership: front
    availability: 99.5%
    data_ownership: {carts: {fields: {total: integer}}}
    endpoints:
      - {name: fill, method: POST, path: /carts/fill, action: command, effect: read, emits: {event: CartFilled, values: {cartId: $request.cart, note: none, total: 1}}, request: {cart: uuid}}
    calls:
      - {to: stock, operations: [list_stocks, get_stock], timeout: 200ms, retries: 2}
  stock:
    team_ownership: back
    data_ownership: {stocks: {fields: {number: integer}}}
    endpoints:
      - {name: list_stocks, method: GET, path: /stocks}
      - {name: get_stock, method: GET, path: "/stocks/{id}"}
    calls:
      - {to: carrier, timeout: 100ms, retries: 0}
  prices:
    team_ownership: back
    availability: 99%
    data_ownership: {prices: {fields: {price: decimal}}}
    endpoints:
      - {name: list_prices, method: GET, path: /prices}
events:
  CartFilled:
    versions:
      v1: {schema: {cartId: uuid, note: "string?"}}
      v2: {schema: {cartId: uuid, note: string, total: integer}, upcast: {note: none, total: 0}}
    producers: cart
    consumers: [{service: stock, versions: [v1, v2]}, prices]
sagas:
  Ordering:
    trigger: CartFilled
    timeout: 5m
    steps:
      - {service: stock, action: reserve, input: {cart: $trigger.cartId}, compensation: release}
      - {service: prices, action: look_up, input: {cart: $trigger.cartId}, kind: read}
      - {service: stock, action: take, input: {cart: $trigger.cartId}, kind: pivot}
gateway:
  routes:
    - {path: /api/check-outs, method: POST, service: shop, rewrite: /check-outs, timeout: 5s, public: true}
    - {path: /api/visits, method: GET, service: shop, rewrite: /visits, timeout: 5s, public: true}
    - {path: /api/prices, method: GET, service: prices, rewrite: /prices, timeout: 2s, retries: 3, public: true}
observability:
  slo:
    shop.check_out: {availability: 99.9%, latency: 900ms}
    cart.fill: {latency: 400ms}
"#;

/// Some keys of an entry.
fn some(entry: &Value, keys: &[&str]) -> Value {
    let kept = keys
        .iter()
        .map(|key| ((*key).to_owned(), entry[key].clone()));
    Value::Object(kept.collect())
}

#[test]
fn services_are_coupled_by_calls() {
    let figures = figures(MARKET);
    let keys = [
        "callers",
        "callees",
        "fan_out",
        "instability",
        "operations_used",
        "operations_called",
    ];
    let coupled = |name| some(of(&figures, "services", name), &keys);
    // Nobody calls the shop: 2 / (0 + 2).
    assert_eq!(
        coupled("shop"),
        json!({"callers": 0, "callees": 2, "fan_out": 2, "instability": 1.0, "operations_used": 0, "operations_called": 2})
    );
    // 1 / (1 + 1).
    assert_eq!(
        coupled("cart"),
        json!({"callers": 1, "callees": 1, "fan_out": 1, "instability": 0.5, "operations_used": 1, "operations_called": 2})
    );
    // The carrier is not ours: it counts among those that are called, and not for instability.
    assert_eq!(
        coupled("stock"),
        json!({"callers": 1, "callees": 0, "fan_out": 1, "instability": 0.0, "operations_used": 2, "operations_called": 0})
    );
    let system = &figures["system"];
    assert_eq!(system["calling_pairs"], 3);
    assert_eq!(system["longest_chain"], json!(["shop", "cart", "stock"]));
    assert_eq!(system["longest_chain_calls"], 2);
    let depths = ["shop", "cart", "stock", "prices"]
        .map(|name| of(&figures, "services", name)["depth"].clone());
    assert_eq!(depths, [2, 1, 0, 0].map(Value::from));
}

#[test]
fn services_are_coupled_by_events() {
    let figures = figures(MARKET);
    let keys = [
        "event_sources",
        "event_listeners",
        "event_instability",
        "events_published",
        "events_received",
        "event_coupling",
    ];
    let coupled = |name| some(of(&figures, "services", name), &keys);
    // The cart also receives its own event, which starts the saga that it leads: it passes once, and makes no pair.
    assert_eq!(
        coupled("cart"),
        json!({"event_sources": 0, "event_listeners": 2, "event_instability": 0.0, "events_published": 1, "events_received": 1, "event_coupling": 1.0})
    );
    assert_eq!(
        coupled("stock"),
        json!({"event_sources": 1, "event_listeners": 0, "event_instability": 1.0, "events_published": 0, "events_received": 1, "event_coupling": 1.0})
    );
    assert_eq!(coupled("shop")["event_instability"], Value::Null);
    // Three pairs call, two listen.
    assert_eq!(figures["system"]["listening_pairs"], 2);
    assert_eq!(figures["system"]["synchronous_share"], 0.6);
}

#[test]
fn what_fails_with_what_follows_hard_calls_only() {
    let figures = figures(MARKET);
    let keys = ["blast_radius", "routes", "gates", "attempts"];
    let critical = |name| some(of(&figures, "services", name), &keys);
    // Two routes lead to the shop; what lies behind it alone is cart and stock, while prices have a route of their own. Who asks for
    // visits needs the shop alone.
    assert_eq!(
        critical("shop"),
        json!({"blast_radius": 0, "routes": 2, "gates": 2, "attempts": 1})
    );
    assert_eq!(
        critical("cart"),
        json!({"blast_radius": 1, "routes": 1, "gates": 1, "attempts": 2})
    );
    // Cart and shop fail with the stock; 2 tries of the shop times 3 of the cart.
    assert_eq!(
        critical("stock"),
        json!({"blast_radius": 2, "routes": 1, "gates": 0, "attempts": 6})
    );
    // The shop does without prices; the gateway tries four times.
    assert_eq!(
        critical("prices"),
        json!({"blast_radius": 0, "routes": 1, "gates": 0, "attempts": 4})
    );
}

/// ```text
/// gateway -> part /parts, 4 tries, and /orders
/// check   -> part hard, 4 tries, reads only
/// part    -> bit  hard, 4 tries, for its orders alone
/// ```
const PARTS: &str = r#"
services:
  check:
    data_ownership: [checks]
    endpoints: [{name: check, method: POST, path: /checks/run, action: command}]
    calls: [{to: part, operations: [get_part], timeout: 1s, retries: 3}]
  part:
    data_ownership: [parts]
    endpoints:
      get_part: {method: GET, path: "/parts/{id}"}
      order_part: {method: POST, path: /orders, action: command}
    calls: [{to: bit, operations: [get_bit], timeout: 1s, retries: 3}]
  bit:
    data_ownership: [bits]
    endpoints: {get_bit: {method: GET, path: "/bits/{id}"}}
gateway:
  routes:
    - {path: /checks/run, method: POST, service: check, timeout: 20s}
    - {path: "/parts/{id}", method: GET, service: part, timeout: 1s, retries: 3}
    - {path: /orders, method: POST, service: part, timeout: 20s}
"#;

#[test]
fn only_operations_that_may_ask_others_lead_on() {
    let figures = figures(PARTS);
    let keys = ["depth", "blast_radius", "routes", "gates", "attempts"];
    let of_service = |name| some(of(&figures, "services", name), &keys);
    // Whoever checks reads a part, and needs no bit.
    assert_eq!(
        of_service("check"),
        json!({"depth": 1, "blast_radius": 0, "routes": 1, "gates": 0, "attempts": 1})
    );
    assert_eq!(
        of_service("part"),
        json!({"depth": 1, "blast_radius": 1, "routes": 3, "gates": 1, "attempts": 4})
    );
    assert_eq!(
        of_service("bit"),
        json!({"depth": 0, "blast_radius": 1, "routes": 1, "gates": 0, "attempts": 4})
    );
    let attempts = |path| of(&figures, "routes", path)["attempts"].clone();
    assert_eq!(attempts("/checks/run"), 4);
    assert_eq!(attempts("/parts/{id}"), 4);
    assert_eq!(attempts("/orders"), 4);
}

#[test]
fn routes_have_a_ceiling_and_a_time_that_they_may_wait() {
    let figures = figures(MARKET);
    let check_out = of(&figures, "routes", "/api/check-outs");
    // 0.999 (shop) x 0.995 (cart) x 0.99 (carrier); the stock says nothing.
    assert_eq!(check_out["availability"]["at_most"], 0.98406495);
    assert_eq!(check_out["availability"]["rests_on"], 4);
    assert_eq!(check_out["availability"]["unknown"], 1);
    assert_eq!(
        check_out["availability"]["weakest"][0],
        json!({"name": "carrier", "availability": 0.99})
    );
    // Two tries of 2 s with a pause of 100 ms for the cart, then 300 ms for prices.
    assert_eq!(check_out["waiting_ms"], 4400);
    assert_eq!(check_out["timeout_ms"], 5000);
    assert_eq!(check_out["attempts"], 6);
    // Stocks and prices lie behind it, and none of its own data.
    assert_eq!(
        some(check_out, &["own_data", "data"]),
        json!({"own_data": 0, "data": 2})
    );
    let visits = of(&figures, "routes", "/api/visits");
    // An operation on own data asks nobody.
    assert_eq!(visits["availability"]["at_most"], 0.999);
    assert_eq!(
        some(visits, &["waiting_ms", "attempts", "own_data", "data"]),
        json!({"waiting_ms": 0, "attempts": 1, "own_data": 1, "data": 1})
    );
    assert_eq!(of(&figures, "routes", "/api/prices")["attempts"], 4);
}

#[test]
fn promises_are_held_against_what_they_rest_on() {
    let figures = figures(MARKET);
    let objectives = figures["objectives"].as_array().unwrap();
    let check_out = objectives
        .iter()
        .find(|it| it["of"] == "shop.check_out")
        .unwrap();
    assert_eq!(check_out["availability"]["at_most"], 0.98406495);
    // The cart promises 400 ms; the shop can do without prices.
    assert_eq!(
        some(check_out, &["promised", "latency_ms", "asked_first_ms"]),
        json!({"promised": 0.999, "latency_ms": 900, "asked_first_ms": 400})
    );
}

#[test]
fn a_saga_is_exposed_up_to_its_pivot_by_what_it_changes() {
    let figures = figures(MARKET);
    assert_eq!(
        some(
            of(&figures, "sagas", "Ordering"),
            &[
                "coordinator",
                "services",
                "steps",
                "exposed_steps",
                "compensations",
                "stuck_steps",
                "unbound_inputs"
            ]
        ),
        json!({"coordinator": "cart", "services": 2, "steps": 3, "exposed_steps": 1, "compensations": 1, "stuck_steps": 0, "unbound_inputs": 0})
    );
    assert_eq!(of(&figures, "sagas", "Ordering")["exposure"], 0.333_333_333);
}

#[test]
fn teams_are_coupled_as_their_services_are() {
    let figures = figures(MARKET);
    let system = &figures["system"];
    // shop -> prices and cart -> stock cross, shop -> cart does not.
    assert_eq!(system["cross_team_pairs"], 2);
    assert_eq!(system["cross_team_share"], 0.666_666_667);
    assert_eq!(
        some(
            of(&figures, "teams", "front"),
            &["services", "calls_within", "calls_to"]
        ),
        json!({"services": 2, "calls_within": 1, "calls_to": [{"team": "back", "calls": 2}]})
    );
    assert_eq!(of(&figures, "teams", "back")["leaving_share"], Value::Null);
    // Links: shop-cart, shop-prices, cart-stock, cart-prices (by the event). One of four lies within front; five of the eight ends
    // are front's, three back's: 1/4 - (5/8)^2 + 0 - (3/8)^2.
    assert_eq!(system["conway_fit"], -0.28125);
    // The stock works with the cart alone, which is front's.
    assert_eq!(
        of(&figures, "teams", "back")["misplaced"][0],
        json!({"service": "stock", "team": "front", "there": 1, "own": 0})
    );
}

#[test]
fn an_event_is_as_risky_as_it_breaks_and_is_heard() {
    let figures = figures(MARKET);
    let event = of(&figures, "events", "CartFilled");
    // note had not to be there, and total is new. Stock, prices and the saga's coordinator receive it: 3 x 2.
    assert_eq!(
        event["breaking_changes"],
        json!(["required-field-added", "made-required"])
    );
    assert_eq!(event["consumers"], json!(["cart", "stock", "prices"]));
    assert_eq!(
        some(event, &["versions", "other_teams", "risk"]),
        json!({"versions": 2, "other_teams": 1, "risk": 6})
    );
}

#[test]
fn the_system_by_hand_has_no_error() {
    let figures = figures(MARKET);
    assert_eq!(figures["findings"]["errors"], 0, "{:?}", figures["notes"]);
}
