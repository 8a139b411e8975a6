//! Conditions of the rules about sagas.

use super::{only, silent, told};

/// A saga of two services; the coordinator's code starts it.
fn saga(rest: &str) -> String {
    format!(
        "services: {{a: {{data_ownership: [orders]}}, b: {{data_ownership: [stock]}}, c: {{data_ownership: [mails]}}}}
sagas:
  OrderSaga:
    coordinator: a
    input: {{orderId: uuid}}
    steps:
{rest}"
    )
}

#[test]
fn behind_the_pivot_stand_retriable_steps_and_reads() {
    silent(&saga(
        "      - {service: b, action: look, input: orderId, kind: read}
      - {service: b, action: reserve, input: orderId, compensation: release}
      - {service: a, action: charge, input: orderId, kind: pivot, irreversible: true}
      - {service: b, action: see, input: orderId, kind: read}
      - {service: c, action: mail, input: orderId, kind: retriable, irreversible: true}
",
    ));
}

#[test]
fn a_second_pivot_is_out_of_order() {
    only(
        &saga(
            "      - {service: a, action: charge, input: orderId, kind: pivot}
      - {service: b, action: ship, input: orderId, kind: pivot}
",
        ),
        "step-kinds-out-of-order error: ship (pivot) comes after the pivot charge",
    );
}

#[test]
fn what_is_out_of_order_is_told_once() {
    only(
        &saga(
            "      - {service: a, action: charge, input: orderId, kind: retriable}
      - {service: b, action: reserve, input: orderId}
      - {service: b, action: pack, input: orderId, compensation: unpack}
",
        ),
        "step-kinds-out-of-order error: reserve (compensatable) comes after charge, which is retriable",
    );
}

#[test]
fn a_step_has_one_way_back() {
    only(
        &saga(
            "      - {service: b, action: reserve, input: orderId, compensation: release}
      - {service: a, action: charge, input: orderId, kind: pivot}
    compensation:
      - {step: reserve, compensation: free, service: b}
",
        ),
        "compensation-target-mismatch error: reserve is undone in two ways: only release runs",
    );
}

#[test]
fn a_pivot_is_never_undone() {
    only(
        &saga(
            "      - {service: b, action: reserve, input: orderId, compensation: release}
      - {service: a, action: charge, input: orderId, kind: pivot, compensation: refund}
",
        ),
        "unreachable-compensation info: refund can never run: a pivot is the point of no return",
    );
}

#[test]
fn the_end_of_a_saga_uses_outputs() {
    silent(
        "services: {a: {data_ownership: {orders: {fields: {parcel: uuid}}}}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps: [{service: b, action: ship, input: orderId, output: {parcel: uuid}, kind: pivot}]
    on_success:
      effects: [{create: orders, values: {parcel: $parcel}}]
",
    );
}

#[test]
fn an_output_called_as_its_step_is_the_output() {
    for reference in ["$book", "$book.book", "$steps.book.book"] {
        silent(&saga(&format!(
            "      - {{service: b, action: book, input: orderId, output: {{book: $stock.id}}, effects: [{{create: stock, as: stock}}], compensation: unbook}}
      - {{service: c, action: mail, input: {{mail_id: {reference}}}, kind: pivot, irreversible: true, effects: [{{set: mails, where: {{id: $mail_id}}, values: {{told: true}}}}]}}
"
        )));
    }
}

#[test]
fn an_early_step_that_only_pretends_to_read_is_told() {
    only(
        &saga(
            "      - {service: c, action: mail, input: orderId, kind: read, irreversible: true}
      - {service: a, action: charge, input: orderId, kind: pivot}
",
        ),
        "irreversible-before-pivot warn: mail cannot be taken back, and charge can fail after it",
    );
}

#[test]
fn an_early_step_without_a_way_back_is_told_once() {
    let told = told(&saga(
        "      - {service: c, action: mail, input: orderId, irreversible: true}
      - {service: a, action: charge, input: orderId, kind: pivot}
",
    ));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("step-without-compensation error"));
}

#[test]
fn a_saga_that_nothing_starts_and_nobody_follows_is_incomplete() {
    only(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    steps: [{service: b, action: look, kind: read}, {service: b, action: ship, kind: pivot}]
",
        "incomplete-saga warn: OrderSaga does not say what starts it, what follows upon its success and what follows upon its failure",
    );
}

/// A service `a` with some operations that change something, calling writing operations of `b` and `c`.
fn calls(operations: &str, rest: &str) -> String {
    format!(
        "services:
  a:
    data_ownership: [orders]
    endpoints: [{operations}]
    calls:
      - {{to: b, operations: [charge], timeout: 1s, bulkhead: {{}}}}
      - {{to: c, operations: [ship], timeout: 1s, bulkhead: {{}}}}
  b: {{data_ownership: [charges], endpoints: [{{name: charge, method: POST, path: /charges}}]}}
  c: {{data_ownership: [parcels], endpoints: [{{name: ship, method: POST, path: /parcels}}]}}
{rest}"
    )
}

#[test]
fn two_changes_by_one_operation_are_a_saga() {
    only(
        &calls("POST /orders, 'GET /orders'", ""),
        "undeclared-saga warn: post_orders of a calls charge of b and ship of c: when a later one fails, nothing undoes the earlier ones",
    );
}

#[test]
fn what_an_operation_can_do_without_leaves_nothing_to_undo() {
    let needed = calls("POST /orders", "");
    for spare in ["dependency: soft", "fallback: sent later"] {
        let last = "operations: [ship], timeout: 1s, bulkhead: {}";
        silent(&needed.replace(last, &format!("{last}, {spare}")));
    }
}

#[test]
fn two_changes_may_be_of_two_operations() {
    silent(&calls("POST /orders, 'PUT /orders/{id}'", ""));
}

#[test]
fn a_saga_covers_the_changes() {
    silent(&calls(
        "POST /orders",
        "sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps: [{service: b, action: charge, input: orderId, kind: pivot}]
",
    ));
}

#[test]
fn kinds_that_are_mixed_are_told_with_all_that_stand_wrong() {
    let told = told(&saga(
        "      - {service: b, action: reserve, input: orderId, compensation: release}
      - {service: b, action: note, input: orderId, kind: retriable}
      - {service: a, action: charge, input: orderId, kind: pivot}
      - {service: a, action: settle, input: orderId, kind: pivot}
      - {service: b, action: pack, input: orderId, compensation: unpack}
      - {service: c, action: mail, input: orderId, kind: retriable}
",
    ));
    assert!(
        told.contains(
            &"step-kinds-out-of-order error: charge (pivot) comes after note, which is retriable"
                .to_owned()
        ),
        "{told:?}"
    );
}

#[test]
fn a_step_that_may_take_as_long_as_its_saga_is_an_inversion() {
    let steps = |timeout: &str| {
        saga(&format!(
            "      - {{service: b, action: reserve, input: orderId, compensation: release, timeout: {timeout}}}
      - {{service: a, action: charge, input: orderId, kind: pivot}}
      - {{service: c, action: mail, input: orderId, kind: retriable, timeout: 10m}}
    timeout: 1m
"
        ))
    };
    silent(&steps("59s"));
    only(
        &steps("1m"),
        "timeout-inversion error: OrderSaga gives up after 60s, and its step reserve may take 60s alone",
    );
}

#[test]
fn a_step_that_says_no_timeout_has_one_all_the_same() {
    let whole = |timeout: &str| {
        saga(&format!(
            "      - {{service: b, action: reserve, input: orderId, compensation: release, timeout: 1s}}
      - {{service: a, action: charge, input: orderId, kind: pivot}}
    timeout: {timeout}
"
        ))
    };
    silent(&whole("6s"));
    only(
        &whole("2s"),
        "timeout-inversion error: OrderSaga gives up after 2s, and its step charge may take 5s alone",
    );
}

#[test]
fn a_step_before_retriable_ones_needs_no_compensation() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId}
      - {service: b, action: ship, input: orderId, kind: retriable}
",
    );
}

#[test]
fn parallel_compensations_have_no_order() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId}
      - {service: b, action: pack, input: orderId}
      - {service: b, action: ship, input: orderId}
    compensation:
      - {step: reserve, compensation: release, parallel: true}
      - {step: pack, compensation: unpack, parallel: true}
",
    );
}

#[test]
fn a_compensation_may_use_what_its_own_step_gave() {
    silent(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: orderId, output: {reservation: uuid}, compensation: {action: release, input: reservation}}
      - {service: b, action: ship, input: orderId}
",
    );
}

#[test]
fn a_later_output_is_not_there_yet() {
    only(
        "services: {a: {data_ownership: [orders]}, b: {data_ownership: [stock]}}
sagas:
  OrderSaga:
    coordinator: a
    input: {orderId: uuid}
    steps:
      - {service: b, action: reserve, input: tracking, compensation: {action: release, input: orderId}}
      - {service: b, action: ship, input: orderId, output: {tracking: uuid}}
",
        "unbound-input error: reserve needs tracking, but nothing gives it",
    );
}
