//! Statements, and the expressions that hold blocks.

use super::cursor::Cursor;
use crate::emit::layout::tokens::Kind;
use crate::emit::layout::tree::{Entry, EntryKind, Expr, Let};

const CONTROLS: [&str; 6] = ["if", "match", "while", "for", "loop", "{"];

impl Cursor<'_> {
    /// Entries up to a closing brace, or the end. What `read` does not understand is kept as it stands.
    pub(super) fn entries(
        &mut self,
        read: fn(&mut Self) -> Option<EntryKind>,
    ) -> Option<Vec<Entry>> {
        let mut all: Vec<Entry> = Vec::new();
        while let Some(token) = self.token() {
            if token.kind == Kind::Close {
                break;
            }
            let comment = token.kind == Kind::Comment;
            let start = self.at;
            let kind = if comment {
                self.at += 1;
                Some(EntryKind::Text(token.text.to_owned()))
            } else if token.text == "#" {
                self.attribute()
            } else {
                read(self)
            };
            let kind = match kind {
                Some(kind) => kind,
                None if self.strict => return None,
                None => {
                    self.at = start;
                    self.skip()?;
                    EntryKind::Text(self.raw(start))
                }
            };
            all.push(Entry {
                blank: token.lines > 1 && !all.is_empty(),
                trailing: comment && token.lines == 0 && start > 0,
                raw: self.raw(start),
                kind,
            });
        }
        Some(all)
    }

    /// Passes what is not understood: up to a semicolon, a comma, or the end of a braced block.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        while let Some(token) = self.token() {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => return Some(()),
                Kind::Close => depth -= 1,
                _ => {}
            }
            self.at += 1;
            let next = self.token();
            let ends = matches!(token.text, ";" | ",")
                || (token.text == "}"
                    && next.is_none_or(|next| {
                        next.lines > 0 && !matches!(next.text, "." | "?" | "else")
                    }));
            if depth == 0 && ends {
                return Some(());
            }
        }
        Some(())
    }

    pub(super) fn block(&mut self) -> Option<Vec<Entry>> {
        self.expect("{")?;
        let entries = self.entries(Self::statement)?;
        self.expect("}")?;
        Some(entries)
    }

    fn statement(&mut self) -> Option<EntryKind> {
        if self.is("let") {
            return self.binding();
        }
        if self.begins_item() {
            return self.item();
        }
        let expr = if self.is_any(&CONTROLS) {
            let control = self.control()?;
            if self.is_any(&[".", "?"]) {
                self.links(control)?
            } else {
                control
            }
        } else {
            self.expr()?
        };
        let ended = self.eat(";");
        let blocky = matches!(expr, Expr::Control(..) | Expr::Match(..) | Expr::Block(..));
        (ended || blocky || self.is("}")).then_some(EntryKind::Expr(expr, ended))
    }

    fn binding(&mut self) -> Option<EntryKind> {
        let head = self.until(&["=", ":", ";"], false)?;
        self.bound(head)
    }

    /// `: Type = value else { ... };`
    pub(super) fn bound(&mut self, head: String) -> Option<EntryKind> {
        let ty = if self.eat(":") {
            Some(self.until(&["=", ";"], true)?)
        } else {
            None
        };
        let value = if self.eat("=") {
            Some(self.expr()?)
        } else {
            None
        };
        let otherwise = if self.eat("else") {
            Some(self.block()?)
        } else {
            None
        };
        self.expect(";")?;
        Some(EntryKind::Let(Let {
            head,
            ty,
            value,
            otherwise,
        }))
    }

    /// `if`, `match`, a loop or a block.
    pub(super) fn control(&mut self) -> Option<Expr> {
        match self.ahead(0) {
            "if" | "while" => {
                let word = self.bump()?.to_owned();
                let condition = self.expr_where(false)?;
                let body = self.block()?;
                let other = if self.eat("else") {
                    Some(Box::new(self.control()?))
                } else {
                    None
                };
                Some(Expr::Control(word, Some(Box::new(condition)), body, other))
            }
            "for" => {
                let head = self.until(&["in"], false)?;
                self.expect("in")?;
                let list = self.expr_where(false)?;
                let body = self.block()?;
                Some(Expr::Control(
                    format!("{head} in"),
                    Some(Box::new(list)),
                    body,
                    None,
                ))
            }
            "loop" => {
                self.at += 1;
                Some(Expr::Control("loop".to_owned(), None, self.block()?, None))
            }
            "match" => {
                self.at += 1;
                let subject = self.expr_where(false)?;
                self.expect("{")?;
                let arms = self.entries(Self::arm)?;
                self.expect("}")?;
                Some(Expr::Match(Box::new(subject), arms))
            }
            _ => {
                let start = self.at;
                while self.is_any(&["async", "move", "unsafe"]) {
                    self.at += 1;
                }
                let prefix = self.flat(start);
                Some(Expr::Block(prefix, self.block()?))
            }
        }
    }

    fn arm(&mut self) -> Option<EntryKind> {
        let pattern = self.until(&["=>", "if"], false)?;
        let guard = if self.eat("if") {
            Some(self.expr()?)
        } else {
            None
        };
        self.expect("=>")?;
        let body = self.expr()?;
        let comma = self.eat(",");
        let ends = comma || self.is("}") || matches!(body, Expr::Block(..));
        ends.then_some(EntryKind::Arm(pattern, guard, body))
    }
}
