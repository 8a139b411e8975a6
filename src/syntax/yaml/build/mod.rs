//! Builds the tree from the parser's events, on a stack of its own: the depth of the text is never the depth of ours.

mod anchors;
mod entries;
mod recover;

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as Range, options};

use self::anchors::Anchor;
use self::entries::{MERGE, as_key};
use self::recover::next_section;
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::{SourceId, Span, Spanned};
use crate::syntax::yaml::{Comment, Entry, MAX_DEPTH, MAX_FINDINGS, MAX_NODES, MAX_RECOVERIES};
use crate::syntax::yaml::{Map, Node, Parsed, Scalar, Style, Value};

/// Reads the text, and after a syntax error what follows from the next top-level key on.
pub(super) fn parse(text: &str, source: SourceId) -> Parsed {
    let mut builder = Builder::new(text, source);
    for _ in 0..=MAX_RECOVERIES {
        match builder.run() {
            End::Clean => break,
            End::Limit => {
                builder.parsed.incomplete = true;
                break;
            }
            End::Syntax { at } => {
                builder.parsed.incomplete = true;
                let Some(next) = next_section(text, at) else {
                    break;
                };
                builder.restart(next);
            }
        }
    }
    builder.finish()
}

/// How a run over the text ended.
enum End {
    Clean,
    Limit,
    Syntax { at: usize },
}

/// A collection whose end has not been read.
struct Frame {
    start: Span,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Pending },
}

/// Where a map stands between its keys and values.
enum Pending {
    None,
    Key(Spanned<Box<str>>, bool),
    /// The key was refused; its value is dropped.
    Refused,
}

struct Builder<'t> {
    text: &'t str,
    source: SourceId,
    base: usize,
    stack: Vec<Frame>,
    root: Option<Node>,
    /// What the runs before the current one have read.
    sections: Vec<Node>,
    documents: usize,
    anchors: BTreeMap<usize, Anchor>,
    nodes: usize,
    expanded: usize,
    /// Whether a limit was met, and told.
    limited: bool,
    parsed: Parsed,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, source: SourceId) -> Self {
        Self {
            text,
            source,
            base: 0,
            stack: Vec::new(),
            root: None,
            sections: Vec::new(),
            documents: 0,
            anchors: BTreeMap::new(),
            nodes: 0,
            expanded: 0,
            limited: false,
            parsed: Parsed::default(),
        }
    }

    fn restart(&mut self, base: usize) {
        self.close_open();
        self.sections.extend(self.root.take());
        self.anchors.clear();
        self.base = base;
        self.documents = 0;
    }

    /// Ends what a syntax error left open, so that it can still be checked.
    fn close_open(&mut self) {
        while let Some(mut frame) = self.stack.pop() {
            let end = frame.start;
            frame.anchor = 0;
            self.close(frame, end);
        }
    }

    fn finish(mut self) -> Parsed {
        self.close_open();
        self.sections.extend(self.root.take());
        let mut sections = std::mem::take(&mut self.sections).into_iter();
        let mut root = sections.next();
        for section in sections {
            self.append(&mut root, section);
        }
        self.parsed.root = root;
        self.parsed
    }

    /// Joins the top-level maps of two runs.
    fn append(&mut self, root: &mut Option<Node>, section: Node) {
        let Some(Node {
            span,
            value: Value::Map(map),
        }) = root
        else {
            *root = Some(section);
            return;
        };
        if let Value::Map(more) = section.value {
            *span = span.to(section.span);
            let mut entries = std::mem::take(&mut map.entries);
            entries.extend(more.entries);
            map.entries = self.without_duplicates(entries);
        }
    }

    fn run(&mut self) -> End {
        let options = options! {
            emit_unresolved_aliases: true,
            max_buffered_comment_events: 1_000_000,
            flow_nesting_limit: MAX_DEPTH + 1,
            block_nesting_limit: MAX_DEPTH + 1,
        };
        for event in Parser::new_from_str_with_options(&self.text[self.base..], options) {
            match event {
                Ok((event, range)) => {
                    if !self.take(event, &range) {
                        return End::Limit;
                    }
                }
                Err(error) => return self.syntax_error(&error),
            }
        }
        End::Clean
    }

    /// The character at a byte, or nothing at the end of the text.
    fn char_at(&self, at: usize) -> Span {
        let len = self
            .text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Span::new(self.source, at, at + len)
    }

    fn push(&mut self, finding: Finding) {
        if self.parsed.findings.len() < MAX_FINDINGS {
            self.parsed.findings.push(finding);
        }
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!("nested more than {MAX_DEPTH} levels deep");
        self.push(Finding::error(fault::TOO_LARGE, span, message).help("flatten the structure"));
    }

    fn span(&self, range: &Range) -> Span {
        let start = self.base + range.start.byte_offset().unwrap_or(0);
        let end = self.base + range.end.byte_offset().unwrap_or(0);
        Span::new(self.source, start, end)
    }

    /// Takes one event; false when a limit ends the reading.
    fn take(&mut self, event: Event<'_>, range: &Range) -> bool {
        let span = self.span(range);
        if let Some(tag) = range.tag_span().filter(|_| event.tag().is_some()) {
            let tag = self.span(&tag);
            self.push(
                Finding::error(fault::TAG_WITHOUT_MEANING, tag, "a tag has no meaning here")
                    .help("remove the tag"),
            );
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let finding = Finding::error(
                        fault::SEVERAL_DOCUMENTS,
                        span,
                        "a second document begins here",
                    )
                    .here("this and what follows is not read")
                    .help("put each document into a file of its own and name it under `include:`");
                    self.push(finding);
                    return false;
                }
                true
            }
            Event::Comment(text, _) => {
                self.parsed.comments.push(Comment {
                    span,
                    text: text.into(),
                });
                true
            }
            Event::Scalar(text, style, anchor, _) => self.scalar(text, style, anchor, span),
            Event::SequenceStart(_, anchor, _) => {
                self.open(span, anchor, Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, _) => self.open(
                span,
                anchor,
                Content::Map {
                    entries: Vec::new(),
                    key: Pending::None,
                },
            ),
            Event::SequenceEnd | Event::MappingEnd => match self.stack.pop() {
                Some(frame) => self.close(frame, span),
                None => true,
            },
            Event::Alias(id) => self.alias(id, span),
            Event::UnresolvedAlias(name) => {
                self.unknown_alias(&name, span);
                self.value(
                    Node {
                        span,
                        value: Value::Refused,
                    },
                    false,
                )
            }
            _ => true,
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        span: Span,
    ) -> bool {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let node = Node {
            span,
            value: Value::Scalar(Scalar {
                text: text.into(),
                style,
            }),
        };
        self.remember(anchor, &node) && self.value(node, true)
    }

    fn open(&mut self, start: Span, anchor: usize, content: Content) -> bool {
        if self.stack.len() >= MAX_DEPTH {
            self.too_deep(self.char_at(start.start as usize));
            return false;
        }
        self.stack.push(Frame {
            start,
            anchor,
            content,
        });
        true
    }

    fn close(&mut self, frame: Frame, end: Span) -> bool {
        // The end of a block collection lies behind the comments and blanks that follow it, so its last child tells.
        let (value, last) = match frame.content {
            Content::List(mut items) => {
                items.shrink_to_fit();
                let last = items.last().map(|node| node.span);
                (Value::List(items), last)
            }
            Content::Map { mut entries, key } => {
                entries.shrink_to_fit();
                let last = entries
                    .last()
                    .map(|entry| entry.key.span.to(entry.value.span));
                let last = if let Pending::Key(key, _) = &key {
                    Some(key.span)
                } else {
                    last
                };
                let entries = self.without_duplicates(entries);
                (
                    Value::Map(Map {
                        entries: self.merge(entries),
                    }),
                    last,
                )
            }
        };
        let flow_end = (end.end > end.start).then_some(end);
        let span = flow_end
            .or(last)
            .map_or(frame.start, |end| frame.start.to(end));
        let node = Node { span, value };
        self.remember(frame.anchor, &node) && self.value(node, true)
    }

    /// Puts a complete node where it belongs.
    fn value(&mut self, node: Node, counted: bool) -> bool {
        self.nodes += usize::from(counted);
        let span = node.span;
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame {
                content: Content::List(items),
                ..
            }) => items.push(node),
            Some(Frame {
                content: Content::Map { entries, key },
                ..
            }) => match std::mem::replace(key, Pending::None) {
                Pending::None => {
                    let (pending, finding) = as_key(node);
                    *key = pending;
                    if let Some(finding) = finding {
                        self.push(finding);
                    }
                }
                Pending::Key(name, merge) => {
                    let mut node = node;
                    if node.is_null() && node.span.start == node.span.end {
                        node.span = name.span;
                    }
                    // A merge key is told from a key that merely reads `<<` by an impossible key.
                    let name = if merge {
                        Spanned::new(MERGE.into(), name.span)
                    } else {
                        name
                    };
                    entries.push(Entry {
                        key: name,
                        value: node,
                    });
                }
                Pending::Refused => {}
            },
        }
        self.nodes <= MAX_NODES || self.within_limits(span)
    }
}
