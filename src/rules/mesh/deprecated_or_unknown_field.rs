//! A field that Istio does not know is refused, or worse, ignored.

use super::about;
use super::shapes::{CONDITIONS, Field, KINDS, Kind, OLD_WORDS, Shape, unknown_condition};
use crate::graph::Graph;
use crate::graph::mesh::{Manifest, duration};
use crate::rules::references::nearest::nearest;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Span;
use crate::syntax::yaml::{Node, Value};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("deprecated-or-unknown-field"),
    family: Family::Mesh,
    severity: Severity::Error,
    required: false,
    summary: "a manifest has a field or a value that Istio does not know, or no longer wants",
    docs: include_str!("deprecated_or_unknown_field.md"),
    check: Check::Graph(check),
};

/// What every Kubernetes object may have besides its `spec`.
const TOP: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let declared = graph.model.mesh.iter().flat_map(|mesh| &mesh.services);
    let declared = declared.filter_map(|policy| {
        let retries = policy.retries.as_ref()?;
        let word = unknown_condition(retries.retry_on.as_deref()?)?;
        let service = &graph.model.services[policy.service].name;
        let finding = condition(retries.span, word, &format!("the retries of {service}"));
        Some(finding.about(service.as_str()))
    });
    let raw = graph.manifests.iter().flat_map(of_manifest);
    declared.chain(raw).collect()
}

fn condition(span: Span, word: &str, whose: &str) -> Finding {
    let message = format!("`{word}` is no condition on which Envoy repeats a request, for {whose}");
    let finding = RULE.finding(span, message).here("unknown condition");
    finding.help(match nearest(word, CONDITIONS.iter().copied()) {
        Some(near) => format!("write {near}"),
        None => format!("write some of {}", words::list(CONDITIONS)),
    })
}

fn of_manifest(manifest: &Manifest<'_>) -> Vec<Finding> {
    // What could not be read is told already.
    let refused = |node: &Node| matches!(node.value, Value::Refused);
    let unread = |key| manifest.node.get(key).is_some_and(refused);
    if refused(manifest.node) || unread("apiVersion") || unread("kind") {
        return Vec::new();
    }
    if manifest.kind.is_empty() || manifest.version.is_empty() {
        let message = format!("{} does not say what it is", manifest.title());
        let finding = RULE.finding(manifest.node.head(), message);
        let finding = finding.here("lacks `apiVersion` or `kind`");
        return vec![about(finding, manifest).help("write `apiVersion` and `kind`")];
    }
    // Whatever is not Istio's is for its own tools to judge.
    if !manifest.group.ends_with("istio.io") {
        return Vec::new();
    }
    if manifest.kind == "IstioOperator" {
        return vec![operator(manifest)];
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.name == manifest.kind) else {
        return vec![unknown_kind(manifest)];
    };
    let mut walk = Walk {
        manifest,
        findings: version(manifest, kind).into_iter().collect(),
    };
    walk.top();
    if let Some(spec) = manifest.node.get("spec") {
        walk.value(spec, &kind.spec, "spec");
    }
    walk.findings
}

fn api_version(manifest: &Manifest<'_>) -> Span {
    let node = manifest.node.get("apiVersion");
    node.map_or_else(|| manifest.node.head(), |node| node.span)
}

fn operator(manifest: &Manifest<'_>) -> Finding {
    let message = format!(
        "{} means something to `istioctl install -f` alone",
        manifest.title()
    );
    let finding = RULE
        .advice(api_version(manifest), message)
        .here("no operator in the cluster reads it since Istio 1.24");
    about(finding, manifest).help("give it to `istioctl install -f`, or write the same as values of Istio's Helm charts; `kubectl apply` does nothing with it")
}

fn unknown_kind(manifest: &Manifest<'_>) -> Finding {
    let kind = manifest.kind;
    let span = manifest
        .node
        .get("kind")
        .map_or(manifest.node.span, |node| node.span);
    let finding = RULE
        .finding(span, format!("Istio knows no kind {kind}"))
        .here("unknown kind");
    let names = KINDS.iter().map(|kind| kind.name);
    let help = match nearest(kind, names.clone()) {
        Some(near) => format!("write {near}"),
        None => format!("write one of {}", words::list(names)),
    };
    about(finding, manifest).help(help)
}

fn version(manifest: &Manifest<'_>, kind: &Kind) -> Option<Finding> {
    let (group, version) = (manifest.group, manifest.version);
    if (group, version) == (kind.group, kind.version) {
        return None;
    }
    let now = format!("write `apiVersion: {}/{}`", kind.group, kind.version);
    let span = api_version(manifest);
    let finding = if group == kind.group && kind.older.contains(&version) {
        let message = format!(
            "{} is written in {version}, and {} is there",
            manifest.title(),
            kind.version
        );
        RULE.advice(span, message).here("is still read")
    } else {
        let message = format!("there is no {} in {group}/{version}", kind.name);
        RULE.finding(span, message).here("has no such kind")
    };
    Some(about(finding, manifest).help(now))
}

/// A walk over a manifest along its shape.
struct Walk<'w, 'm> {
    manifest: &'w Manifest<'m>,
    findings: Vec<Finding>,
}

impl Walk<'_, '_> {
    fn top(&mut self) {
        let entries = self
            .manifest
            .node
            .as_map()
            .map_or(&[][..], |map| &map.entries);
        for entry in entries
            .iter()
            .filter(|entry| !TOP.contains(&&*entry.key.value))
        {
            let near = nearest(&entry.key.value, TOP.iter().copied());
            let help = match near {
                Some(near) => format!("write `{near}`"),
                None => "move it into `spec`".to_owned(),
            };
            self.unknown(&entry.key.value, entry.key.span, help);
        }
    }

    fn value(&mut self, node: &Node, shape: &Shape, path: &str) {
        if node.is_null() || matches!(node.value, Value::Refused) {
            return;
        }
        match (shape, &node.value) {
            (Shape::Anything, _) => {}
            (Shape::Record(fields), Value::Map(map)) => {
                for entry in &map.entries {
                    let below = join(path, &entry.key.value);
                    match fields.iter().find(|field| field.name == &*entry.key.value) {
                        Some(field) => {
                            self.deprecated(field, &entry.value, &below, entry.key.span);
                            self.value(&entry.value, &field.shape, &below);
                        }
                        None => {
                            self.unknown(&below, entry.key.span, cure(&entry.key.value, fields))
                        }
                    }
                }
            }
            (Shape::Map(inner), Value::Map(map)) => {
                for entry in &map.entries {
                    self.value(&entry.value, inner, &join(path, &entry.key.value));
                }
            }
            (Shape::List(inner), Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.value(item, inner, &format!("{path}[{at}]"));
                }
            }
            (Shape::Conditions, Value::Scalar(_)) => {
                let conditions = node.as_str().unwrap_or_default();
                if let Some(word) = unknown_condition(conditions) {
                    self.add(condition(node.span, word, &self.manifest.title()));
                }
            }
            (Shape::OneOf(words), Value::Scalar(_)) => self.word(node, words, path),
            _ if scalar_fits(node, shape) => {}
            _ => self.misfit(node, shape, path),
        }
    }

    fn word(&mut self, node: &Node, allowed: &[&str], path: &str) {
        let word = node.as_str().unwrap_or_default();
        if let Some((_, now)) = OLD_WORDS.iter().find(|(old, _)| *old == word) {
            let message = format!(
                "`{word}` in `{path}` of {} is deprecated",
                self.manifest.title()
            );
            let finding = RULE.finding(node.span, message).here("deprecated");
            self.add(finding.help(format!("write {now}")));
        } else if !allowed.contains(&word) {
            let message = format!("`{path}` of {} cannot be {word}", self.manifest.title());
            let finding = RULE.finding(node.span, message).here("unknown value");
            let help = match nearest(word, allowed.iter().copied()) {
                Some(near) => format!("write {near}"),
                None => format!("write one of {}", words::list(allowed)),
            };
            self.add(finding.help(help));
        }
    }

    fn deprecated(&mut self, field: &Field, value: &Node, path: &str, span: Span) {
        let Some(instead) = field.instead else {
            return;
        };
        let message = format!("`{path}` of {} is deprecated", self.manifest.title());
        let finding = RULE.finding(span, message).here("deprecated");
        let scalar = value.as_str().filter(|_| !instead.contains('.'));
        let help = match scalar
            .filter(|_| matches!(field.shape, Shape::Whole) && instead != "mirrorPercentage")
        {
            Some(value) => format!("write `{instead}: {value}`"),
            None => format!("write `{instead}`"),
        };
        self.add(finding.help(help));
    }

    fn unknown(&mut self, path: &str, span: Span, help: String) {
        let message = format!("{} has no field `{path}`", self.manifest.title());
        let finding = RULE.finding(span, message).here("unknown field");
        self.add(finding.help(help));
    }

    fn misfit(&mut self, node: &Node, shape: &Shape, path: &str) {
        let wanted = match shape {
            Shape::Conditions => "conditions with commas between",
            Shape::Text => "a text (in quotes, where it looks like a number or like true)",
            Shape::Whole => "a whole number",
            Shape::Number => "a number",
            Shape::Flag => "true or false",
            Shape::Duration => "a duration such as 30s",
            Shape::OneOf(_) => "a word",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Record(_) => "a map",
            Shape::Anything => return,
        };
        let message = format!(
            "`{path}` of {} is not what Istio reads there",
            self.manifest.title()
        );
        let finding = RULE
            .finding(node.head(), message)
            .here(format!("is {}", node.kind()));
        self.add(finding.help(format!("write {wanted}")));
    }

    fn add(&mut self, finding: Finding) {
        self.findings.push(about(finding, self.manifest));
    }
}

fn join(path: &str, key: &str) -> String {
    match path {
        "spec" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

fn cure(key: &str, fields: &[Field]) -> String {
    let current = fields.iter().filter(|field| field.instead.is_none());
    let names: Vec<&str> = current.map(|field| field.name).collect();
    match nearest(key, names.iter().copied()) {
        Some(near) => format!("write `{near}`"),
        None => format!("remove it, or write one of {}", words::some(names, 12)),
    }
}

fn scalar_fits(node: &Node, shape: &Shape) -> bool {
    if !matches!(node.value, Value::Scalar(_)) {
        return false;
    }
    let json = node.to_json();
    match shape {
        Shape::Text => json.is_string(),
        Shape::Whole => json.is_i64() || json.is_u64(),
        Shape::Number => json.is_number(),
        Shape::Flag => json.is_boolean(),
        Shape::Duration => json.as_str().and_then(duration).is_some(),
        _ => false,
    }
}
