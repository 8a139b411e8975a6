//! From the tree to lines. Each function is given the room that there is, and gives nothing if that is too little.

mod assign;
mod blocks;
mod chains;
mod closures;
mod control;
mod items;
mod kinds;
mod lists;
mod matches;
mod operators;
mod order;
mod structs;

use super::shape::Shape;
use super::tree::{Entry, Expr, Macro};
use lists::{Comma, Enclosure};

/// What surrounds an expression.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context {
    /// Chains may not be broken into lines.
    one_line_chain: bool,
    /// The expression is an argument of a macro.
    in_macro: bool,
}

/// A file.
pub(super) fn file(entries: &[Entry]) -> String {
    let mut text = items::lines(entries, 0);
    text.push('\n');
    text
}

impl Context {
    /// An expression within another.
    fn expr(self, expr: &Expr, shape: Shape) -> Option<String> {
        match expr {
            Expr::Literal(text) => Some(text.clone()),
            Expr::Path(text, _) => shape.fits(text).then(|| text.clone()),
            Expr::Call(callee, arguments) => {
                let callee = self.expr(callee, shape)?;
                lists::call(self, &callee, arguments, shape)
            }
            Expr::Macro(call) => self.call_macro(call, shape),
            Expr::Chain(root, tries, links) => chains::chain(self, root, *tries, links, shape),
            Expr::Struct(path, fields, rest) => {
                structs::literal(self, path, fields, rest.as_ref(), shape)
            }
            Expr::Array(items) => Enclosure::ARRAY.print(self, "", items, shape),
            Expr::Tuple(items) => lists::call(self, "", items, shape),
            Expr::Repeat(value, count) => self.repeated(value, count, shape),
            Expr::Paren(inner) => {
                let inner = self.expr(inner, shape.offset_left(1)?.sub(1)?)?;
                Some(format!("({inner})"))
            }
            Expr::Closure(head, typed, body) => closures::closure(self, head, *typed, body, shape),
            Expr::Block(prefix, entries) => blocks::block(self, prefix, entries, shape),
            Expr::Control(..) => control::control(self, expr, shape, true),
            Expr::Match(subject, arms) => matches::matching(self, subject, arms, shape),
            Expr::Unary(sign, inner) => self.prefixed(sign, inner, shape),
            Expr::Binary(..) => operators::pairs(self, expr, shape),
            Expr::Cast(inner, ty) => {
                let inner = self.expr(inner, shape)?;
                let text = format!("{inner} as {ty}");
                shape.fits(&text).then_some(text)
            }
            Expr::Assign(left, sign, right) => {
                let left = format!("{} {sign}", self.expr(left, shape)?);
                assign::right_side(self, left, right, shape)
            }
            Expr::Jump(word, None) => Some(word.clone()),
            Expr::Jump(word, Some(value)) => self.prefixed(&format!("{word} "), value, shape),
            Expr::Let(pattern, value) => {
                assign::right_side(self, format!("let {pattern} ="), value, shape)
            }
            Expr::Index(base, index) => {
                let base = self.expr(base, shape)?;
                let room = shape
                    .offset_left(super::shape::last_width(&base) + 1)?
                    .sub(1)?;
                Some(format!("{base}[{}]", self.expr(index, room)?))
            }
            Expr::Range(from, sign, to) => self.range(from.as_deref(), sign, to.as_deref(), shape),
        }
    }

    fn repeated(self, value: &Expr, count: &Expr, shape: Shape) -> Option<String> {
        let inner = shape.offset_left(1)?.sub(1)?;
        let (value, count) = (self.expr(value, inner)?, self.expr(count, inner)?);
        let text = format!("[{value}; {count}]");
        shape.fits(&text).then_some(text)
    }

    fn range(
        self,
        from: Option<&Expr>,
        sign: &str,
        to: Option<&Expr>,
        shape: Shape,
    ) -> Option<String> {
        let part = |end: Option<&Expr>| match end {
            Some(end) => self.expr(end, shape),
            None => Some(String::new()),
        };
        let text = format!("{}{sign}{}", part(from)?, part(to)?);
        shape.fits(&text).then_some(text)
    }

    /// An expression that is a statement, or the body of an arm.
    fn statement(self, expr: &Expr, shape: Shape) -> Option<String> {
        match expr {
            Expr::Control(..) => control::control(self, expr, shape, false),
            Expr::Block(prefix, entries) if prefix.is_empty() => {
                Some(blocks::braced(entries, shape.indent))
            }
            _ => self.expr(expr, shape),
        }
    }

    fn prefixed(self, prefix: &str, inner: &Expr, shape: Shape) -> Option<String> {
        let inner = self.expr(inner, shape.offset_left(prefix.len())?)?;
        Some(format!("{prefix}{inner}"))
    }

    fn call_macro(self, call: &Macro, shape: Shape) -> Option<String> {
        let context = Self {
            in_macro: call.name != "vec!",
            ..self
        };
        let kept = if call.comma {
            Comma::Always
        } else {
            Comma::Never
        };
        let enclosure = match call.bracket {
            '(' => Enclosure::CALL.comma(kept),
            '[' if call.name == "vec!" => Enclosure::ARRAY,
            _ => Enclosure::ARRAY.comma(kept),
        };
        let arguments = call.arguments.as_ref();
        let printed =
            arguments.and_then(|items| enclosure.print(context, &call.name, items, shape));
        printed.or_else(|| Some(call.text.clone()))
    }
}
