//! What a finding is, apart from where: the same finding has the same fingerprint when lines are added above it, when things change
//! places in the file, when the number that it complains of changes, and when its message is worded anew.

use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::source::Sources;

/// The fingerprint of a finding in `file`: 32 hexadecimal digits. It is made of the rule, the file, what the finding is about
/// and the words at its place; of the message only where it is about nothing that has a name. Two findings may have one.
#[must_use]
pub fn fingerprint(file: &str, finding: &Finding, sources: &Sources) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.as_bytes());
        hash.update([0]);
    };
    add(finding.rule.as_str());
    add(file);
    let mut subjects: Vec<&str> = finding.subjects.iter().map(String::as_str).collect();
    subjects.sort_unstable();
    subjects.iter().for_each(|subject| add(subject));
    if finding.subjects.is_empty() {
        add(&without_numbers(&finding.message));
    }
    let place = sources.shown(finding.span());
    let place = place.lines().next().unwrap_or("").trim();
    // Which of several things is named at the place is decided by their order in the file.
    let told = subjects.len() > 1 && subjects.iter().any(|subject| same(subject, place));
    if !told {
        add(&without_numbers(place));
    }
    let digest = hash.finalize();
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether two words are one name, in quotes or not, with `-` or `_`.
fn same(subject: &str, place: &str) -> bool {
    let plain = |text: &str| text.trim_matches(['"', '\'']).replace('-', "_");
    plain(subject) == plain(place)
}

/// A text whose numbers, with their units, are all the same: `61,000 lines` and `61,200 lines`, `900ms` and `2s`. Digits
/// within a name stay.
fn without_numbers(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let within = plain
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '#'));
        if within || !c.is_ascii_digit() {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','))
            .unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches(['.', ',']);
        rest = &rest[number.len()..];
        let unit = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        if matches!(&rest[..unit], "ms" | "s" | "m" | "h" | "d") {
            rest = &rest[unit..];
        }
        plain.push('#');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::finding::RuleId;
    use super::super::source::{SourceId, Span};
    use super::*;

    /// The fingerprint of a finding at `place` of a text.
    fn of(text: &str, place: &str, message: &str, about: &str) -> String {
        let mut sources = Sources::new();
        let id = sources.add("a.yaml", text);
        let start = text.find(place).unwrap();
        let span = Span::new(id, start, start + place.len());
        let mut finding = Finding::error(RuleId("x"), span, message);
        if !about.is_empty() {
            finding = finding.about(about);
        }
        fingerprint("a.yaml", &finding, &sources)
    }

    #[test]
    fn lines_numbers_and_words_make_no_other_finding() {
        let one = of(
            "loc: 61000",
            "61000",
            "61,000 lines are many",
            "order-service",
        );
        assert_eq!(one.len(), 32);
        let two = of(
            "\n\nloc: 70500",
            "70500",
            "there are 70,500 lines",
            "order-service",
        );
        assert_eq!(one, two);
    }

    #[test]
    fn another_subject_place_or_message_makes_another() {
        let text = "a: {timeout: 5s}\nb: {ttl: 5s}";
        let all = [
            of(text, "a:", "m", "a"),
            of(text, "b:", "m", "a"),
            of(text, "a:", "m", "b"),
            of(text, "a:", "m", ""),
            of(text, "a:", "n", ""),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[index + 1..].contains(one), "{index}");
        }
    }

    #[test]
    fn digits_of_names_are_no_numbers() {
        assert_eq!(
            without_numbers("`v2` of s3-service takes 900ms, not 1.5s, in 3 tries; 12 more."),
            "`v2` of s3-service takes #, not #, in # tries; # more."
        );
        assert_eq!(without_numbers("OrderV2 8h 5m 61,000"), "OrderV2 # # #");
    }

    #[test]
    fn a_place_without_text_has_a_fingerprint() {
        let mut sources = Sources::new();
        sources.add("a.yaml", "");
        let span = Span::new(SourceId::default(), 0, 0);
        let finding = Finding::error(RuleId("x"), span, "empty");
        assert_eq!(fingerprint("a.yaml", &finding, &sources).len(), 32);
    }
}
