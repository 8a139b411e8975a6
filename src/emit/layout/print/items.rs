//! Items, and the lines of files and blocks.

use super::super::shape::{MAX, Shape, TAB, newline, width};
use super::super::tree::{Entry, EntryKind, Signature};
use super::lists::pack;
use super::{assign, blocks, matches, order};

/// The widest arguments of an attribute on one line.
const ATTRIBUTE_WIDTH: usize = 70;
/// The last column of a list of derives, and of a list of imports, on one line: rustfmt keeps some room free.
const DERIVE_WIDTH: usize = 96;
const USE_WIDTH: usize = 98;

/// Entries, each on lines of its own; the first line has no indent.
pub(super) fn lines(entries: &[Entry], indent: usize) -> String {
    let mut text = String::new();
    for (place, entry) in order::sorted(entries).into_iter().enumerate() {
        if entry.trailing {
            text.push(' ');
        } else if place > 0 {
            text.push_str(if entries[place].blank { "\n" } else { "" });
            text.push_str(&newline(indent));
        }
        text.push_str(&self::entry(entry, place + 1 == entries.len(), indent));
    }
    text
}

fn entry(entry: &Entry, last: bool, indent: usize) -> String {
    let text = match &entry.kind {
        EntryKind::Text(text) | EntryKind::Module(text) => Some(text.clone()),
        EntryKind::Attribute(head, arguments) => {
            Some(attribute(head, arguments.as_deref(), indent))
        }
        EntryKind::Expr(expr, false) if last => blocks::last(expr, indent),
        EntryKind::Expr(expr, ended) => blocks::statement(expr, *ended, indent),
        EntryKind::Let(binding) => blocks::binding(binding, indent),
        EntryKind::Arm(pattern, guard, body) => matches::arm(pattern, guard.as_ref(), body, indent),
        EntryKind::Use(head, names) => Some(using(head, names.as_deref(), indent)),
        EntryKind::Function(signature, body) => Some(function(signature, body.as_deref(), indent)),
        EntryKind::Braced(head, bounds, entries) => {
            let open = bounded(head, bounds, indent);
            Some(format!("{open}{}", blocks::braced(entries, indent)))
        }
        EntryKind::Member(head, ty) => member(head, ty.as_deref(), indent),
    };
    text.unwrap_or_else(|| entry.raw.clone())
}

fn attribute(head: &str, arguments: Option<&[String]>, indent: usize) -> String {
    let Some(arguments) = arguments else {
        return head.to_owned();
    };
    let derives = head.ends_with("[derive");
    let line = arguments.join(", ");
    let whole = format!("{head}({line})]");
    let (fits, room) = if derives {
        (true, DERIVE_WIDTH)
    } else {
        (arguments.len() == 1 || width(&line) <= ATTRIBUTE_WIDTH, MAX)
    };
    if fits && indent + width(&whole) <= room {
        return whole;
    }
    let inner = Shape::indented(indent + TAB);
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let lines = if derives {
        pack(&texts, inner, true, true)
    } else {
        texts.join(&format!(",{}", newline(inner.indent)))
    };
    format!(
        "{head}({}{lines}{})]",
        newline(inner.indent),
        newline(indent)
    )
}

fn using(head: &str, names: Option<&[String]>, indent: usize) -> String {
    let Some(names) = names else {
        return format!("{head};");
    };
    let mut names = names.to_vec();
    names.sort_by(|left, right| order::names(left, right));
    let line = format!("{head}{{{}}};", names.join(", "));
    let nested = names.iter().any(|name| name.contains('{'));
    if width(&line) + indent <= USE_WIDTH && !nested {
        return line;
    }
    let inner = Shape::indented(indent + TAB);
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    let lines = if nested {
        format!("{},", texts.join(&format!(",{}", newline(inner.indent))))
    } else {
        pack(
            &texts,
            Shape {
                width: inner.width - 1,
                ..inner
            },
            true,
            false,
        )
    };
    format!(
        "{head}{{{}{lines}{}}};",
        newline(inner.indent),
        newline(indent)
    )
}

fn function(signature: &Signature, body: Option<&[Entry]>, indent: usize) -> String {
    let output = if signature.output.is_empty() {
        String::new()
    } else {
        format!(" {}", signature.output)
    };
    let line = format!(
        "{}({}){output}",
        signature.head,
        signature.parameters.join(", ")
    );
    let end = match body {
        None => 1,
        Some(_) if signature.bounds.is_empty() => 2,
        Some(_) => 0,
    };
    let head = if width(&line) + indent + end <= MAX || signature.parameters.is_empty() {
        line
    } else {
        let inner = newline(indent + TAB);
        let parameters: Vec<String> = signature
            .parameters
            .iter()
            .map(|parameter| self::parameter(parameter, indent + TAB))
            .collect();
        let parameters = parameters.join(&format!(",{inner}"));
        format!(
            "{}({inner}{parameters},{}){output}",
            signature.head,
            newline(indent)
        )
    };
    match body {
        Some(body) => format!(
            "{}{}",
            bounded(&head, &signature.bounds, indent),
            blocks::braced(body, indent)
        ),
        None => format!("{head};"),
    }
}

/// A parameter; a type that is too wide has its arguments on lines of their own.
fn parameter(text: &str, indent: usize) -> String {
    if indent + width(text) < MAX || !text.ends_with('>') {
        return text.to_owned();
    }
    let Some((head, arguments)) = text.split_once('<') else {
        return text.to_owned();
    };
    let inner = newline(indent + TAB);
    let arguments = arguments[..arguments.len() - 1].trim();
    format!("{head}<{inner}{arguments},{}>", newline(indent))
}

/// A head with its bounds, up to the brace.
fn bounded(head: &str, bounds: &[String], indent: usize) -> String {
    let inner = newline(indent + TAB);
    if bounds.is_empty() {
        let wide = !head.contains('\n') && indent + width(head) + " {".len() > MAX;
        return match head.split_once(" for ") {
            Some((of, ty)) if wide && head.starts_with("impl") => {
                format!("{of}{inner}for {ty}{}", newline(indent))
            }
            _ => format!("{head} "),
        };
    }
    let bounds = bounds.join(&format!(",{inner}"));
    let outer = newline(indent);
    format!("{head}{outer}where{inner}{bounds},{outer}")
}

fn member(head: &str, ty: Option<&str>, indent: usize) -> Option<String> {
    let Some(ty) = ty else {
        return Some(format!("{head},"));
    };
    let shape = Shape::indented(indent).sub(1)?;
    let text = assign::beside(format!("{head}:"), shape, |room| {
        (width(ty) <= room.width).then(|| ty.to_owned())
    })?;
    Some(format!("{text},"))
}
