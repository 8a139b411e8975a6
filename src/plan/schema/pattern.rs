//! A text that matches a regular expression: the first that comes to hand, varied by a number.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Texts that match a pattern, of the given lengths; none where no simple text does. The runtime's own matcher has the last word.
pub(in crate::plan) fn text(
    pattern: &str,
    least: usize,
    most: usize,
    variant: u64,
) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let matcher = regex::Regex::new(pattern).ok()?;
    let fits =
        |text: &String| matcher.is_match(text) && (least..=most).contains(&text.chars().count());
    // Repetitions that may go on are made longer until the text is long enough.
    (0..=64)
        .chain([least])
        .filter_map(|longer| {
            let mut writer = Writer {
                variant,
                longer,
                text: String::new(),
            };
            writer.write(&hir)?;
            Some(writer.text)
        })
        .find(fits)
}

struct Writer {
    variant: u64,
    longer: usize,
    text: String,
}

impl Writer {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                self.text.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(class) => {
                let char = self.choose(class)?;
                self.text.push(char);
                Some(())
            }
            HirKind::Repetition(repetition) => {
                let least = repetition.min as usize;
                let most = repetition.max.map_or(usize::MAX, |max| max as usize);
                let wanted = least.max(usize::from(most > 0)) + self.longer;
                (0..wanted.min(most)).try_for_each(|_| self.write(&repetition.sub))
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => self.write(parts.first()?),
        }
    }

    /// A letter or digit where the class has one, else the first printable character.
    fn choose(&mut self, class: &Class) -> Option<char> {
        let chars: Vec<char> = match class {
            Class::Unicode(class) => {
                let within = |char: &char| {
                    class
                        .iter()
                        .any(|range| range.start() <= *char && *char <= range.end())
                };
                let preferred: Vec<char> = ('a'..='z')
                    .chain('A'..='Z')
                    .chain('0'..='9')
                    .filter(within)
                    .collect();
                let first = || {
                    class
                        .iter()
                        .flat_map(|range| range.start()..=range.end())
                        .find(|char| !char.is_control())
                };
                if preferred.is_empty() {
                    first().into_iter().collect()
                } else {
                    preferred
                }
            }
            Class::Bytes(class) => class
                .iter()
                .filter_map(|range| char::from_u32(range.start().into()))
                .collect(),
        };
        let count = u64::try_from(chars.len()).ok().filter(|count| *count > 0)?;
        let index = usize::try_from(self.variant % count).ok()?;
        self.variant = (self.variant / count) ^ self.variant.rotate_left(7).wrapping_mul(31);
        chars.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_patterns_have_a_text() {
        for pattern in [
            "^[^@ ]+@[^@ ]+$",
            "^[A-Z]{3}-[0-9]{4,8}$",
            r"^\d{5}$",
            "^(red|green)$",
            r"^\+?[1-9]\d{6,14}$",
            "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
        ] {
            let found = text(pattern, 0, usize::MAX, 77).unwrap_or_else(|| panic!("{pattern}"));
            assert!(
                regex::Regex::new(pattern)
                    .expect("a pattern")
                    .is_match(&found),
                "{pattern}: {found}"
            );
        }
    }

    #[test]
    fn a_text_is_as_long_as_it_must_be() {
        assert_eq!(text("^[a-z]+$", 12, 12, 5).map(|text| text.len()), Some(12));
        assert_eq!(text("^[a-z]{3}$", 5, 9, 5), None);
    }

    #[test]
    fn another_number_gives_another_text() {
        assert_ne!(
            text("^[A-Z0-9]{8}$", 0, 99, 1),
            text("^[A-Z0-9]{8}$", 0, 99, 2)
        );
    }
}
