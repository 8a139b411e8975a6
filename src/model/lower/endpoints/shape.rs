//! The method and path of an operation, and the name that follows from them.

use super::super::{Attempt, Lowering};
use crate::model::Fault;
use crate::model::endpoint::{Method, Segment};
use crate::model::name::Name;
use crate::syntax::document::{self, MethodWord};
use crate::syntax::source::Spanned;

/// An endpoint's method and path, read from its keys or from its name (`GET /customers/{id}`).
pub(super) struct Shape {
    pub(super) name: Name,
    pub(super) method: Method,
    pub(super) path: Spanned<String>,
    pub(super) segments: Vec<Segment>,
}

impl Lowering<'_> {
    pub(super) fn shape(
        &self,
        name: &Spanned<String>,
        endpoint: &document::Endpoint,
    ) -> Attempt<Shape> {
        let short = name
            .value
            .split_once(' ')
            .map(|(method, path)| (method.trim(), path.trim()));
        let method = match (&endpoint.method, short) {
            (Some(method), _) => Some(Method::from(method.value)),
            (None, Some((method, _))) => MethodWord::from_word(method).map(Method::from),
            (None, None) => None,
        };
        let path = match (&endpoint.path, short) {
            (Some(path), _) => Some(path.clone()),
            (None, Some((_, path))) => Some(Spanned::new(path.to_owned(), name.span)),
            (None, None) => None,
        };
        let (Some(method), Some(path)) = (method, path) else {
            return Err(Fault::new(
                "malformed-endpoint",
                name.span,
                format!("operation `{name}` lacks its method or path"),
            )
            .here("what is its request?")
            .help("write `method:` and `path:`, or name it like `GET /customers/{id}`")
            .into());
        };
        let segments = segments(&path)?;
        let name = match short {
            Some(_) => Name::new(derived_name(method, &segments), name.span),
            None => name.into(),
        };
        Ok(Shape {
            name,
            method,
            path,
            segments,
        })
    }
}

fn segments(path: &Spanned<String>) -> Attempt<Vec<Segment>> {
    let malformed = |message: String| -> Box<Fault> {
        Fault::new("malformed-endpoint", path.span, message)
            .here("not a path")
            .help("write a path like `/customers/{id}`")
            .into()
    };
    let rest = path
        .value
        .strip_prefix('/')
        .ok_or_else(|| malformed(format!("`{path}` does not begin with `/`")))?;
    let mut seen = Vec::new();
    let mut segments = Vec::new();
    // `/` alone is the root, and has no pieces.
    for piece in rest.split('/').filter(|_| !rest.is_empty()) {
        if let Some(name) = piece
            .strip_prefix('{')
            .and_then(|piece| piece.strip_suffix('}'))
        {
            let name = Name::new(name, path.span);
            let valid = name
                .snake()
                .starts_with(|first: char| first.is_ascii_lowercase());
            if !valid
                || seen.contains(&name)
                || !name
                    .as_str()
                    .chars()
                    .all(|char| char.is_ascii_alphanumeric() || char == '_')
            {
                return Err(malformed(format!(
                    "`{{{name}}}` is no parameter, or stands twice"
                )));
            }
            seen.push(name.clone());
            segments.push(Segment::Parameter(name));
        } else if !piece.is_empty()
            && piece
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || "-_.~".contains(char))
        {
            segments.push(Segment::Literal(piece.to_owned()));
        } else if piece.is_empty() {
            return Err(malformed(format!(
                "`{path}` has nothing between two `/`, or behind the last"
            )));
        } else {
            return Err(malformed(format!("`{piece}` is no piece of a path")));
        }
    }
    Ok(segments)
}

/// `GET /customers/{id}/orders` → `get_customers_by_id_orders`; `GET /` → `get_root`.
fn derived_name(method: Method, segments: &[Segment]) -> String {
    if segments.is_empty() {
        return format!("{}_root", method.as_str().to_ascii_lowercase());
    }
    let pieces = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => Name::snake_of(text),
        Segment::Parameter(name) => format!("by_{}", name.snake()),
    });
    std::iter::once(method.as_str().to_ascii_lowercase())
        .chain(pieces)
        .collect::<Vec<_>>()
        .join("_")
}

impl From<MethodWord> for Method {
    fn from(word: MethodWord) -> Self {
        match word {
            MethodWord::Get => Self::Get,
            MethodWord::Head => Self::Head,
            MethodWord::Post => Self::Post,
            MethodWord::Put => Self::Put,
            MethodWord::Patch => Self::Patch,
            MethodWord::Delete => Self::Delete,
        }
    }
}
