//! Items: what stands in a file, a module or an `impl`.

use super::cursor::Cursor;
use crate::emit::layout::tokens::Kind;
use crate::emit::layout::tree::{Entry, EntryKind, Expr, Let, Signature};

const ITEMS: [&str; 11] = [
    "use", "mod", "pub", "fn", "const", "static", "struct", "enum", "impl", "trait", "type",
];

impl Cursor<'_> {
    pub(super) fn begins_item(&self) -> bool {
        self.is_any(&ITEMS) || (self.is("async") && self.ahead(1) == "fn")
    }

    /// An item.
    pub(super) fn item(&mut self) -> Option<EntryKind> {
        let start = self.at;
        if self.eat("pub") && self.is("(") {
            self.group()?;
        }
        let after = (self.ahead(0), self.ahead(1));
        match after {
            ("use", _) => self.using(start),
            ("mod", _) if self.ahead(2) == ";" => {
                self.at += 3;
                Some(EntryKind::Module(self.flat(start)))
            }
            ("fn", _) | ("async" | "const" | "unsafe", "fn" | "async") => self.function(start),
            ("const" | "static", _) => {
                self.until(&[":"], false)?;
                let head = self.flat(start);
                self.bound(head)
            }
            ("type", _) => self.alias(start),
            ("mod" | "impl" | "trait" | "unsafe", _) => self.braced(start, Self::item),
            ("struct" | "enum" | "union", _) => self.record(start),
            _ => None,
        }
    }

    fn using(&mut self, start: usize) -> Option<EntryKind> {
        self.until(&["{", ";"], false)?;
        if !self.is("{") {
            self.expect(";")?;
            let text = self.flat(start);
            let text = text.trim_end_matches(';').to_owned();
            return Some(EntryKind::Use(text, None));
        }
        let head = self.flat(start);
        self.at += 1;
        let mut names = Vec::new();
        while !self.eat("}") {
            names.push(self.until(&[","], false)?);
            self.eat(",");
        }
        self.expect(";")?;
        Some(EntryKind::Use(head, Some(names)))
    }

    fn alias(&mut self, start: usize) -> Option<EntryKind> {
        self.until(&["=", ";"], true)?;
        let head = self.flat(start);
        let value = if self.eat("=") {
            Some(Expr::Path(self.until(&[";"], true)?, 2))
        } else {
            None
        };
        self.expect(";")?;
        Some(EntryKind::Let(Let {
            head,
            ty: None,
            value,
            otherwise: None,
        }))
    }

    fn function(&mut self, start: usize) -> Option<EntryKind> {
        while !self.eat("fn") {
            self.at += 1;
        }
        self.until(&["("], true)?;
        let signature = self.signature(start)?;
        let body = if self.eat(";") {
            None
        } else {
            Some(self.block()?)
        };
        Some(EntryKind::Function(signature, body))
    }

    fn signature(&mut self, start: usize) -> Option<Signature> {
        // `until` passes brackets, so the head is taken before them.
        let head = self.flat(start);
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.eat(")") {
            parameters.push(self.until(&[","], true)?);
            self.eat(",");
        }
        let at = self.at;
        if self.eat("->") {
            self.until(&["{", ";", "where"], true)?;
        }
        let output = self.flat(at);
        Some(Signature {
            head,
            parameters,
            output,
            bounds: self.bounds()?,
        })
    }

    /// What stands after `where`.
    fn bounds(&mut self) -> Option<Vec<String>> {
        let mut all = Vec::new();
        if self.eat("where") {
            while !self.is_any(&["{", ";"]) {
                all.push(self.until(&[",", "{", ";"], true)?);
                self.eat(",");
            }
        }
        Some(all)
    }

    fn braced(
        &mut self,
        start: usize,
        read: fn(&mut Self) -> Option<EntryKind>,
    ) -> Option<EntryKind> {
        self.until(&["{", "where", ";"], true)?;
        let head = self.flat(start);
        let bounds = self.bounds()?;
        self.expect("{")?;
        let entries: Vec<Entry> = self.entries(read)?;
        self.expect("}")?;
        Some(EntryKind::Braced(head, bounds, entries))
    }

    fn record(&mut self, start: usize) -> Option<EntryKind> {
        let from = self.at;
        self.until(&["{", ";"], true)?;
        if self.eat(";") {
            return Some(EntryKind::Text(self.flat(start)));
        }
        self.at = from;
        self.braced(start, Self::member)
    }

    /// A field of a struct, or a variant of an enum.
    fn member(&mut self) -> Option<EntryKind> {
        let start = self.at;
        if self.eat("pub") && self.is("(") {
            self.group()?;
        }
        self.is_kind(Kind::Word).then_some(())?;
        self.at += 1;
        let (head, ty) = if self.is(":") {
            let head = self.flat(start);
            self.at += 1;
            (head, Some(self.until(&[","], true)?))
        } else {
            if self.is("{") {
                return None;
            }
            self.until(&[","], true)?;
            (self.flat(start), None)
        };
        (self.eat(",") || self.is("}")).then_some(EntryKind::Member(head, ty))
    }

    /// `#[name(arguments)]`.
    pub(super) fn attribute(&mut self) -> Option<EntryKind> {
        let start = self.at;
        self.expect("#")?;
        self.eat("!");
        let group = self.at;
        self.group()?;
        let end = self.at;
        let whole = self.flat(start);
        self.at = group + 1;
        let arguments = self.named_arguments();
        let closes = self.at + 1 == end && self.is("]");
        self.at = end;
        match arguments {
            Some(arguments) if closes => {
                let head = whole.split('(').next().unwrap_or_default().to_owned();
                Some(EntryKind::Attribute(head, Some(arguments)))
            }
            _ => Some(EntryKind::Attribute(whole, None)),
        }
    }

    fn named_arguments(&mut self) -> Option<Vec<String>> {
        self.path()?;
        self.expect("(")?;
        let mut all = Vec::new();
        while !self.eat(")") {
            let start = self.at;
            if self.is_kind(Kind::Literal) {
                self.at += 1;
            } else {
                self.path()?;
                if self.eat("=") {
                    self.is_kind(Kind::Literal).then_some(())?;
                    self.at += 1;
                } else if self.is("(") {
                    self.group()?;
                }
            }
            all.push(self.flat(start));
            (self.eat(",") || self.is(")")).then_some(())?;
        }
        Some(all)
    }
}
