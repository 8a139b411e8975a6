//! A secret in a file is known to everybody who ever had the file.

use crate::graph::Graph;
use crate::graph::mesh::Manifest;
use crate::model::name::Name;
use crate::model::platform::Credential;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::secrets::{self, is_literal};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("literal-secret"),
    family: Family::Security,
    severity: Severity::Error,
    required: false,
    summary: "a secret is written in the file",
    docs: include_str!("literal_secret.md"),
    check: Check::Graph(check),
};

/// No message repeats what is secret.
fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let credentials = graph.model.credentials.iter();
    let written = credentials.filter(|credential| {
        if credential.whole {
            is_literal(&credential.value)
        } else {
            !secrets::of_address(&credential.value).is_empty()
        }
    });
    let manifests = graph.manifests.iter();
    written
        .map(finding)
        .chain(manifests.filter_map(of_manifest))
        .collect()
}

fn finding(credential: &Credential) -> Finding {
    let Credential {
        what,
        of,
        value,
        whole,
    } = credential;
    let variable = format!("{}_SECRET", Name::snake_of(of).to_ascii_uppercase());
    let (message, help) = if *whole {
        (
            format!("{what} is written in the file"),
            format!(
                "write a reference, `${{{variable}}}`, and replace the secret: it is known by now"
            ),
        )
    } else {
        (
            format!("{what} has a secret in it"),
            format!(
                "write `${{{variable}}}` in place of the secret, and replace it: it is known by now"
            ),
        )
    };
    RULE.finding(value.span, message)
        .here("for everybody who has this file")
        .about(of.as_str())
        .help(help)
}

/// A Secret of Kubernetes holds its values as they are, or in base64, which hides nothing.
fn of_manifest(manifest: &Manifest<'_>) -> Option<Finding> {
    if manifest.kind != "Secret" {
        return None;
    }
    let parts = ["stringData", "data"].into_iter();
    let entries = parts.filter_map(|part| manifest.node.get(part)?.as_map());
    let literal = entries
        .flat_map(|map| &map.entries)
        .filter(|entry| entry.value.as_str().is_some_and(is_literal));
    let keys: Vec<&str> = literal.map(|entry| &*entry.key.value).collect();
    if keys.is_empty() {
        return None;
    }
    let message = format!(
        "{} holds {} in the file",
        manifest.title(),
        words::some(keys, 4)
    );
    Some(
        RULE.finding(manifest.place(), message)
            .here("for everybody who has this file")
            .about(manifest.name)
            .help("take the manifest out; let the cluster get the secret from where secrets are kept, and replace it: it is known by now"),
    )
}
