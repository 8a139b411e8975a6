//! Paths of routes as Istio matches them: text, whole or from its beginning, or a regular expression; it knows nothing of segments.

use serde_json::{Value, json};

use crate::plan::envoy::path;

/// One way to match the path of a route, and what it becomes.
pub(super) struct Matched {
    /// The condition.
    pub uri: Value,
    /// What the service sees in its place, where that differs.
    pub rewrite: Option<Value>,
}

/// The ways to match the path of a route: `/a/*` is `/a` and what begins with `/a/`.
pub(super) fn matched(path: &str, rewrite: Option<&str>) -> Vec<Matched> {
    let (stem, below) = match path.strip_suffix("/*") {
        Some(stem) => (stem, true),
        None => (path, false),
    };
    if stem.contains('{') {
        return vec![pattern(stem, below, rewrite)];
    }
    let becomes = rewrite.map(|to| to.trim_matches('/'));
    let text = |uri: Value, tail: &str| Matched {
        uri,
        rewrite: becomes.map(|to| {
            let to = if to.is_empty() {
                String::new()
            } else {
                format!("/{to}")
            };
            let to = format!("{to}{tail}");
            json!({"uri": if to.is_empty() { "/".to_owned() } else { to }})
        }),
    };
    match (stem, below) {
        ("", true) => vec![text(json!({"prefix": "/"}), "/")],
        (stem, false) => vec![text(json!({"exact": stem}), "")],
        (stem, true) => vec![
            text(json!({"exact": stem}), ""),
            text(json!({"prefix": format!("{stem}/")}), "/"),
        ],
    }
}

/// A path with `{name}` in it, as a regular expression (RE2) that takes the whole of it.
fn pattern(stem: &str, below: bool, rewrite: Option<&str>) -> Matched {
    let prefix = path::pattern(stem);
    let rest = if below { "(/.*)?" } else { "" };
    Matched {
        uri: json!({"regex": format!("{prefix}{rest}")}),
        rewrite: rewrite.map(|to| {
            let (from, to) = path::replaced(stem, to);
            json!({"uriRegexRewrite": {"match": from, "rewrite": to}})
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, rewrite: Option<&str>) -> Vec<(Value, Option<Value>)> {
        let all = matched(path, rewrite).into_iter();
        all.map(|one| (one.uri, one.rewrite)).collect()
    }

    #[test]
    fn what_is_below_begins_behind_a_slash() {
        assert_eq!(
            told("/api/x/*", Some("/x")),
            [
                (json!({"exact": "/api/x"}), Some(json!({"uri": "/x"}))),
                (json!({"prefix": "/api/x/"}), Some(json!({"uri": "/x/"}))),
            ]
        );
        assert_eq!(told("/x", None), [(json!({"exact": "/x"}), None)]);
        assert_eq!(told("/*", None), [(json!({"prefix": "/"}), None)]);
    }

    #[test]
    fn a_prefix_that_becomes_nothing_leaves_one_slash() {
        assert_eq!(
            told("/api/*", Some("/")),
            [
                (json!({"exact": "/api"}), Some(json!({"uri": "/"}))),
                (json!({"prefix": "/api/"}), Some(json!({"uri": "/"}))),
            ]
        );
    }

    #[test]
    fn a_parameter_is_one_segment() {
        let rewritten = json!({"uriRegexRewrite": {"match": r"^/a\.b/[^/]+", "rewrite": "/c"}});
        assert_eq!(
            told("/a.b/{id}/*", Some("/c")),
            [(json!({"regex": r"/a\.b/[^/]+(/.*)?"}), Some(rewritten))]
        );
        let passed =
            json!({"uriRegexRewrite": {"match": "^/api/([^/]+)", "rewrite": r"/things/\1"}});
        assert_eq!(
            told("/api/{id}", Some("/things/{id}")),
            [(json!({"regex": "/api/[^/]+"}), Some(passed))]
        );
    }
}
