//! Raw manifests as the rules look at them.

use std::time::Duration;

use crate::model::Model;
use crate::syntax::source::Span;
use crate::syntax::yaml::Node;

/// A raw manifest.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'m> {
    /// As written.
    pub node: &'m Node,
    /// The part of `apiVersion` before the slash; empty where there is none.
    pub group: &'m str,
    /// The part of `apiVersion` after it.
    pub version: &'m str,
    /// What it is.
    pub kind: &'m str,
    /// What it is called.
    pub name: &'m str,
}

/// One rule of a manifest for routing: an item of `http`, `tls` or `tcp`.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'m> {
    /// Which of the three.
    pub protocol: &'static str,
    /// Its place among them.
    pub at: usize,
    /// As written.
    pub node: &'m Node,
}

/// The raw manifests of a model.
#[must_use]
pub fn manifests(model: &Model) -> Vec<Manifest<'_>> {
    let nodes = model.mesh.iter().flat_map(|mesh| &mesh.manifests);
    nodes.map(Manifest::of).collect()
}

impl<'m> Manifest<'m> {
    fn of(node: &'m Node) -> Self {
        let text = |node: Option<&'m Node>| node.and_then(Node::as_str).unwrap_or_default();
        let api = text(node.get("apiVersion"));
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        let metadata = node.get("metadata");
        Self {
            node,
            group,
            version,
            kind: text(node.get("kind")),
            name: text(metadata.and_then(|metadata| metadata.get("name"))),
        }
    }

    /// Whether it is of a kind of Istio's.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.kind == kind && self.group.ends_with(".istio.io")
    }

    /// Its name as findings say it.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.kind, self.name) {
            ("", "") => "a manifest".to_owned(),
            ("", name) => format!("manifest {name}"),
            (kind, "") => format!("a {kind} without a name"),
            (kind, name) => format!("{kind} {name}"),
        }
    }

    /// The place of its name, else of its kind.
    #[must_use]
    pub fn place(&self) -> Span {
        let metadata = self.node.get("metadata");
        let name = metadata.and_then(|metadata| metadata.get("name"));
        name.or_else(|| self.node.get("kind"))
            .map_or_else(|| self.node.head(), |node| node.span)
    }

    /// A key of its `spec`.
    #[must_use]
    pub fn spec(&self, key: &str) -> Option<&'m Node> {
        self.node.get("spec")?.get(key)
    }

    /// The texts of a list of its `spec`.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = (&'m str, Span)> + use<'m> {
        texts(self.spec(key))
    }

    /// Its rules for routing.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'m>> + use<'m> {
        let spec = self.node.get("spec");
        ["http", "tls", "tcp"]
            .into_iter()
            .flat_map(move |protocol| {
                let items = items(spec.and_then(|spec| spec.get(protocol)));
                items
                    .enumerate()
                    .map(move |(at, node)| Entry { protocol, at, node })
            })
    }
}

impl<'m> Entry<'m> {
    /// Its name as findings say it: `http[0]`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}[{}]", self.protocol, self.at)
    }

    /// Whether it says what becomes of a request.
    #[must_use]
    pub fn leads(&self) -> bool {
        let ends: &[&str] = match self.protocol {
            "http" => &["route", "redirect", "directResponse", "delegate"],
            _ => &["route"],
        };
        ends.iter().any(|key| self.node.get(key).is_some())
    }

    /// Whether it takes everything that reaches it.
    #[must_use]
    pub fn takes_all(&self) -> bool {
        self.matches().next().is_none()
    }

    /// The conditions of which one must hold.
    pub fn matches(&self) -> impl Iterator<Item = &'m Node> + use<'m> {
        items(self.node.get("match"))
    }

    /// The items of its `route`.
    pub fn routes(&self) -> impl Iterator<Item = &'m Node> + use<'m> {
        items(self.node.get("route"))
    }
}

/// The destinations that a rule for routing names, mirrors among them.
pub fn route_destinations<'m>(entry: &Entry<'m>) -> impl Iterator<Item = &'m Node> + use<'m> {
    let mirrors = items(entry.node.get("mirrors"));
    entry
        .routes()
        .chain(mirrors)
        .filter_map(|route| route.get("destination"))
        .chain(entry.node.get("mirror"))
}

fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    node.and_then(Node::as_list).into_iter().flatten()
}

fn texts(node: Option<&Node>) -> impl Iterator<Item = (&str, Span)> {
    items(node).filter_map(|node| Some((node.as_str()?, node.span)))
}

/// A duration as Istio writes it: `30s`, `0.5s`, `250ms`, `1m30s`.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..];
        let end = unit
            .find(|char: char| char.is_ascii_digit() || char == '.')
            .unwrap_or(unit.len());
        seconds += match &unit[..end] {
            "ns" => number / 1e9,
            "us" => number / 1e6,
            "ms" => number / 1e3,
            "s" => number,
            "m" => number * 60.0,
            "h" => number * 3600.0,
            _ => return None,
        };
        rest = &unit[end..];
    }
    (!text.is_empty()).then_some(())?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_istio_are_read() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("0.5s"), Some(Duration::from_millis(500)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(duration("1m30s"), Some(Duration::from_secs(90)));
        for text in ["soon", "7", "", "7x", "s", "1.2.3s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
