//! What is said to be readable is read: by a validator of JSON Schema that knows nothing of us. What is said to break does break.

use msarch::graph::evolution::schema::{Difference, Schema, Verdict, differences};
use msarch::plan::schema::event_schema;
use serde_json::{Value, json};

use super::documents::{Random, changed, document, record};
use super::model;

/// What the differences come to: whether the new reads the old, and the old the new.
fn reads(differences: &[Difference]) -> (Verdict, Verdict) {
    let worst = |of: fn(&Difference) -> Verdict| {
        let verdicts = differences.iter().map(of);
        verdicts.max().unwrap_or(Verdict::Holds)
    };
    (worst(|it| it.backward), worst(|it| it.forward))
}

/// How many documents of one schema another refuses.
fn refused(writer: &Value, reader: &Value, count: usize, random: &mut Random) -> Vec<Value> {
    let reader = jsonschema::options()
        .should_validate_formats(true)
        .build(reader)
        .unwrap();
    let documents = (0..count).map(|_| document(writer, writer, random));
    documents
        .filter(|document| !reader.is_valid(document))
        .collect()
}

/// Holds what was said of one direction to documents; whether there was anything to hold.
fn held(verdict: Verdict, writer: &Value, reader: &Value, random: &mut Random) -> bool {
    match verdict {
        Verdict::Holds => {
            let refused = refused(writer, reader, 40, random);
            assert!(
                refused.is_empty(),
                "said to be read\n{writer}\n{reader}\n{refused:?}"
            );
        }
        Verdict::Breaks => {
            let found = (0..10).any(|_| !refused(writer, reader, 60, random).is_empty());
            assert!(found, "said to break\n{writer}\n{reader}");
        }
        Verdict::Unknown => return false,
    }
    true
}

fn raw(schema: &Value) -> Schema<'_> {
    Schema::Raw {
        root: schema,
        at: schema,
    }
}

#[test]
fn a_verdict_on_json_schemas_is_that_of_a_validator() {
    let (mut known, mut all) = (0, 0);
    for seed in 0..1200 {
        let random = &mut Random(seed);
        let mut old = record(random, 2);
        let mut new = changed(&old, random);
        let named =
            json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        old["$defs"] = json!({ "Named": named });
        new["$defs"] = json!({ "Named": named });
        if seed % 5 == 0 {
            new["$defs"]["Named"]["properties"]["n"] = json!({"type": "number"});
        }
        let found = differences(raw(&old), raw(&new));
        let (backward, forward) = reads(&found);
        known += usize::from(held(backward, &old, &new, random));
        known += usize::from(held(forward, &new, &old, random));
        all += 2;
    }
    assert!(
        known * 10 > all * 9,
        "only {known} of {all} verdicts were no guess"
    );
}

#[test]
fn a_schema_differs_in_nothing_from_itself() {
    for seed in 0..300 {
        let schema = record(&mut Random(seed), 3);
        assert_eq!(differences(raw(&schema), raw(&schema)), []);
    }
}

const TYPES: [&str; 14] = [
    "uuid",
    "string",
    "integer",
    "number",
    "decimal",
    "boolean",
    "date",
    "ISO8601",
    "open | closed",
    "open | closed | lost",
    "integer[]",
    "Line[]",
    "Line",
    "Level",
];

const LIMITS: [&str; 6] = [
    "{type: integer, min: 1}",
    "{type: integer, min: 3, max: 9}",
    "{type: string, max_length: 5}",
    "{type: string, min_length: 2, max_length: 9}",
    "{type: 'integer[]', max_length: 2}",
    "{type: number, max: 7}",
];

fn field(random: &mut Random) -> String {
    let optional = random.below(3) == 0;
    if random.below(4) == 0 {
        let limits = random.pick(&LIMITS);
        return match optional {
            true => limits.replace('}', ", required: false}"),
            false => limits.to_owned(),
        };
    }
    let ty = random.pick(&TYPES);
    if optional {
        format!("\"({ty})?\"")
    } else {
        format!("\"{ty}\"")
    }
}

/// An architecture with one event of some fields.
fn architecture(fields: &[(String, String)], random: &mut Random) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, ty)| format!("{name}: {ty}"))
        .collect();
    let quantity = random.pick(&["integer", "number", "integer?"]);
    let levels = random.pick(&["low | high", "low | high | none"]);
    format!(
        "types: {{Line: {{sku: string, quantity: {quantity}, inner: 'Line[]?'}}, Level: {levels}}}\nservices: {{a: {{data_ownership: [xs]}}}}\nevents: {{E: {{schema: {{{}}}, producers: a}}}}\n",
        fields.join(", ")
    )
}

fn typed(random: &mut Random) -> (String, String) {
    let mut fields: Vec<(String, String)> = ["p", "q", "r"]
        .map(|name| (name.to_owned(), field(random)))
        .to_vec();
    let old = architecture(&fields, random);
    match random.below(4) {
        0 => fields.push(("s".to_owned(), field(random))),
        1 => drop(fields.remove(1)),
        2 => fields[0].1 = field(random),
        _ => {}
    }
    (old, architecture(&fields, random))
}

#[test]
fn a_verdict_on_types_of_the_file_is_that_of_a_validator_of_their_generated_schemas() {
    let mut known = 0;
    for seed in 0..400 {
        let random = &mut Random(seed);
        let (old, new) = typed(random);
        let (old, new) = (model(&old), model(&new));
        let faults: Vec<_> = old
            .faults
            .iter()
            .chain(&new.faults)
            .map(|it| &it.message)
            .collect();
        assert!(faults.is_empty(), "{faults:?}");
        let event = |model: &msarch::model::Model| {
            let event = model.events.iter().next().unwrap();
            event_schema(model, event, &event.versions[0])
        };
        let schema = |model| {
            let events: &msarch::model::Model = model;
            Schema::of(
                model,
                &events.events.iter().next().unwrap().versions[0].schema,
            )
        };
        let (backward, forward) = reads(&differences(schema(&old), schema(&new)));
        known += usize::from(held(backward, &event(&old), &event(&new), random));
        known += usize::from(held(forward, &event(&new), &event(&old), random));
    }
    assert!(known > 700, "only {known} of 800 verdicts were no guess");
}

#[test]
fn types_of_the_file_are_what_their_generated_schema_says() {
    for seed in 0..200 {
        let random = &mut Random(seed);
        let fields = ["p", "q", "r"].map(|name| (name.to_owned(), field(random)));
        let text = architecture(&fields, random)
            .replace("\"decimal\"", "date")
            .replace("(decimal)?", "date?");
        let model = model(&text);
        let event = model.events.iter().next().unwrap();
        let generated = event_schema(&model, event, &event.versions[0]);
        let declared = Schema::of(&model, &event.versions[0].schema);
        assert_eq!(differences(declared, raw(&generated)), [], "{text}");
        assert_eq!(differences(raw(&generated), declared), [], "{text}");
    }
}

/// The one difference between two schemas.
fn one(old: Value, new: Value) -> (String, Verdict, Verdict) {
    let found = differences(raw(&old), raw(&new));
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].phrase(), found[0].backward, found[0].forward)
}

const HOLDS: Verdict = Verdict::Holds;
const BREAKS: Verdict = Verdict::Breaks;
const UNKNOWN: Verdict = Verdict::Unknown;

#[test]
fn patterns_formats_and_repeated_items_are_compared_by_the_table() {
    let text = |more: Value| {
        let mut text = json!({"type": "string"});
        text.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        text
    };
    let (a, b) = (json!({"pattern": "^a"}), json!({"pattern": "^b"}));
    let cases = [
        (text(json!({})), text(a.clone()), BREAKS, HOLDS),
        (text(a.clone()), text(json!({})), HOLDS, BREAKS),
        (text(a), text(b), BREAKS, BREAKS),
        (
            text(json!({})),
            text(json!({"format": "email"})),
            BREAKS,
            HOLDS,
        ),
        (
            text(json!({"title": "old"})),
            text(json!({"format": "email"})),
            BREAKS,
            HOLDS,
        ),
        (
            json!({"type": "array", "uniqueItems": true}),
            json!({"type": "array"}),
            HOLDS,
            BREAKS,
        ),
        (
            json!({"type": "integer", "multipleOf": 4}),
            json!({"type": "integer", "multipleOf": 2}),
            HOLDS,
            BREAKS,
        ),
    ];
    for (old, new, backward, forward) in cases {
        let (_, read, written) = one(old.clone(), new.clone());
        assert_eq!((read, written), (backward, forward), "{old} {new}");
    }
}

#[test]
fn what_is_not_followed_is_not_known_to_break() {
    let not = |word: &str| json!({"type": "string", "not": {"const": word}});
    assert_eq!(
        one(not("a"), not("b")),
        (
            "the whole says something else by `not`".to_owned(),
            UNKNOWN,
            UNKNOWN
        )
    );
    assert_eq!(one(not("a"), json!({"type": "string"})).1, HOLDS);
    // An empty text may be what `not` forbids.
    let longer = json!({"type": "string", "not": {"const": ""}, "minLength": 1});
    let (_, backward, forward) = one(not(""), longer);
    assert_eq!((backward, forward), (UNKNOWN, HOLDS));
    let with = |kind: &str| json!({"not": {"$ref": "#/$defs/N"}, "$defs": {"N": {"type": kind}}});
    assert_eq!(one(with("null"), with("string")).1, UNKNOWN);
}

#[test]
fn annotations_are_no_difference() {
    let old = json!({"type": "object", "title": "a", "properties": {"p": {"type": "string", "default": "x"}}});
    let new = json!({"type": "object", "description": "b", "properties": {"p": {"type": "string", "examples": ["y"]}}});
    assert_eq!(differences(raw(&old), raw(&new)), []);
}

#[test]
fn schemas_that_hold_themselves_are_compared_once() {
    let tree = |kind: &str| {
        json!({
            "$ref": "#/$defs/Node",
            "$defs": {"Node": {"type": "object", "properties": {
                "value": {"type": kind},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}
            }}}
        })
    };
    assert_eq!(
        one(tree("integer"), tree("string")),
        (
            "`value` was integer, is now string".to_owned(),
            BREAKS,
            BREAKS
        )
    );
    let endless = json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}});
    assert!(differences(raw(&endless), raw(&endless)).is_empty());
    let unions = json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]});
    let _found = differences(raw(&unions), raw(&tree("string")));
}

#[test]
fn a_web_of_types_is_compared_in_time_linear_in_its_size() {
    let web = |kind: &str| {
        let mut definitions = serde_json::Map::new();
        for at in 0..60 {
            let next = json!({"$ref": format!("#/$defs/T{}", at + 1)});
            definitions.insert(
                format!("T{at}"),
                json!({"type": "object", "properties": {"a": next, "b": next}}),
            );
        }
        definitions.insert("T60".to_owned(), json!({ "type": kind }));
        json!({"$ref": "#/$defs/T0", "$defs": definitions})
    };
    assert_eq!(one(web("integer"), web("string")).1, BREAKS);
}
