//! `match` and its arms.

use super::super::shape::{MAX, Shape, TAB, first_width, last_width, newline, width};
use super::super::tree::{Entry, Expr};
use super::{Context, assign, blocks, chains, control, items};

/// `match subject { arms }`.
pub(super) fn matching(
    context: Context,
    subject: &Expr,
    arms: &[Entry],
    shape: Shape,
) -> Option<String> {
    let room = Shape {
        width: MAX.saturating_sub(shape.used()),
        ..shape
    };
    let room = room.offset_left("match ".len())?;
    let subject = context.expr(subject, room)?;
    if arms.is_empty() {
        return Some(format!("match {subject} {{}}"));
    }
    let wide = subject.contains('\n') || width(&subject) + " {".len() > room.width;
    let brace = if wide && !chains::extendable(&subject) {
        newline(shape.indent)
    } else {
        " ".to_owned()
    };
    let inner = shape.indent + TAB;
    let arms = items::lines(arms, inner);
    Some(format!(
        "match {subject}{brace}{{{}{arms}{}}}",
        newline(inner),
        newline(shape.indent)
    ))
}

/// `pattern if guard => body,`.
pub(super) fn arm(
    pattern: &str,
    guard: Option<&Expr>,
    body: &Expr,
    indent: usize,
) -> Option<String> {
    let context = Context::default();
    let shape = Shape::indented(indent);
    let mut left = pattern.to_owned();
    if let Some(guard) = guard {
        let room = shape
            .offset_left(width(pattern) + 4)
            .and_then(|room| room.sub(5));
        let text = room.and_then(|room| context.expr(guard, room));
        left = match text.filter(|text| !text.contains('\n')) {
            Some(text) => format!("{left} if {text}"),
            None => {
                let below = shape.deeper().offset_left(3)?.sub(5)?;
                let text = context.expr(guard, below)?;
                format!("{left}{}if {text}", newline(indent + TAB))
            }
        };
    }
    let used = if left.contains('\n') {
        last_width(&left).saturating_sub(indent)
    } else {
        width(&left)
    };
    let same = shape.offset_left(used + 4);
    let (extend, body) = flattened(context, body, same.and_then(|same| same.sub(2)));
    let block = matches!(body, Expr::Block(prefix, _) if prefix.is_empty());
    let comma = if block { "" } else { "," };
    let same = same.and_then(|same| same.sub(comma.len()));
    let here = same.and_then(|same| context.statement(body, same));
    let budget = same.map_or(0, |same| same.width);
    let beside = |text: &str| format!("{left} => {text}{comma}");
    if let Some(text) = &here
        && (block || (!text.contains('\n') && width(text) <= budget))
    {
        return Some(beside(text));
    }
    let next = context.statement(body, shape.deeper());
    let end = if matches!(body, Expr::Jump(..)) {
        ";"
    } else {
        ""
    };
    let below = |text: &str| {
        format!(
            "{left} => {{{}{text}{end}{}}}",
            newline(indent + TAB),
            newline(indent)
        )
    };
    match (here, next) {
        (Some(here), Some(next)) if assign::prefer_next_line(&here, &next) => Some(below(&next)),
        (Some(here), _) if extend && first_width(&here) <= budget => Some(beside(&here)),
        (Some(here), Some(next)) if here.contains('\n') => Some(below(&next)),
        (None, Some(next)) => Some(below(&next)),
        (Some(here), _) => Some(beside(&here)),
        (None, None) => None,
    }
}

/// The body without a block that holds one expression only; whether it may go on over lines behind the arrow.
fn flattened(context: Context, body: &Expr, shape: Option<Shape>) -> (bool, &Expr) {
    let inner = match body {
        Expr::Block(prefix, entries) if prefix.is_empty() => blocks::only_expr(entries),
        _ => return (may_extend(body), body),
    };
    let Some(inner) = inner else {
        return (false, body);
    };
    let condition = shape.and_then(|shape| control::condition(context, inner, shape));
    if condition.is_some_and(|condition| condition.contains('\n')) {
        return (false, body);
    }
    (may_extend(inner), inner)
}

fn may_extend(body: &Expr) -> bool {
    match body {
        Expr::Match(..)
        | Expr::Block(..)
        | Expr::Closure(..)
        | Expr::Array(_)
        | Expr::Call(..)
        | Expr::Macro(_)
        | Expr::Struct(..)
        | Expr::Tuple(_) => true,
        Expr::Control(head, ..) => head == "loop",
        Expr::Chain(root, _, links) => match links.last() {
            None => may_extend(root),
            Some(last) => matches!(last.kind, super::super::tree::LinkKind::Method(..)),
        },
        Expr::Unary(_, inner) | Expr::Cast(inner, _) | Expr::Index(inner, _) => may_extend(inner),
        _ => false,
    }
}
