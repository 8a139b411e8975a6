//! What operators stand between: literals, paths, calls, chains, blocks.

use super::cursor::Cursor;
use crate::emit::layout::tokens::Kind;
use crate::emit::layout::tree::{Expr, Field, Link, LinkKind, Macro};

impl Cursor<'_> {
    pub(super) fn postfix(&mut self, structs: bool) -> Option<Expr> {
        let operand = self.operand(structs)?;
        self.links(operand)
    }

    /// What follows an operand: `.method()`, `?`, `(arguments)`, `[index]`.
    pub(super) fn links(&mut self, mut operand: Expr) -> Option<Expr> {
        loop {
            if self.eat("?") {
                match &mut operand {
                    Expr::Chain(_, tries, links) => match links.last_mut() {
                        Some(link) => link.tries += 1,
                        None => *tries += 1,
                    },
                    _ => operand = Expr::Chain(Box::new(operand), 1, Vec::new()),
                }
            } else if self.is(".") {
                let link = self.link()?;
                match &mut operand {
                    Expr::Chain(_, _, links) => links.push(link),
                    _ => operand = Expr::Chain(Box::new(operand), 0, vec![link]),
                }
            } else if self.is("(") {
                operand = Expr::Call(Box::new(operand), self.arguments(")")?);
            } else if self.is("[") {
                self.at += 1;
                let index = self.expr()?;
                self.expect("]")?;
                operand = Expr::Index(Box::new(operand), Box::new(index));
            } else {
                return Some(operand);
            }
        }
    }

    fn link(&mut self) -> Option<Link> {
        self.expect(".")?;
        let start = self.at;
        self.at += 1;
        if self.is("::") {
            self.at += 1;
            self.angles()?;
        }
        let name = self.flat(start);
        let kind = if self.is("(") {
            LinkKind::Method(name, self.arguments(")")?)
        } else {
            LinkKind::Field(name)
        };
        Some(Link { kind, tries: 0 })
    }

    /// `<...>`.
    fn angles(&mut self) -> Option<()> {
        self.expect("<")?;
        self.until(&[">"], true)?;
        self.expect(">")
    }

    /// Expressions in brackets, with commas between them.
    pub(super) fn arguments(&mut self, end: &str) -> Option<Vec<Expr>> {
        self.at += 1;
        let mut all = Vec::new();
        while !self.eat(end) {
            all.push(self.expr()?);
            if !self.eat(",") {
                self.expect(end)?;
                break;
            }
        }
        Some(all)
    }

    fn operand(&mut self, structs: bool) -> Option<Expr> {
        let token = self.token()?;
        match (token.kind, token.text) {
            (Kind::Literal, _) => Some(Expr::Literal(self.bump()?.to_owned())),
            (_, "(") => self.parenthesis(),
            (_, "[") => self.array(),
            (_, "{") => Some(Expr::Block(String::new(), self.block()?)),
            (_, "if" | "match" | "while" | "for" | "loop" | "unsafe" | "async") => self.control(),
            (Kind::Word, _) | (_, "<" | "::") => self.named(structs),
            _ => None,
        }
    }

    fn parenthesis(&mut self) -> Option<Expr> {
        let start = self.at;
        let mut all = self.arguments(")")?;
        let comma = self.flat(start).ends_with(",)");
        match all.len() {
            1 if !comma => Some(Expr::Paren(Box::new(all.remove(0)))),
            1 => None,
            _ => Some(Expr::Tuple(all)),
        }
    }

    fn array(&mut self) -> Option<Expr> {
        let start = self.at;
        if let Some(items) = self.arguments("]") {
            return Some(Expr::Array(items));
        }
        self.at = start + 1;
        let value = self.expr()?;
        self.expect(";")?;
        let count = self.expr()?;
        self.expect("]")?;
        Some(Expr::Repeat(Box::new(value), Box::new(count)))
    }

    /// A path; the number of its segments.
    pub(super) fn path(&mut self) -> Option<usize> {
        let mut segments = 0;
        if self.is("<") {
            self.angles()?;
            segments += 1;
        }
        if segments == 0 && self.is("&") {
            self.at += 1;
        }
        loop {
            if self.is("::") {
                self.at += 1;
            } else if segments > 0 {
                return Some(segments);
            }
            if self.is("<") {
                self.angles()?;
                continue;
            }
            if !self.is_kind(Kind::Word) {
                return None;
            }
            self.at += 1;
            segments += 1;
        }
    }

    /// A path, and what may follow one: `!` or `{`.
    fn named(&mut self, structs: bool) -> Option<Expr> {
        let start = self.at;
        let segments = self.path()?;
        let path = self.flat(start);
        if self.is("!") && matches!(self.ahead(1), "(" | "[" | "{") {
            self.at += 1;
            return self.called(start);
        }
        let name = path.rsplit("::").next().unwrap_or_default();
        if structs && self.is("{") && name.starts_with(char::is_uppercase) {
            return self.literal(path);
        }
        Some(Expr::Path(path, segments))
    }

    fn called(&mut self, start: usize) -> Option<Expr> {
        let name = self.flat(start);
        let open = self.at;
        let bracket = self.ahead(0).chars().next()?;
        let outer = std::mem::replace(&mut self.strict, true);
        let arguments = match bracket {
            '(' => self.arguments(")"),
            '[' => self.arguments("]"),
            _ => None,
        };
        self.strict = outer;
        self.at = open;
        self.group()?;
        let comma = self.before(2) == ",";
        Some(Expr::Macro(Macro {
            name,
            bracket,
            arguments,
            comma,
            text: self.raw(start),
        }))
    }

    fn literal(&mut self, path: String) -> Option<Expr> {
        self.at += 1;
        let (mut fields, mut rest) = (Vec::new(), None);
        while !self.eat("}") {
            if self.eat("..") {
                rest = Some(if self.is("}") {
                    None
                } else {
                    Some(Box::new(self.expr()?))
                });
                continue;
            }
            if !self.is_kind(Kind::Word) && !self.is_kind(Kind::Literal) {
                return None;
            }
            let name = self.bump()?.to_owned();
            let value = if self.eat(":") {
                Some(self.expr()?)
            } else {
                None
            };
            fields.push(Field { name, value });
            if !self.eat(",") && !self.is("}") {
                return None;
            }
        }
        Some(Expr::Struct(path, fields, rest))
    }
}
