//! `msarch metrics`: the numbers behind the findings.

mod card;
mod form;
mod human;
mod narrow;
mod notes;
mod order;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod view;

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::validate::tell;
use super::{Error, Outcome};
use crate::graph::Graph;
use crate::graph::metrics::Metrics;
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::model::arena::ServiceId;
use crate::model::name::Name;
use crate::report::{Format, Report};
use crate::rules::Deny;
use crate::syntax::decode::closest;
use form::{Figures, Findings};
use human::Telling;
use order::Column;

/// Tell how an architecture is coupled, what fails with what, and what can be promised
///
/// Coupling, instability, depth, blast radius, circles, availability and waiting time of routes, retries that multiply, exposure of sagas, teams,
/// schemas. Rules judge by the same figures. An architecture with errors is measured all the same: what cannot be known is told as `?`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file, a folder that holds an architecture.yaml, or - for standard input
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: String,
    /// How to tell them
    #[arg(long, value_enum, default_value_t = Shape::Human)]
    format: Shape,
    /// One service alone, with the names behind its figures
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Order the services by a column; blast radius where none is named, and the file's order in JSON
    #[arg(long, value_enum, value_name = "COLUMN")]
    sort: Option<Column>,
    /// Whole tables, not the first 20 rows of each
    #[arg(long)]
    all: bool,
    /// Tell how each figure is worked out
    #[arg(long)]
    explain: bool,
}

const EXAMPLES: &str = "\
Examples:
  msarch metrics
  msarch metrics shop.yaml --sort instability --all
  msarch metrics --service order-service              who depends on it, and on whom it does
  msarch metrics --format json | jq '.services[] | select(.blast_radius > 5) | .name'
  msarch metrics --explain                            formulas, and where they come from

`msarch schema metrics` prints the JSON Schema of what --format json writes.";

/// A form of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// Tables
    Human,
    /// Version 1 of our own JSON, all figures
    Json,
}

/// How each figure is worked out.
const PAGE: &str = include_str!("metrics.md");

impl Arguments {
    pub(super) fn run(&self, color: ColorChoice, out: &mut dyn Write) -> Result<Outcome, Error> {
        if self.explain {
            out.write_all(PAGE.as_bytes()).map_err(Error::Output)?;
            return Ok(Outcome::Clean);
        }
        let architecture = Architecture::read(&self.path)?;
        let verdict = architecture.judge(Observations::default(), &Deny::default());
        let Some(model) = architecture.model() else {
            let format = Format::Human(look(color));
            let err = &mut io::stderr().lock();
            return tell(&architecture, verdict.findings, format, err);
        };
        let counts = Report::new(&architecture.sources, verdict.findings, Vec::new()).counts();
        let findings = Findings {
            errors: counts.errors,
            warnings: counts.warnings,
            infos: counts.infos,
        };
        let figures = match &verdict.checked {
            Some(checked) => self.figures(checked.graph(), findings)?,
            None => self.figures(&Graph::new(model, Observations::default()), findings)?,
        };
        self.print(&figures, color, out).map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }

    fn figures(&self, graph: &Graph<'_>, findings: Findings) -> Result<Figures, Error> {
        let wanted = self.service.as_deref();
        let wanted = wanted.map(|name| service(graph.model, name)).transpose()?;
        let metrics = Metrics::of(graph);
        let mut figures = view::figures(graph, &metrics, findings);
        match (wanted, self.sort, self.format) {
            (Some(id), ..) => narrow::narrow(&mut figures, graph, &metrics, id),
            (None, Some(column), _) => column.sort(&mut figures.services),
            (None, None, Shape::Human) => Column::Blast.sort(&mut figures.services),
            (None, None, Shape::Json) => {}
        }
        Ok(figures)
    }

    fn print(&self, figures: &Figures, color: ColorChoice, out: &mut dyn Write) -> io::Result<()> {
        let telling = Telling {
            look: look(color),
            all: self.all,
            order: self.sort.unwrap_or(Column::Blast).told(),
        };
        match self.format {
            Shape::Json => {
                serde_json::to_writer_pretty(&mut *out, figures)?;
                writeln!(out)
            }
            Shape::Human if self.service.is_some() => card::tell(figures, telling, out),
            Shape::Human => human::tell(figures, telling, out),
        }
    }
}

/// The service of a name, however it is spelt; as it is written before any other.
fn service(model: &Model, name: &str) -> Result<ServiceId, Error> {
    let wanted = Name::snake_of(name);
    let names = || {
        model
            .services
            .entries()
            .map(|(id, service)| (id, &service.name))
    };
    let exact = names().find(|(_, known)| known.as_str() == name);
    let found = exact.or_else(|| names().find(|(_, known)| known.snake() == wanted));
    let known = names().map(|(_, known)| known.as_str());
    found
        .map(|(id, _)| id)
        .ok_or_else(|| Error::UnknownService {
            name: name.to_owned(),
            near: closest(name, known).map(str::to_owned),
        })
}
