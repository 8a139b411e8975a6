//! What needs no judgement is written into the files, and nothing else of them changes.

use std::fs;
use std::path::Path;

use msarch::syntax::source::SourceId;
use msarch::syntax::yaml;
use proptest::prelude::*;
use serde_json::Value;

use super::{err, folder, found, msarch, out};

/// One slip of each kind that is mended, within comments and layouts of all sorts. What is written instead stands behind.
const SLIPS: &[(&str, &str)] = &[
    (
        "msarch: 1   # the format\nname: shop\nservices:\n  order-service: {data_onwership: [orders]} # ours\n",
        "data_onwership>data_ownership",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service:\n    data_ownership: [orders]\n    # asks for the price\n    calls: [{to: \"catalog-servcie\", timeout: 500ms, bulkhead: {}, retry: {max_attempts: 1}}]\n  catalog-service: {data_ownership: [products], endpoints: [\"GET /products/{id}\"]}\n",
        "catalog-servcie>catalog-service",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders], endpoints: [\"GET /orders\"]}\ngateway:\n  routes:\n    - {path: /orders, method: GET, service: order-service, timeout: 5000, public: true} # slow\n",
        "timeout: 5000>timeout: 5s",
    ),
    (
        "msarch: 1\nname: shop\nrules:\n  # for later\n  sync-cycel: warn\nservices:\n  order-service: {data_ownership: [orders]}\n",
        "sync-cycel>sync-cycle",
    ),
    (
        "msarch: 1\nname: shop\nrules:\n  nano-service: {allow: [old-service]}   # split\nservices:\n  order-service: {data_ownership: [orders]}\n",
        "[old-service]>[]",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]} # msarch: allow(nano-service) not any more\n",
        " # msarch: allow(nano-service) not any more>",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  # msarch: allow(code-size, nano-service) both\n  order-service: {data_ownership: [orders], loc: 61000}\n",
        ", nano-service>",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service:\n    data_ownership: [orders]\n    calls:\n      - {to: catalog-service, timeout: 500ms, retry: eager, bulkhead: {}}\n  catalog-service:\n    data_ownership: [products]\n    endpoints: [\"GET /products/{id}\"]\nresilience:\n  retries:\n    eager: {max_attempts: 4, base_delay: 100ms, jitter: false} # in step\n",
        "jitter: false>jitter: true",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n  pya-service: {data_ownership: [payments]} # theirs\nevents:\n  Paid: {schema: {id: uuid}, producers: pay-service, consumers: order-service}\n  Made: {schema: {id: uuid}, producers: order-service, consumers: pay-service}\n",
        "pya-service>pay-service",
    ),
    (
        "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders], loc: \"400\"} # counted\n",
        "\"400\">400",
    ),
];

/// Every word of a file's comments.
fn comments(text: &str) -> Vec<String> {
    let parsed = yaml::parse(text, SourceId::default());
    let texts = parsed.comments.iter().map(|one| one.text.to_string());
    texts.filter(|text| !text.contains("msarch:")).collect()
}

fn findings(folder: &Path) -> Vec<(String, String)> {
    found(&msarch(folder, &["--format", "json"]))
}

#[test]
fn each_slip_is_mended_and_nothing_else_changes() {
    for (text, change) in SLIPS {
        let (was, now) = change.split_once('>').unwrap();
        let shop = folder(&[("architecture.yaml", text)]);
        assert_eq!(
            findings(shop.path()).len(),
            1,
            "{text}\n{:?}",
            findings(shop.path())
        );
        let told = msarch(shop.path(), &["--fix"]).code(0);
        assert_eq!(err(&told), "fixed 1 finding in 1 file\n", "{text}");
        let mended = fs::read_to_string(shop.path().join("architecture.yaml")).unwrap();
        assert_eq!(mended, text.replacen(was, now, 1), "{text}");
        assert_eq!(out(&told), "no findings in 1 file\n", "{mended}");
    }
}

#[test]
fn a_diff_is_shown_and_nothing_is_written() {
    let (text, _) = SLIPS[0];
    let shop = folder(&[("architecture.yaml", text)]);
    let shown = msarch(shop.path(), &["--fix", "--diff"]).code(1);
    assert_eq!(
        out(&shown),
        "--- a/architecture.yaml\n+++ b/architecture.yaml\n@@ -1,4 +1,4 @@\n msarch: 1   # the format\n name: shop\n services:\n-  order-service: {data_onwership: [orders]} # ours\n+  order-service: {data_ownership: [orders]} # ours\n"
    );
    assert_eq!(err(&shown), "would fix 1 finding in 1 file\n");
    assert_eq!(
        fs::read_to_string(shop.path().join("architecture.yaml")).unwrap(),
        text
    );
    msarch(shop.path(), &["--fix"]).code(0);
    let clean = msarch(shop.path(), &["--fix", "--diff"]).code(0);
    assert_eq!(out(&clean), "");
}

#[test]
fn what_stands_in_the_way_of_each_other_is_mended_one_after_the_other() {
    // Two names in one list touch: taking both commas at once would leave none.
    let text = "msarch: 1\nname: shop\nrules:\n  nano-service: {allow: [a, b, c]} # none\nservices:\n  order-service: {data_ownership: [orders]}\n";
    let shop = folder(&[("architecture.yaml", text)]);
    let told = msarch(shop.path(), &["--fix"]).code(0);
    assert_eq!(err(&told), "fixed 3 findings in 1 file\n");
    let mended = fs::read_to_string(shop.path().join("architecture.yaml")).unwrap();
    assert_eq!(mended, text.replace("[a, b, c]", "[]"));
}

#[test]
fn what_could_be_two_things_is_left_to_people() {
    let text = "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]}\n  orders-service: {data_ownership: [order_archives], calls: [{to: ordr-service, timeout: 1s}]}\nrules: {duplicate-or-near-miss-name: off}\n";
    let shop = folder(&[("architecture.yaml", text)]);
    let told = msarch(shop.path(), &["--fix"]).code(1);
    assert_eq!(err(&told), "fixed 0 findings in 0 files\n");
    assert!(out(&told).contains("unknown-reference"));
    assert_eq!(
        fs::read_to_string(shop.path().join("architecture.yaml")).unwrap(),
        text
    );
}

#[test]
fn what_the_code_may_need_is_not_taken_away_without_a_look_at_it() {
    let text = "msarch: 1\nname: shop\nservices:\n  order-service: {data_ownership: [orders]} # msarch: allow(code-size) counted in CI\n";
    let shop = folder(&[("architecture.yaml", text)]);
    let told = msarch(shop.path(), &["--fix"]).code(0);
    assert!(out(&told).contains("unused-exception"), "{}", out(&told));
    assert_eq!(
        fs::read_to_string(shop.path().join("architecture.yaml")).unwrap(),
        text
    );
}

#[test]
fn an_exception_that_another_fault_makes_idle_keeps_its_place() {
    let text = |to: &str| {
        format!(
            "msarch: 1\nname: shop\nservices:\n  order-service:\n    data_ownership: [orders]\n    calls:\n      - {{to: {to}, circuit_breaker: {{}}}} # msarch: allow(missing-timeout) measured\n  catalog-service: {{data_ownership: [products], endpoints: [\"GET /products/{{id}}\"]}}\n"
        )
    };
    let read = |folder: &Path| fs::read_to_string(folder.join("architecture.yaml")).unwrap();
    // The call leads somewhere once its word is mended, and then needs what is excepted.
    let slip = folder(&[("architecture.yaml", &text("catalog-servcie"))]);
    let told = msarch(slip.path(), &["--fix"]).code(0);
    assert_eq!(err(&told), "fixed 1 finding in 1 file\n");
    assert_eq!(read(slip.path()), text("catalog-service"));
    // What only people can mend may need it as well.
    let unknown = folder(&[("architecture.yaml", &text("warehouse"))]);
    let told = msarch(unknown.path(), &["--fix"]).code(1);
    assert!(!out(&told).contains("unused-exception"), "{}", out(&told));
    assert_eq!(read(unknown.path()), text("warehouse"));
}

#[test]
fn included_files_are_mended_and_standard_input_is_refused() {
    let shop = folder(&[
        (
            "architecture.yaml",
            "msarch: 1\nname: shop\ninclude: parts/*.yaml\n",
        ),
        (
            "parts/a.yaml",
            "services:\r\n  a: {data_onwership: [orders]} # a\r\n",
        ),
    ]);
    msarch(shop.path(), &["--fix"]).code(0);
    let mended = fs::read_to_string(shop.path().join("parts/a.yaml")).unwrap();
    assert_eq!(
        mended,
        "services:\r\n  a: {data_ownership: [orders]} # a\r\n"
    );
    let left: Vec<_> = fs::read_dir(shop.path().join("parts")).unwrap().collect();
    assert_eq!(left.len(), 1);
    let refused = msarch(shop.path(), &["-", "--fix"]).code(2);
    assert!(
        err(&refused).contains("standard input"),
        "{}",
        err(&refused)
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_lies_elsewhere_is_not_written() {
    let (text, _) = SLIPS[0];
    let elsewhere = folder(&[("real.yaml", text)]);
    let shop = folder(&[]);
    let link = shop.path().join("architecture.yaml");
    std::os::unix::fs::symlink(elsewhere.path().join("real.yaml"), &link).unwrap();
    let refused = msarch(shop.path(), &["--fix"]).code(2);
    assert!(
        err(&refused).contains("nothing is written"),
        "{}",
        err(&refused)
    );
    assert_eq!(fs::read_to_string(&link).unwrap(), text);
}

#[test]
fn what_is_known_or_not_asked_for_is_not_mended() {
    let (text, _) = SLIPS[2];
    let shop = folder(&[("architecture.yaml", text)]);
    let other = msarch(shop.path(), &["--fix", "--only", "sync-cycle"]).code(0);
    assert_eq!(err(&other), "fixed 0 findings in 0 files\n");
    msarch(shop.path(), &["--write-baseline", "baseline.json"]).code(0);
    let known = msarch(shop.path(), &["--fix", "--baseline", "baseline.json"]).code(0);
    assert_eq!(err(&known), "fixed 0 findings in 0 files\n");
}

#[test]
fn a_suggestion_stands_in_every_form_that_has_a_place_for_it() {
    let (text, _) = SLIPS[0];
    let shop = folder(&[("architecture.yaml", text)]);
    let run = |format: &str| out(&msarch(shop.path(), &["--format", format]).code(1));
    let human = run("human");
    assert!(
        human.contains("     4 -   order-service: {data_onwership: [orders]} # ours\n     4 +   order-service: {data_ownership: [orders]} # ours\n"),
        "{human}"
    );
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    let edit = &json["findings"][0]["suggestion"]["edits"][0];
    assert_eq!(edit["text"], "data_ownership");
    let place = &edit["location"];
    let range = place["start_byte"].as_u64().unwrap() as usize
        ..place["end_byte"].as_u64().unwrap() as usize;
    assert_eq!(&text[range], "data_onwership");
    let sarif: Value = serde_json::from_str(&run("sarif")).unwrap();
    let change = &sarif["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "architecture.yaml");
    assert_eq!(
        change["replacements"][0]["insertedContent"]["text"],
        "data_ownership"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comments and blank lines stand around a slip, it is mended, no other finding appears, and they are all still there.
    #[test]
    fn a_slip_is_mended_whatever_stands_around_it(slip in 0..SLIPS.len(), remarks in prop::collection::vec((0_usize..40, "[ a-z:#\\[{-]{0,12}"), 0..6), crlf in any::<bool>()) {
        let (text, _) = SLIPS[slip];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, remark) in remarks {
            let at = at % (lines.len() + 1);
            // Nothing may come between a comment that allows something and the line that it speaks of but blanks and comments.
            lines.insert(at, format!("# {remark}"));
        }
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end) + end;
        let shop = folder(&[("architecture.yaml", &text)]);
        let before = findings(shop.path());
        prop_assert_eq!(before.len(), 1, "{}", &text);
        msarch(shop.path(), &["--fix"]).code(0);
        let mended = fs::read_to_string(shop.path().join("architecture.yaml")).unwrap();
        prop_assert!(yaml::parse(&mended, SourceId::default()).findings.is_empty(), "{}", &mended);
        prop_assert_eq!(findings(shop.path()), Vec::new(), "{}", &mended);
        prop_assert_eq!(comments(&mended), comments(&text));
    }
}
