//! The files of a new system.

use super::{NewError, Template};
use crate::cli::architecture::Architecture;
use crate::emit::first_files;
use crate::emit::tree::{File, Tree};
use crate::graph::observations::Observations;
use crate::rules::Deny;
use crate::syntax::document;
use crate::syntax::include::{DEFAULT_FILE, load_text};

const SCHEMA: &str = "architecture.schema.json";

impl Template {
    fn text(self) -> &'static str {
        match self {
            Self::Minimal => include_str!("../../../examples/minimal.yaml"),
            Self::Ecommerce => include_str!("../../../examples/ecommerce.yaml"),
        }
    }

    /// Where the text stands in the project: its comments name it.
    fn path(self) -> &'static str {
        match self {
            Self::Minimal => "examples/minimal.yaml",
            Self::Ecommerce => "examples/ecommerce.yaml",
        }
    }
}

/// Every file of a system that starts from a template.
///
/// # Errors
/// When the name is unfit.
pub(super) fn tree(template: Template, name: &str) -> Result<Tree, NewError> {
    let architecture = architecture(template, name);
    check(&architecture, name)?;
    let files = [
        (DEFAULT_FILE, architecture),
        (SCHEMA, format!("{:#}\n", document::schema())),
        (
            ".vscode/settings.json",
            include_str!("settings.json").to_owned(),
        ),
        (
            ".vscode/extensions.json",
            include_str!("extensions.json").to_owned(),
        ),
        (
            ".pre-commit-config.yaml",
            include_str!("pre-commit.yaml").to_owned(),
        ),
        (
            "README.md",
            include_str!("readme.md").replace("SYSTEM", name),
        ),
    ];
    let mut tree = first_files()?;
    for (path, text) in files {
        tree.insert(path, File::scaffolded(text))?;
    }
    Ok(tree)
}

/// The template's text under the system's name, with the line that tells editors of the schema.
fn architecture(template: Template, name: &str) -> String {
    let mut text = format!("# yaml-language-server: $schema={SCHEMA}\n");
    for line in template.text().lines() {
        if line.starts_with("name: ") {
            text.push_str("name: ");
            text.push_str(name);
        } else {
            text.push_str(&line.replace(template.path(), DEFAULT_FILE));
        }
        text.push('\n');
    }
    text
}

/// Refuses a name that the rules would refuse: what is written must validate.
fn check(text: &str, name: &str) -> Result<(), NewError> {
    let unfit = |why: &str| NewError::Name {
        name: name.to_owned(),
        why: why.to_owned(),
    };
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(unfit(
            "it takes small letters and digits, with single `-` or `_` between them",
        ));
    }
    let architecture = Architecture::from_loaded(load_text(DEFAULT_FILE, text));
    let findings = architecture
        .judge(Observations::default(), &Deny::default())
        .findings;
    match findings.first() {
        Some(finding) => Err(unfit(&finding.message)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_validates_without_a_finding_under_another_name() {
        for template in [Template::Minimal, Template::Ecommerce] {
            let tree = tree(template, "corner-shop").unwrap();
            let text =
                String::from_utf8_lossy(&tree.get(DEFAULT_FILE).unwrap().contents).into_owned();
            assert!(text.contains("\nname: corner-shop\n"), "{text}");
            assert!(!text.contains("examples/"), "{text}");
        }
    }

    #[test]
    fn a_name_that_no_crate_can_have_is_refused_with_the_reason() {
        let long = "a".repeat(41);
        let cases = [
            ("", "small letters"),
            ("my shop", "small letters"),
            ("shop\nservices: {}", "small letters"),
            ("Größe", "small letters"),
            ("2shop", ""),
            ("type", "Rust"),
            ("yes", ""),
            ("tokio", "crate"),
            ("-shop", ""),
            (&long, ""),
        ];
        for (name, why) in cases {
            let error = tree(Template::Minimal, name)
                .map(|_| ())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(why) && error.contains("--name"),
                "{name:?}: {error}"
            );
        }
    }

    #[test]
    fn the_editor_finds_the_schema_where_the_first_line_and_the_settings_say() {
        let tree = tree(Template::Minimal, "shop").unwrap();
        let text =
            |path: &str| String::from_utf8_lossy(&tree.get(path).unwrap().contents).into_owned();
        assert!(
            text(DEFAULT_FILE)
                .starts_with("# yaml-language-server: $schema=architecture.schema.json\n")
        );
        let settings: serde_json::Value =
            serde_json::from_str(&text(".vscode/settings.json")).unwrap();
        assert!(settings["yaml.schemas"]["./architecture.schema.json"].is_array());
        let schema: serde_json::Value = serde_json::from_str(&text(SCHEMA)).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
    }
}
