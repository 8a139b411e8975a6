//! Paths: `/api/things/*` takes `/api/things` and what is below, and never `/api/thingsX`.

use serde_json::{Value, json};

use crate::model::rewrite::parameters;

/// How a path is matched.
pub(super) fn matched(path: &str) -> Value {
    match shape(path) {
        Shape::All => json!({"prefix": "/"}),
        Shape::Below(prefix) => json!({"path_separated_prefix": prefix}),
        Shape::Exact(path) => json!({"path": path}),
        Shape::Pattern(regex) => json!({"safe_regex": {"regex": regex}}),
    }
}

/// What the part of a path before `/*` becomes, as a setting of a route.
pub(super) fn rewritten(path: &str, to: &str) -> (&'static str, Value) {
    let to = format!("/{}", to.trim_matches('/'));
    let regex = |pattern: String, to: &str| {
        let value = json!({"pattern": {"regex": pattern}, "substitution": to});
        ("regex_rewrite", value)
    };
    match shape(path) {
        // The slash that follows `/api/things` must not stand beside that of the new prefix.
        Shape::All | Shape::Below(_) if to == "/" => {
            let prefix = path.trim_end_matches('*').trim_end_matches('/');
            regex(format!("^{}/?", escaped(prefix)), "/")
        }
        Shape::All => ("prefix_rewrite", format!("{to}/").into()),
        Shape::Pattern(_) => {
            let (from, to) = replaced(path.strip_suffix("/*").unwrap_or(path), &to);
            regex(from, &to)
        }
        Shape::Below(_) | Shape::Exact(_) => ("prefix_rewrite", to.into()),
    }
}

enum Shape {
    /// `/*`
    All,
    /// `/a/*`
    Below(String),
    /// `/a`
    Exact(String),
    /// With `{name}`.
    Pattern(String),
}

fn shape(path: &str) -> Shape {
    let (stem, below) = match path.strip_suffix("/*") {
        Some(stem) => (stem, true),
        None => (path, false),
    };
    if !stem.contains('{') {
        return match (stem, below) {
            ("", true) => Shape::All,
            (stem, true) => Shape::Below(stem.to_owned()),
            (stem, false) => Shape::Exact(stem.to_owned()),
        };
    }
    let rest = if below { "(/.*)?" } else { "" };
    Shape::Pattern(format!("{}{rest}", pattern(stem)))
}

/// A path as a regular expression, where `{name}` stands for any one segment.
pub(in crate::plan) fn pattern(path: &str) -> String {
    expression(path, &[])
}

/// How the beginning of a path with `{name}` becomes another: what is taken, and what stands in its place. What the other names is kept.
pub(in crate::plan) fn replaced(path: &str, to: &str) -> (String, String) {
    let kept = |name: &&str| parameters(to).any(|named| named == *name);
    let kept: Vec<&str> = parameters(path).filter(kept).collect();
    let from = expression(path, &kept);
    if to == "/" {
        return (format!("^{from}/?"), to.to_owned());
    }
    let place = |name: &str| kept.iter().position(|own| *own == name);
    let segments = to
        .split('/')
        .map(|segment| match parameters(segment).next().and_then(place) {
            Some(at) => format!("\\{}", at + 1),
            None => segment.replace('\\', r"\\"),
        });
    let to: Vec<String> = segments.collect();
    (format!("^{from}"), to.join("/"))
}

/// The expression of a path; parameters that are kept are groups, in their order.
fn expression(path: &str, kept: &[&str]) -> String {
    let segments = path.split('/').skip(1);
    segments.fold(String::new(), |text, segment| {
        let segment = match parameters(segment).next() {
            Some(name) if kept.contains(&name) => "([^/]+)".to_owned(),
            Some(_) => "[^/]+".to_owned(),
            None => escaped(segment),
        };
        format!("{text}/{segment}")
    })
}

/// A text as a regular expression that takes just that.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_slash() {
        assert_eq!(
            matched("/api/things/*"),
            json!({"path_separated_prefix": "/api/things"})
        );
        assert_eq!(matched("/api/things"), json!({"path": "/api/things"}));
        assert_eq!(matched("/*"), json!({"prefix": "/"}));
        assert_eq!(
            matched("/a.b/{id}/*"),
            json!({"safe_regex": {"regex": r"/a\.b/[^/]+(/.*)?"}})
        );
    }

    #[test]
    fn the_prefix_is_rewritten_without_a_second_slash() {
        assert_eq!(
            rewritten("/api/things/*", "/things"),
            ("prefix_rewrite", json!("/things"))
        );
        let regex = |pattern: &str, to: &str| {
            let value = json!({"pattern": {"regex": pattern}, "substitution": to});
            ("regex_rewrite", value)
        };
        assert_eq!(
            rewritten("/api/things/*", "/"),
            regex("^/api/things/?", "/")
        );
        assert_eq!(rewritten("/a/{id}/*", "/b/"), regex("^/a/[^/]+", "/b"));
        assert_eq!(rewritten("/*", "/v1"), ("prefix_rewrite", json!("/v1/")));
        assert_eq!(rewritten("/x", "/y"), ("prefix_rewrite", json!("/y")));
    }

    #[test]
    fn parameters_are_passed_on_by_their_place() {
        let told = |path: &str, to: &str| rewritten(path, to).1;
        assert_eq!(
            told("/api/things/{id}", "/things/{id}"),
            json!({"pattern": {"regex": "^/api/things/([^/]+)"}, "substitution": r"/things/\1"})
        );
        assert_eq!(
            told("/a/{x}/{y}/{z}/*", "/{z}/of/{x}"),
            json!({"pattern": {"regex": "^/a/([^/]+)/[^/]+/([^/]+)"}, "substitution": r"/\2/of/\1"})
        );
        assert_eq!(
            told("/a/{x}", r"/\1/{x}"),
            json!({"pattern": {"regex": "^/a/([^/]+)"}, "substitution": r"/\\1/\1"})
        );
    }
}
