//! What the rules of evolution find beyond the example on their page: each test is one condition.

use msarch::graph::Graph;
use msarch::graph::evolution::Older;
use msarch::graph::observations::Observations;
use msarch::model::lower;
use msarch::rules::{self, Context, Deny};
use msarch::syntax::document;
use msarch::syntax::finding::Finding;
use msarch::syntax::include::load_text;

use super::changes::told;
use super::older;

const TEAMS: &str = "\
teams: {one: {size: 6}, two: {size: 6}}
services:
  a: {bounded_context: A, team_ownership: one, data_ownership: [xs]}
  b: {bounded_context: B, team_ownership: two, data_ownership: [ys]}
  c: {bounded_context: C, team_ownership: one, data_ownership: [zs]}
";

/// What the two rules say of a text, as `rule: message`.
fn against(older: &[Older], text: &str) -> Vec<String> {
    let findings = findings(older, text).into_iter();
    findings
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect()
}

/// What the two rules find in a text.
fn findings(older: &[Older], text: &str) -> Vec<Finding> {
    let whole = format!("msarch: 1\nname: shop\n{text}");
    let mut loaded = load_text("architecture.yaml", &whole);
    let document = document::read(&mut loaded).expect("an architecture");
    let model = lower(&document);
    let context = Context {
        sources: &loaded.sources,
        suppressions: &loaded.suppressions,
        deny: &Deny::default(),
    };
    let graph = Graph::new(&model, Observations::default()).against(older);
    let findings = rules::check(graph, loaded.findings, context).findings;
    let ours = ["breaking-schema-change", "schema-changed-without-version"];
    findings
        .into_iter()
        .filter(|finding| ours.contains(&finding.rule.as_str()))
        .collect()
}

fn found(old: &str, new: &str) -> Vec<String> {
    let events = |text: &str| format!("{TEAMS}events:\n{text}");
    against(&[older(&events(old))], &events(new))
}

fn event(more: &str) -> String {
    format!("  E: {{producers: a, {more}}}\n")
}

#[test]
fn without_an_older_version_nothing_is_said() {
    assert!(
        against(
            &[],
            &format!(
                "{TEAMS}events:\n{}",
                event("schema: {x: uuid}, consumers: b")
            )
        )
        .is_empty()
    );
}

#[test]
fn an_event_that_stayed_as_it_was_is_fine_however_it_is_spelt_now() {
    let old = event("schema: {x: uuid, n: integer?}, consumers: b");
    let raw = "{type: object, properties: {n: {type: integer}, x: {type: string, format: uuid}}, required: [x]}";
    let new = format!("  E:\n    producers: a\n    consumers: b\n    schema: {raw}\n");
    assert_eq!(found(&old, &new), [""; 0]);
}

#[test]
fn teams_decide_which_direction_has_to_hold() {
    let with = |consumer: &str, schema: &str| {
        event(&format!(
            "version: v1.{}, schema: {schema}, consumers: {consumer}",
            schema.len()
        ))
    };
    let (old, new) = ("{x: uuid, n: integer}", "{x: uuid, n: number}");
    // Who reads now reads an integer as a number; who read before reads no number.
    assert_eq!(found(&with("c", old), &with("c", new)), [""; 0]);
    assert_eq!(
        found(&with("b", old), &with("b", new)),
        [
            "breaking-schema-change: E v1.20 (was v1.21): `n` was integer, is now number; breaks b (two)"
        ]
    );
}

#[test]
fn the_declared_mode_goes_before_the_teams() {
    let with = |mode: &str, version: &str, schema: &str| {
        event(&format!(
            "compatibility: {mode}, version: {version}, schema: {{x: uuid, {schema}}}, consumers: b"
        ))
    };
    let of = |mode: &str, old: &str, new: &str| {
        found(&with(mode, "v1", old), &with(mode, "v1.1", new)).len()
    };
    let (wide, narrow) = ("n: number", "n: integer");
    for (mode, widened, narrowed) in [
        ("backward", 0, 1),
        ("backward_transitive", 0, 1),
        ("forward", 1, 0),
        ("forward_transitive", 1, 0),
        ("full", 1, 1),
        ("full_transitive", 1, 1),
    ] {
        assert_eq!(of(mode, narrow, wide), widened, "{mode}");
        assert_eq!(of(mode, wide, narrow), narrowed, "{mode}");
    }
}

#[test]
fn transitive_modes_look_at_every_older_version_and_others_at_the_last() {
    // What v1.1 dropped comes back with another type: only who still reads v1 is hurt.
    let with = |mode: &str, version: &str, schema: &str| {
        let event = event(&format!(
            "compatibility: {mode}, version: {version}, schema: {{x: uuid{schema}}}, consumers: b"
        ));
        format!("{TEAMS}events:\n{event}")
    };
    let of = |mode: &str| {
        let past = [
            older(&with(mode, "v1", ", n: integer?")),
            older(&with(mode, "v1.1", "")),
        ];
        against(&past, &with(mode, "v1.2", ", n: string?"))
    };
    assert_eq!(of("full"), [""; 0]);
    assert_eq!(
        of("full_transitive"),
        ["breaking-schema-change: E v1.2 (was v1): `n` was integer, is now string; breaks b (two)"]
    );
}

#[test]
fn who_takes_what_is_asked_of_the_last_version() {
    let with = |versions: &str, taken: &str| {
        format!(
            "{TEAMS}events:
  E:
    producers: a
    consumers: [{{service: b, versions: [{taken}]}}]
    versions: {{{versions}}}
"
        )
    };
    let (first, second) = ("v1: {schema: {x: uuid}}", "v2: {schema: {y: integer}}");
    let both = format!("{first}, {second}");
    let steps = [
        with(first, "v1"),
        with(&both, "v1"),
        with(&both, "v2"),
        with(second, "v2"),
    ];
    let past: Vec<Older> = steps.iter().map(|step| older(step)).collect();
    for now in 1..steps.len() {
        assert_eq!(against(&past[..now], &steps[now]), [""; 0], "step {now}");
    }
    let gone = ["breaking-schema-change: E v1 is not published any more: breaks b (two)"];
    assert_eq!(against(&past[..2], &steps[3]), gone);
    // The schema of a version that nobody took any more breaks nobody.
    let changed = with(&format!("v1.1: {{schema: {{x: date}}}}, {second}"), "v2");
    assert_eq!(against(&past[..3], &changed), [""; 0]);
    assert_eq!(against(&past[..2], &changed).len(), 1);
}

#[test]
fn an_event_that_is_gone_breaks_those_who_took_it() {
    let other = "  F: {producers: a, schema: {x: uuid}, consumers: b}\n";
    let taken = event("schema: {x: uuid}, consumers: [b, c]");
    let expected =
        ["breaking-schema-change: E is not published any more: breaks b (two) and c (one)"];
    assert_eq!(found(&taken, other), expected);
    let past = [
        older(&format!("{TEAMS}events:\n{taken}")),
        older(&format!("{TEAMS}events:\n{other}")),
    ];
    let now = format!("{TEAMS}events:\n{other}");
    assert_eq!(against(&past, &now), [""; 0]);
    let finding = &findings(&past[..1], &now)[0];
    let (start, end) = (finding.span().start as usize, finding.span().end as usize);
    let text = format!("msarch: 1\nname: shop\n{now}");
    assert_eq!(&text[start..end], "a");
    // What nobody took may go.
    assert_eq!(found(&event("schema: {x: uuid}"), other), [""; 0]);
}

#[test]
fn diff_and_validate_call_the_same_changes_of_events_breaking() {
    let raw = "{type: object, required: [x], properties: {x: {type: integer}}}";
    let events = [
        String::new(),
        event("schema: {x: uuid}"),
        event("schema: {x: uuid}, consumers: b"),
        event("schema: {x: uuid, n: integer?}, consumers: [b, c]"),
        event("version: v1.1, schema: {x: uuid, n: integer}, consumers: b"),
        event("version: v2, schema: {y: date}, consumers: c"),
        event("public: true, schema: {x: uuid}"),
        event("compatibility: backward, schema: {x: string}, consumers: b"),
        format!("  E:\n    producers: a\n    consumers: c\n    schema: {raw}\n"),
        "  F: {renamed_from: E, producers: a, schema: {x: uuid}, consumers: b}\n".to_owned(),
        "  F: {producers: a, schema: {x: uuid}, consumers: b}\n".to_owned(),
    ];
    for was in &events {
        for is in &events {
            let (old, new) = (
                format!("{TEAMS}events:\n{was}"),
                format!("{TEAMS}events:\n{is}"),
            );
            let found = against(&[older(&old)], &new);
            let found = found.iter().any(|finding| finding.starts_with("breaking"));
            let told = told(&old, &new);
            let breaks = told.iter().any(|line| line.contains(" ! "));
            assert_eq!(found, breaks, "{was} to {is}: {told:?}");
        }
    }
}

#[test]
fn a_version_that_is_added_may_differ_in_everything() {
    let old = event("schema: {x: uuid}, consumers: b");
    let new = "  E:
    producers: a
    consumers: [{service: b, versions: [v1, v2]}]
    versions: {v1: {schema: {x: uuid}}, v2: {schema: {y: date}, upcast: {y: 2026-01-01}}}
";
    assert_eq!(found(&old, new), [""; 0]);
}

#[test]
fn a_version_may_go_when_nobody_takes_it_any_more() {
    let both = |taken: &str| {
        format!(
            "  E:
    producers: a
    consumers: [{{service: b, versions: [{taken}]}}]
    versions: {{v1: {{schema: {{x: uuid}}}}, v2: {{schema: {{x: uuid, y: date}}, upcast: {{y: 2026-01-01}}}}}}
"
        )
    };
    let last = event("version: v2, schema: {x: uuid, y: date}, consumers: b");
    assert_eq!(found(&both("v2"), &last), [""; 0]);
    let expected = ["breaking-schema-change: E v1 is not published any more: breaks b (two)"];
    assert_eq!(found(&both("v1, v2"), &last), expected);
    // Another number on the only version takes the one before away.
    assert_eq!(
        found(&event("schema: {x: uuid}, consumers: b"), &last),
        expected
    );
}

#[test]
fn a_renamed_event_comes_on_another_topic() {
    let old = event("schema: {x: uuid}, consumers: b");
    let new = "  F: {renamed_from: E, producers: a, schema: {x: uuid}, consumers: b}\n";
    assert_eq!(
        found(&old, new),
        ["breaking-schema-change: E is called F now: breaks b (two)"]
    );
    // Once it is called so, the word that says how it was called before is history.
    assert_eq!(found(new, new), [""; 0]);
    assert_eq!(found(&event("schema: {x: uuid}"), new), [""; 0]);
    // Beside the old one, it is a new event.
    assert_eq!(
        found(
            &old,
            &format!("{old}{}", new.replace("renamed_from: E, ", ""))
        ),
        [""; 0]
    );
}

#[test]
fn a_renamed_service_is_the_same_reader() {
    let text = |name: &str, more: &str, schema: &str| {
        format!(
            "{TEAMS}  {name}: {{{more}bounded_context: D, team_ownership: two, data_ownership: [ws]}}\nevents:\n  E: {{producers: a, schema: {schema}, consumers: {name}}}\n"
        )
    };
    let old = older(&text("d", "", "{x: uuid}"));
    assert_eq!(
        against(&[old], &text("e", "renamed_from: d, ", "{x: uuid}")),
        [""; 0]
    );
}

#[test]
fn renamed_fields_are_told_as_such() {
    let of = |fields: &str| {
        event(&format!(
            "version: v1.{}, schema: {{x: uuid, {fields}}}, consumers: b",
            fields.len()
        ))
    };
    let declared = found(
        &of("total: integer"),
        &of("amount: {type: integer, renamed_from: total}"),
    );
    assert_eq!(
        declared,
        [
            "breaking-schema-change: E v1.44 (was v1.14): `amount` was called `total`; breaks b (two)"
        ]
    );
    let spelt = found(&of("order_total: integer"), &of("orderTotal: integer"));
    assert_eq!(
        spelt,
        [
            "breaking-schema-change: E v1.19 (was v1.20): `orderTotal` was called `order_total`; breaks b (two)"
        ]
    );
}

#[test]
fn an_event_that_nobody_takes_breaks_nobody() {
    let of = |ty: &str, more: &str| {
        event(&format!(
            "version: v1.{}, schema: {{x: {ty}}}{more}",
            ty.len()
        ))
    };
    assert_eq!(found(&of("uuid", ""), &of("'string[]'", "")), [""; 0]);
    let public = ", public: true";
    assert_eq!(
        found(&of("uuid", public), &of("'string[]'", public)),
        [
            "breaking-schema-change: E v1.10 (was v1.4): `x` was uuid, is now a list; breaks whoever takes it outside of this system"
        ]
    );
}

#[test]
fn the_same_version_stands_for_the_same_schema() {
    let of = |version: &str, schema: &str| {
        event(&format!(
            "version: {version}, schema: {{x: uuid{schema}}}, consumers: b"
        ))
    };
    assert_eq!(
        found(&of("v1", ""), &of("1", ", note: string?")),
        ["schema-changed-without-version: E changed and is still 1: `note` is new"]
    );
    assert_eq!(
        found(&of("v1", ""), &of("v1.1", ", note: string?")),
        [""; 0]
    );
    assert_eq!(
        found(
            &of("v1", ""),
            &of("v1", ", note: {type: string?, description: why}")
        ),
        ["schema-changed-without-version: E changed and is still v1: `note` is new"]
    );
    let described = ", note: {type: string?, description: why}";
    assert_eq!(
        found(&of("v1", ", note: string?"), &of("v1", described)),
        [""; 0]
    );
}

#[test]
fn a_change_through_a_named_type_is_found_where_it_is_used() {
    let of = |quantity: &str| {
        let types = format!("types: {{Line: {{sku: string, quantity: {quantity}}}}}\n");
        format!(
            "{types}{TEAMS}events:\n{}",
            event("schema: {x: uuid, lines: 'Line[]'}, consumers: b")
        )
    };
    assert_eq!(
        against(&[older(&of("integer"))], &of("string")),
        [
            "breaking-schema-change: E v1: `lines[].quantity` was integer, is now string; breaks b (two)"
        ]
    );
}

#[test]
fn a_finding_can_be_allowed_by_event_and_by_consumer() {
    let of = |ty: &str, name: &str| {
        let allow =
            format!("rules: {{breaking-schema-change: {{allow: [{name}], reason: agreed}}}}\n");
        format!(
            "{allow}{TEAMS}events:\n{}",
            event(&format!("schema: {{x: {ty}}}, consumers: b"))
        )
    };
    for name in ["E", "b"] {
        assert_eq!(
            against(&[older(&of("uuid", name))], &of("date", name)),
            [""; 0]
        );
    }
}

#[test]
fn sagas_and_aggregates_read_events_too() {
    let saga = |ty: &str| {
        format!(
            "{TEAMS}events:\n{}sagas:\n  S:\n    trigger: E\n    timeout: 5m\n    steps: [{{service: c, action: go, kind: pivot}}]\n",
            event(&format!("schema: {{x: {ty}}}"))
        )
    };
    assert_eq!(
        against(&[older(&saga("uuid"))], &saga("date")),
        ["breaking-schema-change: E v1: `x` was uuid, is now date; breaks saga S (one)"]
    );
}

/// A file with an aggregate whose events are these.
fn streams(events: &str) -> String {
    format!(
        "services:\n  a:\n    bounded_context: A\n    team_ownership: one\n    data_ownership: {{xs: {{projection: true, fields: {{status: open | closed}}}}}}\n    aggregates:\n      X:\n        entity: xs\n        events: {{{events}}}\n        commands: {{open_x: {{raises: Opened, values: {{by: me}}}}}}\nteams: {{one: {{size: 6}}}}\n"
    )
}

#[test]
fn what_an_aggregate_has_stored_stays_readable() {
    let opened = |schema: &str| streams(&format!("Opened: {{status: open, schema: {schema}}}"));
    let before = [older(&opened("{by: string}"))];
    let found = findings(&before, &opened("{by: string, urgency: integer}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].message,
        "X.Opened: `urgency` is new and must be there; aggregate X (one) cannot read the events that are stored already"
    );
    let help = found[0].help.as_deref().expect("there is a way out");
    assert!(
        help.starts_with("make it optional with a `?`, or leave Opened as it was"),
        "{help}"
    );
    for allowed in [
        "{by: string}",
        "{by: string?}",
        "{by: string, urgency: integer?}",
        "{at: ISO8601?}",
    ] {
        assert_eq!(against(&before, &opened(allowed)), [""; 0], "{allowed}");
    }
    for other in ["{by: integer}", "{by: uuid}"] {
        let told = against(&before, &opened(other));
        assert!(told.len() == 1 && told[0].contains("`by`"), "{told:?}");
    }
}

#[test]
fn an_event_that_may_be_stored_stays_among_those_of_its_aggregate() {
    let opened = "Opened: {status: open, schema: {by: string}}";
    let both = streams(&format!(
        "{opened}, Closed: {{status: closed, schema: {{by: string}}}}"
    ));
    assert_eq!(
        against(&[older(&both)], &streams(opened)),
        [
            "breaking-schema-change: X.Closed is not applied any more: aggregate X (one) cannot read the streams that hold one"
        ]
    );
    assert_eq!(against(&[older(&streams(opened))], &both), [""; 0]);
}

#[test]
fn the_help_names_an_order_where_one_is_safe() {
    let help = |old: &str, new: &str| {
        let with = |ty: &str| {
            format!(
                "{TEAMS}events:\n{}",
                event(&format!("schema: {{n: {ty}}}, consumers: [b, a]"))
            )
        };
        findings(&[older(&with(old))], &with(new))[0]
            .help
            .clone()
            .unwrap()
    };
    let steps = "leave v1 as it was and publish v2 beside it under `versions:`; deploy a, then move the consumers, then remove v1";
    assert_eq!(
        help("integer", "number"),
        format!("{steps}; or agree on `compatibility: backward` and deploy b before a")
    );
    // What waits in the broker could not be read, whoever is deployed first.
    assert_eq!(help("number", "integer"), steps);
    assert_eq!(help("integer", "string"), steps);
}
