//! `msarch graph`: pictures of an architecture, as text that Mermaid or Graphviz draws.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::validate::tell;
use super::{Error, Outcome};
use crate::emit::diagram::{dot, mermaid};
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::plan::diagram::{self, Diagram};
use crate::report::Format;
use crate::rules::Deny;

/// Draw the architecture
///
/// The picture is text: Mermaid, which GitHub and GitLab draw in Markdown, or DOT, which Graphviz draws. An architecture with findings
/// is drawn all the same, as far as it can be understood.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file, or a folder that holds an architecture.yaml
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: String,
    /// What to draw: context, calls, events, data, or saga:NAME
    #[arg(long, short, default_value = "context", value_parser = kind)]
    kind: Kind,
    /// The language of the picture
    #[arg(long, short, value_enum, default_value_t = Language::Mermaid)]
    format: Language,
}

const EXAMPLES: &str = "\
Examples:
  msarch graph                                    the context map, for Mermaid
  msarch graph --kind saga:OrderProcessingSaga
  msarch graph --kind calls --format dot | dot -Tsvg > calls.svg";

/// What to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Context,
    Calls,
    Events,
    Data,
    Saga(String),
}

/// The language of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// For Markdown
    Mermaid,
    /// For Graphviz
    Dot,
}

fn kind(word: &str) -> Result<Kind, String> {
    match word {
        "context" => Ok(Kind::Context),
        "calls" => Ok(Kind::Calls),
        "events" => Ok(Kind::Events),
        "data" => Ok(Kind::Data),
        "saga" => Ok(Kind::Saga(String::new())),
        _ => match word.strip_prefix("saga:") {
            Some(name) => Ok(Kind::Saga(name.to_owned())),
            None => Err("there are context, calls, events, data and saga:NAME".to_owned()),
        },
    }
}

impl Arguments {
    pub(super) fn run(&self, color: ColorChoice, out: &mut dyn Write) -> Result<Outcome, Error> {
        let architecture = Architecture::read(&self.path)?;
        let Some(model) = architecture.model() else {
            let verdict = architecture.judge(Observations::default(), &Deny::default());
            let format = Format::Human(look(color));
            return tell(
                &architecture,
                verdict.findings,
                format,
                &mut io::stderr().lock(),
            );
        };
        let diagram = self.diagram(model)?;
        let text = match self.format {
            Language::Mermaid => mermaid::print(&diagram),
            Language::Dot => dot::print(&diagram),
        };
        out.write_all(text.as_bytes()).map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }

    fn diagram(&self, model: &Model) -> Result<Diagram, Error> {
        Ok(match &self.kind {
            Kind::Context => Diagram::Flow(diagram::context(model)),
            Kind::Calls => Diagram::Flow(diagram::calls(model)),
            Kind::Events => Diagram::Flow(diagram::events(model, None)),
            Kind::Data => Diagram::Flow(diagram::data(model)),
            Kind::Saga(name) => Diagram::Sequence(saga(model, name)?),
        })
    }
}

/// The saga of a name; where there is one only, it needs no name.
fn saga(model: &Model, name: &str) -> Result<diagram::Sequence, Error> {
    let wanted = crate::model::name::Name::snake_of(name);
    let alone = name.is_empty() && model.sagas.len() == 1;
    let found = model
        .sagas
        .entries()
        .find(|(_, saga)| alone || saga.name.snake() == wanted);
    match found {
        Some((id, _)) => Ok(diagram::saga(model, id)),
        None => Err(Error::UnknownSaga {
            name: name.to_owned(),
            known: model
                .sagas
                .iter()
                .map(|saga| saga.name.as_str().to_owned())
                .collect(),
        }),
    }
}
