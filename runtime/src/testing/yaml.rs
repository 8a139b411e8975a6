//! YAML as JSON, as far as descriptions go: no tags, no aliases, text keys.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The value that a text holds.
#[track_caller]
pub(super) fn parsed(text: &str) -> Value {
    let mut events = Parser::new_from_str(text).map(|event| match event {
        Ok((event, _)) => event,
        Err(error) => panic!("no YAML: {error}"),
    });
    next(&mut events).unwrap_or_default()
}

/// The next value; none at the end of what it would stand in.
fn next<'e>(events: &mut impl Iterator<Item = Event<'e>>) -> Option<Value> {
    loop {
        return match events.next()? {
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::SequenceStart(..) => Some(std::iter::from_fn(|| next(&mut *events)).collect()),
            Event::MappingStart(..) => {
                let mut object = Map::new();
                while let Some(key) = next(events) {
                    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                    object.insert(key, next(events).unwrap_or_default());
                }
                Some(Value::Object(object))
            }
            Event::SequenceEnd | Event::MappingEnd => None,
            _ => continue,
        };
    }
}

/// What is not quoted may be a number, a truth or nothing.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    let plain = style == ScalarStyle::Plain;
    let json = serde_json::from_str(text).ok().filter(|_| plain);
    json.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn maps_lists_and_scalars_are_read() {
        let text = "# told\na:\n  - 1\n  - \"1\"\n  - {b: true}\n\"200\": no: thing\nc: []\n";
        let text = text.replace("no: thing", "nothing");
        assert_eq!(
            super::parsed(&text),
            json!({"a": [1, "1", {"b": true}], "200": "nothing", "c": []})
        );
    }
}
