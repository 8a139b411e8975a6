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
    /// Any one, by its name.
    Any(String),
}

/// What the paths of a pattern become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rewrite {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// The segment that stands there in the path.
    Given(usize),
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
                Segment::Any(_) if name.is_empty() => return None,
                _ => rest = behind,
            }
        }
        let fits = self.below || rest.is_empty() || (self.segments.is_empty() && rest == "/");
        fits.then_some(rest)
    }

    /// What its paths become: a path without `*`, whose names stand once each in the pattern.
    pub(super) fn rewrite(&self, to: &str) -> Option<Rewrite> {
        let written = to.strip_prefix('/')?.trim_end_matches('/');
        let segments = written.split('/').filter(|_| !written.is_empty());
        let parts = segments.map(|text| match segment(text)? {
            Segment::Literal(text) => Some(Part::Literal(text)),
            Segment::Any(name) => self.place(&name).map(Part::Given),
        });
        Some(Rewrite {
            parts: parts.collect::<Option<_>>()?,
        })
    }

    /// Which segment has a name, where just one has.
    fn place(&self, name: &str) -> Option<usize> {
        let named = |segment: &Segment| matches!(segment, Segment::Any(own) if own == name);
        let place = self.segments.iter().position(named)?;
        let again = self.segments[place + 1..].iter().any(named);
        (!again).then_some(place)
    }

    /// The path that a service sees: the part before `/*` becomes what the rewrite says.
    pub(super) fn rewritten(&self, path: &str, to: &Rewrite) -> String {
        let rest = self.rest(path).unwrap_or_default();
        let given: Vec<&str> = path.split('/').skip(1).collect();
        let mut new = String::with_capacity(path.len());
        for part in &to.parts {
            new.push('/');
            new.push_str(match part {
                Part::Literal(text) => text,
                Part::Given(place) => given.get(*place).copied().unwrap_or_default(),
            });
        }
        new.push_str(rest);
        if new.is_empty() {
            new.push('/');
        }
        new
    }

    /// The order in which patterns are tried.
    #[must_use]
    pub fn more_specific(&self, other: &Self) -> Ordering {
        for (own, their) in self.segments.iter().zip(&other.segments) {
            match (own, their) {
                (Segment::Literal(_), Segment::Any(_)) => return Ordering::Less,
                (Segment::Any(_), Segment::Literal(_)) => return Ordering::Greater,
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
        return (!name.is_empty() && !name.contains(['{', '}']))
            .then(|| Segment::Any(name.to_owned()));
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

    fn rewritten(text: &str, path: &str, to: &str) -> String {
        let pattern = pattern(text);
        let to = pattern.rewrite(to).unwrap();
        pattern.rewritten(path, &to)
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
        for (path, to, service_sees) in [
            ("/api/things/7", "/things", "/things/7"),
            ("/api/things", "/things", "/things"),
            ("/api/things/", "/things/", "/things/"),
            ("/api/things/7", "/", "/7"),
            ("/api/things", "/", "/"),
        ] {
            assert_eq!(rewritten("/api/things/*", path, to), service_sees);
        }
    }

    #[test]
    fn what_stood_at_a_name_is_passed_on() {
        for (text, path, to, service_sees) in [
            (
                "/api/things/{id}",
                "/api/things/7",
                "/things/{id}",
                "/things/7",
            ),
            ("/api/things/{id}", "/api/things/a%2Fb", "/{id}", "/a%2Fb"),
            ("/{a}/{b}/{c}/*", "/1/2/3/4/5", "/{c}/of/{a}", "/3/of/1/4/5"),
            ("/api/{id}", "/api/7", "/{id}/or/{id}", "/7/or/7"),
            ("/api/{id}", "/api/7", "/things", "/things"),
        ] {
            assert_eq!(rewritten(text, path, to), service_sees, "{text} {to}");
        }
    }

    #[test]
    fn a_rewrite_that_the_path_does_not_give_is_none() {
        for (text, to) in [
            ("/api/{id}", "/{other}"),
            ("/{id}/{id}", "/{id}"),
            ("/api/*", "/things/*"),
            ("/api/{id}", "things"),
            ("/api/{id}", "/a//b"),
        ] {
            assert_eq!(pattern(text).rewrite(to), None, "{text} {to}");
        }
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
