//! The forms that other programs read, judged by what their readers go by, on a report that holds whatever a report can hold.

mod github;
mod gitlab;
mod junit;
mod sarif;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{CLEAN, WRONG, command, folder, msarch, out};

/// A slip that can be mended, every severity, data with five owners in two files, an allowance that finds something and nothing,
/// and a name with whatever some form gives a meaning.
const RICH: &str = r#"msarch: 1
name: shop
rules: {sync-cycel: warn, code-size: info}
externals: {bank: {url: http://10.0.0.1}}
include: "sub dir/*.yaml"
services:
  a: {data_ownership: [orders], loc: 61000}
  "b]]>\u0007\u001b[2J\"'<&%0A,::error file=x::%25\u0085\uFFFE\t]](2)": {data_ownership: [orders]}
  ärger-🦀: {data_ownership: [orders], calls: [{to: "größ\r\nx"}]}
  c-service: {data_ownership: [orders], loc: 61000} # msarch: allow(code-size, sync-cycle) being split
"#;
const INCLUDED: &str =
    "services:\n  pay-service: {data_ownership: [orders], calls: [{to: a}], loc: 70000}\n";
const BROKEN: &str = "msarch: 1\nname: [x\n";

/// The reports of one folder, in any form.
struct Reports {
    folder: TempDir,
}

impl Reports {
    fn new() -> Self {
        let folder = folder(&[
            ("a.yaml", RICH),
            ("sub dir/b größe,x:y%z.yaml", INCLUDED),
            ("broken.yaml", BROKEN),
            ("known.yaml", WRONG),
            ("clean.yaml", CLEAN),
        ]);
        let write = ["known.yaml", "--write-baseline", "known.json"];
        msarch(folder.path(), &write).code(0);
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn rich(&self, format: &str) -> String {
        let mut command = command(self.path());
        command.args([
            "a.yaml",
            "broken.yaml",
            "known.yaml",
            "--baseline",
            "known.json",
        ]);
        out(&command.args(["--format", format]).assert().code(1))
    }

    /// The rich one, one with nothing to tell, and one that tells of the gravest finding alone.
    fn all(&self, format: &str) -> [String; 3] {
        let run = |arguments: &[&str]| {
            let mut command = command(self.path());
            out(&command.args(arguments).args(["--format", format]).assert())
        };
        let (clean, cut) = (
            run(&["clean.yaml"]),
            run(&["a.yaml", "--max-findings", "1"]),
        );
        [self.rich(format), clean, cut]
    }

    /// What our own form says: the other forms say it too.
    fn findings(&self) -> Vec<Value> {
        let json: Value = serde_json::from_str(&self.rich("json")).unwrap();
        json["findings"].as_array().unwrap().clone()
    }
}

fn str_of<'a>(json: &'a Value, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Value::as_str).unwrap()
}

#[test]
fn the_report_that_is_judged_holds_whatever_a_report_can_hold() {
    let reports = Reports::new();
    let json: Value = serde_json::from_str(&reports.rich("json")).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let each = |pointer: &str| -> BTreeSet<&str> {
        findings.iter().map(|one| str_of(one, pointer)).collect()
    };
    assert_eq!(each("/severity"), BTreeSet::from(["error", "info", "warn"]));
    assert_eq!(
        each("/primary/location/file"),
        BTreeSet::from(["a.yaml", "broken.yaml", "sub dir/b größe,x:y%z.yaml"])
    );
    assert!(json["summary"]["known"].as_u64() > Some(0), "{json:#}");
    assert!(findings.iter().any(|one| one["suggestion"].is_object()));
    assert!(
        findings
            .iter()
            .any(|one| one["related"].as_array().unwrap().len() > 3)
    );
    let allowed =
        |one: &&Value| one["rule"] == "code-size" && one["primary"]["location"]["line"] == 10;
    assert!(!findings.iter().any(|one| allowed(&one)), "{json:#}");
    let said: String = findings.iter().map(|one| str_of(one, "/message")).collect();
    for odd in [
        "]]>", "\u{7}", "\u{1b}", "\u{85}", "\u{FFFE}", "\r\n", "%0A", "🦀", "\"'<&", "\t",
    ] {
        assert!(said.contains(odd), "{odd:?}");
    }
}
