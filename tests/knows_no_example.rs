//! Templates and runtime know nothing of the examples: what works for them works for every architecture.

use std::collections::BTreeSet;
use std::path::Path;

use msarch::model::name::Name;
use msarch::model::{Model, lower};
use msarch::syntax::document::read;
use msarch::syntax::include::{Disk, load};
use walkdir::WalkDir;

fn model() -> Model {
    let mut loaded = load(&Disk, "examples/ecommerce.yaml").expect("the example is there");
    lower(&read(&mut loaded).expect("the example holds an architecture"))
}

/// Names of more than one word: a single word such as `orders` may stand in any text.
fn names(model: &Model) -> BTreeSet<String> {
    let mut names: Vec<&Name> = Vec::new();
    names.extend(model.services.iter().map(|service| &service.name));
    names.extend(model.entities.iter().map(|entity| &entity.name));
    names.extend(model.endpoints.iter().map(|endpoint| &endpoint.name));
    names.extend(model.events.iter().map(|event| &event.name));
    names.extend(model.caches.iter().map(|cache| &cache.name));
    for saga in model.sagas.iter() {
        names.push(&saga.name);
        for step in &saga.steps {
            names.push(&step.action);
            names.extend(step.compensation.iter().map(|undo| &undo.action));
        }
    }
    for aggregate in model.aggregates.iter() {
        names.extend(aggregate.commands.iter().map(|command| &command.name));
    }
    let of_several_words = names.into_iter().filter(|name| name.snake().contains('_'));
    of_several_words
        .flat_map(|name| [name.snake().to_owned(), name.kebab(), name.pascal()])
        .collect()
}

#[test]
fn no_name_of_the_example_stands_in_templates_or_runtime() {
    let names = names(&model());
    assert!(names.len() > 100, "the example is not read as it should be");
    for folder in ["templates", "runtime/src", "runtime/examples"] {
        for entry in WalkDir::new(folder).into_iter().map(Result::unwrap) {
            if entry.file_type().is_file() {
                holds_none(entry.path(), &names);
            }
        }
    }
}

fn holds_none(path: &Path, names: &BTreeSet<String>) {
    let text = std::fs::read_to_string(path).expect("templates and sources are text");
    let words: BTreeSet<&str> = text
        .split(|char: char| !(char.is_alphanumeric() || char == '_' || char == '-'))
        .collect();
    let found: Vec<&String> = names
        .iter()
        .filter(|name| words.contains(name.as_str()))
        .collect();
    assert!(
        found.is_empty(),
        "{} names {found:?} of the example",
        path.display()
    );
}
