#![expect(
    dead_code,
    unreachable_pub,
    reason = "the records of these tests are only decoded"
)]

use super::super::finding;
use super::super::include::load_text;
use super::super::source::Sources;
use super::super::yaml;
use super::*;

choice! {
    /// A product.
    pub enum Product {
        /// The elephant.
        PostgreSql = "PostgreSQL" | "postgres",
        /// The leaf.
        MongoDb = "MongoDB",
    }
}

record! {
    /// A thing to test with.
    #[named("name", "title")]
    pub struct Thing {
        /// A text that must be there.
        label: Spanned<String>,
        /// A text that should be there.
        #[required(true)]
        owner: Option<Spanned<String>>,
        /// A product.
        #[also("database")]
        #[hint("db")]
        product: Option<Spanned<Product>>,
        /// A port.
        port: Option<Spanned<Bounded<1, 65_535>>>,
        /// A switch.
        enabled: Option<bool>,
        /// A share.
        share: Option<Ratio>,
        /// A time with a unit.
        wait: Option<Spanned<Duration>>,
        /// A time in milliseconds.
        pause: Option<Spanned<Millis>>,
        /// A time in seconds.
        ttl: Option<Spanned<Seconds>>,
        /// Texts.
        tags: OneOrMany<Spanned<String>>,
        /// Things in things.
        parts: Named<Thing>,
        /// Anything.
        kind = "type": Option<Node>,
    }
}

fn decode<T: Decode>(text: &str) -> (Option<T>, Vec<String>, Sources) {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", text);
    let parsed = yaml::parse(sources.get(id).text(), id);
    assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
    let root = parsed.root.expect("a document");
    let mut cx = Cx::new(root.head(), parsed.incomplete);
    let decoded = T::decode(root, &mut cx);
    finding::sort(&mut cx.findings);
    let told = cx
        .findings
        .iter()
        .map(|found| {
            let at = sources.position(found.span());
            format!("{}:{} {} {}", at.line, at.column, found.rule, found.message)
        })
        .collect();
    (decoded, told, sources)
}

fn help<T: Decode>(text: &str) -> String {
    let mut loaded = load_text("a.yaml", text);
    let root = loaded.root.take().expect("a document");
    let mut cx = Cx::new(root.head(), false);
    let _ = T::decode(root, &mut cx);
    cx.findings.remove(0).help.unwrap_or_default()
}

#[test]
fn every_fault_of_a_record_is_told_in_one_run() {
    let (thing, told, _) = decode::<Thing>(
        "label: [x]\nproduct: Postgre\nport: 70000\nenabled: yes\nshare: 1.5\nwait: 5\npause: soon\nttl: 1.5\n\
         tags: {a: b}\nlabl: x\nparts: {a: {label: 1, owner: b, colour: red}, b: 3}\n",
    );
    assert!(thing.is_some_and(|thing| thing.torn));
    assert_eq!(
        told,
        [
            "1:1 missing-key the key `owner` is missing",
            "1:9 wrong-type expected a text, found a list",
            "2:10 invalid-value `Postgre` is not allowed here",
            "3:7 invalid-value 70000 is out of range",
            "4:10 wrong-type expected `true` or `false`, found `yes`",
            "5:8 invalid-value the share is not between 0 and 1",
            "6:7 invalid-value the duration `5` has no unit",
            "7:8 invalid-value `soon` is not a duration",
            "8:6 invalid-value `1.5` is not a duration",
            "9:8 wrong-type expected a text, found a map",
            "10:1 unknown-key `labl` is not a key of a thing",
            "11:33 unknown-key `colour` is not a key of a thing",
            "11:50 wrong-type expected a thing (a map), found `3`",
        ]
    );
}

#[test]
fn what_is_wrong_and_may_be_left_out_is_left_out() {
    let (thing, told, _) = decode::<Thing>("label: a\nowner: b\nport: x\ntags: c\n");
    let thing = thing.expect("kept");
    assert!(thing.port.is_none());
    assert_eq!((thing.tags[0].as_str(), told.len()), ("c", 1));
}

#[test]
fn values_know_their_bytes_and_durations_how_they_were_written() {
    let (thing, told, sources) = decode::<Thing>(
        "label: 'größe'\nowner: ü\ndatabase: POSTGRESQL\nwait: 15m\npause: 5000\nttl: 300\nshare: 99.9%\n",
    );
    assert!(told.is_empty(), "{told:?}");
    let thing = thing.expect("valid");
    assert_eq!(sources.text(thing.label.span), "'größe'");
    assert_eq!(
        thing.product.map(|product| product.value),
        Some(Product::PostgreSql)
    );
    assert_eq!(
        thing.wait.map(|wait| (wait.millis(), wait.is_bare())),
        Some((900_000, false))
    );
    assert_eq!(
        thing.pause.map(|pause| (pause.millis(), pause.is_bare())),
        Some((5_000, true))
    );
    assert_eq!(thing.ttl.map(|ttl| ttl.millis()), Some(300_000));
    assert!(
        thing
            .share
            .is_some_and(|share| (share.0 - 0.999).abs() < 1e-12)
    );
}

#[test]
fn an_unknown_key_gets_the_help_that_fits() {
    assert_eq!(
        help::<Thing>("label: a\nowner: b\nlable: c\n"),
        "keep one of the two, as `label:`"
    );
    // A list cannot become a yes or no.
    assert!(help::<Thing>("label: a\nowner: b\nenabeld: [c]\n").starts_with("remove it"));
    assert_eq!(
        help::<Thing>("label: a\nowner: b\ndb: c\n"),
        "write `product:`"
    );
    assert_eq!(
        help::<Thing>("label: a\nowner: b\nEnabled: true\n"),
        "write `enabled:`"
    );
    assert!(
        help::<Thing>("label: a\nowner: b\nzebra: c\n")
            .starts_with("remove it; the keys known here are `label`, ")
    );
}

#[test]
fn a_wrong_word_gets_the_allowed_ones() {
    assert_eq!(
        help::<Thing>("label: a\nowner: b\nproduct: Mongo_DB2\n"),
        "did you mean `MongoDB`? allowed are `PostgreSQL` or `MongoDB`"
    );
}

#[test]
fn two_spellings_of_one_key_are_a_duplicate() {
    let (_, told, _) = decode::<Thing>("label: a\nowner: b\nproduct: MongoDB\ndatabase: MongoDB\n");
    assert_eq!(
        told,
        ["4:1 duplicate-key `database` and `product` are two spellings of one key"]
    );
}

#[test]
fn a_key_without_a_value_counts_as_left_out() {
    let (thing, told, _) = decode::<Thing>("label: a\nowner:\nport:\ntags:\nparts:\n");
    assert!(thing.is_some());
    assert_eq!(told, ["2:1 missing-key `owner` has no value"]);
    let (thing, told, _) = decode::<Thing>("label: ~\nowner: b\n");
    assert!(thing.is_some_and(|thing| thing.torn));
    assert_eq!(told, ["1:1 missing-key `label` has no value"]);
}

fn names(text: &str) -> (Vec<String>, Vec<String>) {
    let (named, told, _) = decode::<Named<Thing>>(text);
    let named = named.unwrap_or_default();
    assert!(named.items.iter().all(|item| item.value.label.value == "x"));
    (
        named.iter().map(|(name, _)| name.value.clone()).collect(),
        told,
    )
}

#[test]
fn named_things_come_as_a_map_or_a_list() {
    let expected = (vec!["a".to_owned(), "b".to_owned()], Vec::new());
    assert_eq!(
        names("a: {label: x, owner: o}\nb: {label: x, owner: o}\n"),
        expected
    );
    assert_eq!(
        names("- {name: a, label: x, owner: o}\n- {title: b, label: x, owner: o}\n"),
        expected
    );
}

#[test]
fn an_item_without_a_name_is_told_and_a_broken_one_keeps_its_name() {
    let (named, told, _) =
        decode::<Named<Thing>>("- {label: x, owner: o}\n- {name: b, owner: o}\n- [c]\n- d\n");
    let named = named.expect("a list");
    let torn = named.iter().filter(|(_, thing)| thing.torn);
    let torn: Vec<_> = torn.map(|(name, _)| name.as_str()).collect();
    assert_eq!((named.len(), torn), (2, vec!["b", "d"]));
    assert_eq!(
        told,
        [
            "1:4 missing-key the key `name` is missing",
            "2:10 missing-key the key `label` is missing",
            "3:4 wrong-type expected a name, or an item with `name:`, found a list",
            "4:3 missing-key the key `label` is missing",
            "4:3 missing-key the key `owner` is missing",
        ]
    );
}

#[test]
fn nothing_is_missing_where_the_text_breaks_off() {
    let mut loaded = load_text("a.yaml", "label: x\ntags: [a\n");
    let root = loaded.root.take().expect("what was read");
    let mut cx = Cx::new(root.head(), loaded.incomplete);
    assert!(Thing::decode(root, &mut cx).is_some());
    assert!(cx.findings.is_empty(), "{:?}", cx.findings);
}

#[test]
fn the_schema_says_what_the_decoder_does() {
    let mut defs = Defs::default();
    let root = Thing::schema(&mut defs);
    let schema = defs.into_document("thing.json", "thing", &root);
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let valid = |text: &str| {
        let (_, _, sources) = decode::<Node>(text);
        let root = yaml::parse(text, sources.iter().next().expect("a file").0)
            .root
            .expect("a document");
        validator.is_valid(&root.to_json())
    };
    for text in [
        "{label: x, owner: o}",
        "{label: x, owner: o, port: 1, product: postgres, wait: 15m, pause: 5, ttl: 1h, tags: a, share: 99.9%}",
        "{label: x, owner: o, parts: {a: {label: x, owner: o}}, tags: [a, b], port: }",
        "{label: x, owner: o, parts: [a, {name: b}]}",
    ] {
        assert!(valid(text), "{text}");
    }
    for text in [
        "{owner: o}",
        "{label: x, owner: o, port: 0}",
        "{label: x, owner: o, labl: y}",
        "{label: x, owner: o, wait: 5}",
        "{label: x, owner: o, product: Oracle}",
    ] {
        assert!(!valid(text), "{text}");
    }
    assert_eq!(
        schema["$defs"]["Thing"]["properties"]["port"]["description"],
        "A port."
    );
}

#[test]
fn a_word_far_from_every_other_suggests_nothing() {
    assert_eq!(
        closest("timeout", ["timeouts", "retries"]),
        Some("timeouts")
    );
    assert_eq!(closest("rateLimit", ["rate_limit"]), Some("rate_limit"));
    assert_eq!(closest("x", ["y"]), None);
    assert_eq!(closest(&"a".repeat(100_000), ["a"]), None);
}
