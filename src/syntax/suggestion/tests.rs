use super::super::source::Sources;
use super::*;

/// A text after a change of what stands at `place` in it.
fn changed(text: &str, place: &str, change: impl FnOnce(Span) -> Change) -> Option<String> {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", text);
    let start = text.rfind(place).expect("there");
    let span = Span::new(id, start, start + place.len());
    let edits = Suggestion::of(change(span)).edits(&sources)?;
    apply(text, &edits)
}

fn word(text: &str, place: &str) -> Option<String> {
    changed(text, place, |span| Change::Word {
        span,
        was: place.trim_matches(['"', '\'']).to_owned(),
        now: "order-service".to_owned(),
    })
}

#[test]
fn a_word_keeps_its_quotes_and_all_that_stands_around_it() {
    let cases = [
        (
            "to: ordr  # the shop\n",
            "ordr",
            "to: order-service  # the shop\n",
        ),
        (
            "{to: \"ordr\", x: 1}\n",
            "\"ordr\"",
            "{to: \"order-service\", x: 1}\n",
        ),
        (
            "to: 'ordr'\r\nx: 1\r\n",
            "'ordr'",
            "to: 'order-service'\r\nx: 1\r\n",
        ),
    ];
    for (text, place, after) in cases {
        assert_eq!(word(text, place).as_deref(), Some(after), "{text}");
    }
}

#[test]
fn what_is_not_there_as_it_was_thought_is_not_changed() {
    let other = |text: &str, place: &str| {
        changed(text, place, |span| Change::Word {
            span,
            was: "ordr".to_owned(),
            now: "order-service".to_owned(),
        })
    };
    assert_eq!(other("to: $ordr.id\n", "$ordr.id"), None);
    assert_eq!(other("to: \"or\\x64r\"\n", "\"or\\x64r\""), None);
    let odd = changed("to: ordr\n", "ordr", |span| Change::Word {
        span,
        was: "ordr".to_owned(),
        now: "a: b".to_owned(),
    });
    assert_eq!(odd, None);
}

#[test]
fn a_value_loses_its_quotes_and_a_collection_is_no_value() {
    let value = |text: &str, place: &str| {
        changed(text, place, |span| Change::Value {
            span,
            now: "5s".to_owned(),
        })
    };
    assert_eq!(
        value("t: \"5000\" # ms\n", "\"5000\"").as_deref(),
        Some("t: 5s # ms\n")
    );
    assert_eq!(value("t: [5]\n", "[5]"), None);
    assert_eq!(value("t: *a\n", "*a"), None);
}

#[test]
fn an_item_leaves_its_list_with_its_comma_or_its_line() {
    let cases = [
        ("a: [x, drop, y]\n", "a: [x, y]\n"),
        ("a: [x, drop]\n", "a: [x]\n"),
        ("a: [drop, x]\n", "a: [x]\n"),
        ("a: [drop]\n", "a: []\n"),
        (
            "a:\n  - x\n  - drop\n  - y # why\n",
            "a:\n  - x\n  - y # why\n",
        ),
        ("a:\n  - x\n  - drop", "a:\n  - x"),
        ("a:\r\n  - drop\r\n  - x\r\n", "a:\r\n  - x\r\n"),
    ];
    for (text, after) in cases {
        let found = changed(text, "drop", Change::Item);
        assert_eq!(found.as_deref(), Some(after), "{text}");
    }
}

#[test]
fn an_item_whose_going_would_take_a_comment_along_stays() {
    for text in [
        "a:\n  - x\n  - drop # why\n",
        "a: [\n  x,\n  drop # why\n]\n",
        "a: drop\n",
        "a:\n  - {b: drop}\n",
    ] {
        assert_eq!(changed(text, "drop", Change::Item), None, "{text}");
    }
}

#[test]
fn a_rule_leaves_its_comment_and_the_comment_goes_with_the_last_one() {
    let cases = [
        (
            "a: 1 # msarch: allow(x, drop) why\n",
            "a: 1 # msarch: allow(x) why\n",
        ),
        (
            "a: 1 # msarch: allow(drop,x) why\n",
            "a: 1 # msarch: allow(x) why\n",
        ),
        ("a: 1   # msarch: allow(drop) why\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1\n# msarch: allow(drop) why\nb: 2\n", "a: 1\nb: 2\n"),
    ];
    for (text, after) in cases {
        let found = changed(text, "drop", Change::Allowed);
        assert_eq!(found.as_deref(), Some(after), "{text}");
    }
}

#[test]
fn edits_that_touch_each_other_are_not_made_at_once() {
    let id = SourceId::default();
    let edit = |from, to| Edit {
        span: Span::new(id, from, to),
        text: String::new(),
    };
    assert!(overlap(&edit(0, 4), &edit(3, 6)));
    assert!(overlap(&edit(0, 4), &edit(4, 6)));
    assert!(!overlap(&edit(0, 4), &edit(5, 6)));
}

#[test]
fn what_would_be_no_yaml_is_not_written() {
    let edit = Edit {
        span: Span::new(SourceId::default(), 3, 6),
        text: "]".to_owned(),
    };
    assert_eq!(apply("a: [1]\n", &[edit]), None);
}

#[test]
fn lines_that_edits_share_are_told_once() {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", "a: [x, y]\nb: 1\nc: z\n");
    let edit = |from, to, text: &str| Edit {
        span: Span::new(id, from, to),
        text: text.to_owned(),
    };
    let told = lines(
        &[edit(4, 5, "u"), edit(7, 8, "v"), edit(10, 15, "")],
        &sources,
    );
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].before[0].as_str(), told[0].after[0].as_str()),
        ("a: [x, y]", "a: [u, v]")
    );
    assert_eq!(
        (
            told[1].first,
            told[1].before.as_slice(),
            told[1].after.len()
        ),
        (2, &["b: 1".to_owned()][..], 0)
    );
}
