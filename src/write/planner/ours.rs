//! Whether the output folder may be generated into.

use super::Planner;
use crate::write::decide::Mode;
use crate::write::error::WriteError;

impl Planner<'_, '_> {
    /// A folder with somebody's other work is not generated into.
    pub(super) fn check_ours(&self) -> Result<(), WriteError> {
        let root = self.folder.root();
        let holds_input = self.options.inputs.iter().any(|input| {
            // Its own folder only: every architecture lies somewhere below `/`, and below its owner's home.
            std::fs::canonicalize(input).is_ok_and(|input| input.parent() == Some(root))
        });
        if self.previous.exists()
            || self.previous.mending
            || self.options.mode == Mode::Force
            || holds_input
        {
            return Ok(());
        }
        let mut found = self.folder.top()?;
        found.retain(|name| !belongs_to_any_project(name) && self.tree.get(name).is_none());
        if found.is_empty() {
            Ok(())
        } else {
            Err(WriteError::NotOurs {
                root: root.to_owned(),
                found,
            })
        }
    }
}

/// Whether a name at the top of a folder says nothing about what the folder is for.
fn belongs_to_any_project(name: &str) -> bool {
    const NAMES: [&str; 10] = [
        ".msarch",
        ".git",
        ".gitignore",
        ".gitattributes",
        ".github",
        ".gitlab-ci.yml",
        ".editorconfig",
        ".vscode",
        ".idea",
        ".DS_Store",
    ];
    NAMES.contains(&name)
        || name.starts_with("README")
        || name.starts_with("LICENSE")
        || name.starts_with("architecture.")
        || name.ends_with(".md")
}
