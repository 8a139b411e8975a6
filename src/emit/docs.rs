//! `docs/`.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::diagram::mermaid;
use super::files::Files;
use crate::plan::Workspace;
use crate::plan::diagram::Diagram;

/// What viewers draw: GitHub's Mermaid takes 50,000 characters and 500 arrows, and nobody reads that many.
const MOST_CHARACTERS: usize = 45_000;
const MOST_ARROWS: usize = 300;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let docs = &plan.docs;
    let pictures: BTreeMap<&str, Option<String>> = docs
        .overview
        .pictures
        .iter()
        .map(|(name, diagram)| (*name, picture(diagram)))
        .collect();
    let sagas: Vec<Option<String>> = docs
        .overview
        .sagas
        .iter()
        .map(|saga| saga.picture.as_ref().and_then(picture))
        .collect();
    files.generated(
        "docs/architecture.md",
        &[],
        context! { overview => Serde(&docs.overview), pictures => Serde(&pictures), sagas => Serde(&sagas) },
    )?;
    files.generated(
        "docs/events.md",
        &[],
        context! { overview => Serde(&docs.overview), events => Serde(&docs.events) },
    )?;
    for page in &docs.services {
        let picture = page.picture.as_ref().and_then(picture);
        files.generated(
            "docs/services/{service}.md",
            &[("service", page.krate.as_str())],
            context! { page => Serde(page), picture => Serde(&picture) },
        )?;
    }
    Ok(())
}

/// A picture that viewers draw; none where it would be too large.
fn picture(diagram: &Diagram) -> Option<String> {
    let arrows = match diagram {
        Diagram::Flow(flow) => flow.edges.len(),
        Diagram::Sequence(sequence) => sequence.lines.len(),
    };
    let text = mermaid::print(diagram);
    (arrows <= MOST_ARROWS && text.len() <= MOST_CHARACTERS).then(|| text.trim_end().to_owned())
}
