//! What is generated compiles without a warning, is formatted, is documented, and passes its own tests.
//!
//! `cargo test` builds the smallest system; `scripts/ready` builds the others too. All share one target directory, since most of the time goes
//! into crates that they have in common.

mod support;

use std::path::PathBuf;

use support::Workspace;

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Everything that an owner would ask of a workspace.
fn holds(path: &str) {
    let workspace = Workspace::generate(&file(path));
    workspace.cargo(&["fmt", "--check"]);
    workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    workspace.cargo(&["doc", "--workspace", "--no-deps"]);
    workspace.cargo(&["test", "--workspace"]);
}

#[test]
fn the_smallest_system_builds_and_passes_its_own_tests() {
    let workspace = Workspace::generate(&file("examples/minimal.yaml"));
    workspace.cargo(&["test", "--workspace"]);
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn the_ecommerce_system_holds() {
    holds("examples/ecommerce.yaml");
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn the_ride_hailing_system_holds() {
    holds("tests/architectures/ride_hailing.yaml");
}

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn the_banking_system_holds() {
    holds("tests/architectures/banking.yaml");
}

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn the_hospital_system_holds() {
    holds("tests/architectures/hospital.yaml");
}

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn the_herd_holds_and_prints_nothing_that_is_sensitive() {
    let path = "tests/architectures/herd.yaml";
    let folder = file("target/workspaces/herd");
    let workspace = Workspace::generate_into(&file(path), &folder);
    let test = folder.join("crates/contracts-herd-service/tests/printed.rs");
    std::fs::create_dir_all(test.parent().expect("a folder")).expect("the folder can be made");
    std::fs::write(&test, PRINTED).expect("a test can be added");
    workspace.cargo(&["test", "--package", "contracts-herd-service"]);
    std::fs::remove_file(test).expect("it can be removed");
    holds(path);
}

/// What an owner would write to see whether a secret gets into a log.
const PRINTED: &str = r##"
use contracts_herd_service::ListGoatsFilters;
use contracts_herd_service::api::{AddGoatRequest, GoatLimit, GoatSex, HerderLeavesRequest};
use contracts_herd_service::events::GoatAddedV1;
use contracts_herd_service::types::Contact;
use uuid::Uuid;

#[test]
fn nothing_that_is_sensitive_is_printed() {
    let goat = AddGoatRequest {
        owner_id: Uuid::nil(),
        barn_id: Uuid::nil(),
        mother_id: None,
        father_id: None,
        sex: GoatSex::Doe,
        tag: "T-1".to_owned(),
        chip: "hidden".to_owned(),
        weight: 4711.into(),
        cursor: Uuid::nil(),
        limit: GoatLimit::Short,
    };
    let leave = HerderLeavesRequest { reason: "hidden".to_owned() };
    let event = GoatAddedV1::new(Uuid::nil(), "hidden".to_owned());
    let contact = Contact { name: "Ada".to_owned(), phone: "hidden".to_owned() };
    let filters = ListGoatsFilters { chip: Some("hidden".to_owned()), ..ListGoatsFilters::default() };
    let printed = format!("{goat:?} {leave:?} {event:?} {contact:#?} {filters:?}");
    assert!(!printed.contains("hidden") && !printed.contains("4711"), "{printed}");
    assert_eq!(printed.matches("<redacted>").count(), 6, "{printed}");
    assert!(printed.contains("T-1") && printed.contains("Ada"), "{printed}");
}
"##;

#[test]
#[ignore = "takes minutes; the deep script runs it"]
fn a_system_whose_names_are_keywords_of_rust_holds() {
    holds("tests/architectures/keywords.yaml");
}

#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn two_systems_drawn_at_random_compile() {
    let seed = support::random::seed();
    for seed in [seed, seed + 1] {
        println!("seed {seed}; again with MSARCH_SEED={seed}");
        let folder = file(&format!("target/workspaces/drawn-{seed}"));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let path = folder.join("drawn.yaml");
        std::fs::write(&path, support::random::architecture(seed))
            .expect("the file can be written");
        let workspace = Workspace::generate(&path);
        workspace.cargo(&["fmt", "--check"]);
        workspace.cargo(&["check", "--workspace", "--tests"]);
        std::fs::remove_dir_all(&workspace.folder).expect("the workspace can be removed");
    }
}

/// What an owner does over time: edits handlers, then lets the architecture grow.
#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn an_architecture_that_grows_keeps_what_was_written_and_passes_its_tests() {
    let folder = file("target/workspaces/grown");
    let _ = std::fs::remove_dir_all(&folder);
    let (before, after) = (
        file("tests/architectures/growing/before.yaml"),
        file("tests/architectures/growing/after.yaml"),
    );
    Workspace::generate_into(&before, &folder);
    let handlers = [
        "entry-service/src/handlers/write_entry.rs",
        "mail-service/src/handlers/on_entry_written_v1.rs",
        "mail-service/src/handlers/step_welcome_thank_author.rs",
    ];
    let handlers = handlers.map(|path| folder.join("services").join(path));
    let edited = handlers.clone().map(|path| {
        let text = std::fs::read_to_string(&path).expect("the handler is there") + "\n// Mine.\n";
        std::fs::write(&path, &text).expect("the handler can be edited");
        text
    });
    let workspace = Workspace::generate_into(&after, &folder);
    let kept = handlers.map(|path| std::fs::read_to_string(path).expect("the handler is there"));
    assert_eq!(kept, edited);
    for new in [
        "count-service/src/handlers/step_welcome_count_welcome.rs",
        "count-service/src/handlers/on_entry_counted_v1.rs",
        "entry-service/src/handlers/drop_entry.rs",
        "entry-service/migrations/0001_initial.sql",
        "entry-service/migrations/0002_add_mood.sql",
        "mail-service/src/handlers/on_entry_written_v2.rs",
    ] {
        assert!(folder.join("services").join(new).exists(), "{new}");
    }
    workspace.cargo(&["test", "--workspace"]);
}
