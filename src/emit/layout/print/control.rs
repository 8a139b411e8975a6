//! `if` and loops.

use super::super::shape::{MAX, Shape, newline, width};
use super::super::tree::{Entry, Expr};
use super::{Context, assign, blocks, chains};

/// The widest `if ... { ... } else { ... }` on one line.
const IF_ELSE_WIDTH: usize = 50;

/// `if condition { ... } else { ... }`, `while`, `for`, `loop`.
pub(super) fn control(
    context: Context,
    expr: &Expr,
    shape: Shape,
    one_line: bool,
) -> Option<String> {
    let Expr::Control(head, condition, body, other) = expr else {
        return None;
    };
    if one_line
        && let Some(line) = self::one_line(context, head, condition.as_deref(), body, other, shape)
    {
        return Some(line);
    }
    let mut text = opening(context, expr, shape, 0)?;
    text.push_str(&blocks::braced(body, shape.indent));
    let mut other = other.as_deref();
    while let Some(next) = other {
        text.push_str(" else ");
        other = match next {
            Expr::Control(_, _, body, after) => {
                let shape = Shape::indented(shape.indent);
                text.push_str(&opening(context, next, shape, "} else ".len())?);
                text.push_str(&blocks::braced(body, shape.indent));
                after.as_deref()
            }
            Expr::Block(_, entries) => {
                text.push_str(&blocks::braced(entries, shape.indent));
                None
            }
            _ => return None,
        };
    }
    Some(text)
}

/// What stands before the brace, the blank or the line end included.
fn opening(context: Context, expr: &Expr, shape: Shape, before: usize) -> Option<String> {
    let Expr::Control(head, condition, ..) = expr else {
        return None;
    };
    if condition.is_none() {
        return Some(format!("{head} "));
    }
    let text = self::head(context, expr, shape.offset_left(before)?)?;
    let wide = text.contains('\n') || shape.used() + before + width(&text) + " {".len() > MAX;
    let broken = wide && !chains::extendable(&text);
    let end = if broken {
        newline(shape.indent)
    } else {
        " ".to_owned()
    };
    Some(format!("{text}{end}"))
}

fn head(context: Context, expr: &Expr, shape: Shape) -> Option<String> {
    let Expr::Control(head, Some(condition), ..) = expr else {
        return None;
    };
    let room = shape;
    if head.ends_with(" in") {
        return assign::right_side(context, head.clone(), condition, room);
    }
    let text = context.expr(condition, room.offset_left(head.len() + 1)?)?;
    Some(format!("{head} {text}"))
}

/// The condition of an expression, or the subject of a `match`.
pub(super) fn condition(context: Context, expr: &Expr, shape: Shape) -> Option<String> {
    match expr {
        Expr::Match(subject, _) => context.expr(subject, shape.offset_left(6)?.sub(2)?),
        Expr::Control(_, Some(_), ..) => head(context, expr, shape),
        _ => None,
    }
}

fn one_line(
    context: Context,
    head: &str,
    condition: Option<&Expr>,
    body: &[Entry],
    other: &Option<Box<Expr>>,
    shape: Shape,
) -> Option<String> {
    let Some(Expr::Block(_, otherwise)) = other.as_deref() else {
        return None;
    };
    let condition = context.expr(condition?, shape)?;
    let yes = context.expr(blocks::only_expr(body)?, shape)?;
    let no = context.expr(blocks::only_expr(otherwise)?, shape)?;
    let line = format!("{head} {condition} {{ {yes} }} else {{ {no} }}");
    let fits = width(&line) <= shape.width.min(IF_ELSE_WIDTH) && !line.contains('\n');
    (head == "if" && fits).then_some(line)
}
