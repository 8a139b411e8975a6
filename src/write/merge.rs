//! Line by line: three-way merges, two-way conflicts, and diffs to read.

use diffy::{ConflictStyle, DiffOptions, IncompleteHunkStyle, Line, MergeOptions};

/// What became of two sides.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merged {
    pub(super) contents: Vec<u8>,
    /// Whether conflict markers were left.
    pub(super) conflict: bool,
}

/// Merges the user's file (`ours`) with the new render (`theirs`). Without their common base, every
/// difference between them is a conflict.
pub(super) fn merge(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Merged {
    let Some(base) = base else {
        return two_way(ours, theirs);
    };
    let merged = MergeOptions::new()
        .set_conflict_style(ConflictStyle::Merge)
        .set_incomplete_hunk_style(IncompleteHunkStyle::Git)
        .merge_bytes(base, ours, theirs);
    match merged {
        Ok(contents) => Merged {
            contents,
            conflict: false,
        },
        Err(contents) => Merged {
            contents,
            conflict: true,
        },
    }
}

fn two_way(ours: &[u8], theirs: &[u8]) -> Merged {
    let patch = DiffOptions::new()
        .set_context_len(ours.len() + theirs.len())
        .create_patch_bytes(ours, theirs);
    if patch.hunks().is_empty() {
        return Merged {
            contents: ours.to_vec(),
            conflict: false,
        };
    }
    let mut contents = Vec::new();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for line in patch.hunks().iter().flat_map(diffy::Hunk::lines) {
        match line {
            Line::Delete(line) => push_line(&mut left, line),
            Line::Insert(line) => push_line(&mut right, line),
            Line::Context(line) => {
                push_conflict(&mut contents, &mut left, &mut right);
                contents.extend_from_slice(line);
            }
        }
    }
    push_conflict(&mut contents, &mut left, &mut right);
    Merged {
        contents,
        conflict: true,
    }
}

fn push_line(side: &mut Vec<u8>, line: &[u8]) {
    side.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        side.push(b'\n');
    }
}

fn push_conflict(contents: &mut Vec<u8>, left: &mut Vec<u8>, right: &mut Vec<u8>) {
    if left.is_empty() && right.is_empty() {
        return;
    }
    contents.extend_from_slice(b"<<<<<<< ours\n");
    contents.append(left);
    contents.extend_from_slice(b"=======\n");
    contents.append(right);
    contents.extend_from_slice(b">>>>>>> theirs\n");
}

/// Whether a merge, ours or Git's, left a conflict in this file.
pub(super) fn has_markers(contents: &[u8]) -> bool {
    let mut lines = contents.split(|byte| *byte == b'\n');
    lines.any(|line| line.starts_with(b"<<<<<<< "))
        && lines.any(|line| line.starts_with(b">>>>>>> "))
}

/// Whether contents cannot be merged or shown by lines.
pub(super) fn is_binary(contents: &[u8]) -> bool {
    contents.contains(&0)
}

/// How many lines differ.
pub(super) fn distance(left: &[u8], right: &[u8]) -> usize {
    let patch = DiffOptions::new()
        .set_context_len(0)
        .create_patch_bytes(left, right);
    patch.hunks().iter().map(|hunk| hunk.lines().len()).sum()
}

/// A unified diff; a side that does not exist is `/dev/null`.
#[must_use]
pub fn unified(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    if [before, after].into_iter().flatten().any(is_binary) {
        return format!("Binary files a/{path} and b/{path} differ\n");
    }
    let name = |side: &str, there: bool| {
        if there {
            format!("{side}/{path}")
        } else {
            "/dev/null".to_owned()
        }
    };
    let text = |side: Option<&[u8]>| String::from_utf8_lossy(side.unwrap_or_default()).into_owned();
    DiffOptions::new()
        .set_original_filename(name("a", before.is_some()))
        .set_modified_filename(name("b", after.is_some()))
        .create_patch(&text(before), &text(after))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_to_different_lines_merge() {
        let merged = merge(Some(b"a\nb\nc\nd\n"), b"a\nb\nc\nmine\n", b"new\nb\nc\nd\n");
        assert_eq!(
            merged,
            Merged {
                contents: b"new\nb\nc\nmine\n".to_vec(),
                conflict: false
            }
        );
    }

    #[test]
    fn edits_to_the_same_line_leave_both_between_markers() {
        let merged = merge(Some(b"a\nb\nc"), b"a\nmine", b"a\nnew");
        assert!(merged.conflict && has_markers(&merged.contents));
        assert_eq!(
            merged.contents,
            b"a\n<<<<<<< ours\nmine\n=======\nnew\n>>>>>>> theirs\n"
        );
    }

    #[test]
    fn without_a_base_every_difference_is_a_conflict() {
        let merged = merge(None, b"a\nmine\nc\n", b"a\nnew\nc\nd\n");
        let wanted = "a\n<<<<<<< ours\nmine\n=======\nnew\n>>>>>>> theirs\nc\n<<<<<<< ours\n=======\nd\n>>>>>>> theirs\n";
        assert_eq!(String::from_utf8(merged.contents).unwrap(), wanted);
        assert_eq!(merge(None, b"a\n", b"a\n").contents, b"a\n");
    }

    #[test]
    fn a_rule_of_equals_signs_is_no_conflict() {
        assert!(!has_markers(b"Title\n=======\n<<<<<<<\n"));
    }

    #[test]
    fn a_diff_names_what_does_not_exist() {
        assert_eq!(
            unified("x", None, Some(b"a\n")),
            "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"
        );
    }
}
