//! Expressions by precedence.

use super::cursor::Cursor;
use crate::emit::layout::tokens::Kind;
use crate::emit::layout::tree::Expr;

/// Binary operators, the loosest first.
const LEVELS: [&[&str]; 8] = [
    &["||"],
    &["&&"],
    &["==", "!=", "<", ">", "<=", ">="],
    &["|"],
    &["^"],
    &["&"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [&str; 9] = ["=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|="];

/// What may end an expression.
const ENDS: [&str; 7] = [")", "]", "}", ",", ";", "=>", "else"];

impl Cursor<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Option<Expr> {
        self.expr_where(true)
    }

    /// An expression; struct literals are not allowed in conditions.
    pub(super) fn expr_where(&mut self, structs: bool) -> Option<Expr> {
        if self.is_any(&["|", "||", "move"]) || (self.is("async") && self.closes_over()) {
            return self.closure();
        }
        if self.is_any(&["return", "break", "continue"]) {
            let word = self.bump()?.to_owned();
            let ends = self.is_any(&ENDS) || self.at_end();
            let value = if ends {
                None
            } else {
                Some(Box::new(self.expr_where(structs)?))
            };
            return Some(Expr::Jump(word, value));
        }
        let left = self.range(structs)?;
        if !self.is_any(&ASSIGNMENTS) {
            return Some(left);
        }
        let sign = self.bump()?.to_owned();
        let right = self.expr_where(structs)?;
        Some(Expr::Assign(Box::new(left), sign, Box::new(right)))
    }

    /// Whether `async` begins a closure.
    fn closes_over(&self) -> bool {
        let next = self.ahead(1);
        matches!(next, "|" | "||") || (next == "move" && matches!(self.ahead(2), "|" | "||"))
    }

    fn range(&mut self, structs: bool) -> Option<Expr> {
        let from = if self.is_any(&["..", "..="]) {
            None
        } else {
            Some(self.binary(0, structs)?)
        };
        if !self.is_any(&["..", "..="]) {
            return from;
        }
        let sign = self.bump()?.to_owned();
        let ends = self.is_any(&ENDS) || self.at_end() || (!structs && self.is("{"));
        let to = if ends {
            None
        } else {
            Some(Box::new(self.binary(0, structs)?))
        };
        Some(Expr::Range(from.map(Box::new), sign, to))
    }

    fn binary(&mut self, level: usize, structs: bool) -> Option<Expr> {
        let Some(signs) = LEVELS.get(level) else {
            return self.cast(structs);
        };
        let mut left = self.binary(level + 1, structs)?;
        while self.is_kind(Kind::Sign) && self.is_any(signs) {
            let sign = self.bump()?.to_owned();
            let right = self.binary(level + 1, structs)?;
            left = Expr::Binary(Box::new(left), sign, Box::new(right));
        }
        Some(left)
    }

    fn cast(&mut self, structs: bool) -> Option<Expr> {
        let mut value = self.unary(structs)?;
        while self.eat("as") {
            let start = self.at;
            self.path()?;
            value = Expr::Cast(Box::new(value), self.flat(start));
        }
        Some(value)
    }

    fn unary(&mut self, structs: bool) -> Option<Expr> {
        if self.is("let") {
            self.at += 1;
            let pattern = self.until(&["="], false)?;
            self.expect("=")?;
            // A chain of conditions goes on after the value.
            let value = self.binary(2, false)?;
            return Some(Expr::Let(pattern, Box::new(value)));
        }
        let sign = match self.ahead(0) {
            "&" if self.ahead(1) == "mut" => {
                self.at += 1;
                "&mut "
            }
            "&&" => "&&",
            "&" => "&",
            "*" => "*",
            "!" => "!",
            "-" => "-",
            _ => return self.postfix(structs),
        };
        self.at += 1;
        let inner = self.unary(structs)?;
        Some(Expr::Unary(sign.to_owned(), Box::new(inner)))
    }

    fn closure(&mut self) -> Option<Expr> {
        let start = self.at;
        while self.is_any(&["async", "move"]) {
            self.at += 1;
        }
        if !self.eat("||") {
            self.expect("|")?;
            self.until(&["|"], false)?;
            self.expect("|")?;
        }
        let typed = self.eat("->");
        if typed {
            self.until(&["{"], true)?;
        }
        let head = self.flat(start);
        let body = self.expr()?;
        Some(Expr::Closure(head, typed, Box::new(body)))
    }
}
