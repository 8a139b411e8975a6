//! Chains of methods and fields: on one line, with the last call overflowing, or a line for each.

use super::super::shape::{MAX, Shape, TAB, first_width, last_width, newline, width};
use super::super::tree::{Expr, Link, LinkKind};
use super::{Context, lists};

/// The widest chain on one line.
const CHAIN_WIDTH: usize = 60;

impl Context {
    fn link(self, link: &Link, shape: Shape) -> Option<String> {
        let shape = shape.sub(link.tries)?;
        let text = match &link.kind {
            LinkKind::Field(name) => format!(".{name}"),
            LinkKind::Method(name, arguments) => {
                lists::call(self, &format!(".{name}"), arguments, shape)?
            }
        };
        Some(format!("{text}{}", "?".repeat(link.tries)))
    }
}

/// `root.link.link`.
pub(super) fn chain(
    context: Context,
    root: &Expr,
    tries: usize,
    links: &[Link],
    shape: Shape,
) -> Option<String> {
    let text = context.expr(root, shape.sub(tries)?)?;
    let mut text = format!("{text}{}", "?".repeat(tries));
    let mut blocky = is_block_like(root, &text);
    let short = TAB.saturating_sub(shape.offset);
    let mut rest = links;
    while let [first, others @ ..] = rest {
        if text.len() > short || text.contains('\n') {
            break;
        }
        let Some(link) = context.link(first, shape.offset_left(text.len())?) else {
            break;
        };
        text.push_str(&link);
        blocky = extendable(&text);
        rest = others;
    }
    let Some((last, middle)) = rest.split_last() else {
        return shape.fits(&text).then_some(text);
    };
    let child = Shape::indented(shape.indent + if blocky { 0 } else { TAB });
    let mut chain = Chain {
        context,
        texts: vec![text],
        count: links.len(),
        one_line: false,
    };
    for link in middle {
        chain.texts.push(context.link(link, child)?);
    }
    chain.last(last, shape, child)?;
    let text = chain.join(child)?;
    shape.fits(&text).then_some(text)
}

struct Chain {
    context: Context,
    texts: Vec<String>,
    count: usize,
    one_line: bool,
}

impl Chain {
    fn last(&mut self, last: &Link, shape: Shape, child: Shape) -> Option<()> {
        let extends = extendable(&self.texts[0]);
        let total = if extends {
            last_width(&self.texts[0])
        } else {
            self.texts.iter().map(|text| width(text)).sum()
        } + last.tries;
        let budget = if self.count == 1 {
            shape.width
        } else {
            shape.width.min(CHAIN_WIDTH)
        };
        let budget = budget.saturating_sub(total);
        let flat = self.texts.iter().all(|text| !text.contains('\n')) && budget > 0;
        let own = || child.sub(shape.overhead() + last.tries);
        let last_shape = if flat || extends {
            shape.sub(last.tries)?
        } else {
            own()?
        };
        let mut chosen = None;
        let trial = last_shape.offset_left(total).filter(|_| flat || extends);
        let trial = trial.and_then(|shape| self.context.link(last, shape));
        if let Some(text) = trial {
            let lines = text.lines().count();
            let fits = first_width(&text) <= budget;
            if fits && lines >= 5 {
                self.one_line = flat;
                chosen = Some(text);
            } else {
                chosen = match self.context.link(last, own()?) {
                    Some(other) if !fits => Some(other),
                    Some(other) if other.lines().count() < lines => Some(other),
                    _ => {
                        self.one_line = fits && flat;
                        Some(text)
                    }
                };
            }
        }
        let text = chosen.or_else(|| self.context.link(last, last_shape))?;
        self.texts.push(text);
        Some(())
    }

    fn join(self, child: Shape) -> Option<String> {
        if self.one_line {
            return Some(self.texts.concat());
        }
        (!self.context.one_line_chain).then(|| self.texts.join(&newline(child.indent.min(MAX))))
    }
}

/// Whether a chain's first link may follow the last line of its root.
pub(super) fn extendable(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    text.ends_with("\"#")
        || last
            .chars()
            .all(|char| char.is_whitespace() || "()]}?>".contains(char))
}

fn is_block_like(expr: &Expr, text: &str) -> bool {
    match expr {
        Expr::Call(..)
        | Expr::Macro(_)
        | Expr::Array(_)
        | Expr::Struct(..)
        | Expr::Tuple(_)
        | Expr::Block(..)
        | Expr::Control(..)
        | Expr::Match(..)
        | Expr::Closure(..) => text.contains('\n'),
        Expr::Paren(inner) | Expr::Unary(_, inner) | Expr::Index(inner, _) => {
            is_block_like(inner, text)
        }
        _ => false,
    }
}
