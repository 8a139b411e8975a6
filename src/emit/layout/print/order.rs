//! The order of neighbouring `use` and `mod` lines, as rustfmt sorts them.

use std::cmp::Ordering;

use super::super::tree::{Entry, EntryKind};

/// Entries with each run of `use`, and each of `mod`, in order.
pub(super) fn sorted(entries: &[Entry]) -> Vec<&Entry> {
    let mut all: Vec<&Entry> = entries.iter().collect();
    let mut start = 0;
    while start < all.len() {
        let run = 1 + all[start + 1..]
            .iter()
            .take_while(|next| !next.blank && alike(all[start], next))
            .count();
        let attributed = start > 0 && matches!(all[start - 1].kind, EntryKind::Attribute(..));
        if run > 1 && !attributed {
            all[start..start + run].sort_by(|left, right| order(left, right));
        }
        start += run;
    }
    all
}

fn alike(first: &Entry, next: &Entry) -> bool {
    matches!(
        (&first.kind, &next.kind),
        (EntryKind::Use(..), EntryKind::Use(..)) | (EntryKind::Module(_), EntryKind::Module(_))
    )
}

fn order(left: &Entry, right: &Entry) -> Ordering {
    match (&left.kind, &right.kind) {
        (EntryKind::Use(left, _), EntryKind::Use(right, _)) => paths(left, right),
        (EntryKind::Module(left), EntryKind::Module(right)) => names(last(left), last(right)),
        _ => Ordering::Equal,
    }
}

/// The word after `use` or `mod`.
fn last(text: &str) -> &str {
    let text = text.trim_end_matches(';');
    text.rsplit(' ').next().unwrap_or(text)
}

fn paths(left: &str, right: &str) -> Ordering {
    let segments = |text: &str| -> Vec<String> {
        let path = text.split("use ").nth(1).unwrap_or_default().to_owned();
        path.split("::").map(str::to_owned).collect()
    };
    let (left, right) = (segments(left), segments(right));
    let pairs = left
        .iter()
        .zip(&right)
        .map(|(left, right)| names(left, right));
    let differs = pairs.into_iter().find(|order| order.is_ne());
    differs.unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// The order of two names: `self`, `super`, `crate`, then by version, `*`, and a list in braces last.
pub(super) fn names(left: &str, right: &str) -> Ordering {
    let rank = |name: &str| match name {
        "self" => 0,
        "super" => 1,
        "crate" => 2,
        "*" => 4,
        "" => 5,
        _ => 3,
    };
    rank(left)
        .cmp(&rank(right))
        .then_with(|| version(bare(left), bare(right)))
        .then_with(|| left.cmp(right))
}

fn bare(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Numbers by their value, `_` before all else.
fn version(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let (some, others) = (digits(left), digits(right));
        if some > 0 && others > 0 {
            let (a, b) = (&left[..some], &right[..others]);
            let (x, y) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(y));
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[some..], &right[others..]);
            continue;
        }
        let (Some(a), Some(b)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len());
        };
        let order = (a != '_').cmp(&(b != '_')).then_with(|| a.cmp(&b));
        if order.is_ne() {
            return order;
        }
        (left, right) = (&left[a.len_utf8()..], &right[b.len_utf8()..]);
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}
