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
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn two_systems_drawn_at_random_compile() {
    let seed = std::env::var("MSARCH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.map_or(0, |time| u64::from(time.subsec_nanos()))
        });
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

/// What an owner does over time: edits a handler, then lets the architecture grow.
#[test]
#[ignore = "takes minutes; `scripts/ready` runs it"]
fn an_architecture_that_grows_keeps_what_was_written_and_compiles() {
    let folder = file("target/workspaces/grown");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let path = folder.join("architecture.yaml");
    let first =
        std::fs::read_to_string(file("examples/minimal.yaml")).expect("the example is there");
    std::fs::write(&path, &first).expect("the file can be written");
    let workspace = Workspace::generate_into(&path, &folder);
    let handler = folder.join("services/entry-service/src/handlers/write_entry.rs");
    let edited = std::fs::read_to_string(&handler).expect("the handler is there") + "\n// Mine.\n";
    std::fs::write(&handler, &edited).expect("the handler can be edited");
    std::fs::write(&path, grown(&first)).expect("the file can be written");
    Workspace::generate_into(&path, &folder);
    assert_eq!(
        std::fs::read_to_string(&handler).expect("the handler is there"),
        edited
    );
    let migrations = folder.join("services/entry-service/migrations");
    assert_eq!(
        std::fs::read_dir(migrations)
            .expect("the folder is there")
            .count(),
        2
    );
    workspace.cargo(&["check", "--workspace", "--tests"]);
}

/// The smallest example with a field, an operation, an event and a service more.
fn grown(text: &str) -> String {
    let at = |text: &str, after: &str, added: &str| {
        assert!(
            text.contains(after),
            "the example has no `{after}` any more"
        );
        text.replacen(after, &format!("{after}{added}"), 1)
    };
    let text = at(
        text,
        "          text: string\n",
        "          mood: {type: calm | wild, default: calm}\n",
    );
    let text = at(
        &text,
        "services:\n",
        "  count-service:\n    bounded_context: Counting\n    team_ownership: web_team\n    data_ownership:\n      tallies: {fields: {entry_id: uuid}}\n    endpoints: [GET /tallies]\n",
    );
    let listing = "      list_entries: {method: GET, path: /entries}\n";
    let text = at(
        &text,
        listing,
        "      drop_entry: {method: DELETE, path: \"/entries/{id}\"}\n",
    );
    at(
        &text,
        "events:\n",
        "  EntryCounted:\n    schema: {entryId: uuid, timestamp: ISO8601}\n    producers: [entry-service]\n    consumers:\n      - service: count-service\n        effects:\n          - {create: tallies, values: {entry_id: $event.entryId}}\n",
    )
}
