//! What is generated besides Rust: schemas of events, docs, pictures, images, workflows. Each is judged by the tool that reads it.

#[path = "../architecture/mod.rs"]
mod architecture;
mod images;
mod manifests;
mod pages;
#[path = "../part/mod.rs"]
mod part;
mod pictures;
mod schemas;
mod workflow;

use std::path::Path;

use architecture::{HOSTILE, model_of, model_of_text};
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

/// The files below a folder or at a path's end, with their texts.
fn files(tree: &Tree, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    tree.iter()
        .filter(|(path, _)| fits(path))
        .map(|(path, file)| (path.to_owned(), text(&file.contents)))
        .collect()
}

fn hostile() -> Model {
    let said = serde_json::json!(HOSTILE);
    model_of_text(&format!(
        "msarch: 1
name: x
description: {said}
teams: {{t: {{size: 7, contact: {said}}}}}
services:
  a-service:
    description: {said}
    bounded_context: {said}
    business_capabilities: [{said}]
    team_ownership: t
    data_ownership:
      things: {{description: {said}, fields: {{note: {{type: string, description: {said}}}}}}}
    endpoints:
      list_things: {{method: GET, path: /things, description: {said}}}
  b-service:
    bounded_context: end
    team_ownership: t
    data_ownership: [parts]
    calls: [{{to: a-service, operations: list_things, timeout: 1s, dependency: soft, fallback: {said}}}]
events:
  ThingMade:
    description: {said}
    schema: {{thingId: {{type: uuid, description: {said}}}}}
    producers: [a-service]
    consumers: [b-service]
sagas:
  Making:
    description: {said}
    coordinator: a-service
    trigger: ThingMade
    timeout: 1m
    steps: [{{service: b-service, action: end, input: {{id: $trigger.thingId}}, kind: pivot}}]
"
    ))
}

/// Writes files to a folder, and has a tool judge those of them that it takes.
fn judged(
    tool: &str,
    package: &str,
    arguments: &[&str],
    files: &[(String, String)],
    folder: &Path,
) -> Option<bool> {
    let mut command = part::program(tool, package)?;
    command.args(arguments).current_dir(folder);
    for (path, text) in files {
        let at = folder.join(path);
        std::fs::create_dir_all(at.parent().expect("a file has a folder"))
            .expect("the folder is made");
        std::fs::write(&at, text).expect("the file is written");
        command.arg(path);
    }
    let output = command.output().expect("the tool runs");
    if !output.status.success() {
        eprintln!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Some(output.status.success())
}

#[test]
fn the_same_architecture_gives_the_same_papers() {
    let papers = || {
        files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
            !path.ends_with(".rs")
        })
    };
    assert_eq!(papers(), papers());
}
