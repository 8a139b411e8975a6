//! Schemas, small changes of them, and documents that who writes by a schema may write: drawn at random, the same for every seed.

use serde_json::{Map, Value, json};

/// A small generator (splitmix64, Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) % bound as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn some<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        items.iter().filter(|_| self.chance(50)).cloned().collect()
    }
}

const NAMES: [&str; 4] = ["p", "q", "r", "s"];

/// A record with a few properties.
pub(crate) fn record(random: &mut Random, depth: usize) -> Value {
    let mut properties = Map::new();
    for name in random.some(&NAMES) {
        properties.insert(name.to_owned(), schema(random, depth));
    }
    let known: Vec<String> = properties.keys().cloned().collect();
    let mut record = json!({"type": "object", "properties": properties});
    record["required"] = json!(random.some(&known));
    match random.below(6) {
        0 => record["additionalProperties"] = json!(false),
        1 => record["additionalProperties"] = json!(true),
        2 => record["additionalProperties"] = leaf(random),
        _ => {}
    }
    record
}

fn schema(random: &mut Random, depth: usize) -> Value {
    match random.below(10) {
        0 | 1 if depth > 0 => record(random, depth - 1),
        2 | 3 if depth > 0 => {
            let mut list = json!({"type": "array", "items": schema(random, depth - 1)});
            if random.chance(30) {
                list["minItems"] = json!(random.below(3));
            }
            if random.chance(30) {
                list["maxItems"] = json!(2 + random.below(3));
            }
            list
        }
        _ => leaf(random),
    }
}

fn leaf(random: &mut Random) -> Value {
    let mut number = |ty: &str| {
        let mut number = json!({ "type": ty });
        if random.chance(40) {
            let key = random.pick(&["minimum", "exclusiveMinimum"]);
            number[key] = json!(random.below(5));
        }
        if random.chance(40) {
            let key = random.pick(&["maximum", "exclusiveMaximum"]);
            number[key] = json!(8 + random.below(5));
        }
        number
    };
    let (integer, float) = (number("integer"), number("number"));
    let mut text = json!({"type": "string"});
    if random.chance(40) {
        text["minLength"] = json!(random.below(3));
    }
    if random.chance(40) {
        text["maxLength"] = json!(4 + random.below(3));
    }
    let mut words = random.some(&["a", "b", "c", "d"]);
    words.push("z");
    let forms = [
        integer,
        float,
        text,
        json!({"type": "string", "enum": words}),
        json!({"type": "string", "format": "uuid"}),
        json!({"type": "string", "format": "date"}),
        json!({"type": "boolean"}),
        json!({"type": ["string", "null"]}),
        json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        json!({"oneOf": [{"type": "string"}, {"type": "boolean"}]}),
        json!({"const": "z"}),
        json!({"$ref": "#/$defs/Named"}),
        json!({}),
    ];
    random.pick(&forms)
}

/// The same schema with one small change somewhere.
pub(crate) fn changed(schema: &Value, random: &mut Random) -> Value {
    let mut schema = schema.clone();
    change(&mut schema, random);
    schema
}

fn change(schema: &mut Value, random: &mut Random) {
    if let Some(items) = schema.get_mut("items").filter(|_| random.chance(60)) {
        return change(items, random);
    }
    let known: Vec<String> = schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(|properties| properties.keys().cloned())
        .collect();
    if !known.is_empty() && random.chance(50) {
        let name = random.pick(&known);
        return change(&mut schema["properties"][name], random);
    }
    if schema["type"] != "object" {
        *schema = leaf(random);
        return;
    }
    let name = random.pick(&NAMES).to_owned();
    let mut required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap();
    let (has, needs) = (known.contains(&name), required.contains(&name));
    match random.below(3) {
        0 if has => {
            schema["properties"]
                .as_object_mut()
                .unwrap()
                .shift_remove(&name);
            required.retain(|other| *other != name);
        }
        1 if has && needs => required.retain(|other| *other != name),
        1 if has => required.push(name),
        2 => {
            let closed = random.pick(&[json!(true), json!(false), json!({"type": "integer"})]);
            schema["additionalProperties"] = closed;
        }
        _ if !has => {
            schema["properties"][&name] = leaf(random);
            if random.chance(50) {
                required.push(name);
            }
        }
        _ => {}
    }
    schema["required"] = json!(required);
}

/// A document that who writes by a schema may write: the fields that it names, near its limits where there are some.
pub(crate) fn document(root: &Value, schema: &Value, random: &mut Random) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap();
        return document(root, target, random);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(forms) = schema[key].as_array() {
            return document(root, &random.pick(forms), random);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return random.pick(words);
    }
    if let Some(word) = schema.get("const") {
        return word.clone();
    }
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => random.pick(kinds).as_str().unwrap().to_owned(),
        _ => random.pick(&["integer", "string", "null", "boolean", "number"].map(str::to_owned)),
    };
    match kind.as_str() {
        "null" => Value::Null,
        "boolean" => json!(random.chance(50)),
        "integer" | "number" => number(schema, kind == "integer", random),
        "string" => text(schema, random),
        "array" => {
            let least = schema["minItems"].as_u64().unwrap_or(0);
            // What holds lists of itself has to end.
            let longest = if schema["items"]["$ref"].is_string() {
                1
            } else {
                5
            };
            let most = schema["maxItems"].as_u64().unwrap_or(least + longest);
            let count = least + random.below(usize::try_from(most - least).unwrap() + 1) as u64;
            (0..count)
                .map(|_| document(root, &schema["items"], random))
                .collect()
        }
        _ => object(root, schema, random),
    }
}

fn object(root: &Value, schema: &Value, random: &mut Random) -> Value {
    let mut object = Map::new();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&json!(name)) || random.chance(60) {
            object.insert(name.clone(), document(root, property, random));
        }
    }
    if schema["additionalProperties"].is_object() {
        for name in ["p", "q", "r", "s", "more"] {
            if schema["properties"][name].is_null() && random.chance(30) {
                object.insert(
                    name.to_owned(),
                    document(root, &schema["additionalProperties"], random),
                );
            }
        }
    }
    Value::Object(object)
}

fn number(schema: &Value, whole: bool, random: &mut Random) -> Value {
    let bound = |with: &str, without: &str| {
        let strict = schema[without].as_f64().map(|bound| (bound, true));
        strict.or_else(|| schema[with].as_f64().map(|bound| (bound, false)))
    };
    let step = if whole { 1.0 } else { 0.25 };
    let off = |strict: bool| if strict { step } else { 0.0 };
    let low = bound("minimum", "exclusiveMinimum").map_or(-20.0, |(low, strict)| low + off(strict));
    let high =
        bound("maximum", "exclusiveMaximum").map_or(20.0, |(high, strict)| high - off(strict));
    let between = low + step * random.below(8) as f64;
    let number = random.pick(&[low, high, between.min(high)]);
    if whole {
        json!(number as i64)
    } else {
        json!(number)
    }
}

fn text(schema: &Value, random: &mut Random) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!("6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
        Some("date") => json!("2026-02-28"),
        Some("date-time") => json!("2026-02-28T12:00:00Z"),
        Some("decimal") => json!(random.pick(&["0", "12.50", "7"])),
        _ => {
            let least = schema["minLength"].as_u64().unwrap_or(0);
            let most = schema["maxLength"].as_u64().unwrap_or(least + 8);
            let length = random.pick(&[least, most, u64::midpoint(least, most)]);
            json!("y".repeat(usize::try_from(length).unwrap()))
        }
    }
}
