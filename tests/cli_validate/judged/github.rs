//! Workflow commands, read as the runner of GitHub Actions reads them:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>.

use std::collections::BTreeMap;

use super::{Reports, str_of};

#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    message: String,
}

/// `::NAME KEY=VALUE,KEY=VALUE::MESSAGE`, where `%25`, `%0D`, `%0A` stand for themselves, and in values `%3A` and `%2C` too.
fn read(line: &str) -> Result<Command, String> {
    let fault = |what: &str| Err(format!("{what}: {line}"));
    let Some((head, message)) = line
        .strip_prefix("::")
        .and_then(|rest| rest.split_once("::"))
    else {
        return fault("no command");
    };
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    if !["error", "warning", "notice"].contains(&name) {
        return fault("no annotation");
    }
    let mut read = BTreeMap::new();
    for property in properties.split(',') {
        let Some((key, value)) = property.split_once('=') else {
            return fault("no property");
        };
        if !["title", "file", "line", "endLine", "col", "endColumn"].contains(&key) {
            return fault("an unknown property");
        }
        let value = unescaped(value, &[("%3A", ":"), ("%2C", ",")])?;
        if value.is_empty() || read.insert(key.to_owned(), value).is_some() {
            return fault("an odd property");
        }
    }
    let message = unescaped(message, &[])?;
    match message.is_empty() {
        true => fault("no message"),
        false => Ok(Command {
            name: name.to_owned(),
            properties: read,
            message,
        }),
    }
}

fn unescaped(text: &str, more: &[(&str, &str)]) -> Result<String, String> {
    let known = [("%25", "%"), ("%0D", "\r"), ("%0A", "\n")];
    let known: BTreeMap<&str, &str> = known.iter().chain(more).copied().collect();
    let mut parts = text.split('%');
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let stands_for = part
            .get(..2)
            .and_then(|code| known.get(format!("%{code}").as_str()));
        let Some(stands_for) = stands_for else {
            return Err(format!("what is not escaped: {text}"));
        };
        read.push_str(stands_for);
        read.push_str(&part[2..]);
    }
    Ok(read)
}

/// A text without what a log would obey.
fn plain(text: &str) -> String {
    msarch::report::printable(text).into_owned()
}

#[test]
fn every_line_for_github_is_a_command_that_says_what_was_found() {
    let reports = Reports::new();
    let text = reports.rich("github");
    // The runner reads line by line, whichever way they end.
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .filter(|line| !line.is_empty())
        .collect();
    let findings = reports.findings();
    assert_eq!(lines.len(), findings.len(), "{text}");
    for (line, finding) in lines.into_iter().zip(&findings) {
        let command = read(line).unwrap();
        let severity = match str_of(finding, "/severity") {
            "warn" => "warning",
            "info" => "notice",
            other => other,
        };
        assert_eq!(command.name, severity);
        assert!(
            command
                .message
                .starts_with(&plain(str_of(finding, "/message"))),
            "{line}"
        );
        let place = &finding["primary"]["location"];
        let property = |key: &str| command.properties.get(key).map_or("", String::as_str);
        assert_eq!(property("title"), str_of(finding, "/rule"));
        assert_eq!(property("file"), str_of(place, "/file"));
        assert_eq!(property("line"), place["line"].to_string());
        assert_eq!(property("endLine"), place["end_line"].to_string());
    }
}

#[test]
fn a_log_is_told_nothing_that_it_would_obey() {
    for text in Reports::new().all("github") {
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n' && c != '\t'),
            "{text:?}"
        );
        for line in text.lines() {
            read(line).unwrap();
        }
    }
}

#[test]
fn lines_that_are_no_commands_are_refused() {
    for broken in [
        "error file=a.yaml::no",
        "::mistake file=a.yaml::no",
        "::error file=a,b.yaml::no",
        "::error file=a.yaml,row=1::no",
        "::error file=a.yaml,file=b.yaml::no",
        "::error file=a.yaml,line=::no",
        "::error file=a.yaml::100% sure",
        "::error file=a.yaml::a%3Ab",
        "::error file=a%0.yaml::no",
        "::error file=a.yaml::",
    ] {
        assert!(read(broken).is_err(), "{broken}");
    }
    let read = read("::error file=a%2Cb%3A%25.yaml,title=x::first%0Asecond%25").unwrap();
    assert_eq!(read.properties["file"], "a,b:%.yaml");
    assert_eq!(read.message, "first\nsecond%");
}
