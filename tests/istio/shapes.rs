//! The shape that our rules know Istio's resources by, held against the schemas of Istio.

use msarch::rules::mesh::shapes::{KINDS, Shape};
use serde_json::Value;

use super::crds::schemas;

/// Where a shape and a schema differ.
fn differences(shape: &Shape, schema: &Value, path: &str, found: &mut Vec<String>) {
    let kind = schema["type"].as_str().unwrap_or_default();
    match shape {
        Shape::Anything => {}
        Shape::Record(fields) => {
            let properties = schema["properties"].as_object();
            let Some(properties) = properties.filter(|_| kind == "object") else {
                found.push(format!("{path} is no record but {kind}"));
                return;
            };
            for name in properties
                .keys()
                .filter(|name| fields.iter().all(|field| field.name != name.as_str()))
            {
                found.push(format!("{path}.{name} is missing"));
            }
            for field in *fields {
                match properties.get(field.name) {
                    Some(schema) => differences(
                        &field.shape,
                        schema,
                        &format!("{path}.{}", field.name),
                        found,
                    ),
                    None => found.push(format!("{path}.{} is not there", field.name)),
                }
            }
        }
        Shape::List(inner) if kind == "array" => {
            differences(inner, &schema["items"], &format!("{path}[]"), found)
        }
        Shape::Map(inner) if kind == "object" => differences(
            inner,
            &schema["additionalProperties"],
            &format!("{path}.*"),
            found,
        ),
        Shape::OneOf(words) => found.extend(other_words(words, schema, path)),
        Shape::Text | Shape::Duration | Shape::Conditions if kind == "string" => {
            let rule = schema["x-kubernetes-validations"].to_string();
            let duration = rule.contains("duration(self)");
            // Some durations are texts to the schema; a text that the schema reads as a duration is one.
            if duration && !matches!(shape, Shape::Duration) {
                found.push(format!("{path} is a duration"));
            }
            if schema["enum"].is_array() {
                found.push(format!("{path} is one of some words"));
            }
        }
        Shape::Whole if kind == "integer" => {}
        Shape::Number if kind == "number" => {}
        Shape::Flag if kind == "boolean" => {}
        other => found.push(format!("{path} is {kind}, not {other:?}")),
    }
}

/// Whether the words of a schema are others.
fn other_words(words: &[&str], schema: &Value, path: &str) -> Option<String> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    let mut listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
    let mut words = words.to_vec();
    listed.sort_unstable();
    words.sort_unstable();
    (listed != words).then(|| format!("{path} is one of {listed:?}, not of {words:?}"))
}

#[test]
fn the_shapes_are_those_of_istio() {
    let Some(schemas) = schemas() else {
        return;
    };
    let mut found = Vec::new();
    let mut compared = 0;
    for kind in KINDS {
        let name = format!("{}/{}/{}", kind.group, kind.version, kind.name);
        if let Some(schema) = schemas.get(&name) {
            differences(&kind.spec, &schema["properties"]["spec"], &name, &mut found);
            compared += 1;
        }
    }
    assert!(compared >= 9, "{compared} kinds are compared");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
