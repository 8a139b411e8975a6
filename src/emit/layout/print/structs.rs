//! Struct literals.

use super::super::shape::{Shape, newline, width};
use super::super::tree::{Expr, Field};
use super::Context;

/// The widest fields of a literal on one line.
const LITERAL_WIDTH: usize = 18;

/// `Path { field: value }`.
pub(super) fn literal(
    context: Context,
    path: &str,
    fields: &[Field],
    rest: Option<&Option<Box<Expr>>>,
    shape: Shape,
) -> Option<String> {
    let nested = shape.deeper().sub(1)?;
    let mut parts = Vec::new();
    for field in fields {
        parts.push(self::field(context, field, nested)?);
    }
    if let Some(rest) = rest {
        let rest = match rest {
            Some(rest) => context.expr(rest, nested.offset_left(2)?)?,
            None => String::new(),
        };
        parts.push(format!("..{rest}"));
    }
    if parts.is_empty() {
        return Some(format!("{path} {{}}"));
    }
    let room = shape.width.checked_sub(width(path) + 3 + 2);
    let line = parts.join(", ");
    if room.is_some_and(|room| width(&line) <= room.min(LITERAL_WIDTH)) && !line.contains('\n') {
        return Some(format!("{path} {{ {line} }}"));
    }
    let end = newline(nested.indent);
    let lines = parts.join(&format!(",{end}"));
    let bare = rest.is_some() || context.in_macro;
    let comma = if bare { "" } else { "," };
    Some(format!(
        "{path} {{{end}{lines}{comma}{}}}",
        newline(shape.indent)
    ))
}

fn field(context: Context, field: &Field, shape: Shape) -> Option<String> {
    let name = &field.name;
    let Some(value) = &field.value else {
        return Some(name.clone());
    };
    let room = shape.offset_left(width(name) + 2);
    if let Some(text) = room.and_then(|room| context.expr(value, room)) {
        return Some(format!("{name}: {text}"));
    }
    let below = shape.deeper();
    let text = context.expr(value, below)?;
    Some(format!("{name}:{}{text}", newline(below.indent)))
}
