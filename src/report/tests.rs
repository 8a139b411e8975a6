use super::*;
use crate::syntax::finding::RuleId;
use crate::syntax::source::Span;

const PAGE: &str = "# What\nTwo owners.\n\n## Why\nTwo owners have two truths. Nobody knows which of them holds.\n\nMore.";

const RULES: &[RuleInfo<'static>] = &[RuleInfo {
    id: "table-owned-twice",
    summary: "two services own one table",
    page: PAGE,
}];

/// Two files and a finding that names both, and one that names a byte behind `ü`.
fn sample() -> (Sources, Vec<Finding>) {
    let mut sources = Sources::new();
    let a = sources.add(
        "shop/a.yaml",
        "services:\n  orders:\n    data: [größe, orders]\n",
    );
    let b = sources.add(
        "shop/b c.yaml",
        "services:\n  billing:\n    data: [orders]\n",
    );
    let at = |id: crate::syntax::source::SourceId, text: &str, word: &str, nth: usize| {
        let start = text.match_indices(word).nth(nth).map_or(0, |(at, _)| at);
        Span::new(id, start, start + word.len())
    };
    let first = at(a, sources.get(a).text(), "orders", 1);
    let second = at(b, sources.get(b).text(), "orders", 0);
    let findings = vec![
        Finding::error(
            RuleId("table-owned-twice"),
            second,
            "`orders` is owned twice",
        )
        .here("and here")
        .label(first, "first owned here")
        .help("let one service own it; 100% of it\nno: less"),
        Finding::new(
            RuleId("odd-name"),
            Severity::Warn,
            at(a, sources.get(a).text(), "größe", 0),
            "odd, is it not?",
        ),
    ];
    (sources, findings)
}

fn text(sources: &Sources, findings: Vec<Finding>, format: Format) -> String {
    let mut out = Vec::new();
    Report::new(sources, findings, RULES.to_vec())
        .write(format, &mut out)
        .expect("a vector can be written to");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn sampled(format: Format) -> String {
    let (sources, findings) = sample();
    text(&sources, findings, format)
}

#[test]
fn people_see_every_place_under_the_name_of_its_own_file() {
    let shown = sampled(Format::Human(Look::default()));
    assert!(
        shown.contains("error[table-owned-twice]: `orders` is owned twice"),
        "{shown}"
    );
    assert!(shown.contains("[shop/b c.yaml:3:12]"), "{shown}");
    assert!(shown.contains("[shop/a.yaml:3:19]"), "{shown}");
    assert!(
        shown.contains("first owned here") && shown.contains("and here"),
        "{shown}"
    );
    assert!(
        shown.ends_with(
            "1 error, 1 warning in 2 files; `msarch explain RULE` tells more of a rule\n"
        ),
        "{shown}"
    );
}

#[test]
fn why_a_rule_is_one_is_told_once_in_whole_sentences() {
    let (sources, mut findings) = sample();
    findings.push(findings[0].clone());
    let shown = |page: &'static str| {
        let rules = vec![RuleInfo { page, ..RULES[0] }];
        let report = Report::new(&sources, findings.clone(), rules);
        let mut out = Vec::new();
        let look = Format::Human(Look::default());
        report.write(look, &mut out).expect("memory has room");
        String::from_utf8(out).expect("it is text")
    };
    let told = shown(PAGE);
    assert_eq!(told.matches("why:").count(), 1, "{told}");
    assert!(!told.contains("More."), "{told}");
    let long = "# What\nx\n\n## Why\nA first sentence is told whole. A second one that goes on and on, from here to \
                there and back again, over hill and dale and through the valley to the sea and on to the island where \
                nobody lives, and then to the next of them, is not.\n";
    let told = shown(long);
    assert!(told.contains("A first sentence is told whole.\n"), "{told}");
    assert!(!shown("# What\nx\n").contains("why:"));
}

#[test]
fn findings_come_by_file_and_place() {
    let shown = sampled(Format::Human(Look::default()));
    assert!(
        shown.find("odd-name").expect("there") < shown.find("table-owned-twice").expect("there")
    );
}

#[test]
fn without_unicode_and_colour_the_frame_is_ascii() {
    let plain = sampled(Format::Human(Look {
        unicode: false,
        color: false,
        width: 80,
    }));
    assert!(
        !plain.contains('\u{1b}') && plain.chars().all(|c| c.is_ascii() || "öß".contains(c)),
        "{plain}"
    );
    assert!(
        sampled(Format::Human(Look {
            unicode: true,
            color: true,
            width: 80
        }))
        .contains("\u{1b}[")
    );
}

#[test]
fn a_file_cannot_speak_to_the_terminal() {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", "name: \u{1b}[31mred\u{202E} \u{85}\n");
    let finding =
        Finding::error(RuleId("x"), Span::new(id, 6, 9), "a \u{1b}[2J message").help("\u{7}");
    let shown = text(&sources, vec![finding], Format::Human(Look::default()));
    assert!(
        !shown.contains(['\u{1b}', '\u{7}', '\u{202E}', '\u{85}']),
        "{shown:?}"
    );
}

#[test]
fn of_a_long_line_only_the_part_around_the_place_is_shown() {
    let mut sources = Sources::new();
    let long = format!(
        "name: {}here{}\n",
        "é".repeat(500_000),
        "x".repeat(1_000_000)
    );
    let at = long.find("here").expect("there");
    let id = sources.add("a.yaml", long);
    let findings: Vec<_> = (0..200)
        .map(|i| {
            Finding::error(
                RuleId("x"),
                Span::new(id, at, at + 4),
                format!("number {i}"),
            )
            .label(Span::new(id, 0, 1_000_000), "all of it")
        })
        .collect();
    let shown = text(&sources, findings, Format::Human(Look::default()));
    assert!(
        shown.contains("here") && shown.contains("[a.yaml:1:500007]"),
        "{}",
        &shown[..2000]
    );
    assert!(shown.len() < 400_000, "{}", shown.len());
}

#[test]
fn a_place_at_the_end_of_an_empty_file_is_shown() {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", "");
    let shown = text(
        &sources,
        vec![Finding::error(RuleId("x"), Span::new(id, 0, 0), "empty")],
        Format::Human(Look::default()),
    );
    assert!(shown.contains("error[x]: empty"), "{shown}");
}

#[test]
fn a_clean_run_says_so() {
    let (sources, _) = sample();
    assert_eq!(
        text(&sources, Vec::new(), Format::Human(Look::default())),
        "no findings in 2 files\n"
    );
    assert_eq!(text(&sources, Vec::new(), Format::Github), "");
    assert!(
        text(&sources, Vec::new(), Format::Junit)
            .contains(r#"<testcase name="validate" classname="msarch"/>"#)
    );
}

#[test]
fn json_tells_places_in_characters_and_bytes() {
    let json: serde_json::Value = serde_json::from_str(&sampled(Format::Json)).expect("valid JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(
        json["summary"],
        serde_json::json!({"errors": 1, "warnings": 1, "infos": 0, "shown": 2, "known": 0})
    );
    let related = &json["findings"][1]["related"][0]["location"];
    assert_eq!(related["file"], "shop/a.yaml");
    assert_eq!(
        (&related["line"], &related["column"]),
        (&3.into(), &19.into())
    );
    assert_eq!(
        (&related["start_byte"], &related["end_byte"]),
        (&40.into(), &46.into())
    );
}

#[test]
fn each_finding_has_a_line_of_its_own() {
    for (format, begins) in [
        (Format::Json, "    {\"rule\": "),
        (Format::Sarif, "        {\"ruleId\": "),
        (Format::Gitlab, "  {\"description\": "),
    ] {
        let shown = sampled(format);
        let lines: Vec<_> = shown
            .lines()
            .filter(|line| line.starts_with(begins))
            .collect();
        assert_eq!(lines.len(), 2, "{shown}");
        let one = lines[0].trim_end_matches(',');
        assert!(
            serde_json::from_str::<serde_json::Value>(one).is_ok(),
            "{one}"
        );
    }
    let (sources, _) = sample();
    assert_eq!(text(&sources, Vec::new(), Format::Gitlab), "[]\n");
    let none = text(&sources, Vec::new(), Format::Json);
    assert!(
        none.ends_with("    \"known\": 0\n  },\n  \"findings\": []\n}\n"),
        "{none}"
    );
}

#[test]
fn sarif_names_rules_places_and_related_places() {
    let log: serde_json::Value = serde_json::from_str(&sampled(Format::Sarif)).expect("valid JSON");
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    let result = &run["results"][1];
    assert_eq!(result["ruleId"], "table-owned-twice");
    let rule =
        &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
    assert_eq!(
        (&rule["id"], &rule["help"]["text"]),
        (&"table-owned-twice".into(), &PAGE.into())
    );
    assert_eq!(
        (&rule["name"], &rule["fullDescription"]["text"]),
        (
            &"TableOwnedTwice".into(),
            &"Two owners. Two owners have two truths. Nobody knows which of them holds.".into()
        )
    );
    assert_eq!(
        result["message"]["text"],
        "`orders` is owned twice\n[first owned here](1)\nhelp: let one service own it; 100% of it\nno: less"
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "shop/b%20c.yaml");
    assert_eq!(place["region"]["startColumn"], 12);
    assert_eq!(place["region"]["snippet"]["text"], "orders");
    assert_eq!(
        place["contextRegion"],
        serde_json::json!({"startLine": 2, "endLine": 4, "snippet": {"text": "  billing:\n    data: [orders]\n"}})
    );
    assert_eq!(
        result["relatedLocations"][0]["message"]["text"],
        "first owned here"
    );
}

#[test]
fn sarif_repeats_no_file_for_each_finding() {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", "x".repeat(100_000));
    let findings = (0..100).map(|at| Finding::error(RuleId("x"), Span::new(id, at, at + 1), "odd"));
    let shown = text(&sources, findings.collect(), Format::Sarif);
    assert!(shown.len() < 200_000, "{}", shown.len());
}

#[test]
fn sarif_leads_to_further_places_whatever_they_are_called() {
    let (sources, mut findings) = sample();
    findings[0].labels[0].text = "a [b](c) \\ d".to_owned();
    let log: serde_json::Value =
        serde_json::from_str(&text(&sources, findings, Format::Sarif)).expect("valid JSON");
    let message = log["runs"][0]["results"][1]["message"]["text"].as_str();
    assert!(
        message
            .expect("a text")
            .contains("\n[a \\[b\\](c) \\\\ d](1)\n"),
        "{message:?}"
    );
}

#[test]
fn github_commands_are_escaped() {
    let shown = sampled(Format::Github);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "::warning file=shop/a.yaml,line=3,endLine=3,col=12,endColumn=17,title=odd-name::odd, is it not?"
    );
    assert_eq!(
        lines[1],
        "::error file=shop/b c.yaml,line=3,endLine=3,col=12,endColumn=18,title=table-owned-twice::`orders` is owned \
         twice%0Ashop/a.yaml:3: first owned here%0Awhy: Two owners have two truths. \
         Nobody knows which of them holds.%0Ahelp: let one service own it; 100%25 of it%0Ano: less"
    );
}

#[test]
fn gitlab_fingerprints_tell_equal_findings_apart() {
    let (sources, mut findings) = sample();
    let mut again = findings[1].clone();
    again.primary.span.start += 1;
    findings.push(again);
    let issues: serde_json::Value =
        serde_json::from_str(&text(&sources, findings, Format::Gitlab)).expect("valid JSON");
    assert_eq!(issues[0]["check_name"], issues[1]["check_name"]);
    assert_ne!(issues[0]["fingerprint"], issues[1]["fingerprint"]);
    assert_eq!(
        issues[2]["location"],
        serde_json::json!({"path": "shop/b c.yaml", "lines": {"begin": 3, "end": 3}})
    );
}

#[test]
fn junit_is_escaped_and_counts_failures() {
    let mut sources = Sources::new();
    let id = sources.add("a&b.yaml", "x");
    let finding = Finding::error(RuleId("x"), Span::new(id, 0, 1), "a < \"b\" \u{1}");
    let shown = text(&sources, vec![finding], Format::Junit);
    assert!(
        shown.contains(r#"<testsuite name="a&amp;b.yaml" tests="1" failures="1" errors="0">"#),
        "{shown}"
    );
    assert!(
        shown.contains("message=\"a &lt; &quot;b&quot; \u{FFFD}\""),
        "{shown}"
    );
}

#[test]
fn a_closed_pipe_is_an_error_and_no_panic() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (sources, findings) = sample();
    let report = Report::new(&sources, findings, Vec::new());
    for format in [
        Format::Human(Look::default()),
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Junit,
    ] {
        let error = report.write(format, &mut Closed).expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
