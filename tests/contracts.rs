//! What those who call a service, and those who read its logs, get of the types that are generated.

mod architecture;

use architecture::{model_of, model_of_text};
use msarch::emit::emit;
use msarch::emit::tree::Tree;
use msarch::model::Model;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;

fn tree(model: &Model) -> Tree {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    emit(&plan).unwrap_or_else(|error| panic!("{error}"))
}

fn file(tree: &Tree, path: &str) -> String {
    let file = tree
        .get(path)
        .unwrap_or_else(|| panic!("{path} is missing"));
    String::from_utf8(file.contents.to_vec()).expect("it is text")
}

const HERD: &str = "tests/architectures/herd.yaml";

#[test]
fn a_caller_gives_the_filters_of_a_list_as_one_struct() {
    let client = file(
        &tree(&model_of(HERD)),
        "crates/contracts-herd-service/src/client.rs",
    );
    let method = client
        .split("pub async fn list_goats(")
        .nth(1)
        .expect("it is there");
    let arguments = method.split(')').next().expect("arguments");
    let arguments: Vec<&str> = arguments
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(
        arguments,
        ["&self", "filters: &ListGoatsFilters", "page: &PageQuery"]
    );
    let fields = client
        .split("pub struct ListGoatsFilters {")
        .nth(1)
        .expect("it is there");
    let fields = fields.split('}').next().expect("fields");
    for field in [
        "owner_id: Option<Uuid>",
        "sex: Option<GoatSex>",
        "tag: Option<String>",
    ] {
        assert!(fields.contains(&format!("pub {field},")), "{fields}");
    }
}

#[test]
fn a_field_that_is_called_like_a_parameter_of_pages_is_no_filter_by_itself() {
    let api = file(
        &tree(&model_of(HERD)),
        "services/herd-service/src/api/list_goats.rs",
    );
    let known = api
        .split(".parameters(&[")
        .nth(1)
        .and_then(|rest| rest.split(']').next());
    let known = known.expect("they are listed");
    assert_eq!(known.matches("\"cursor\"").count(), 1, "{known}");
    assert_eq!(known.matches("\"limit\"").count(), 1, "{known}");
    let filters = api
        .split("pub struct Filters {")
        .nth(1)
        .and_then(|rest| rest.split('}').next());
    let filters = filters.expect("there are some");
    assert!(
        filters.contains("pub tag:")
            && !filters.contains("pub cursor:")
            && !filters.contains("pub limit:"),
        "{filters}"
    );
}

/// Where a type of the herd holds something sensitive: the file, the type, the field.
const SENSITIVE: [(&str, &str, &str); 12] = [
    ("crates/contracts-herd-service/src/api.rs", "Goat", "chip"),
    (
        "crates/contracts-herd-service/src/api.rs",
        "AddGoatRequest",
        "weight",
    ),
    (
        "crates/contracts-herd-service/src/api.rs",
        "HerderLeavesRequest",
        "reason",
    ),
    (
        "crates/contracts-herd-service/src/client.rs",
        "ListGoatsFilters",
        "chip",
    ),
    (
        "crates/contracts-herd-service/src/events/goat_added.rs",
        "GoatAddedV1",
        "chip",
    ),
    (
        "crates/contracts-herd-service/src/types.rs",
        "Contact",
        "phone",
    ),
    (
        "crates/contracts-vet-service/src/api.rs",
        "NoteVisitResponse",
        "text",
    ),
    (
        "services/herd-service/src/api/list_goats.rs",
        "Filters",
        "chip",
    ),
    (
        "services/herd-service/src/model/goat.rs",
        "GoatRecord",
        "chip",
    ),
    (
        "services/herd-service/src/aggregates/herder.rs",
        "Come",
        "name",
    ),
    (
        "services/herd-service/src/aggregates/herder.rs",
        "Herder",
        "name",
    ),
    (
        "services/herd-service/src/aggregates/herder.rs",
        "HerderLeft",
        "reason",
    ),
];

#[test]
fn a_sensitive_field_is_printed_by_none_of_the_types_that_hold_it() {
    let herd = tree(&model_of(HERD));
    for (path, name, field) in SENSITIVE {
        let text = file(&herd, path);
        let printed = text.split(&format!("Debug for {name} {{")).nth(1);
        let printed =
            printed.unwrap_or_else(|| panic!("{path} derives what prints {name}:\n{text}"));
        assert!(
            printed.contains(&format!(
                ".field(\"{field}\", &format_args!(\"<redacted>\"))"
            )),
            "{printed}"
        );
        let before = text
            .split(&format!("pub struct {name} {{"))
            .next()
            .expect("it is declared");
        let derives = before.rsplit("#[derive(").next().expect("it derives");
        assert!(!derives.contains("Debug"), "{name}: {derives}");
    }
}

#[test]
fn what_has_no_sensitive_field_derives_what_prints_it() {
    let open = "
msarch: 1
name: film
services: {reel-service: {data_ownership: {reels: {fields: {name: string}}}, endpoints: [GET /reels, POST /reels]}}
";
    let text = file(
        &tree(&model_of_text(open)),
        "crates/contracts-reel-service/src/api.rs",
    );
    assert!(
        text.contains("#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]")
            && !text.contains("redacted"),
        "{text}"
    );
}
