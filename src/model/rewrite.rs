//! What the path of a route becomes: `/api/things/{id}` with `rewrite: /things/{id}`, or the part of `/api/things/*` before its `/*`.

use super::gateway::Route;
use super::pattern::is_pattern;

/// How many parameters of its path a rewrite may name: Envoy's expressions know no more.
const MOST: usize = 9;

/// Why a path cannot become what its rewrite says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misled {
    /// The rewrite is no path.
    NoPath,
    /// It goes on with `/*`, and the path does not.
    Below,
    /// It names a parameter that the path does not have.
    Stranger(String),
    /// It names a parameter that stands twice in the path.
    Twice(String),
    /// It names more parameters than a gateway can pass on.
    TooMany,
}

/// What stands in the way of a rewrite, if anything does.
#[must_use]
pub fn misled(path: &str, rewrite: &str) -> Option<Misled> {
    let slim = match rewrite {
        "/" => rewrite,
        other => other.strip_suffix('/').unwrap_or(other),
    };
    if !is_pattern(slim) {
        return Some(Misled::NoPath);
    }
    if slim.ends_with("/*") && !path.ends_with("/*") {
        return Some(Misled::Below);
    }
    let mut named: Vec<&str> = parameters(slim).collect();
    for name in &named {
        match parameters(path).filter(|own| own == name).count() {
            0 => return Some(Misled::Stranger((*name).to_owned())),
            1 => {}
            _ => return Some(Misled::Twice((*name).to_owned())),
        }
    }
    named.sort_unstable();
    named.dedup();
    (named.len() > MOST).then_some(Misled::TooMany)
}

/// A rewrite as everybody reads it from here on: without the `/*` that it may repeat, and without a slash at its end.
#[must_use]
pub fn stem(rewrite: &str) -> String {
    let stem = rewrite.strip_suffix("/*").unwrap_or(rewrite);
    format!("/{}", stem.trim_matches('/'))
}

/// The names of the parameters in a path.
pub fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// Parameters of a route's path that its rewrite does not pass on.
#[must_use]
pub fn lost(route: &Route) -> Vec<&str> {
    let Some(rewrite) = &route.rewrite else {
        return Vec::new();
    };
    let passed = |name: &&str| !parameters(&rewrite.value).any(|named| named == *name);
    parameters(&route.path.value).filter(passed).collect()
}

/// Whether a gateway can match the path of a route, and lead it on.
#[must_use]
pub fn is_sound(route: &Route) -> bool {
    let path = &route.path.value;
    let leads = |rewrite: &String| misled(path, rewrite).is_none();
    is_pattern(path) && route.rewrite.as_ref().is_none_or(|rewrite| leads(rewrite))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewrite_is_a_path_of_what_its_route_has() {
        for (path, rewrite) in [
            ("/api/things/{id}", "/things/{id}"),
            ("/api/things/*", "/things"),
            ("/api/things/*", "/things/*"),
            ("/api/things/*", "/things/"),
            ("/api/{a}/of/{b}/*", "/{b}/{a}/{b}/*"),
            ("/api/{id}", "/"),
            ("/api/*", "/*"),
        ] {
            assert_eq!(misled(path, rewrite), None, "{path} {rewrite}");
        }
    }

    #[test]
    fn what_a_route_cannot_become_is_told() {
        let named = |names: std::ops::Range<u8>| -> String {
            names.map(|name| format!("/{{p{name}}}")).collect()
        };
        let (ten, nine) = (named(0..10), named(0..9));
        assert_eq!(misled(&ten, &nine), None);
        for (path, rewrite, why) in [
            ("/api/x", "things", Misled::NoPath),
            ("/api/x", "", Misled::NoPath),
            ("/api/x", "/things//7", Misled::NoPath),
            ("/api/x", "/things/{id", Misled::NoPath),
            ("/api/x", "/things?all=1", Misled::NoPath),
            ("/api/{id}", "/things/*", Misled::Below),
            (
                "/api/{id}",
                "/{other}",
                Misled::Stranger("other".to_owned()),
            ),
            ("/{id}/{id}", "/{id}", Misled::Twice("id".to_owned())),
            (&ten, &ten, Misled::TooMany),
        ] {
            assert_eq!(misled(path, rewrite), Some(why), "{path} {rewrite}");
        }
    }

    #[test]
    fn every_spelling_of_a_rewrite_is_one() {
        for (written, stem_of) in [
            ("/things/*", "/things"),
            ("/things/", "/things"),
            ("/", "/"),
            ("/*", "/"),
        ] {
            assert_eq!(stem(written), stem_of, "{written}");
        }
    }
}
