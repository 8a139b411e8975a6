//! What a route takes: `/api/orders/*` is `/api/orders` and all below it, `{id}` is any one segment.

use std::cmp::Ordering;

use super::endpoint::Segment;
use super::gateway::Route;

/// The path of a route, as the gateway reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// A literal, or nothing where any segment fits.
    segments: Vec<Option<String>>,
    below: bool,
}

impl Pattern {
    /// What a route takes at the gateway.
    #[must_use]
    pub fn outside(route: &Route) -> Self {
        Self::read(&route.path.value)
    }

    /// What reaches the service behind a route.
    #[must_use]
    pub fn inside(route: &Route) -> Self {
        let outside = Self::outside(route);
        match &route.rewrite {
            Some(rewrite) => Self {
                below: outside.below,
                ..Self::read(&rewrite.value)
            },
            None => outside,
        }
    }

    fn read(path: &str) -> Self {
        let (stem, below) = match path.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (path, false),
        };
        let segments = stem.split('/').filter(|segment| !segment.is_empty());
        Self {
            segments: segments
                .map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned()))
                .collect(),
            below,
        }
    }

    /// Whether a path falls under it.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let path = path.strip_prefix('/').unwrap_or(path);
        let given: Vec<Option<&str>> = match path {
            "" => Vec::new(),
            path => path.split('/').map(Some).collect(),
        };
        self.meets(&given)
    }

    /// Whether a path of an operation may fall under it.
    #[must_use]
    pub fn meets_operation(&self, segments: &[Segment]) -> bool {
        let given: Vec<Option<&str>> = segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(text) => Some(text.as_str()),
                Segment::Parameter(_) => None,
            })
            .collect();
        self.meets(&given)
    }

    fn meets(&self, given: &[Option<&str>]) -> bool {
        let long = given.len() == self.segments.len();
        let fits = |(own, given): (&Option<String>, &Option<&str>)| match (own, given) {
            (Some(own), Some(given)) => own == given,
            _ => true,
        };
        (long || self.below && given.len() > self.segments.len())
            && self.segments.iter().zip(given).all(fits)
    }

    /// Whether it takes every path that another takes.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let long = match self.below {
            true => self.segments.len() <= other.segments.len(),
            false => self.segments.len() == other.segments.len() && !other.below,
        };
        let wider =
            |(own, their): (&Option<String>, &Option<String>)| own.is_none() || own == their;
        long && self.segments.iter().zip(&other.segments).all(wider)
    }

    /// The order in which patterns are tried: the more specific first.
    #[must_use]
    pub fn before(&self, other: &Self) -> Ordering {
        for (own, their) in self.segments.iter().zip(&other.segments) {
            match own.is_none().cmp(&their.is_none()) {
                Ordering::Equal => {}
                differs => return differs,
            }
        }
        other
            .segments
            .len()
            .cmp(&self.segments.len())
            .then(self.below.cmp(&other.below))
    }
}

/// Whether a gateway can match a path: it begins with `/`, `*` stands alone at its end, and `{name}` is a whole segment.
#[must_use]
pub fn is_pattern(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else {
        return false;
    };
    let stem = match path.strip_suffix('*') {
        Some("") => return true,
        Some(stem) => stem.strip_suffix('/'),
        None => Some(path),
    };
    let named = |segment: &str| match segment.strip_prefix('{') {
        Some(name) => name
            .strip_suffix('}')
            .is_some_and(|name| !name.is_empty() && !name.contains(['{', '}'])),
        None => !segment.is_empty() && !segment.contains(['*', '{', '}', '?', '#', ' ']),
    };
    stem.is_some_and(|stem| stem.is_empty() || stem.split('/').all(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pattern_to_the_gateway_is_none_here() {
        for text in [
            "", "api", "/a*", "/a/*/b", "/a//b", "/a/", "/a/{}", "/a/{x", "/a/{x}y", "/a?b", "/a b",
        ] {
            assert!(!is_pattern(text), "{text}");
        }
        for text in ["/", "/*", "/a", "/a/*", "/a/{x}/b", "/a/{x}/*"] {
            assert!(is_pattern(text), "{text}");
        }
    }

    #[test]
    fn a_pattern_takes_its_path_and_what_is_below_where_it_says_so() {
        let orders = Pattern::read("/orders/*");
        assert!(orders.matches("/orders") && orders.matches("/orders/7/lines"));
        assert!(!orders.matches("/ordersX") && !orders.matches("/"));
        let lines = Pattern::read("/orders/{id}/lines");
        assert!(lines.matches("/orders/7/lines") && !lines.matches("/orders/7"));
        assert!(Pattern::read("/*").matches("/") && Pattern::read("/").matches("/"));
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        let covers = |wide: &str, narrow: &str| Pattern::read(wide).covers(&Pattern::read(narrow));
        for (wide, narrow) in [
            ("/*", "/a"),
            ("/a/*", "/a/*"),
            ("/a/*", "/a/{x}/*"),
            ("/a/{x}", "/a/b"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("/a", "/a/*"),
            ("/a/b/*", "/a/*"),
            ("/a/b", "/a/{x}"),
            ("/a/b/*", "/a/{x}"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn the_more_specific_pattern_comes_first() {
        let order = ["/a/b", "/a/b/*", "/a/{x}", "/a/*", "/*"];
        for pair in order.windows(2) {
            let [first, then] = [0, 1].map(|at| Pattern::read(pair[at]));
            assert_eq!(first.before(&then), Ordering::Less, "{pair:?}");
        }
    }
}
