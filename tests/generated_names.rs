//! Names that meet what generated code has itself: the code finds others, and says nothing twice or in vain.

mod architecture;

use architecture::{model_of, model_of_text};
use msarch::emit::emit;
use msarch::model::Model;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;

const WORDS: &str = "tests/architectures/keywords.yaml";

fn file(model: &Model, path: &str) -> String {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    let tree = emit(&plan).unwrap_or_else(|error| panic!("{error}"));
    let file = tree
        .get(path)
        .unwrap_or_else(|| panic!("{path} is missing"));
    String::from_utf8(file.contents.to_vec()).expect("it is text")
}

/// A file of the service whose names meet those of generated code.
fn shapes(path: &str) -> String {
    let path = format!("services/shape-service/{path}");
    file(&model_of(WORDS), &path)
}

fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn the_types_of_an_aggregate_have_a_name_each() {
    let transfer = shapes("src/aggregates/transfer.rs");
    for name in [
        "Transfer",
        "Finish",
        "TransferInput",
        "FinishInput",
        "CloneInput",
        "UtcPayload",
    ] {
        let defined = format!("pub struct {name} {{");
        assert_eq!(transfer.matches(&defined).count(), 1, "{name}:\n{transfer}");
    }
    let aggregate = shapes("src/aggregates/aggregate.rs");
    holds(
        &aggregate,
        &["impl Aggregate for AggregateState {", "fn decide_new("],
    );
}

#[test]
fn what_an_aggregate_adds_stands_beside_fields_of_the_same_name() {
    let transfer = shapes("src/aggregates/transfer.rs");
    holds(
        &transfer,
        &[
            "pub id_: Uuid,",
            "pub at_: DateTime<Utc>,",
            "pub begun_: bool,",
            "transfer: command.id_,",
            "identity: command.id,",
            "of: self.identity,",
        ],
    );
    let finish = shapes("src/api/finish.rs");
    holds(&finish, &["FinishInput {", "at: uow.now()"]);
}

#[test]
fn a_parameter_of_a_path_may_be_called_like_the_state_of_the_router() {
    let install = shapes("src/api/install.rs");
    holds(
        &install,
        &[
            "Path((id, app_))",
            "Input { id, app: app_ }",
            "pub app: Uuid,",
        ],
    );
}

#[test]
fn a_record_hides_nothing_that_is_still_needed() {
    let shadow = shapes("src/api/shadow.rs");
    holds(
        &shadow,
        &["let input_ = uow", "n: input_.n,", "uow: uow_.id,"],
    );
    // The record that the operation creates is what it answers with.
    let created = shapes("src/api/handlers.rs");
    holds(
        &created,
        &["insert(created)", "n: record.n,", "Ok(record.into())"],
    );
}

#[test]
fn what_nothing_reads_has_no_variable() {
    let install = shapes("src/api/install.rs");
    assert_eq!(install.matches("let unread = ").count(), 1, "{install}");
    let saga = file(&model_of(WORDS), "services/word-service/src/saga/saga.rs");
    holds(
        &saga,
        &[
            "impl Saga for SagaSaga {",
            "_data: &SagaData",
            "_failure: &SagaFailure",
        ],
    );
    let step = "services/use-service/src/saga/step_saga_yield.rs";
    holds(
        &file(&model_of(WORDS), step),
        &["let uow_ = completed.input.uow", "input_.id"],
    );
}

const BARN: &str = "\
msarch: 1
name: barn
services:
  barn-service:
    data_ownership: {shelves: {fields: {kind: string}}}
    endpoints:
      tidy: {method: POST, path: \"/shelves/{id}/tidy\", effects: [{set: shelves, where: {id: $path.id}, values: {kind: VALUE}}]}
";

#[test]
fn an_operation_that_says_nothing_of_a_request_has_none_to_read_from() {
    for value in ["$request.kind", "$kind"] {
        let model = model_of_text(&BARN.replace("VALUE", value));
        let told: Vec<&str> = model.faults.iter().map(|fault| fault.rule).collect();
        assert_eq!(told, ["unknown-value"], "{value}");
    }
}

const TRIPS: &str = "\
msarch: 1
name: two
services:
  seat-service:
    data_ownership: {seats: {fields: {n: integer}}}
sagas:
  BookTrip:
    coordinator: seat-service
    input: {n: integer}
    steps:
      - {service: seat-service, action: reserve, input: {n: $n}, kind: pivot, effects: [{create: seats, values: {n: $n}}]}
";

/// A saga more, with a step of the same name at the same service, before the other.
fn with_tours() -> String {
    let (head, trips) = TRIPS.split_once("sagas:\n").expect("there are sagas");
    format!(
        "{head}sagas:\n{}{trips}",
        trips.replace("BookTrip", "BookTour")
    )
}

#[test]
fn another_saga_with_a_step_of_the_same_name_changes_no_file_of_the_first() {
    let path = "services/seat-service/src/handlers/step_book_trip_reserve.rs";
    let (alone, beside) = (model_of_text(TRIPS), model_of_text(&with_tours()));
    assert_eq!(file(&alone, path), file(&beside, path));
}

#[test]
fn a_handler_that_was_called_by_its_step_alone_moves_along() {
    let renames = |text: &str| {
        let before = Snapshot::default();
        let model = model_of_text(text);
        let plan = of_model(&model, &mut History::new(&before, false));
        let renames = plan.renames.into_iter();
        renames
            .map(|rename| (rename.from, rename.to))
            .collect::<Vec<_>>()
    };
    let handler = |name: &str| format!("services/seat-service/src/handlers/step_{name}.rs");
    assert_eq!(
        renames(TRIPS),
        [(handler("reserve"), handler("book_trip_reserve"))]
    );
    // Which of two it belonged to is not known.
    assert!(renames(&with_tours()).is_empty());
    // An operation may be called so.
    let operation = TRIPS.replace(
        "sagas:\n",
        "    endpoints: {step_reserve: POST /seats}\nsagas:\n",
    );
    assert!(renames(&operation).is_empty());
}
