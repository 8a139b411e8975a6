//! Texts of the file as Markdown: whatever a person wrote into a description, it stays text.

/// A text on one line, nothing in which means anything to Markdown, HTML or a table.
pub(in crate::plan) fn text(words: &str) -> String {
    let line: Vec<&str> = words.split_whitespace().collect();
    let line = line.join(" ");
    let mut text = String::with_capacity(line.len() + 8);
    let mut numbered = true;
    for (index, c) in line.chars().enumerate() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '{' | '}' | '|' | '~' | '$' => {
                text.push('\\');
                text.push(c);
            }
            // At the beginning of a line these begin a heading, a list or a rule.
            '#' | '+' | '-' | '=' | ':' if index == 0 => {
                text.push('\\');
                text.push(c);
            }
            '.' | ')' if numbered && index > 0 => {
                text.push('\\');
                text.push(c);
            }
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
        numbered = numbered && c.is_ascii_digit();
    }
    text
}

/// A text as code, in a fence that is longer than any that it holds.
pub(super) fn code(words: &str) -> String {
    let line: Vec<&str> = words.split_whitespace().collect();
    let line = line.join(" ").replace('|', "\\|");
    let longest = line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Several names as code, with commas; a dash where there are none.
pub(super) fn codes<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(code).collect();
    or_dash(names.join(", "))
}

/// A dash in place of nothing.
pub(super) fn or_dash(text: String) -> String {
    if text.is_empty() {
        "–".to_owned()
    } else {
        text
    }
}

/// A link to another page of this folder.
pub(super) fn link(name: &str, to: &str) -> String {
    format!("[{}]({to})", text(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_on_its_line_and_stays_text() {
        let hostile = "# a | b\n- <script>x</script> `c` {{ d }} [e](f) *g* _h_ --> $i$";
        let text = text(hostile);
        assert!(
            !text.contains('\n') && !text.contains('<') && text.starts_with("\\#"),
            "{text}"
        );
        let bare: Vec<(usize, char)> = text
            .char_indices()
            .filter(|(at, c)| "`|{[*_$".contains(*c) && !text[..*at].ends_with('\\'))
            .collect();
        assert!(bare.is_empty(), "{text}");
    }

    #[test]
    fn a_number_at_the_beginning_begins_no_list() {
        assert_eq!(text("1. one"), "1\\. one");
        assert_eq!(text("in 2. place"), "in 2. place");
    }

    #[test]
    fn code_ends_where_it_ends() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a `b` ``c"), "``` a `b` ``c ```");
        assert_eq!(code("a | b"), "`a \\| b`");
    }
}
