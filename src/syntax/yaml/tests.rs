use std::time::Instant;

use super::super::finding::Finding;
use super::super::source::{SourceId, Sources};
use super::*;

fn read(text: &str) -> Parsed {
    parse(text, SourceId::default())
}

fn rules(parsed: &Parsed) -> Vec<&'static str> {
    parsed
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect()
}

fn json(parsed: &Parsed) -> serde_json::Value {
    parsed
        .root
        .as_ref()
        .map_or(serde_json::Value::Null, Node::to_json)
}

/// The text of every span in the tree, keys first.
fn spans<'t>(node: &Node, text: &'t str, into: &mut Vec<&'t str>) {
    into.push(&text[node.span.range()]);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| spans(item, text, into)),
        Value::Map(map) => {
            for entry in &map.entries {
                into.push(&text[entry.key.span.range()]);
                spans(&entry.value, text, into);
            }
        }
        _ => {}
    }
}

fn all_spans(text: &str) -> Vec<&str> {
    let parsed = read(text);
    let mut found = Vec::new();
    spans(parsed.root.as_ref().expect("a document"), text, &mut found);
    found
}

fn at<'t>(finding: &Finding, text: &'t str) -> &'t str {
    &text[finding.span().range()]
}

#[test]
fn every_key_and_value_knows_its_bytes() {
    let text = "größe: 'ä b' # ö\nliste:\n  - äpfel   \n  - {ü: [1, \"2\"]}\n\n# end\n";
    assert_eq!(
        all_spans(text),
        [
            "größe: 'ä b' # ö\nliste:\n  - äpfel   \n  - {ü: [1, \"2\"]}",
            "größe",
            "'ä b'",
            "liste",
            "- äpfel   \n  - {ü: [1, \"2\"]}",
            "äpfel",
            "{ü: [1, \"2\"]}",
            "ü",
            "[1, \"2\"]",
            "1",
            "\"2\"",
        ]
    );
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    let text = "\u{FEFF}name: shop\n";
    assert_eq!(all_spans(text), ["name: shop", "name", "shop"]);
}

#[test]
fn carriage_returns_belong_to_no_value() {
    assert_eq!(
        all_spans("a: b\r\nc:\r\n  - d\r\n"),
        ["a: b\r\nc:\r\n  - d", "a", "b", "c", "- d", "d"]
    );
}

#[test]
fn a_value_that_was_not_written_has_the_place_of_its_key() {
    assert_eq!(all_spans("a:\nb: c\n"), ["a:\nb: c", "a", "a", "b", "c"]);
}

#[test]
fn plain_scalars_keep_their_raw_text() {
    let parsed = read("a: no\nb: 012\nc: 1.0\nd: ~\ne: 2026-11-22\n");
    let root = parsed.root.expect("a document");
    let texts: Vec<_> = ["a", "b", "c", "e"]
        .map(|key| root.get(key).and_then(Node::as_str))
        .into();
    assert_eq!(
        texts,
        [Some("no"), Some("012"), Some("1.0"), Some("2026-11-22")]
    );
    assert!(root.get("d").is_some_and(Node::is_null));
}

#[test]
fn the_core_schema_decides_what_becomes_json() {
    let parsed = read(
        "[no, true, ~, 0x10, 1.5, '1', \"true\", |-\n block, .inf]"
            .replace("|-\n block, ", "")
            .as_str(),
    );
    assert_eq!(
        json(&parsed),
        serde_json::json!(["no", true, null, 16, 1.5, "1", "true", ".inf"])
    );
}

#[test]
fn a_key_that_stands_twice_is_told_with_both_places() {
    let text = "a: 1\nb: 2\na: 3\n";
    let parsed = read(text);
    assert_eq!(rules(&parsed), ["duplicate-key"]);
    assert_eq!(
        (
            parsed.findings[0].span().start,
            parsed.findings[0].labels[0].span.start
        ),
        (10, 0)
    );
    assert_eq!(json(&parsed), serde_json::json!({"a": 1, "b": 2}));
}

#[test]
fn duplicates_among_many_keys_are_found_in_linear_time() {
    let mut text = String::new();
    for i in 0..100_000 {
        text.push_str(&format!("k{i}: 1\n"));
    }
    text.push_str("k7: 2\n");
    let before = Instant::now();
    assert_eq!(rules(&read(&text)), ["duplicate-key"]);
    assert!(before.elapsed().as_secs() < 20);
}

#[test]
fn five_faults_of_one_file_are_told_in_one_run() {
    let text = "a: !tag 1\na: 2\n[x]: 3\nb: *nothing\n<<: 4\n";
    let parsed = read(text);
    assert_eq!(
        rules(&parsed),
        [
            "tag-without-meaning",
            "wrong-type",
            "alias-unknown",
            "duplicate-key",
            "wrong-type"
        ]
    );
    assert_eq!(at(&parsed.findings[0], text), "!tag");
    assert_eq!(at(&parsed.findings[2], text), "*nothing");
}

#[test]
fn what_follows_a_syntax_error_is_read_from_the_next_section_on() {
    let text = "a: 1\nb:\n  - x: y: z\n  - 2\nc: 3\nd:\n\t- 1\ne: 5\na: 6\n";
    let parsed = read(text);
    assert_eq!(
        rules(&parsed),
        ["yaml-syntax", "yaml-syntax", "duplicate-key"]
    );
    assert!(parsed.incomplete);
    let root = parsed.root.expect("a document");
    assert_eq!(root.get("c").and_then(Node::as_str), Some("3"));
    assert_eq!(root.get("e").and_then(Node::as_str), Some("5"));
    let places: Vec<_> = parsed.findings[..2]
        .iter()
        .map(|finding| text[..finding.span().start as usize].lines().count())
        .collect();
    assert_eq!(places, [3, 7]);
}

#[test]
fn a_tab_is_told_with_what_to_do() {
    let parsed = read("a:\n\tb: 1\n");
    assert_eq!(rules(&parsed), ["yaml-syntax"]);
    assert!(
        parsed.findings[0]
            .help
            .as_deref()
            .is_some_and(|help| help.contains("spaces")),
        "{:?}",
        parsed.findings
    );
}

#[test]
fn ten_thousand_levels_are_a_finding_and_no_overflow() {
    let flow = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let maps = "{a: ".repeat(10_000);
    let block: String = (0..10_000)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    let dashes = "- ".repeat(10_000);
    for text in [flow, maps, block, dashes] {
        let parsed = read(&text);
        assert_eq!(rules(&parsed), ["too-large"], "{}", &text[..20]);
        assert!(parsed.incomplete);
    }
}

#[test]
fn the_depth_of_an_alias_counts() {
    let mut text = String::from("a0: &a0 [1]\n");
    for i in 1..200 {
        text.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert_eq!(rules(&read(&text)), ["too-large"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..10 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{items}]\n"));
    }
    let before = Instant::now();
    assert_eq!(rules(&read(&text)), ["too-large"]);
    assert!(before.elapsed().as_secs() < 10);
}

#[test]
fn a_merge_bomb_is_refused() {
    let mut text = String::from("m0: &m0 {a: 1, b: 2, c: 3}\n");
    for i in 1..30 {
        text.push_str(&format!(
            "m{i}: &m{i} {{x: *m{0}, y: *m{0}, z: *m{0}}}\n",
            i - 1
        ));
    }
    assert_eq!(rules(&read(&text)), ["too-large"]);
}

#[test]
fn an_alias_inside_its_own_anchor_is_refused() {
    let parsed = read("a: &a [1, *a]\n");
    assert_eq!(rules(&parsed), ["alias-unknown"]);
}

#[test]
fn merge_keys_give_what_the_map_does_not_say() {
    let text = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nuse:\n  <<: [*base, *more]\n  a: 9\nquoted: {'<<': 1}\n";
    let parsed = read(text);
    assert_eq!(rules(&parsed), Vec::<&str>::new());
    let root = json(&parsed);
    assert_eq!(root["use"], serde_json::json!({"a": 9, "b": 2, "c": 4}));
    assert_eq!(root["quoted"], serde_json::json!({"<<": 1}));
}

#[test]
fn a_second_document_is_told_and_not_read() {
    let text = "a: 1\n---\nb: 2\n";
    let parsed = read(text);
    assert_eq!(rules(&parsed), ["several-documents"]);
    assert_eq!(at(&parsed.findings[0], text), "---");
    assert_eq!(json(&parsed), serde_json::json!({"a": 1}));
}

#[test]
fn one_document_between_markers_is_fine() {
    assert_eq!(rules(&read("---\na: 1\n...\n")), Vec::<&str>::new());
}

#[test]
fn a_file_of_blanks_and_comments_has_no_root_and_keeps_its_comments() {
    for text in ["", "\n\n", "  \n", "\u{FEFF}"] {
        let parsed = read(text);
        assert!(
            parsed.root.is_none() && parsed.findings.is_empty(),
            "{text:?}"
        );
    }
    let parsed = read("# one\n  # two\n");
    assert!(parsed.root.is_none());
    assert_eq!(parsed.comments.len(), 2);
}

#[test]
fn comments_know_their_bytes() {
    let text = "a: ü # eins\n# zwei\nb: 'no # comment'\n";
    let parsed = read(text);
    let comments: Vec<_> = parsed
        .comments
        .iter()
        .map(|comment| &text[comment.span.range()])
        .collect();
    assert_eq!(comments, ["# eins", "# zwei"]);
}

#[test]
fn a_thousand_comments_in_a_row_are_no_fault() {
    let text = format!("a:\n{}  b: 1\n", "  # remark\n".repeat(1_000));
    let parsed = read(&text);
    assert_eq!((parsed.findings.len(), parsed.comments.len()), (0, 1_000));
}

#[test]
fn a_scalar_of_megabytes_is_read() {
    let text = format!(
        "a: {}\nb: |\n  {}\n",
        "x".repeat(3_000_000),
        "y ".repeat(1_000_000)
    );
    let parsed = read(&text);
    assert_eq!(rules(&parsed), Vec::<&str>::new());
    assert_eq!(
        parsed
            .root
            .expect("a document")
            .get("a")
            .and_then(Node::as_str)
            .map(str::len),
        Some(3_000_000)
    );
}

#[test]
fn reading_takes_time_in_proportion_to_the_text() {
    let text = |services: usize| {
        let mut text = String::from("services:\n");
        for i in 0..services {
            text.push_str(&format!(
                "  s{i}:\n    domain: größe\n    list: [a, b, c]\n"
            ));
        }
        text
    };
    let time = |services: usize| {
        let text = text(services);
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        (0..3)
            .map(|_| {
                let before = Instant::now();
                let parsed = parse(sources.get(id).text(), id);
                assert!(parsed.findings.is_empty());
                let root = parsed.root.expect("a document");
                let lines: usize = root
                    .get("services")
                    .and_then(Node::as_map)
                    .map_or(0, |map| {
                        map.entries
                            .iter()
                            .map(|entry| sources.position(entry.key.span).line)
                            .sum()
                    });
                assert!(lines > services);
                before.elapsed()
            })
            .min()
            .expect("three runs")
    };
    let (small, large) = (time(2_000), time(16_000));
    assert!(
        large < small * 32,
        "8 times the text took {large:?} instead of {small:?}"
    );
}

#[test]
fn no_text_makes_the_reader_panic() {
    let seeds = [
        "a: &x [1, {b: *x}]\n<<: *x\n",
        "? [a]\n: - b\n",
        "a: \"\\x\"\n",
        "%TAG ! x:\n--- !a\nb\n",
        "- |2\n  x\n- >\n y\n",
        "a: 'ü\n",
        "{a: [b, {c: d}], e\n",
        "*a : &b c\n",
        "\u{FEFF}---\n...\n--- x\n",
    ];
    for seed in seeds {
        for cut in (0..=seed.len()).filter(|cut| seed.is_char_boundary(*cut)) {
            let _ = read(&seed[..cut]);
            let _ = read(&seed[cut..]);
            for insert in [
                "\t", "\n", "- ", "{", "]", "'", "\"", "&", "*", "!", "|", "%", "\0", "ü", "---\n",
                ": ",
            ] {
                let _ = read(&format!("{}{insert}{}", &seed[..cut], &seed[cut..]));
            }
        }
    }
}
