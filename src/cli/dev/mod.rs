//! `msarch dev`: the whole system on this machine with one command: checked, generated, built, run.
//!
//! | room | does |
//! |---|---|
//! | `needs` | looks for what a build needs, and for free ports |
//! | `place` | decides where the workspace, its build and its data lie |
//! | `fault` | refuses failures that no step can have |
//! | `data` | removes the data of earlier runs, when asked to |
//! | `build` | runs cargo |
//! | `process` | keeps child processes in hand: they end when we end |
//! | `ready` | waits until everything answers |
//! | `request` | chooses requests to try |
//! | `unique` | makes requests that can be sent again |
//! | `told` | says where everything is |

mod build;
mod data;
mod error;
mod fault;
mod needs;
mod place;
mod process;
mod ready;
mod request;
mod told;
mod unique;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;

pub use error::DevError;
use place::Place;
use process::{Ended, Process, Stop};

use super::architecture::Architecture;
use super::terminal::{ColorChoice, look};
use super::{Error, Outcome, generate, validate};
use crate::graph::observations::Observations;
use crate::model::Model;
use crate::report::Format;
use crate::rules::Deny;
use crate::write::Disk;

/// Generate, build and run the whole system here
///
/// Every service, the gateway and the broker run in one process, on embedded parts: nothing else has to be installed or
/// started. Change the file or the handlers, stop with Ctrl-C, and run it again: only what changed is built.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The file, or a folder that holds an architecture.yaml
    #[arg(default_value = ".", value_name = "FILE|DIR")]
    path: String,
    /// The folder to generate into; the file's own where it is left out
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Remove the data of earlier runs first
    #[arg(long)]
    fresh: bool,
    /// The gateway's port; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// The admin page's port; 0 takes a free one
    #[arg(long, value_name = "PORT")]
    admin_port: Option<u16>,
    /// Make a step of a saga fail; may be given again
    #[arg(long, value_name = "SERVICE.STEP=reject|error|hang[:TIMES]")]
    fail: Vec<String>,
    /// Generate and build only
    #[arg(long)]
    no_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  msarch dev
  msarch dev examples/ecommerce.yaml
  msarch dev --fresh --port 9000
  msarch dev --fail payment-service.process_payment=reject:1     see a saga walk back

Ctrl-C stops everything. The data stays, in DIR/data, until --fresh.

Exit codes: 0 stopped by you, 1 findings, 2 could not work.";

/// How long the system may take to stop: its own grace and a little.
const GRACE: Duration = Duration::from_secs(12);

impl Arguments {
    pub(super) fn run(
        &self,
        color: ColorChoice,
        disk: &dyn Disk,
        out: &mut dyn Write,
    ) -> Result<Outcome, Error> {
        needs::tools()?;
        let architecture = Architecture::read(&self.path)?;
        let verdict = architecture.judge(Observations::default(), &Deny::default());
        if !verdict.findings.is_empty() {
            validate::tell(
                &architecture,
                verdict.findings,
                Format::Human(look(color)),
                out,
            )?;
            out.flush().map_err(Error::Output)?;
        }
        let Some(checked) = &verdict.checked else {
            return Ok(Outcome::Findings);
        };
        let model = checked.model();
        fault::check(model, &self.fail)?;
        let place = place::choose(&self.path, self.out.as_deref(), &model.system.name)?;
        let ports = self.ports(model);
        if !self.no_run {
            needs::ports(&ports, &place.data)?;
            if self.fresh {
                data::remove(&place.data)?;
            }
        }
        let stop = Stop::install()?;
        let generate = generate::Arguments::plain(&self.path, place.out.clone());
        generate.write(&architecture, checked, disk, out)?;
        out.flush().map_err(Error::Output)?;
        let program = self.build(&place, &stop)?;
        if !self.no_run {
            self.run_program(&program, &place, &ports, model, &stop)?;
        }
        Ok(Outcome::Clean)
    }

    /// The gateway's and the admin page's port.
    fn ports(&self, model: &Model) -> [(&'static str, u16); 2] {
        let gateway = model.gateway.as_ref();
        let stated = gateway.map_or(8080, |gateway| gateway.port);
        let admin = gateway.and_then(|gateway| gateway.monitoring.as_ref());
        let admin = admin.map_or(8081, |monitoring| monitoring.port);
        [
            ("--port", self.port.unwrap_or(stated)),
            ("--admin-port", self.admin_port.unwrap_or(admin)),
        ]
    }

    fn build(&self, place: &Place, stop: &Stop) -> Result<PathBuf, DevError> {
        let first = if place.is_built() {
            ""
        } else {
            "; the first time takes some minutes"
        };
        tell(&format!("building in {}{first}", place.out.display()));
        build::build(place, stop)
    }

    fn run_program(
        &self,
        program: &Path,
        place: &Place,
        ports: &[(&'static str, u16)],
        model: &Model,
        stop: &Stop,
    ) -> Result<(), DevError> {
        let mut command = Command::new(program);
        command
            .arg("--stop-with-stdin")
            .arg("--data")
            .arg(&place.data);
        for (flag, port) in ports {
            command.arg(flag).arg(port.to_string());
        }
        for fault in &self.fail {
            command.arg("--fail").arg(fault);
        }
        command.stdin(Stdio::piped());
        let mut process = Process::start(&mut command).map_err(DevError::start(program))?;
        let running = match ready::wait(&mut process, &place.data, stop)? {
            ready::Waited::Ready(running) => running,
            ready::Waited::Stopped => return process.stop(stop, GRACE),
            ready::Waited::Ended(status) => return Err(DevError::Ended(status)),
        };
        tell(&told::welcome(program, place, model, &running)?);
        match process.wait(stop).map_err(DevError::start(program))? {
            Ended::Stopped => process.stop(stop, GRACE),
            Ended::Itself(status) => Err(DevError::Ended(status)),
        }
    }
}

/// To standard error; whether anybody still reads it is not our concern.
fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
