//! Blocks, and the statements in them.

use super::super::shape::{Shape, TAB, last_width, newline, width};
use super::super::tree::{Entry, EntryKind, Expr, Let};
use super::{Context, assign, items};

/// The widest `let ... else { ... };` on one line.
const LET_ELSE_WIDTH: usize = 50;

/// `prefix { entries }`: on one line if it holds one expression that fits.
pub(super) fn block(
    context: Context,
    prefix: &str,
    entries: &[Entry],
    shape: Shape,
) -> Option<String> {
    let before = if prefix.is_empty() {
        String::new()
    } else {
        format!("{prefix} ")
    };
    let text = format!("{before}{}", braced(entries, shape.indent));
    if text.lines().count() <= 3
        && let Some(only) = only_expr(entries)
        && let Some(room) = shape.offset_left(before.len())
        && let Some(inner) = context.expr(only, room)
    {
        let line = format!("{before}{{ {inner} }}");
        if width(&line) <= shape.width && !line.contains('\n') {
            return Some(line);
        }
    }
    Some(text)
}

/// `{ entries }` over lines, whose last is at an indent.
pub(super) fn braced(entries: &[Entry], indent: usize) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let inner = indent + TAB;
    format!(
        "{{{}{}{}}}",
        newline(inner),
        items::lines(entries, inner),
        newline(indent)
    )
}

/// The expression that is all that a block holds.
pub(super) fn only_expr(entries: &[Entry]) -> Option<&Expr> {
    match entries {
        [
            Entry {
                kind: EntryKind::Expr(expr, false),
                ..
            },
        ] => Some(expr),
        _ => None,
    }
}

/// The expression that is a block's value.
pub(super) fn last(expr: &Expr, indent: usize) -> Option<String> {
    Context::default().expr(expr, Shape::indented(indent))
}

/// An expression as a statement.
pub(super) fn statement(expr: &Expr, ended: bool, indent: usize) -> Option<String> {
    let end = if ended { ";" } else { "" };
    let shape = Shape::indented(indent).sub(end.len())?;
    let text = Context::default().statement(expr, shape)?;
    Some(format!("{text}{end}"))
}

/// `let pattern: Type = value else { ... };`
pub(super) fn binding(binding: &Let, indent: usize) -> Option<String> {
    let mut left = binding.head.clone();
    if let Some(ty) = &binding.ty {
        left = format!("{left}: {ty}");
    }
    let Some(value) = &binding.value else {
        return Some(format!("{left};"));
    };
    let shape = Shape::indented(indent).sub(1)?;
    let text = assign::right_side(Context::default(), format!("{left} ="), value, shape)?;
    match &binding.otherwise {
        Some(otherwise) => Some(let_else(&text, otherwise, indent)),
        None => Some(format!("{text};")),
    }
}

fn let_else(text: &str, otherwise: &[Entry], indent: usize) -> String {
    let room = super::super::shape::MAX - indent;
    let closes = text.contains('\n')
        && text.lines().last().is_some_and(|line| {
            line.starts_with(&" ".repeat(indent)) && line.trim().chars().all(|c| ")]}?".contains(c))
        });
    let here = closes || (!text.contains('\n') && width(text) + " else {".len() <= room);
    let head = if here {
        format!("{text} else ")
    } else {
        format!("{text}{}else ", newline(indent))
    };
    if here
        && !text.contains('\n')
        && let Some(only) = only_expr(otherwise)
        && let Some(only) = last(only, indent)
    {
        let line = format!("{head}{{ {only} }};");
        if last_width(&line) <= room.min(LET_ELSE_WIDTH) {
            return line;
        }
    }
    format!("{head}{};", braced(otherwise, indent))
}
