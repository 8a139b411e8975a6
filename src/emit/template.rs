//! The templates, embedded and compiled once: `templates/` mirrors the workspace, and a template prints what its view holds.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

/// Every file below `templates/`: path and contents.
const TEMPLATES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> =
    LazyLock::new(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(environment)
    });

/// A template could not be rendered: our failure, not the user's.
#[derive(Debug, thiserror::Error)]
#[error("the template `{template}` cannot be rendered: {detail}")]
pub struct TemplateError {
    /// Which.
    template: String,
    /// Where and why.
    detail: String,
}

#[cfg(test)]
thread_local! {
    /// The templates that this thread has printed.
    static PRINTED: std::cell::RefCell<std::collections::BTreeSet<String>> = std::cell::RefCell::default();
}

/// Renders the template of a name (without `.j2`) from its view. The text ends in exactly one newline.
pub(super) fn render<V: Serialize>(name: &str, view: V) -> Result<String, TemplateError> {
    let fail = |error: &minijinja::Error| TemplateError {
        template: name.to_owned(),
        detail: format!("{error:#}"),
    };
    #[cfg(test)]
    PRINTED.with_borrow_mut(|printed| printed.insert(format!("{name}.j2")));
    let environment = ENVIRONMENT.as_ref().map_err(fail)?;
    let template = environment
        .get_template(&format!("{name}.j2"))
        .map_err(|error| fail(&error))?;
    let mut text = template
        .render(minijinja::Value::from(Serde(view)))
        .map_err(|error| fail(&error))?;
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::{emit, first_files};
    use crate::model::lower;
    use crate::plan::migrations::{History, Snapshot};
    use crate::plan::workspace::of_model;
    use crate::syntax::document::read;
    use crate::syntax::include::{Disk, load};

    #[test]
    fn every_template_is_printed_for_one_of_the_examples() {
        for path in [
            "examples/ecommerce.yaml",
            "examples/minimal.yaml",
            "tests/architectures/ride_hailing.yaml",
        ] {
            let mut loaded = load(&Disk, path).unwrap();
            let model = lower(&read(&mut loaded).unwrap());
            let before = Snapshot::default();
            emit(&of_model(&model, &mut History::new(&before, false))).unwrap();
        }
        first_files().unwrap();
        let printed = PRINTED.with_borrow(Clone::clone);
        let imported = |name: &str| {
            let import = format!("\"{name}\"");
            TEMPLATES.iter().any(|(_, text)| text.contains(&import))
        };
        let unused: Vec<&str> = TEMPLATES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| !printed.contains(*name) && !imported(name))
            .collect();
        assert!(unused.is_empty(), "{unused:?}");
    }
}
