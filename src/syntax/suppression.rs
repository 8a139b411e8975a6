//! Suppressions in comments: `# msarch: allow(sync-cycle, long-chain) the partner system is called once a day`.
//!
//! One stands at the end of the line it speaks of, or on lines of its own before it. It always says why.

use super::fault;
use super::finding::Finding;
use super::source::{Source, SourceId, Span, Spanned};
use super::yaml::Comment;

/// A suppression as written. Whether its rules exist, and whether it matches anything, is known further up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rules it allows.
    pub rules: Vec<Spanned<String>>,
    /// Why.
    pub reason: String,
    /// The comment.
    pub span: Span,
    /// The line, from 1, whose findings it speaks of: those whose primary place begins there.
    pub line: usize,
}

/// Finds the suppressions among the comments of a file, and those that are written wrongly.
pub fn collect(
    id: SourceId,
    source: &Source,
    comments: &[Comment],
) -> (Vec<Suppression>, Vec<Finding>) {
    let mut suppressions = Vec::new();
    let mut findings = Vec::new();
    let mut below = None;
    // From the last to the first, so that a column of suppressions finds the line they all speak of once.
    for comment in comments.iter().rev() {
        let Some(body) = body(&comment.text) else {
            continue;
        };
        let offset = comment.span.start as usize + 1 + (comment.text.len() - body.len());
        match read(body, id, offset) {
            Ok((rules, reason)) => {
                let line = governed(source, comment.span, &mut below);
                suppressions.push(Suppression {
                    rules,
                    reason,
                    span: comment.span,
                    line,
                });
            }
            Err(why) => findings.push(
                Finding::error(fault::MALFORMED_SUPPRESSION, comment.span, why)
                    .help("write `# msarch: allow(rule-id) and the reason`"),
            ),
        }
    }
    suppressions.reverse();
    findings.reverse();
    (suppressions, findings)
}

/// What follows `msarch:` in a comment that begins with it.
fn body(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix("msarch:")
}

type Read = (Vec<Spanned<String>>, String);

fn read(body: &str, id: SourceId, offset: usize) -> Result<Read, &'static str> {
    let rest = body.trim_start();
    let rest = rest
        .strip_prefix("allow")
        .ok_or("the only word known after `msarch:` is `allow`")?
        .trim_start();
    let rest = rest
        .strip_prefix('(')
        .ok_or("`allow` needs the rules in parentheses")?;
    let (list, reason) = rest
        .split_once(')')
        .ok_or("the parenthesis of `allow` is not closed")?;
    let mut at = offset + body.len() - rest.len();
    let mut rules = Vec::new();
    for part in list.split(',') {
        let name = part.trim();
        if name.is_empty() {
            return Err("`allow` needs a rule id before each comma and parenthesis");
        }
        let start = at + (part.len() - part.trim_start().len());
        rules.push(Spanned::new(
            name.to_owned(),
            Span::new(id, start, start + name.len()),
        ));
        at += part.len() + 1;
    }
    let reason = reason
        .trim_start_matches([' ', '\t', ':', '-', '–', '—'])
        .trim_end();
    if reason.is_empty() {
        return Err("a suppression needs a reason");
    }
    Ok((rules, reason.to_owned()))
}

/// The line that a comment speaks of: its own if something stands before it, else the next that is neither blank nor a
/// comment. `below` remembers the line of the last comment that stood alone, and the line that it speaks of.
fn governed(source: &Source, comment: Span, below: &mut Option<(usize, usize)>) -> usize {
    let start = comment.start as usize;
    let own = source.line(start);
    if !source.text()[source.line_range(own).start..start]
        .trim()
        .is_empty()
    {
        return own;
    }
    let mut line = own + 1;
    let target = loop {
        if let Some((_, target)) = below.filter(|(known, _)| *known == line) {
            break target;
        }
        if line > source.line_count() {
            break own;
        }
        let text = source.text()[source.line_range(line)].trim_start();
        if !text.is_empty() && !text.starts_with('#') {
            break line;
        }
        line += 1;
    };
    *below = Some((own, target));
    target
}

#[cfg(test)]
mod tests {
    use super::super::source::Sources;
    use super::super::yaml;
    use super::*;

    fn of(text: &str) -> (Vec<Suppression>, Vec<Finding>, Sources) {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        let parsed = yaml::parse(text, id);
        let (suppressions, findings) = collect(id, sources.get(id), &parsed.comments);
        (suppressions, findings, sources)
    }

    #[test]
    fn a_suppression_at_the_end_of_a_line_governs_that_line() {
        let (found, findings, sources) =
            of("a: 1\nb: 2 # msarch: allow(sync-cycle, long-chain) größer: später\nc: 3\n");
        assert!(findings.is_empty());
        assert_eq!(found[0].line, 2);
        assert_eq!(found[0].reason, "größer: später");
        let rules: Vec<_> = found[0]
            .rules
            .iter()
            .map(|rule| sources.text(rule.span))
            .collect();
        assert_eq!(rules, ["sync-cycle", "long-chain"]);
    }

    #[test]
    fn a_suppression_on_its_own_line_governs_the_next_line_with_content() {
        let (found, _, _) = of("a: 1\n# msarch: allow(x) because\n\n# a remark\nb: 2\n");
        assert_eq!(found[0].line, 5);
    }

    #[test]
    fn a_suppression_without_a_reason_is_a_finding() {
        let (found, findings, _) = of(
            "a: 1 # msarch: allow(x)\nb: 2 # msarch: allow x\nc: 1 # msarch: deny(x) y\nd: 1 # msarch: allow(x,) y\n",
        );
        assert!(found.is_empty());
        assert_eq!(findings.len(), 4);
    }

    #[test]
    fn an_ordinary_comment_is_none() {
        let (found, findings, _) = of("a: 1 # allow(x) me\n# about msarch: nothing\n");
        assert!(found.is_empty() && findings.is_empty());
    }
}
