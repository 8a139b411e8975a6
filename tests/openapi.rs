//! The descriptions of APIs: valid for the reference validator, faithful to the architecture, whatever stands in its texts.

mod architecture;
mod part;

use std::collections::BTreeSet;

use architecture::{ALL, model_of, model_of_text};
use msarch::emit::yaml;
use msarch::model::Model;
use msarch::plan::names::Names;
use msarch::plan::openapi::description;
use serde_json::Value;

fn descriptions(model: &Model) -> Vec<Value> {
    let names = Names::new(model);
    model
        .services
        .ids()
        .map(|service| description(model, &names, service))
        .collect()
}

/// Writes descriptions to a folder and has the reference validator judge them.
fn validated(descriptions: &[Value]) {
    let Some(mut validator) = part::python("openapi_spec_validator", "openapi-spec-validator")
    else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder for the files");
    for (index, description) in descriptions.iter().enumerate() {
        let path = folder.path().join(format!("{index}.yaml"));
        std::fs::write(&path, yaml::document(description)).expect("the file is written");
        validator.arg(path);
    }
    let output = validator.output().expect("the validator runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_reference_validator_accepts_every_example() {
    let all: Vec<Value> = ALL
        .iter()
        .flat_map(|path| descriptions(&model_of(path)))
        .collect();
    assert!(all.len() > 20);
    validated(&all);
}

#[test]
fn the_reference_validator_would_refuse_a_broken_description() {
    let Some(mut validator) = part::python("openapi_spec_validator", "openapi-spec-validator")
    else {
        return;
    };
    let mut broken = descriptions(&model_of("examples/minimal.yaml")).remove(0);
    broken["paths"]["/x/{id}"] =
        serde_json::json!({"get": {"responses": {"200": {"description": "no parameter"}}}});
    broken["info"] = serde_json::json!({});
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), yaml::document(&broken)).expect("the file is written");
    let output = validator
        .arg(file.path())
        .output()
        .expect("the validator runs");
    assert!(!output.status.success());
}

#[test]
fn every_operation_stands_at_its_method_and_path() {
    for path in ALL {
        let model = model_of(path);
        for (service, description) in model.services.iter().zip(descriptions(&model)) {
            let described: BTreeSet<(String, String)> = description["paths"]
                .as_object()
                .expect("paths are a map")
                .iter()
                .flat_map(|(path, methods)| {
                    let methods = methods.as_object().expect("methods are a map");
                    methods
                        .keys()
                        .map(|method| (method.to_ascii_uppercase(), path.clone()))
                })
                .collect();
            let declared: BTreeSet<(String, String)> = service
                .endpoints
                .iter()
                .map(|id| &model.endpoints[*id])
                .map(|endpoint| {
                    (
                        endpoint.method.as_str().to_owned(),
                        endpoint.path.value.clone(),
                    )
                })
                .collect();
            assert_eq!(described, declared, "{path} {}", service.name);
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| match value {
                Value::String(target) if key == "$ref" => found.push(target),
                value => references(value, found),
            }),
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    for path in ALL {
        for description in descriptions(&model_of(path)) {
            let mut found = Vec::new();
            references(&description, &mut found);
            for target in found {
                let pointer = target.trim_start_matches('#');
                assert!(description.pointer(pointer).is_some(), "{path}: {target}");
            }
        }
    }
}

#[test]
fn every_example_fits_its_schema() {
    fn check(root: &Value, media: &Value) -> usize {
        let (Some(schema), Some(example)) = (media.get("schema"), media.get("example")) else {
            return 0;
        };
        let mut schema = schema.clone();
        schema["components"] = root["components"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let faults: Vec<String> = validator
            .iter_errors(example)
            .map(|error| error.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:?} {example}");
        1
    }
    fn walk(root: &Value, value: &Value) -> usize {
        match value {
            Value::Object(members) => {
                let here = members.get("content").and_then(Value::as_object);
                let checked: usize = here
                    .into_iter()
                    .flat_map(|content| content.values())
                    .map(|media| check(root, media))
                    .sum();
                checked
                    + members
                        .values()
                        .map(|value| walk(root, value))
                        .sum::<usize>()
            }
            Value::Array(items) => items.iter().map(|item| walk(root, item)).sum(),
            _ => 0,
        }
    }
    let checked: usize = ALL
        .iter()
        .flat_map(|path| descriptions(&model_of(path)))
        .map(|description| walk(&description, &description))
        .sum();
    assert!(checked > 100, "{checked}");
}

#[test]
fn hostile_texts_come_through_unchanged() {
    let hostile = architecture::HOSTILE;
    let text = format!(
        "msarch: 1\nname: x\nteams: {{t: {{size: 7}}}}\nservices:\n  s:\n    description: {0}\n    team_ownership: t\n    data_ownership:\n      things:\n        description: {0}\n        fields:\n          note: {{type: string, description: {0}}}\n    endpoints:\n      list_things: {{method: GET, path: /things, description: {0}, scope: {0}}}\n",
        serde_json::json!(hostile)
    );
    let described = descriptions(&model_of_text(&text));
    validated(&described);
    let note = &described[0]["components"]["schemas"]["Thing"]["properties"]["note"]["description"];
    assert_eq!(note, hostile);
    if let Some(mut python) = part::python_code(
        "yaml",
        "PyYAML",
        "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1], encoding='utf-8'))))",
    ) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), yaml::document(&described[0])).expect("the file is written");
        let output = python.arg(file.path()).output().expect("Python runs");
        let read: Value = serde_json::from_slice(&output.stdout).expect("JSON comes back");
        assert_eq!(read, described[0], "a YAML 1.1 reader reads the same");
    }
}

#[test]
fn the_same_architecture_gives_the_same_text() {
    let text = |model: &Model| {
        descriptions(model)
            .iter()
            .map(yaml::document)
            .collect::<String>()
    };
    let once = text(&model_of("examples/ecommerce.yaml"));
    assert_eq!(once, text(&model_of("examples/ecommerce.yaml")));
}
