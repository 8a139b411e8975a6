//! Faults in operations, reactions, data and contracts.

use super::fault::{Fault, fault};

const ADD: &str = "services/lending-service/src/api/add_book.rs";
const LIST: &str = "services/lending-service/src/api/list_books.rs";
const CHANGE: &str = "services/lending-service/src/api/change_book.rs";
const DROP: &str = "services/lending-service/src/api/drop_book.rs";
const LEND: &str = "services/lending-service/src/api/lend_book.rs";
const TAKE: &str = "services/lending-service/src/api/take_in.rs";
const ROUTES: &str = "services/lending-service/src/api/mod.rs";
const LEFT: &str = "services/lending-service/src/consumers/reader_left_v1.rs";
const BUILD: &str = "services/lending-service/src/lib.rs";
const TABLES: &str = "services/lending-service/migrations/0001_initial.sql";
const MODEL: &str = "services/lending-service/src/model/book.rs";
const LOAN: &str = "services/lending-service/src/model/loan.rs";
const TYPES: &str = "crates/contracts-lending-service/src/types.rs";
const API: &str = "crates/contracts-lending-service/src/api.rs";
const ADDED: &str = "crates/contracts-lending-service/src/events/book_added.rs";

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "version-check-dropped",
        CHANGE,
        "    expect_version(input.version, record.version)?;\n",
        "",
    ),
    fault(
        "version-of-delete-not-checked",
        DROP,
        "expect_version(input.version, record.version)?;",
        "expect_version(None, record.version)?;",
    ),
    fault(
        "version-may-be-left-out",
        CHANGE,
        "if_match.required()?",
        "if_match.version()?",
    ),
    fault(
        "fields-swapped",
        ADD,
        "title: input.body.title,",
        "title: input.body.subtitle.clone().unwrap_or_default(),",
    ),
    fault(
        "field-of-event-swapped",
        ADD,
        "        record.title.clone(),\n",
        "        record.isbn.clone(),\n",
    ),
    fault(
        "event-not-published",
        ADD,
        "    uow.publish(",
        "    Ok::<_, msarch_runtime::problem::Problem>(",
    ),
    fault(
        "event-published-twice",
        ADD,
        "    Ok(record.into())",
        "    uow.publish(BookAddedV1::new(record.id, record.title.clone(), record.copies))?;\n    Ok(record.into())",
    ),
    fault(
        "event-about-another-record",
        ADD,
        "BookAddedV1::new(\n        record.id,",
        "BookAddedV1::new(\n        Uuid::now_v7(),",
    ),
    fault(
        "field-not-updated",
        CHANGE,
        "    record.subtitle = input.body.subtitle;\n",
        "",
    ),
    fault(
        "update-not-written",
        CHANGE,
        "    let record = uow.repository::<BookRecord>().update(record).await?;\n",
        "",
    ),
    fault(
        "delete-without-effect",
        DROP,
        "    uow.repository::<BookRecord>().delete(record.id).await?;\n",
        "",
    ),
    fault("scope-dropped", CHANGE, ".scopes(&[\"books:write\"])", ""),
    fault(
        "made-public",
        LEND,
        "endpoint(\"lend_book\")",
        "endpoint(\"lend_book\").public()",
    ),
    fault("not-public-any-more", LIST, ".public()", ""),
    fault(
        "wrong-status",
        LEND,
        "StatusCode::NO_CONTENT",
        "StatusCode::ACCEPTED",
    ),
    fault("request-not-checked", LEND, "    body.validate()?;\n", ""),
    fault(
        "limit-off-by-one",
        API,
        "max(\"/count\", self.count, 3)",
        "max(\"/count\", self.count, 4)",
    ),
    fault(
        "limit-too-narrow",
        API,
        "min(\"/count\", self.count, 1)",
        "min(\"/count\", self.count, 2)",
    ),
    fault(
        "limit-of-nested-field-dropped",
        TYPES,
        ".min(\"/pages\", self.pages, 1)",
        "",
    ),
    fault(
        "nested-fields-not-checked",
        API,
        ".within(\"/copies\", &self.copies)",
        "",
    ),
    fault(
        "inherited-limit-dropped",
        API,
        ".max(\"/count\", self.count, 40)",
        "",
    ),
    fault(
        "limits-of-data-not-kept",
        LOAN,
        "record!(limited LoanRecord",
        "record!(LoanRecord",
    ),
    fault(
        "condition-of-emission-always-met",
        TAKE,
        "if input.body.origin == TakeInRequestOrigin::Bought {",
        "if [TakeInRequestOrigin::Bought, TakeInRequestOrigin::Given].contains(&input.body.origin) {",
    ),
    fault(
        "condition-of-effect-always-met",
        TAKE,
        "if input.body.urgent {",
        "if input.body.urgent || true {",
    ),
    fault(
        "route-under-another-path",
        ROUTES,
        ".route(\"/deliveries\", ",
        ".route(\"/delivery\", ",
    ),
    fault(
        "undeclared-route",
        ROUTES,
        ".with_state(app)",
        ".with_state(app)\n        .route(\"/extra\", axum::routing::get(async || ()))",
    ),
    fault(
        "wrong-default",
        API,
        "BookShelf::Open\n",
        "BookShelf::Closed\n",
    ),
    fault(
        "unknown-fields-let-pass",
        API,
        "#[serde(deny_unknown_fields)]\n",
        "",
    ),
    fault(
        "floor-dropped",
        LEND,
        "[Floor::at_least(\"copies\", 1_i64)]",
        "[] as &[Floor]",
    ),
    fault(
        "floor-off-by-one",
        LEND,
        "at_least(\"copies\", 1_i64)",
        "at_least(\"copies\", 2_i64)",
    ),
    fault(
        "sign-turned",
        LEND,
        "negative(input.body.count)?",
        "input.body.count",
    ),
    fault(
        "effect-dropped",
        LEND,
        "    uow.repository::<LoanRecord>().insert(record).await?;\n",
        "    drop(record);\n",
    ),
    fault(
        "effect-on-all-records",
        LEND,
        "Filter::eq(\"id\", input.id)",
        "Filter::all()",
    ),
    fault(
        "key-ignored",
        ADD,
        ".once(request, async |uow| {",
        ".write(async |uow| {\n            let _ = &request;",
    ),
    fault(
        "key-not-required",
        LEND,
        "Some(KeyedRequest::new(\"lend_book\", key.required()?, &input)?)",
        "KeyedRequest::maybe(\"lend_book\", key.as_deref(), &input)?",
    ),
    fault(
        "key-of-any-body",
        LEND,
        "key.required()?, &input)",
        "key.required()?, &0)",
    ),
    fault(
        "filter-dropped",
        LIST,
        "filter = filter.and(Filter::eq(\"isbn\", value));",
        "drop(value);",
    ),
    fault(
        "filter-on-another-column",
        LIST,
        "Filter::eq(\"isbn\", value)",
        "Filter::eq(\"title\", value)",
    ),
    fault(
        "cursor-dropped",
        LIST,
        "Page::new(items, listing.next_cursor)",
        "Page::new(items, None)",
    ),
    fault(
        "cursor-ignored",
        LIST,
        ".cursor(input.page.position().map(str::to_owned))",
        "",
    ),
    fault("limit-of-page-ignored", LIST, "input.page.limit", "50"),
    fault("not-unique", TABLES, " UNIQUE", ""),
    fault(
        "condition-of-consumer-dropped",
        LEFT,
        "if event.forever {",
        "{",
    ),
    fault(
        "condition-of-consumer-turned",
        LEFT,
        "if event.forever {",
        "if !event.forever {",
    ),
    fault(
        "consumer-on-all-records",
        LEFT,
        "Filter::eq(\"reader\", event.reader.as_str())",
        "Filter::all()",
    ),
    fault("wrong-state", LEFT, "\"over\"", "\"running\""),
    fault(
        "consumer-not-run",
        BUILD,
        "        .worker(\n            ConsumerWorker::new(\n                consumers::OnReaderLeftV1(app.clone()),\n                database.clone(),\n                bus.clone(),\n            )\n            .metrics(&metrics),\n        )\n",
        "",
    ),
    fault(
        "consumer-of-another-version",
        "crates/contracts-reader-service/src/events/reader_left.rs",
        "const VERSION: u32 = 1",
        "const VERSION: u32 = 2",
    ),
    fault(
        "relay-not-run",
        BUILD,
        "        .worker(OutboxRelay::new(database.clone(), bus.clone()).metrics(&metrics))\n",
        "",
    ),
    fault(
        "nobody-is-asked",
        BUILD,
        "        .authenticator(authenticator)\n",
        "",
    ),
    fault(
        "column-misread",
        MODEL,
        "copies: record.copies",
        "copies: record.version",
    ),
    fault(
        "member-renamed",
        ADDED,
        "#[serde(rename = \"bookId\")]",
        "#[serde(rename = \"book\")]",
    ),
    fault(
        "required-member-optional",
        ADDED,
        "    pub copies: i64,",
        "    #[serde(default)]\n    pub copies: i64,",
    ),
];
