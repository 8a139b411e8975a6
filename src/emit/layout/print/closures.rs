//! Closures: the body behind the parameters while it fits there, else in a block.

use super::super::shape::{Shape, TAB, newline};
use super::super::tree::Expr;
use super::{Context, blocks, control};

/// `|a| body`.
pub(super) fn closure(
    context: Context,
    head: &str,
    typed: bool,
    body: &Expr,
    shape: Shape,
) -> Option<String> {
    let room = shape.offset_left(head.len() + 1)?;
    if let Expr::Block(prefix, entries) = body
        && prefix.is_empty()
    {
        if entries.is_empty() {
            return Some(format!("{head} {{}}"));
        }
        let bare = if typed || context.in_macro {
            None
        } else {
            without_block(context, head, body, shape, room)
        };
        return bare.or_else(|| {
            Some(format!(
                "{head} {}",
                blocks::block(context, "", entries, room)?
            ))
        });
    }
    behind(context, head, body, room).or_else(|| within_block(head, body, shape))
}

/// A closure that is a call's last argument.
pub(super) fn last_closure(
    context: Context,
    head: &str,
    typed: bool,
    body: &Expr,
    shape: Shape,
) -> Option<String> {
    let inner = if context.in_macro {
        body
    } else {
        unwrapped(body)
    };
    let room = shape.offset_left(head.len() + 1)?;
    if is_forced(context, inner) {
        let block = within_block(head, inner, shape)?;
        if !typed && block.lines().count() <= 7 {
            let line = behind(context, head, inner, shape).filter(|line| !line.contains('\n'));
            return Some(line.unwrap_or(block));
        }
        return Some(block);
    }
    let condition = control::condition(context, inner, room);
    if condition.is_some_and(|text| text.contains('\n') || text.len() > room.width) {
        return within_block(head, inner, shape);
    }
    closure(context, head, typed, body, shape)
}

fn without_block(
    context: Context,
    head: &str,
    body: &Expr,
    shape: Shape,
    room: Shape,
) -> Option<String> {
    let inner = unwrapped(body);
    if is_forced(context, inner) {
        return within_block(head, inner, shape);
    }
    behind(context, head, inner, room)
}

/// The only expression of a block.
fn unwrapped(body: &Expr) -> &Expr {
    match body {
        Expr::Block(prefix, entries) if prefix.is_empty() => {
            blocks::only_expr(entries).unwrap_or(body)
        }
        _ => body,
    }
}

fn behind(context: Context, head: &str, body: &Expr, room: Shape) -> Option<String> {
    let text = context.expr(body, room)?;
    let single = !may_break(body) && !context.in_macro;
    (!single || !text.contains('\n')).then(|| format!("{head} {text}"))
}

fn within_block(head: &str, body: &Expr, shape: Shape) -> Option<String> {
    let inner = blocks::last(body, shape.indent + TAB)?;
    let (open, close) = (newline(shape.indent + TAB), newline(shape.indent));
    Some(format!("{head} {{{open}{inner}{close}}}"))
}

fn is_forced(context: Context, body: &Expr) -> bool {
    !context.in_macro
        && match body {
            Expr::Control(..) => true,
            Expr::Unary(_, inner) | Expr::Cast(inner, _) => is_forced(context, inner),
            Expr::Chain(root, _, links) if links.is_empty() => is_forced(context, root),
            _ => false,
        }
}

fn may_break(body: &Expr) -> bool {
    match body {
        Expr::Match(..) | Expr::Block(..) | Expr::Struct(..) => true,
        Expr::Control(head, ..) => head == "loop",
        Expr::Unary(_, inner) | Expr::Cast(inner, _) => may_break(inner),
        Expr::Chain(root, _, links) if links.is_empty() => may_break(root),
        _ => false,
    }
}
