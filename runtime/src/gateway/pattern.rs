//! Path patterns: `/api/things/*` takes `/api/things` and everything below it, and never `/api/thingsX`.

use std::cmp::Ordering;

/// The text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no path pattern: it begins with `/`, `*` stands alone at its end, and `{{name}}` is a whole segment"
)]
pub struct PatternError {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Any,
}

/// A path pattern. The more specific of two comes first: literal before `{name}`, longer before shorter, exact before `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
    below: bool,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A text that is none.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError {
            text: text.to_owned(),
        };
        let path = text.strip_prefix('/').ok_or_else(wrong)?;
        let (path, below) = match path.strip_suffix('*') {
            Some("") => ("", true),
            Some(prefix) => (prefix.strip_suffix('/').ok_or_else(wrong)?, true),
            None => (path, false),
        };
        let segments = if path.is_empty() {
            Vec::new()
        } else {
            path.split('/').map(segment).collect()
        };
        let segments: Option<Vec<_>> = segments.into_iter().collect();
        Ok(Self {
            text: text.to_owned(),
            segments: segments.ok_or_else(wrong)?,
            below,
        })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a path falls under it.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.rest(path).is_some()
    }

    /// What is left of a path behind the pattern: empty, or beginning with `/`.
    pub(super) fn rest<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut rest = path;
        for segment in &self.segments {
            let after = rest.strip_prefix('/')?;
            let end = after.find('/').unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            match segment {
                Segment::Literal(literal) if literal != name => return None,
                Segment::Any if name.is_empty() => return None,
                _ => rest = behind,
            }
        }
        let fits = self.below || rest.is_empty() || (self.segments.is_empty() && rest == "/");
        fits.then_some(rest)
    }

    /// The path that a service sees: the part before `/*` becomes `prefix`.
    pub(super) fn rewritten(&self, path: &str, prefix: &str) -> String {
        let rest = self.rest(path).unwrap_or_default();
        let new = format!("{}{rest}", prefix.trim_end_matches('/'));
        if new.starts_with('/') {
            new
        } else {
            format!("/{new}")
        }
    }

    /// The order in which patterns are tried.
    #[must_use]
    pub fn more_specific(&self, other: &Self) -> Ordering {
        for (own, their) in self.segments.iter().zip(&other.segments) {
            match (own, their) {
                (Segment::Literal(_), Segment::Any) => return Ordering::Less,
                (Segment::Any, Segment::Literal(_)) => return Ordering::Greater,
                _ => {}
            }
        }
        other
            .segments
            .len()
            .cmp(&self.segments.len())
            .then(self.below.cmp(&other.below))
    }
}

fn segment(text: &str) -> Option<Segment> {
    if let Some(name) = text.strip_prefix('{') {
        let name = name.strip_suffix('}')?;
        return (!name.is_empty() && !name.contains(['{', '}'])).then_some(Segment::Any);
    }
    (!text.is_empty() && !text.contains(['*', '{', '}', '?', '#']))
        .then(|| Segment::Literal(text.to_owned()))
}

/// Whether a path says the same to everybody who reads it. Dot segments, also encoded, and empty ones do not: a check here
/// and a lookup behind could mean two different things.
pub(super) fn is_plain(path: &str) -> bool {
    let dots = |segment: &str| {
        let text = segment.to_ascii_lowercase().replace("%2e", ".");
        text == "." || text == ".."
    };
    path.starts_with('/')
        && !path.contains("//")
        && !path.contains('\\')
        && !path.split('/').any(dots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    #[test]
    fn a_prefix_takes_itself_and_what_is_below_and_no_neighbour() {
        let things = pattern("/api/things/*");
        for path in [
            "/api/things",
            "/api/things/",
            "/api/things/7",
            "/api/things/7/parts",
        ] {
            assert!(things.matches(path), "{path}");
        }
        for path in ["/api/thingsX", "/api/things-old/7", "/api", "/", "/other"] {
            assert!(!things.matches(path), "{path}");
        }
    }

    #[test]
    fn an_exact_path_takes_only_itself() {
        assert!(pattern("/api/things").matches("/api/things"));
        assert!(!pattern("/api/things").matches("/api/things/7"));
        assert!(pattern("/").matches("/"));
        assert!(pattern("/*").matches("/anything/at/all"));
    }

    #[test]
    fn a_name_takes_one_segment() {
        let parts = pattern("/things/{id}/parts");
        assert!(parts.matches("/things/7/parts"));
        assert!(!parts.matches("/things//parts"));
        assert!(!parts.matches("/things/7/8/parts"));
    }

    #[test]
    fn the_prefix_is_rewritten_and_the_rest_kept() {
        let things = pattern("/api/things/*");
        assert_eq!(things.rewritten("/api/things/7", "/things"), "/things/7");
        assert_eq!(things.rewritten("/api/things", "/things"), "/things");
        assert_eq!(things.rewritten("/api/things/7", "/"), "/7");
        assert_eq!(things.rewritten("/api/things", "/"), "/");
    }

    #[test]
    fn the_more_specific_pattern_comes_first() {
        let texts = [
            "/*", "/a/*", "/a/{x}", "/a/b/*", "/a/b", "/a/{x}/c", "/a/b/c",
        ];
        let mut patterns: Vec<_> = texts.map(pattern).into();
        patterns.sort_by(Pattern::more_specific);
        let order: Vec<_> = patterns.iter().map(Pattern::as_str).collect();
        let place = |text: &str| order.iter().position(|t| *t == text).unwrap();
        assert!(place("/a/b/c") < place("/a/b"));
        assert!(place("/a/b") < place("/a/b/*"));
        assert!(place("/a/b/*") < place("/a/{x}"));
        assert!(place("/a/{x}") < place("/a/*"));
        assert_eq!(order.last(), Some(&"/*"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for text in [
            "", "api", "/a*", "/a/*/b", "/a//b", "/a/{}", "/a/{x", "/a/{x}y", "/a?b",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_that_could_mean_two_things_are_not_plain() {
        for path in ["/a/../b", "/a/%2e%2E/b", "/a/./b", "/a//b", "/a\\b", "a"] {
            assert!(!is_plain(path), "{path}");
        }
        assert!(is_plain("/a/..b/c.d/%2f"));
    }
}
