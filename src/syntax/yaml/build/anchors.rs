//! Anchors and aliases, and the limits that keep them from growing without end.

use super::Builder;
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::Span;
use crate::syntax::yaml::{MAX_DEPTH, MAX_EXPANDED, MAX_NODES, Node, Value};

/// What an alias stands for.
pub(super) struct Anchor {
    node: Node,
    count: usize,
    height: usize,
}

impl Builder<'_> {
    pub(super) fn remember(&mut self, anchor: usize, node: &Node) -> bool {
        if anchor == 0 {
            return true;
        }
        let count = node.count();
        self.nodes += count;
        self.anchors.insert(
            anchor,
            Anchor {
                node: node.clone(),
                count,
                height: node.height(),
            },
        );
        self.within_limits(node.span)
    }

    pub(super) fn within_limits(&mut self, span: Span) -> bool {
        if self.limited {
            return false;
        }
        self.limited = self.nodes > MAX_NODES || self.expanded > MAX_EXPANDED;
        if self.nodes > MAX_NODES {
            let message = format!("more than {MAX_NODES} values in one file");
            self.push(
                Finding::error(fault::TOO_LARGE, span, message)
                    .help("split the file and use `include:`"),
            );
            return false;
        }
        if self.expanded > MAX_EXPANDED {
            let message = format!("the aliases expand to more than {MAX_EXPANDED} values");
            self.push(
                Finding::error(fault::TOO_LARGE, span, message)
                    .help("write the values out, or use fewer aliases"),
            );
            return false;
        }
        true
    }

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) {
        // After a syntax error the anchors of the unread part are unknown, and so is whether this is a fault.
        if self.base == 0 {
            let message = format!("the alias `*{name}` names no anchor before it");
            self.push(
                Finding::error(fault::ALIAS_UNKNOWN, span, message)
                    .help("an anchor is written `&name` before a value"),
            );
        }
    }

    pub(super) fn alias(&mut self, id: usize, span: Span) -> bool {
        let Some(anchor) = self.anchors.get(&id) else {
            self.push(Finding::error(
                fault::ALIAS_UNKNOWN,
                span,
                "an alias stands inside its own anchor",
            ));
            return self.value(
                Node {
                    span,
                    value: Value::Refused,
                },
                false,
            );
        };
        self.nodes += anchor.count;
        self.expanded += anchor.count;
        if self.stack.len() + anchor.height > MAX_DEPTH {
            self.too_deep(span);
            return false;
        }
        if self.nodes > MAX_NODES || self.expanded > MAX_EXPANDED {
            return self.within_limits(span);
        }
        // The parts keep the places of the anchor; the whole has the place of the alias.
        let node = Node {
            span,
            value: anchor.node.value.clone(),
        };
        self.value(node, false)
    }
}
