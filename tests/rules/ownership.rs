//! Who owns what, who logs in where, and what is kept.

use super::{only, silent, told};

#[test]
fn data_that_another_claims_too_is_told_as_owned_twice_only() {
    only(
        "services:
  a: {data_ownership: [payments]}
  payment-service: {data_ownership: [payments]}
",
        "entity-with-several-owners error: \"payments\" is owned by a and payment-service",
    );
}

#[test]
fn a_copy_of_what_another_is_named_after_claims_nothing() {
    silent(
        "services:
  a: {data_ownership: {payments: {projection: true}}}
  payment-service: {data_ownership: [payments]}
events: {PaymentMade: {schema: {id: uuid}, producers: payment-service, consumers: a}}
",
    );
}

#[test]
fn a_service_of_the_same_context_may_own_what_the_context_is_named_after() {
    silent(
        "services:
  a: {bounded_context: Orders, data_ownership: [orders]}
  b: {bounded_context: Orders, data_ownership: [carts]}
",
    );
    only(
        "services:
  a: {bounded_context: Shop, data_ownership: [orders]}
  b: {bounded_context: Orders, data_ownership: [carts]}
",
        "owner-contradicts-service-name warn: a owns \"orders\", but b has the bounded context Orders",
    );
}

#[test]
fn a_capability_that_is_another_services_name_is_told() {
    only(
        "services:
  a: {business_capabilities: payment, data_ownership: [orders]}
  payment-service: {data_ownership: [refunds]}
",
        "owner-contradicts-service-name warn: a has the capability \"payment\", but payment-service is named after it",
    );
}

#[test]
fn teams_that_few_services_name_are_no_rule_for_the_others() {
    silent(
        "services:
  a: {team_ownership: t, data_ownership: [orders]}
  b: {data_ownership: [stock]}
  c: {data_ownership: [prices]}
",
    );
    only(
        "services:
  a: {team_ownership: t, data_ownership: [orders]}
  b: {team_ownership: t, data_ownership: [stock]}
  c: {data_ownership: [prices]}
",
        "service-without-boundary-or-team warn: c has no team, while most other services do",
    );
}

#[test]
fn a_copy_is_fed_by_an_operation_that_writes() {
    let file = |method: &str| {
        format!(
            "services: {{a: {{data_ownership: {{reports: {{projection: true}}}}, endpoints: ['{method} /reports']}}}}"
        )
    };
    silent(&file("POST"));
    only(
        &file("GET"),
        "derived-store-without-feed warn: a keeps \"reports\" as a copy, and nothing feeds it",
    );
}

#[test]
fn one_login_for_two_schemas_hides_that_they_are_of_one_database() {
    let file = |user: &str| {
        format!(
            "services:
  a: {{data_ownership: [orders], store: {{database_type: PostgreSQL, database: shop, schema: a, user: app}}}}
  b: {{data_ownership: [stock], store: {{database_type: PostgreSQL, database: shop, schema: b, user: {user}}}}}
"
        )
    };
    only(
        &file("app"),
        "shared-credentials warn: a and b both log in to the server of \"shop\" as app",
    );
    only(
        &file("other"),
        "shared-database info: a and b use schemas of one database, \"shop\"",
    );
}

#[test]
fn one_login_for_one_schema_is_told_as_one_database() {
    only(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, database: shop, user: app}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, database: shop, user: app}}
",
        "shared-database error: a and b both use database \"shop\"",
    );
}

#[test]
fn a_user_that_the_environment_says_is_not_known() {
    silent(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, host: db, database: a, user: '${USER}'}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, host: db, database: b, user: '${USER}'}}
",
    );
}

#[test]
fn a_foreign_key_to_a_copy_of_its_own_or_to_what_nobody_lists_is_none_of_another() {
    let file = |tables: &str, target: &str| {
        format!(
            "services:
  a: {{data_ownership: [visits], store: {{database_type: MySQL, database: a, tables: [{{name: visits, foreign_keys: {{pet_id: {target}}}}}{tables}]}}}}
  b: {{data_ownership: [pets], store: {{database_type: MySQL, database: b, tables: [pets]}}}}
events: {{PetAdded: {{schema: {{id: uuid}}, producers: b, consumers: a}}}}
"
        )
    };
    silent(&file(", {name: pets, projection: true}", "pets.id"));
    silent(&file("", "animals.id"));
    assert_eq!(told(&file("", "clinic.pets.id")).len(), 1);
}

#[test]
fn a_service_without_outbox_may_raise_events_from_its_streams() {
    let file = |event: &str| {
        format!(
            "services:
  a:
    outbox: false
    data_ownership: {{orders: {{projection: true, fields: {{state: placed | paid}}}}}}
    endpoints: [{{name: place, method: POST, path: /orders, command: place}}]
    aggregates:
      Order:
        entity: orders
        status: state
        events: {{OrderPlaced: {{status: placed}}}}
        commands: {{place: {{raises: OrderPlaced, values: {{orderId: $state.id}}}}}}
  b: {{data_ownership: [mails]}}
events:
  OrderPlaced: {{schema: {{orderId: uuid}}, producers: a, consumers: b}}
  {event}
"
        )
    };
    silent(&file(""));
    let told = told(&file(
        "OrderSeen: {schema: {orderId: uuid}, producers: a, public: true}",
    ));
    assert_eq!(
        told,
        [
            "publisher-without-outbox warn: a saves its data and publishes OrderSeen without an outbox: a crash between the two loses the event"
        ]
    );
}

#[test]
fn an_event_that_may_be_lost_needs_no_outbox() {
    only(
        "services: {a: {outbox: false, data_ownership: [orders]}}
events: {OrderSeen: {schema: {orderId: uuid}, producers: a, public: true, delivery: at-most-once}}
",
        "publisher-without-outbox info: a saves its data and publishes OrderSeen without an outbox: a crash between the two loses the event",
    );
}

#[test]
fn a_database_of_a_service_that_keeps_nothing_is_unused() {
    only(
        "services:
  a: {store: {database_type: PostgreSQL, database: a}, calls: [{to: b, timeout: 1s, bulkhead: {}}]}
  b: {data_ownership: [orders], endpoints: ['GET /orders']}
",
        "unused-datastore info: a has a database and nothing to keep: PostgreSQL",
    );
}

#[test]
fn schemas_of_one_database_are_only_worth_knowing() {
    only(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, database: shop, schema: orders}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, database: shop, schema: stock}}
",
        "shared-database info: a and b use schemas of one database, \"shop\"",
    );
}

#[test]
fn databases_of_one_name_on_two_hosts_are_two() {
    silent(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, host: db-a, database: main}}
  b: {data_ownership: [stock], store: {database_type: PostgreSQL, host: db-b, database: main}}
",
    );
}

#[test]
fn a_foreign_table_hides_the_shared_database_of_the_pair() {
    only(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, database: shop, tables: [orders]}}
  b:
    data_ownership: [reports]
    store: {database_type: PostgreSQL, database: shop, tables: [reports]}
    access: [{table: orders, mode: write}]
",
        "foreign-table-access error: b writes \"orders\", which a owns",
    );
}

#[test]
fn one_table_is_no_foreign_one_to_its_owner() {
    silent("services: {a: {data_ownership: [orders], access: [{table: orders, mode: read}]}}");
}

#[test]
fn singular_and_plural_are_one_entity() {
    only(
        "services:
  a: {data_ownership: [categories]}
  b: {data_ownership: [category]}
",
        "entity-with-several-owners error: \"categories\" is owned by a and b",
    );
}

#[test]
fn nothing_is_concluded_from_tables_that_are_not_listed() {
    silent("services: {a: {data_ownership: [orders, lines], store: {database_type: PostgreSQL}}}");
}

#[test]
fn technical_tables_need_no_owner() {
    silent(
        "services:
  a: {data_ownership: [orders], store: {database_type: PostgreSQL, tables: [orders, outbox, {name: jobs, technical: true}]}}
",
    );
}
