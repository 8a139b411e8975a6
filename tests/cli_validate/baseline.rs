//! What is known is not reported, and what is known only ever becomes less.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{WARNS, WRONG, err, folder, found, msarch, out};

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn entries(folder: &Path) -> Vec<Value> {
    let json: Value = serde_json::from_str(&read(folder, "baseline.json")).unwrap();
    json["findings"].as_array().unwrap().clone()
}

const WRITE: &[&str] = &["--write-baseline", "baseline.json"];
const KNOWN: &[&str] = &["--baseline", "baseline.json"];

#[test]
fn what_is_known_is_not_reported_wherever_its_lines_go() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    let written = msarch(shop.path(), WRITE).code(0);
    assert_eq!(err(&written), "baseline.json: 2 findings written down\n");
    let moved = format!("# a remark\n\n{}", WRONG.replace("61000", "65000"));
    fs::write(shop.path().join("architecture.yaml"), &moved).unwrap();
    let known = msarch(shop.path(), KNOWN).code(0);
    assert_eq!(out(&known), "no findings in 1 file, 2 in the baseline\n");
    assert_eq!(err(&known), "");
    let more = format!("{moved}  c: {{data_ownership: [carts], loc: 90000}}\n");
    fs::write(shop.path().join("architecture.yaml"), more).unwrap();
    let told = msarch(
        shop.path(),
        &[
            "--baseline",
            "baseline.json",
            "--format",
            "json",
            "--deny",
            "warnings",
        ],
    );
    assert_eq!(
        found(&told.code(1)),
        [("code-size".to_owned(), "architecture.yaml".to_owned())]
    );
}

#[test]
fn a_baseline_is_written_the_same_again_and_reads_like_a_list() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    msarch(shop.path(), WRITE).code(0);
    let first = read(shop.path(), "baseline.json");
    let again = msarch(shop.path(), WRITE).code(0);
    assert_eq!(err(&again), "baseline.json: 2 findings, as before\n");
    assert_eq!(read(shop.path(), "baseline.json"), first);
    let rules: Vec<_> = entries(shop.path())
        .iter()
        .map(|entry| entry["rule"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rules, ["code-size", "entity-with-several-owners"]);
    assert_eq!(entries(shop.path())[0]["about"], serde_json::json!(["a"]));
}

#[test]
fn what_is_mended_is_told_and_taken_out() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    msarch(shop.path(), WRITE).code(0);
    let mended = WRONG.replace(", loc: 61000", "");
    fs::write(shop.path().join("architecture.yaml"), mended).unwrap();
    let told = msarch(shop.path(), KNOWN).code(0);
    assert!(
        err(&told).contains("1 entry matches nothing any more")
            && err(&told).contains("code-size in architecture.yaml, about a"),
        "{}",
        err(&told)
    );
    let less = msarch(shop.path(), WRITE).code(0);
    assert_eq!(err(&less), "baseline.json: 1 finding, 1 less\n");
    assert_eq!(entries(shop.path()).len(), 1);
}

#[test]
fn it_grows_on_demand_alone() {
    let shop = folder(&[("architecture.yaml", WARNS)]);
    msarch(shop.path(), WRITE).code(0);
    let before = read(shop.path(), "baseline.json");
    fs::write(shop.path().join("architecture.yaml"), WRONG).unwrap();
    let refused = msarch(shop.path(), WRITE).code(2);
    assert!(
        err(&refused).contains("2 findings are not in this baseline")
            && err(&refused).contains("--grow-baseline"),
        "{}",
        err(&refused)
    );
    assert_eq!(read(shop.path(), "baseline.json"), before);
    let grow = [WRITE, &["--grow-baseline"]].concat();
    msarch(shop.path(), &grow).code(0);
    assert_eq!(entries(shop.path()).len(), 2);
    msarch(shop.path(), KNOWN).code(0);
}

#[test]
fn what_a_run_does_not_look_at_stays_in_it() {
    let both = folder(&[("a.yaml", WRONG), ("b.yaml", WARNS)]);
    let write = |more: &[&str]| msarch(both.path(), &[WRITE, more].concat()).code(0);
    write(&["a.yaml", "b.yaml"]);
    assert_eq!(entries(both.path()).len(), 3);
    write(&["b.yaml"]);
    write(&["a.yaml", "--only", "ownership"]);
    assert_eq!(entries(both.path()).len(), 3);
    let known = msarch(both.path(), &[KNOWN, &["b.yaml"]].concat()).code(0);
    assert_eq!(err(&known), "");
    fs::remove_file(both.path().join("a.yaml")).unwrap();
    write(&["b.yaml"]);
    assert_eq!(entries(both.path()).len(), 1);
}

#[test]
fn files_are_known_from_wherever_msarch_runs() {
    let shop = folder(&[("arch/architecture.yaml", WRONG)]);
    msarch(shop.path(), &["arch", "--write-baseline", "baseline.json"]).code(0);
    let inside = shop.path().join("arch");
    let known = msarch(&inside, &["--baseline", "../baseline.json"]).code(0);
    assert!(out(&known).contains("2 in the baseline"), "{}", out(&known));
}

#[test]
fn what_no_rule_could_look_at_is_neither_known_nor_forgotten() {
    let shop = folder(&[("architecture.yaml", WRONG)]);
    msarch(shop.path(), WRITE).code(0);
    let before = read(shop.path(), "baseline.json");
    fs::write(
        shop.path().join("architecture.yaml"),
        "msarch: 1\nname: [x\n",
    )
    .unwrap();
    let told = msarch(shop.path(), KNOWN).code(1);
    assert_eq!(err(&told), "");
    let refused = msarch(shop.path(), WRITE).code(2);
    assert!(
        err(&refused).contains("not written while"),
        "{}",
        err(&refused)
    );
    assert_eq!(read(shop.path(), "baseline.json"), before);
}

#[test]
fn a_baseline_that_is_none_is_told() {
    let shop = folder(&[
        ("architecture.yaml", WARNS),
        ("bad.json", "{\"version\": 9}"),
    ]);
    let missing = msarch(shop.path(), KNOWN).code(2);
    assert!(
        err(&missing).contains("no such baseline"),
        "{}",
        err(&missing)
    );
    let bad = msarch(shop.path(), &["--baseline", "bad.json"]).code(2);
    assert!(err(&bad).contains("version 9"), "{}", err(&bad));
}

#[test]
fn fingerprints_outlive_lines_in_every_form_that_has_them() {
    let prints = |text: &str| {
        let shop = folder(&[("architecture.yaml", text)]);
        let run = |format: &str| {
            let told = msarch(shop.path(), &["--format", format]);
            serde_json::from_str::<Value>(&out(&told)).unwrap()
        };
        let texts = |values: Vec<&Value>| -> Vec<String> {
            values
                .iter()
                .map(|value| value.as_str().unwrap().to_owned())
                .collect()
        };
        let (json, sarif, gitlab) = (run("json"), run("sarif"), run("gitlab"));
        let each = |list: &'static str, json: &Value| json[list].as_array().unwrap().clone();
        let of_json = each("findings", &json);
        let of_sarif = each("results", &sarif["runs"][0]);
        [
            texts(of_json.iter().map(|one| &one["fingerprint"]).collect()),
            texts(
                of_sarif
                    .iter()
                    .map(|one| &one["partialFingerprints"]["msarch/v1"])
                    .collect(),
            ),
            texts(
                gitlab
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| &one["fingerprint"])
                    .collect(),
            ),
        ]
    };
    let before = prints(WRONG);
    assert_eq!(before[0], before[1]);
    assert_eq!(before[0], before[2]);
    assert_eq!(before[0].len(), 2);
    assert_eq!(prints(&format!("\n# more\n{WRONG}")), before);
}

#[test]
fn what_has_become_graver_is_new_and_a_level_that_is_raised_makes_nothing_new() {
    let tries = |retries: u32| {
        format!(
            "msarch: 1\nname: shop\nservices:\n  a:\n    data_ownership: [orders]\n    endpoints: [GET /orders]\n    calls: [{{to: b, timeout: 100ms, retry: {{max_attempts: 4}}, bulkhead: {{}}}}]\n  b: {{data_ownership: [parts], endpoints: [GET /parts]}}\ngateway:\n  routes: [{{path: /orders, method: GET, service: a, timeout: 60s, public: true, retries: {retries}}}]\n"
        )
    };
    let shop = folder(&[("architecture.yaml", &tries(3))]);
    let file = shop.path().join("architecture.yaml");
    let all = msarch(
        shop.path(),
        &["--only", "retry-amplification", "--format", "json"],
    );
    assert_eq!(found(&all).len(), 1);
    msarch(shop.path(), WRITE);
    let raised = format!("{}rules: {{retry-amplification: error}}\n", tries(3));
    fs::write(&file, raised).unwrap();
    msarch(shop.path(), KNOWN).code(0);
    msarch(
        shop.path(),
        &["--baseline", "baseline.json", "--deny", "warnings"],
    )
    .code(0);
    fs::write(&file, tries(99)).unwrap();
    let told = msarch(shop.path(), KNOWN).code(1);
    assert!(out(&told).contains("400 attempts"), "{}", out(&told));
}
