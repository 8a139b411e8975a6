//! What stands right of `=`: on the same line, or on the next.

use super::super::shape::{Shape, last_width, newline, newlines, width};
use super::super::tree::Expr;
use super::Context;

/// `left right`, where left ends in its sign.
pub(super) fn right_side(
    context: Context,
    left: String,
    right: &Expr,
    shape: Shape,
) -> Option<String> {
    beside(left, shape, |shape| context.expr(right, shape))
}

/// `left right`, where right is printed by a function.
pub(super) fn beside(
    left: String,
    shape: Shape,
    print: impl Fn(Shape) -> Option<String>,
) -> Option<String> {
    let used = if left.contains('\n') {
        last_width(&left).saturating_sub(shape.indent)
    } else {
        width(&left)
    };
    let same = shape.offset_left(used + 1).unwrap_or(Shape {
        width: 0,
        indent: shape.indent,
        offset: shape.offset + used + 1,
    });
    let here = print(same);
    if let Some(text) = &here
        && !text.contains('\n')
        && width(text) <= same.width
    {
        return Some(format!("{left} {text}"));
    }
    let below = shape.deeper().sub(shape.overhead())?;
    let next = print(below);
    match (here, next) {
        (Some(here), Some(next)) if below.fits(&next) && prefer_next_line(&here, &next) => {
            Some(format!("{left}{}{next}", newline(below.indent)))
        }
        (Some(here), _) => Some(format!("{left} {here}")),
        (None, Some(next)) => Some(format!("{left}{}{next}", newline(below.indent))),
        (None, None) => None,
    }
}

pub(super) fn prefer_next_line(here: &str, next: &str) -> bool {
    let opens = |sign: char| first_line_ends(here, sign) && !first_line_ends(next, sign);
    !next.contains('\n')
        || newlines(here) > newlines(next) + 1
        || opens('(')
        || opens('{')
        || opens('[')
}

fn first_line_ends(text: &str, sign: char) -> bool {
    text.lines().next().is_some_and(|line| line.ends_with(sign))
}
