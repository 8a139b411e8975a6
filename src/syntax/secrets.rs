//! Secrets that stand in a file: nobody is shown them, whatever is told of the lines that they are in.

use super::finding::Finding;
use super::source::{SourceId, Sources, Span};
use super::yaml::{Map, Node, Value};

/// Parameters of an address that carry a secret.
const PARAMETERS: &[&str] = &[
    "token",
    "access_token",
    "api_key",
    "apikey",
    "key",
    "secret",
    "client_secret",
    "password",
    "sig",
];

/// Keys whose values are secrets, each with those that it stands somewhere below: a field of some data may be called the same.
const SECRETS: &[(&str, &[&str])] = &[
    ("password", &["store", "data_management"]),
    ("secret", &["authentication"]),
];

/// Keys whose values are addresses.
const ADDRESSES: &[&str] = &["url", "endpoint", "host", "jwks"];

/// Whether a text says something itself, instead of naming a variable that says it.
#[must_use]
pub fn is_literal(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains("${")
}

/// The secrets in an address: the password of `user:password@`, and parameters that are known for one.
#[must_use]
pub fn of_address(address: &str) -> Vec<&str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let password = authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .map(|(_, password)| password);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let parameters = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let known = PARAMETERS.contains(&key.to_ascii_lowercase().as_str());
        known.then_some(value)
    });
    let all = password.into_iter().chain(parameters);
    all.filter(|secret| is_literal(secret)).collect()
}

/// Hides what is secret in what was read.
pub fn hide(root: Option<&Node>, sources: &mut Sources) {
    let mut found = Vec::new();
    if let Some(root) = root {
        look(root, &mut Vec::new(), &mut found);
    }
    for (span, secret) in found {
        sources.hide(span, &secret);
    }
}

/// Hides what looks like a secret in a file that could not be read to its end: there, only the text tells.
pub fn hide_unread(sources: &mut Sources) {
    let mut found = Vec::new();
    for (id, file) in sources.iter() {
        for line in 1..=file.line_count() {
            let range = file.line_range(line);
            in_line(id, range.start, &file.text()[range], &mut found);
        }
    }
    for (span, secret) in found {
        sources.hide(span, &secret);
    }
}

/// Takes secrets out of the words of a finding.
pub fn redact(finding: &mut Finding, sources: &Sources) {
    let places: Vec<Span> = std::iter::once(&finding.primary)
        .chain(&finding.labels)
        .map(|label| label.span)
        .collect();
    let secrets: Vec<&str> = places
        .into_iter()
        .flat_map(|span| sources.hidden_at(span))
        .collect();
    if secrets.is_empty() {
        return;
    }
    let labels = std::iter::once(&mut finding.primary).chain(&mut finding.labels);
    let texts = labels.map(|label| &mut label.text);
    let texts = texts.chain([&mut finding.message]).chain(&mut finding.help);
    for text in texts {
        for secret in &secrets {
            if text.contains(secret) {
                *text = text.replace(secret, "***");
            }
        }
    }
}

type Found = Vec<(Span, String)>;

/// Looks at a value below some keys.
fn look<'n>(node: &'n Node, keys: &mut Vec<&'n str>, found: &mut Found) {
    match &node.value {
        Value::Map(map) => {
            of_manifest(map, found);
            for entry in &map.entries {
                keys.push(&entry.key.value);
                look(&entry.value, keys, found);
                keys.pop();
            }
        }
        Value::List(items) => items.iter().for_each(|item| look(item, keys, found)),
        Value::Scalar(scalar) => of_scalar(node.span, &scalar.text, keys, found),
        Value::Refused => {}
    }
}

fn of_scalar(span: Span, text: &str, keys: &[&str], found: &mut Found) {
    let key = keys.last().copied().unwrap_or_default();
    let below = |(name, above): &(&str, &[&str])| {
        *name == key && above.iter().any(|above| keys.contains(above))
    };
    if SECRETS.iter().any(below) && is_literal(text) {
        found.push((span, text.to_owned()));
    }
    if text.contains("://") || ADDRESSES.contains(&key) {
        found.extend(
            of_address(text)
                .into_iter()
                .map(|secret| (span, secret.to_owned())),
        );
    }
}

/// A Secret of Kubernetes.
fn of_manifest(map: &Map, found: &mut Found) {
    let kind = map.get("kind").and_then(|entry| entry.value.as_str());
    if kind != Some("Secret") {
        return;
    }
    let parts = ["stringData", "data"].into_iter();
    let entries = parts.filter_map(|part| map.get(part)?.value.as_map());
    for entry in entries.flat_map(|part| &part.entries) {
        if let Some(text) = entry.value.as_str().filter(|text| is_literal(text)) {
            found.push((entry.value.span, text.to_owned()));
        }
    }
}

/// `password: ...` in a line, and addresses with a secret.
fn in_line(id: SourceId, start: usize, line: &str, found: &mut Found) {
    let mut note = |secret: &str| {
        if let Some(at) = line.find(secret) {
            let span = Span::new(id, start + at, start + at + secret.len());
            found.push((span, secret.to_owned()));
        }
    };
    for (key, _) in SECRETS {
        let behind = line.split_once(&format!("{key}:"));
        let value = behind.map_or("", |(_, value)| value.trim_start());
        let value = value
            .split([',', '}', '#'])
            .next()
            .unwrap_or_default()
            .trim();
        if !value.starts_with('{') && is_literal(value) {
            note(value);
        }
    }
    for word in line.split([' ', '"', '\'', ',']) {
        if word.contains("://") {
            of_address(word).into_iter().for_each(&mut note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::include::load_text;

    #[test]
    fn an_address_with_a_password_or_a_key_carries_a_secret() {
        for (address, secret) in [
            ("postgres://app:hunter2@db/orders", "hunter2"),
            ("nats://app:pa:ss@nats:4222", "pa:ss"),
            ("https://maps.example/v2?api_key=abc", "abc"),
        ] {
            assert_eq!(of_address(address), [secret], "{address}");
        }
        for address in [
            "postgres://app@db/orders",
            "postgres://app:${PASSWORD}@db/orders",
            "https://maps.example/v2?api_key=${MAPS_KEY}&token=",
            "https://maps.example/a:b@c?page=2",
            "${NATS_URL}",
        ] {
            assert_eq!(of_address(address), Vec::<&str>::new(), "{address}");
        }
    }

    /// A text as it is shown.
    fn shown(text: &str) -> String {
        let loaded = load_text("a.yaml", text);
        let file = loaded.sources.get(SourceId::default());
        file.shown(0..text.len()).unwrap().into_owned()
    }

    #[test]
    fn what_is_secret_is_stars_and_nothing_else_is() {
        for (text, expected) in [
            (
                "services: {a: {store: {user: app, password: \"hunter2\"}}}",
                "services: {a: {store: {user: app, password: \"*******\"}}}",
            ),
            (
                "data_management: {a: {stores: [{password: hünter2}]}}",
                "data_management: {a: {stores: [{password: ********}]}}",
            ),
            (
                "gateway: {authentication: {secret: s3cr3t}}",
                "gateway: {authentication: {secret: ******}}",
            ),
            (
                "message_broker: {url: \"nats://app:pass@nats:4222\"}",
                "message_broker: {url: \"nats://app:****@nats:4222\"}",
            ),
            (
                "m: [{kind: Secret, stringData: {a: one}}, {kind: Service, data: {a: one}}]",
                "m: [{kind: Secret, stringData: {a: ***}}, {kind: Service, data: {a: one}}]",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
        for text in [
            "services: {a: {store: {password: \"${KEY}\"}}}",
            "services: {a: {data_ownership: {users: {fields: {password: string}}}}}",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_shows_no_secret_either() {
        let text = "store: {user: app, password: hunter2}\nurl: nats://a:pass@b\nservices: [\n";
        let shown = shown(text);
        assert!(
            !shown.contains("hunter2") && !shown.contains("pass@"),
            "{shown}"
        );
        assert!(shown.contains("user: app"), "{shown}");
    }
}
