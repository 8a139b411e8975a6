//! `msarch generate`: from an architecture without errors to the workspace that runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::validate::tell;
use super::{Error, Outcome};
use crate::emit::emit;
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::model::name::Name;
use crate::model::service::Service;
use crate::plan::migrations::{History, Own, Snapshot};
use crate::plan::{Workspace, plan};
use crate::report::Format;
use crate::rules::{Checked, Deny};
use crate::syntax::decode::closest;
use crate::syntax::finding::Severity;
use crate::write::{self, Changes, Disk, Mode, Options, Previous};

/// Write the workspace that an architecture describes
///
/// Nothing is written while the architecture has errors. What a person wrote is never lost: generated files that were
/// edited are refused, merged (`--merge`) or kept beside (`--force`).
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file, or a folder that holds an architecture.yaml
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: String,
    /// The folder to write to
    #[arg(long, short, value_name = "DIR")]
    out: PathBuf,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Show what would be written as a diff, and write nothing
    #[arg(long)]
    diff: bool,
    /// Fail if the folder is not what the architecture says; write nothing
    #[arg(long)]
    check: bool,
    /// Only these services, with their contracts
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    only: Vec<String>,
    /// Merge new contents into generated files that were edited
    #[arg(long, conflicts_with = "force")]
    merge: bool,
    /// Overwrite generated files that were edited; the edited ones are kept beside, as .orig
    #[arg(long)]
    force: bool,
    /// Drop tables and columns that the architecture no longer has, with their data
    #[arg(long)]
    drop_data: bool,
    /// Make the lock anew from what is there, after a bad merge
    #[arg(long)]
    rebuild_lock: bool,
}

/// The section of the lock that remembers what the migrations amount to.
const TABLES: &str = "tables";

/// How much of a diff is shown that nobody asked for in full.
const SHOWN_LINES: usize = 200;

const EXAMPLES: &str = "\
Examples:
  msarch generate --out workspace
  msarch generate shop.yaml --out workspace --dry-run
  msarch generate --out workspace --check            in CI: is what is committed up to date?
  msarch generate --out workspace --only order-service

Exit codes: 0 written (or nothing to write), 1 findings, conflicts that --merge has left, or a difference with --check,
2 could not work, or refused to overwrite what a person has edited.";

impl Arguments {
    pub(super) fn run(
        &self,
        color: ColorChoice,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let architecture = Architecture::read(&self.path)?;
        let verdict = architecture.judge(Observations::default(), &Deny::default());
        let Some(checked) = &verdict.checked else {
            let errors = verdict
                .findings
                .into_iter()
                .filter(|finding| finding.severity == Severity::Error)
                .collect();
            return tell(&architecture, errors, Format::Human(look(color)), out);
        };
        self.write(&architecture, checked, disk, out)
    }

    /// A plain run into a folder, as other commands want it.
    pub(super) fn plain(path: &str, out: PathBuf) -> Self {
        Self {
            path: path.to_owned(),
            out,
            dry_run: false,
            diff: false,
            check: false,
            only: Vec::new(),
            merge: false,
            force: false,
            drop_data: false,
            rebuild_lock: false,
        }
    }

    /// Writes the workspace of an architecture without errors.
    pub(super) fn write(
        &self,
        architecture: &Architecture,
        checked: &Checked<'_>,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let previous = Previous::read(&self.out, self.rebuild_lock)?;
        if !(self.force || self.only_looks()) {
            hold_another_system(&previous, checked.model(), &self.out)?;
        }
        let before = Snapshot::parse(previous.section(TABLES))?;
        let mut history = History::new(&before, self.drop_data).with_own(own(&previous)?);
        let workspace = plan(checked, &mut history);
        if !history.refusals.is_empty() {
            return Err(Error::Tables(history.refusals.join("\n  ")));
        }
        let tree = emit(&workspace)?;
        let options = self.options(architecture, &workspace, &history)?;
        let changes = write::plan(&previous, &tree, &options)?;
        let outcome = self.carry_out(&changes, disk, out)?;
        for notice in history.notices.iter().chain(&workspace.notices) {
            writeln!(out, "{notice}").map_err(Error::Output)?;
        }
        Ok(outcome)
    }

    /// Whether nothing is to be written.
    fn only_looks(&self) -> bool {
        self.check || self.diff || self.dry_run
    }

    fn options(
        &self,
        architecture: &Architecture,
        workspace: &Workspace,
        history: &History<'_>,
    ) -> Result<Options, Error> {
        let mut only = Vec::new();
        for name in &self.only {
            let wanted = |krate: &&str| *krate == name.replace('_', "-");
            let service = workspace
                .services
                .iter()
                .map(|service| service.krate.as_str())
                .find(wanted);
            let krate = service.ok_or_else(|| {
                let known = workspace
                    .services
                    .iter()
                    .map(|service| service.krate.as_str());
                Error::UnknownService {
                    name: name.clone(),
                    near: closest(name, known).map(str::to_owned),
                }
            })?;
            only.extend([
                format!("services/{krate}"),
                format!("crates/contracts-{krate}"),
                format!("docs/services/{krate}.md"),
            ]);
        }
        Ok(Options {
            mode: match (self.merge, self.force) {
                (true, _) => Mode::Merge,
                (_, true) => Mode::Force,
                _ => Mode::Refuse,
            },
            only: (!only.is_empty()).then_some(only),
            inputs: architecture.files(),
            sections: Some(BTreeMap::from([(TABLES.to_owned(), history.after.lines())])),
        })
    }

    fn carry_out(
        &self,
        changes: &Changes<'_>,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        let said = Error::Output;
        if self.check || self.diff {
            let differs = self.check && !changes.is_clean();
            let limit = if self.diff { usize::MAX } else { SHOWN_LINES };
            write!(out, "{}", beginning(&changes.diff(), limit)).map_err(said)?;
            let count = changes.differences().count();
            if differs && count > 0 {
                let files = if count == 1 {
                    "1 file differs".to_owned()
                } else {
                    format!("{count} files differ")
                };
                writeln!(out, "{files} from what the architecture says").map_err(said)?;
            }
            return Ok(if differs {
                Outcome::Findings
            } else {
                Outcome::Clean
            });
        }
        if self.dry_run {
            for change in changes.list() {
                writeln!(out, "{change}").map_err(said)?;
            }
            return Ok(Outcome::Clean);
        }
        write!(out, "{}", beginning(&changes.refused_diff(), SHOWN_LINES)).map_err(said)?;
        changes.apply(disk)?;
        for notice in changes.notices() {
            writeln!(out, "{notice}").map_err(said)?;
        }
        writeln!(out, "{}: {}", self.out.display(), changes.summary()).map_err(said)?;
        Ok(if changes.conflicts().next().is_some() {
            Outcome::Findings
        } else {
            Outcome::Clean
        })
    }
}

/// A folder in which no service would stay is that of another system, and was named by mistake.
fn hold_another_system(previous: &Previous, model: &Model, out: &Path) -> Result<(), Error> {
    let services: BTreeSet<&str> = previous
        .paths()
        .filter_map(|(path, _)| path.strip_prefix("services/")?.split('/').next())
        .collect();
    let stays = |service: &Service| {
        let names = service.renamed_from.iter().chain([&service.name]);
        names
            .map(Name::kebab)
            .any(|krate| services.contains(krate.as_str()))
    };
    if services.is_empty() || model.services.iter().any(stays) {
        return Ok(());
    }
    Err(Error::AnotherSystem {
        out: out.to_owned(),
        services: services.into_iter().map(str::to_owned).collect(),
    })
}

/// The migrations that people added to those that were generated.
fn own(previous: &Previous) -> Result<Own, Error> {
    let paths = previous
        .paths()
        .filter_map(|(path, _)| path.rsplit_once('/'));
    let folders: BTreeSet<&str> = paths
        .map(|(folder, _)| folder)
        .filter(|folder| Own::is_folder(folder))
        .collect();
    let mut own = Own::default();
    for folder in folders {
        for file in previous.unknown_in(folder)? {
            own.add(folder, file);
        }
    }
    Ok(own)
}

/// The first lines of a text, and how many more there are.
fn beginning(text: &str, limit: usize) -> String {
    let rest = text.lines().count().saturating_sub(limit);
    if rest == 0 {
        return text.to_owned();
    }
    let shown: String = text.split_inclusive('\n').take(limit).collect();
    format!("{shown}... and {rest} more lines (`--diff` shows all)\n")
}
