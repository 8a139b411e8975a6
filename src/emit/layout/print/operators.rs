//! Binary operators: on one line, or each operand on its own with the operator in front.

use super::super::shape::{Shape, TAB, first_width, last_width, newline};
use super::super::tree::Expr;
use super::Context;

/// `a && b && c`.
pub(super) fn pairs(context: Context, expr: &Expr, shape: Shape) -> Option<String> {
    let mut all = Vec::new();
    let sign = match expr {
        Expr::Binary(_, sign, _) => sign.as_str(),
        _ => return None,
    };
    flatten(expr, sign, &mut all);
    one_line(context, &all, sign, shape).or_else(|| lines(context, &all, sign, shape))
}

fn flatten<'e>(expr: &'e Expr, wanted: &str, all: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Binary(left, sign, right) if sign == wanted => {
            flatten(left, wanted, all);
            all.push(right);
        }
        _ => all.push(expr),
    }
}

fn one_line(context: Context, all: &[&Expr], sign: &str, shape: Shape) -> Option<String> {
    if all.len() > 1
        && all
            .iter()
            .filter(|expr| matches!(expr, Expr::Let(..)))
            .count()
            > 0
    {
        let simple =
            all.len() == 2 && !matches!(all[0], Expr::Let(..)) && super::kinds::is_simple(all[0]);
        if !simple {
            return None;
        }
    }
    let (last, before) = all.split_last()?;
    let mut text = String::new();
    for expr in before {
        let part = context.expr(expr, shape.offset_left(text.len())?)?;
        if part.contains('\n') || text.len() > shape.width {
            return None;
        }
        text.push_str(&format!("{part} {sign} "));
    }
    let prefix = text.len();
    let part = context.expr(last, shape.offset_left(prefix)?)?;
    text.push_str(&part);
    if first_width(&text) > shape.width {
        return None;
    }
    let ugly = part.starts_with('(') || prefix > TAB;
    if text.contains('\n') && !part.starts_with('{') && ugly {
        return None;
    }
    shape.fits(&text).then_some(text)
}

fn lines(context: Context, all: &[&Expr], sign: &str, shape: Shape) -> Option<String> {
    let nested = shape.deeper().sub(shape.overhead())?;
    let (first, rest) = all.split_first()?;
    let mut text = context.expr(first, shape)?;
    for expr in rest {
        let offset = if text.contains('\n') { 0 } else { shape.used() };
        if last_width(&text) + offset <= nested.used() {
            let room = shape.offset_left(sign.len() + 2 + last_width(&text).min(shape.width));
            if let Some(part) = room.and_then(|room| context.expr(expr, room)) {
                text.push_str(&format!(" {sign} {part}"));
                continue;
            }
        }
        let part = context.expr(expr, nested.offset_left(sign.len() + 1)?)?;
        text.push_str(&format!("{}{sign} {part}", newline(nested.indent)));
    }
    Some(text)
}
