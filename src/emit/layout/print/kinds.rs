//! What kinds of expressions there are, as far as lists ask.

use super::super::tree::{Expr, LinkKind};

/// Whether an expression may go on over lines as the last of so many arguments.
pub(super) fn can_overflow(expr: &Expr, count: usize) -> bool {
    match expr {
        Expr::Closure(..) | Expr::Block(..) => true,
        Expr::Match(..)
        | Expr::Control(..)
        | Expr::Array(_)
        | Expr::Struct(..)
        | Expr::Macro(_)
        | Expr::Call(..)
        | Expr::Tuple(_) => count == 1,
        Expr::Chain(root, _, links) => match links.last() {
            None => can_overflow(root, count),
            Some(last) => matches!(last.kind, LinkKind::Method(..)) && count == 1,
        },
        Expr::Unary(_, inner) | Expr::Cast(inner, _) => can_overflow(inner, count),
        _ => false,
    }
}

/// A closure.
pub(super) fn is_closure(expr: &Expr) -> bool {
    matches!(expr, Expr::Closure(..))
}

/// A call within a call.
pub(super) fn is_nested_call(expr: &Expr) -> bool {
    match expr {
        Expr::Call(..) | Expr::Macro(_) => true,
        Expr::Chain(root, _, links) => links.is_empty() && is_nested_call(root),
        Expr::Unary(_, inner) | Expr::Cast(inner, _) => is_nested_call(inner),
        _ => false,
    }
}

/// A chain that ends in a call.
pub(super) fn is_method_call(expr: &Expr) -> bool {
    match expr {
        Expr::Chain(_, _, links) => links
            .last()
            .is_some_and(|link| matches!(link.kind, LinkKind::Method(..))),
        Expr::Unary(_, inner) | Expr::Cast(inner, _) => is_method_call(inner),
        _ => false,
    }
}

/// A literal, a name, or a field of one.
pub(super) fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(_) => true,
        Expr::Path(_, segments) => *segments <= 1,
        Expr::Unary(_, inner) | Expr::Cast(inner, _) => is_simple(inner),
        Expr::Index(left, right) | Expr::Repeat(left, right) => is_simple(left) && is_simple(right),
        Expr::Chain(root, _, links) => {
            is_simple(root)
                && links
                    .iter()
                    .all(|link| matches!(&link.kind, LinkKind::Field(name) if name != "await"))
        }
        _ => false,
    }
}
