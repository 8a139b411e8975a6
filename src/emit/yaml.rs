//! JSON values as YAML that every reader understands alike, YAML 1.1 readers included.
//!
//! Anything that some reader could take for something else than text (`no`, `on`, `1.0`, `12:30`, `=`, `~`) is quoted, keys as well.
//! No serialiser that we know quotes for both versions of YAML, and the whole language is not needed here.

use serde_json::{Number, Value};

/// A document, ending in a newline. The order of keys is kept.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block(value, 0, &mut text),
        Value::Array(items) if !items.is_empty() => block(value, 0, &mut text),
        _ => {
            scalar(value, 0, &mut text);
            text.push('\n');
        }
    }
    text
}

/// The same, where a key that begins with `# ` and has no value is a comment.
#[must_use]
pub fn commented(value: &Value) -> String {
    let text = document(value);
    let lines = text.lines().map(|line| {
        let at = line
            .find(|c: char| c != ' ' && c != '-')
            .unwrap_or(line.len());
        let (indent, rest) = line.split_at(at);
        let comment = rest
            .strip_suffix(": null")
            .filter(|key| key.starts_with("\"# "));
        match comment.and_then(|key| serde_json::from_str::<String>(key).ok()) {
            Some(comment) => format!("{indent}{comment}\n"),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// A map or a list, each entry on lines of its own.
fn block(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                indent(depth, text);
                entry(name, value, depth, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                indent(depth, text);
                text.push('-');
                if is_block(item) {
                    item_block(item, depth + 1, text);
                } else {
                    text.push(' ');
                    scalar(item, depth + 1, text);
                    text.push('\n');
                }
            }
        }
        _ => scalar(value, depth, text),
    }
}

/// A map or list as an item of a list: its first entry stands on the line of the dash.
fn item_block(item: &Value, depth: usize, text: &mut String) {
    match item {
        Value::Object(map) => {
            for (index, (name, value)) in map.iter().enumerate() {
                if index == 0 {
                    text.push(' ');
                } else {
                    indent(depth, text);
                }
                entry(name, value, depth, text);
            }
        }
        _ => {
            text.push('\n');
            block(item, depth, text);
        }
    }
}

fn entry(name: &str, value: &Value, depth: usize, text: &mut String) {
    if is_plain(name) {
        text.push_str(name);
    } else {
        quoted(name, text);
    }
    text.push(':');
    if is_block(value) {
        text.push('\n');
        block(value, depth + 1, text);
    } else {
        text.push(' ');
        scalar(value, depth + 1, text);
        text.push('\n');
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn scalar(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&numeral(number)),
        Value::String(words) if is_plain(words) => text.push_str(words),
        Value::String(words) if is_paragraphs(words) => literal(words, depth, text),
        Value::String(words) => quoted(words, text),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
    }
}

/// YAML 1.1 wants a point in the mantissa and a sign in the exponent of a float.
fn numeral(number: &Number) -> String {
    let text = number.to_string();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return text;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{point}e{sign}{exponent}")
}

/// Words that some version of YAML reads as something else than text.
const RESERVED: &[&str] = &[
    "false", "inf", "n", "nan", "no", "null", "off", "on", "true", "y", "yes",
];

/// Whether a text may stand without quotes: it begins with a letter (or `/`, `_`, `$` as paths and references do), holds nothing that
/// means something to YAML, and is no reserved word.
fn is_plain(text: &str) -> bool {
    let begins =
        text.starts_with(|first: char| first.is_ascii_alphabetic() || "/_$".contains(first));
    let allowed = |c: char| c.is_ascii_alphanumeric() || " -_./+()$@;{}=^~".contains(c);
    begins
        && text.len() <= 120
        && text.chars().all(allowed)
        && !text.ends_with(' ')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether a text of several lines reads well, and comes back unchanged, as a literal block.
fn is_paragraphs(text: &str) -> bool {
    let tidy = |line: &str| line.trim_end() == line && !line.contains('\t');
    text.contains('\n')
        && !text.starts_with([' ', '\n'])
        && !text.ends_with('\n')
        && text.lines().all(tidy)
        && text.chars().all(|c| c == '\n' || is_printable(c))
}

fn literal(words: &str, depth: usize, text: &mut String) {
    text.push_str("|-");
    for line in words.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            indent(depth, text);
            text.push_str(line);
        }
    }
}

/// In double quotes, with every escape that a reader of either version needs.
fn quoted(words: &str, text: &mut String) {
    text.push('"');
    for c in words.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            c if is_printable(c) => text.push(c),
            c => text.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    text.push('"');
}

/// Whether YAML lets a character stand as it is; line ends of YAML 1.1 and the byte order mark do not.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn words_that_a_reader_may_take_for_something_else_are_quoted() {
        for word in [
            "no",
            "Yes",
            "ON",
            "off",
            "y",
            "N",
            "null",
            "~",
            "1.0",
            "12:30",
            "0o7",
            "",
            " a",
            "a ",
            "a: b",
            "a #b",
            "- a",
            "=",
            "<<",
            ".inf",
            "2024-02-29",
            "'",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "{",
            "[",
        ] {
            let text = document(&json!({ "key": word }));
            assert_eq!(text, format!("key: {}\n", json!(word)), "{word}");
        }
        assert_eq!(
            document(&json!({"200": "x", "on": 1})),
            "\"200\": x\n\"on\": 1\n"
        );
    }

    #[test]
    fn maps_and_lists_stand_on_lines_of_their_own() {
        let value = json!({"a": {"b": [1, {"c": true, "d": []}, [2]], "e": {}}, "f": null});
        let text =
            "a:\n  b:\n    - 1\n    - c: true\n      d: []\n    -\n      - 2\n  e: {}\nf: null\n";
        assert_eq!(document(&value), text);
    }

    #[test]
    fn a_comment_stands_before_what_it_is_about() {
        let value = json!({"a": [{"# why: so": null, "b": 1}], "# and \"that\"": null, "c": {}});
        let text = "a:\n  - # why: so\n    b: 1\n# and \"that\"\nc: {}\n";
        assert_eq!(commented(&value), text);
    }

    #[test]
    fn paragraphs_become_a_block() {
        let text = document(&json!({"description": "One.\n\nTwo: `x` #y"}));
        assert_eq!(text, "description: |-\n  One.\n\n  Two: `x` #y\n");
    }

    #[test]
    fn a_float_is_a_float_for_every_reader() {
        assert_eq!(
            document(&json!([1e21, 1.5e-9, 0.25])),
            "- 1.0e+21\n- 1.5e-9\n- 0.25\n"
        );
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|number| json!(number)),
            any::<String>().prop_map(Value::String),
            "[ -~\n]{0,40}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in values()) {
            let text = document(&value);
            prop_assert_eq!(read(&text), value, "{}", text);
        }
    }

    /// Reads a document with the parser that architectures are read with.
    fn read(text: &str) -> Value {
        use granit_parser::{Event, Parser, ScalarStyle};
        enum Open {
            List(Vec<Value>),
            Map(serde_json::Map<String, Value>, Option<String>),
        }
        fn put(stack: &mut [Open], root: &mut Value, value: Value) {
            match stack.last_mut() {
                None => *root = value,
                Some(Open::List(items)) => items.push(value),
                Some(Open::Map(map, key)) => match key.take() {
                    None => {
                        *key = Some(
                            value
                                .as_str()
                                .map_or_else(|| value.to_string(), str::to_owned),
                        )
                    }
                    Some(name) => {
                        map.insert(name, value);
                    }
                },
            }
        }
        let (mut stack, mut root) = (Vec::new(), Value::Null);
        for event in Parser::new_from_str(text) {
            match event.expect("what we write is YAML").0 {
                Event::Scalar(text, style, ..) => {
                    let plain = matches!(style, ScalarStyle::Plain);
                    let value = if plain {
                        serde_json::from_str(&text).unwrap_or_else(|_| json!(text))
                    } else {
                        json!(text)
                    };
                    put(&mut stack, &mut root, value);
                }
                Event::SequenceStart(..) => stack.push(Open::List(Vec::new())),
                Event::MappingStart(..) => stack.push(Open::Map(serde_json::Map::new(), None)),
                Event::SequenceEnd | Event::MappingEnd => {
                    let value = match stack.pop() {
                        Some(Open::List(items)) => Value::Array(items),
                        Some(Open::Map(map, _)) => Value::Object(map),
                        None => Value::Null,
                    };
                    put(&mut stack, &mut root, value);
                }
                _ => {}
            }
        }
        root
    }
}
