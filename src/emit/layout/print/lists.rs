//! Arguments and items in brackets: on one line, with the last one overflowing, packed, or each on its own line.

use super::super::shape::{Shape, first_width, last_width, newline, newlines, width};
use super::super::tree::Expr;
use super::kinds::{can_overflow, is_closure, is_method_call, is_nested_call, is_simple};
use super::{Context, closures, control};

/// The widest arguments of a call on one line.
const CALL_WIDTH: usize = 60;
/// The widest items of an array on one line.
pub(super) const ARRAY_WIDTH: usize = 60;
/// Simple items up to this width are packed.
const SHORT: usize = 10;
/// Macros whose first argument is a format, and how many arguments stand before it.
const FORMATS: [(&str, usize); 12] = [
    ("format!", 0),
    ("print!", 0),
    ("println!", 0),
    ("eprintln!", 0),
    ("panic!", 0),
    ("write!", 1),
    ("writeln!", 1),
    ("assert!", 1),
    ("assert_eq!", 2),
    ("assert_ne!", 2),
    ("debug_assert!", 1),
    ("unreachable!", 0),
];

/// Brackets, and how wide what they hold may be on one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Enclosure {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) limit: usize,
    pub(super) comma: Comma,
}

/// Whether a comma ends a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comma {
    /// Where each item is on its own line.
    Vertical,
    Always,
    Never,
}

/// How items are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tactic {
    Horizontal,
    Vertical,
    Packed,
    /// A format and what stands around it, each group on a line of its own.
    Format(usize),
}

/// `callee(arguments)`.
pub(super) fn call(context: Context, callee: &str, items: &[Expr], shape: Shape) -> Option<String> {
    Enclosure::CALL.print(context, callee, items, shape)
}

/// Items while it is decided where they go.
struct List<'l> {
    context: Context,
    enclosure: Enclosure,
    ident: &'l str,
    items: &'l [Expr],
    texts: Vec<Option<String>>,
    one_line: usize,
    one_line_shape: Shape,
    nested: Shape,
}

impl Enclosure {
    /// The arguments of a call.
    pub(super) const CALL: Self = Self {
        open: "(",
        close: ")",
        limit: CALL_WIDTH,
        comma: Comma::Vertical,
    };
    /// The items of an array.
    pub(super) const ARRAY: Self = Self {
        open: "[",
        close: "]",
        limit: ARRAY_WIDTH,
        comma: Comma::Vertical,
    };

    /// The same, with another rule for the last comma.
    pub(super) fn comma(self, comma: Comma) -> Self {
        Self { comma, ..self }
    }

    /// Prints what stands before the bracket, and the items within.
    pub(super) fn print(
        self,
        context: Context,
        ident: &str,
        items: &[Expr],
        shape: Shape,
    ) -> Option<String> {
        let used = if ident.contains('\n') {
            last_width(ident).saturating_sub(shape.used())
        } else {
            width(ident)
        };
        let nested = shape.deeper().sub(1)?;
        let one_line_shape = shape
            .offset_left(last_width(ident) + 1)
            .and_then(|shape| shape.sub(1))
            .unwrap_or(Shape { width: 0, ..shape });
        let mut list = List {
            context,
            enclosure: self,
            ident,
            items,
            texts: items
                .iter()
                .map(|item| context.expr(item, nested))
                .collect(),
            one_line: shape.width.saturating_sub(used + 2),
            one_line_shape,
            nested,
        };
        let tactic = list.decide();
        let text = list.write(tactic)?;
        Some(self.wrap(ident, &text, tactic == Tactic::Horizontal, shape))
    }

    fn wrap(self, ident: &str, text: &str, extendable: bool, shape: Shape) -> String {
        let room = shape.width.saturating_sub(last_width(ident));
        let extended = if text.is_empty() {
            2
        } else {
            first_width(text) + 1
        };
        let Self { open, close, .. } = self;
        if (extendable && extended <= room) || text.is_empty() {
            return format!("{ident}{open}{text}{close}");
        }
        let (nested, indent) = (newline(shape.indent + 4), newline(shape.indent));
        format!("{ident}{open}{nested}{text}{indent}{close}")
    }
}

impl List<'_> {
    fn decide(&mut self) -> Tactic {
        let Some(last) = self.items.last() else {
            return Tactic::Horizontal;
        };
        let place = self.items.len() - 1;
        let combine = self.items.len() == 1 && self.ident.len() < 4;
        let overflows = combine || can_overflow(last, self.items.len());
        let overflowed = if overflows {
            self.overflow(last, combine)
        } else {
            None
        };
        let kept = self.texts[place].clone();
        if let Some(text) = &overflowed {
            self.texts[place] = text.lines().next().map(str::to_owned);
        }
        if let (Tactic::Horizontal, Some(text)) = (self.default_tactic(), overflowed) {
            let whole = kept.filter(|kept| {
                self.items.len() == 1 && newlines(&text) == 1 && !kept.contains('\n')
            });
            self.texts[place] = whole.or(Some(text));
            return Tactic::Horizontal;
        }
        self.texts[place] = kept;
        if self.items.len() == 1
            && self.one_line != 0
            && !self.text(0).contains('\n')
            && width(self.text(0)) <= self.one_line
        {
            return Tactic::Horizontal;
        }
        match self.default_tactic() {
            Tactic::Vertical => self.packed(),
            tactic => tactic,
        }
    }

    fn text(&self, place: usize) -> &str {
        self.texts[place].as_deref().unwrap_or_default()
    }

    fn overflow(&self, last: &Expr, combine: bool) -> Option<String> {
        let context = Context {
            one_line_chain: self.context.one_line_chain || (!combine && is_method_call(last)),
            ..self.context
        };
        let shape = self.last_shape(last)?;
        match last {
            Expr::Closure(..) if self.items.iter().filter(|item| is_closure(item)).count() > 1 => {
                None
            }
            Expr::Closure(head, typed, body) => {
                closures::last_closure(context, head, *typed, body, shape)
            }
            Expr::Control(..) | Expr::Match(..) => {
                let condition = control::condition(context, last, shape);
                if condition.is_some_and(|condition| condition.contains('\n')) {
                    return None;
                }
                context.expr(last, shape)
            }
            _ => context.expr(last, shape),
        }
    }

    fn last_shape(&self, last: &Expr) -> Option<Shape> {
        let shape = self.one_line_shape;
        if self.items.len() == 1 && !is_nested_call(last) {
            return Some(shape);
        }
        let before = self.texts[..self.items.len() - 1].iter();
        let offset = before
            .map(|text| 2 + width(text.as_deref().unwrap_or_default()))
            .sum();
        let shape = Shape {
            width: shape.width.min(self.enclosure.limit),
            ..shape
        };
        shape.offset_left(offset)
    }

    fn default_tactic(&self) -> Tactic {
        let limit = self.one_line.min(self.enclosure.limit);
        if fits_in(&self.texts, limit) {
            Tactic::Horizontal
        } else {
            Tactic::Vertical
        }
    }

    fn packed(&self) -> Tactic {
        let simple = self.items.iter().all(is_simple);
        if let Some((_, before)) = FORMATS.iter().find(|(name, _)| *name == self.ident) {
            let around = self.items.len() > *before
                && simple
                && fits_in(&self.texts[..*before], self.nested.width)
                && fits_in(&self.texts[before + 1..], self.nested.width);
            return if around {
                Tactic::Format(*before)
            } else {
                Tactic::Vertical
            };
        }
        let short = (0..self.items.len()).all(|place| width(self.text(place)) <= SHORT);
        if simple && short {
            Tactic::Packed
        } else {
            Tactic::Vertical
        }
    }

    fn write(&self, tactic: Tactic) -> Option<String> {
        let texts: Vec<&str> = self
            .texts
            .iter()
            .map(Option::as_deref)
            .collect::<Option<_>>()?;
        let end = newline(self.nested.indent);
        let comma = |always: bool| match self.enclosure.comma {
            // Not every macro takes one.
            Comma::Vertical if self.context.in_macro => "",
            Comma::Always => ",",
            Comma::Vertical if always => ",",
            Comma::Vertical | Comma::Never => "",
        };
        Some(match tactic {
            Tactic::Horizontal => format!("{}{}", texts.join(", "), comma(false)),
            Tactic::Vertical => format!("{}{}", texts.join(&format!(",{end}")), comma(true)),
            Tactic::Packed => {
                let packed =
                    |measured| pack(&texts, self.nested, !comma(true).is_empty(), measured);
                // rustfmt measures the comma at the end only where a line was broken before it.
                let one = packed(false);
                if one.contains('\n') {
                    packed(true)
                } else {
                    one
                }
            }
            Tactic::Format(before) => {
                let groups = [
                    &texts[..before],
                    &texts[before..=before],
                    &texts[before + 1..],
                ];
                let lines: Vec<String> = groups
                    .iter()
                    .filter(|group| !group.is_empty())
                    .map(|group| group.join(", "))
                    .collect();
                format!("{}{}", lines.join(&format!(",{end}")), comma(false))
            }
        })
    }
}

/// As many items on a line as fit.
///
/// A comma at the end may go over the edge where rustfmt adds it after it measured.
pub(super) fn pack(texts: &[&str], shape: Shape, comma: bool, measured: bool) -> String {
    let mut packed = String::new();
    let mut line = 0;
    for (place, text) in texts.iter().enumerate() {
        let last = place + 1 == texts.len();
        let separator = usize::from(!last || comma);
        let end = usize::from(!last || (comma && measured));
        if line > 0 && line + 1 + width(text) + end > shape.width {
            packed.push_str(&newline(shape.indent));
            line = 0;
        }
        if line > 0 {
            packed.push(' ');
            line += 1;
        }
        packed.push_str(text);
        if separator == 1 {
            packed.push(',');
        }
        line += width(text) + separator;
    }
    packed
}

fn fits_in(texts: &[Option<String>], limit: usize) -> bool {
    let text = |text: &Option<String>| text.as_deref().map_or(0, width);
    let total: usize = texts.iter().map(text).sum();
    total + 2 * texts.len().saturating_sub(1) <= limit
        && !texts.iter().flatten().any(|text| text.contains('\n'))
}
