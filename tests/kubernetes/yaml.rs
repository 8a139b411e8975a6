//! Reads the documents of a YAML file, with the parser that architectures are read with.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value, json};

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// The documents of a text.
///
/// # Panics
/// When it is no YAML.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let (mut done, mut stack) = (Vec::new(), Vec::new());
    for event in Parser::new_from_str(text) {
        let value = match event.expect("it is YAML").0 {
            Event::Scalar(text, style, ..) => match style {
                ScalarStyle::Plain => serde_json::from_str(&text).unwrap_or_else(|_| json!(text)),
                _ => json!(text),
            },
            Event::SequenceStart(..) => {
                stack.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                stack.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Open::List(items)) => Value::Array(items),
                Some(Open::Map(map, _)) => Value::Object(map),
                None => continue,
            },
            _ => continue,
        };
        match stack.last_mut() {
            None => done.push(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                None => *key = value.as_str().map(str::to_owned),
                Some(name) => {
                    assert!(map.insert(name, value).is_none(), "a key stands twice");
                }
            },
        }
    }
    done
}
