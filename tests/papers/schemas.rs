//! Schemas of events.

use serde_json::Value;

use super::architecture::{ALL, model_of};
use super::{files, tree};

#[test]
fn schemas_of_events_are_schemas_and_open_unless_the_user_wrote_them() {
    let mut seen = 0;
    for path in ALL {
        let model = model_of(path);
        let versions = || {
            model
                .events
                .iter()
                .flat_map(|event| event.versions.iter().map(move |version| (event, version)))
        };
        let written: Vec<String> = versions()
            .filter(|(_, version)| version.schema.raw.is_some())
            .map(|(event, version)| format!("/{}", msarch::plan::schema::file_name(event, version)))
            .collect();
        for (file, text) in files(&tree(&model), |path| path.contains("/schemas/")) {
            let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
            jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(
                schema["$id"].is_string() && schema["title"].is_string(),
                "{file}"
            );
            if !written.iter().any(|name| file.ends_with(name)) {
                assert_eq!(schema["additionalProperties"], true, "{file}");
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}
