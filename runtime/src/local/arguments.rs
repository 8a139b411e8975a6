//! The arguments of the local binary.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::defaults::LocalDefaults;
use crate::config::parse_duration;
use crate::fault::{Durable, Fault};
use crate::telemetry::LogFormat;

/// What the local binary is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run the system.
    Run,
    /// Print a token.
    Token {
        /// Who it stands for.
        subject: String,
        /// What it grants.
        scopes: Vec<String>,
        /// How long it holds.
        ttl: Duration,
    },
    /// Print how to use it.
    Help,
}

/// The arguments, with the defaults where nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// What to do.
    pub command: Command,
    /// The port of the gateway; 0 for any that is free.
    pub port: u16,
    /// The port of the admin page; 0 for any that is free.
    pub admin_port: u16,
    /// Where everything is kept.
    pub data_folder: PathBuf,
    /// Failures to provoke.
    pub faults: Vec<Fault>,
    /// What happens at durable operations.
    pub durable: Option<Durable>,
    /// The seed by which messages are delivered twice and out of order.
    pub disturb: Option<u64>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_filter: String,
    /// Whether to begin without the data of earlier runs. The key stays, so tokens stay good.
    pub fresh: bool,
    /// Whether to stop where standard input ends, so that nothing is left when the process that started this one is gone.
    pub stop_with_stdin: bool,
}

/// The arguments are not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; --help tells what can be said")]
pub struct UsageError(String);

const PORT: &str = "a port from 0 to 65535";

/// How to use the local binary.
pub(super) const HELP: &str = "\
Runs the whole system in this process, on embedded parts.

  run (or nothing)        start every service, the gateway and the admin page
  token                   print a bearer token for the gateway
  help                    print this

  --port PORT             of the gateway; 0 takes a free one
  --admin-port PORT       of the admin page; 0 takes a free one
  --data FOLDER           where everything is kept
  --fresh                 begin without the data of earlier runs; tokens stay good
  --fail SERVICE.STEP=reject|error|hang[:TIMES]
                          make a step of a saga fail, or a compensation; may be given again
  --disturb SEED          deliver some messages twice and out of order, as brokers may
  --durable log|kill-before:N|kill-after:N
                          log each operation that makes something durable, or die at the
                          N-th one as with kill -9
  --log human|json        how log lines are written
  --log-filter FILTER     which are written: a level, or directives such as info,sqlx=warn
  --stop-with-stdin       stop where standard input ends, as if with Ctrl-C

  --subject NAME          for token: who it stands for
  --scope SCOPE           for token: what it grants; may be given again
  --ttl TIME              for token: how long it holds, such as 15m or 12h
";

impl Arguments {
    /// Nothing said, on free ports and in a folder of a test.
    #[must_use]
    pub fn for_test(defaults: &LocalDefaults, folder: &Path) -> Self {
        Self {
            port: 0,
            admin_port: 0,
            data_folder: folder.to_owned(),
            ..Self::unsaid(defaults)
        }
    }

    fn unsaid(defaults: &LocalDefaults) -> Self {
        Self {
            command: Command::Run,
            port: defaults.port,
            admin_port: defaults.admin_port,
            data_folder: defaults.data_folder.clone(),
            faults: Vec::new(),
            durable: None,
            disturb: None,
            log_format: LogFormat::Human,
            log_filter: "info".to_owned(),
            fresh: false,
            stop_with_stdin: false,
        }
    }

    /// Reads the arguments behind the program's name.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(
        defaults: &LocalDefaults,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Self, UsageError> {
        let mut read = Self::unsaid(defaults);
        let (mut subject, mut scopes, mut ttl) = (None, Vec::new(), Duration::from_secs(12 * 3600));
        let (mut word, mut about_token) = (None, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => {
                    (name.to_owned(), Some(value.to_owned()))
                }
                _ => (argument, None),
            };
            let mut value = || {
                inline
                    .clone()
                    .or_else(|| arguments.next())
                    .ok_or_else(|| UsageError(format!("{name} wants a value")))
            };
            match name.as_str() {
                "run" | "token" | "help" if word.is_none() => word = Some(name),
                "--help" | "-h" => word = Some("help".to_owned()),
                "--port" => read.port = number(&name, &value()?, PORT)?,
                "--admin-port" => read.admin_port = number(&name, &value()?, PORT)?,
                "--data" => read.data_folder = value()?.into(),
                "--fail" => read.faults.push(parsed(&value()?)?),
                "--durable" => read.durable = Some(parsed(&value()?)?),
                "--disturb" => read.disturb = Some(number(&name, &value()?, "a number")?),
                "--log" => read.log_format = format_of(&value()?)?,
                "--log-filter" => read.log_filter = value()?,
                "--fresh" => read.fresh = true,
                "--stop-with-stdin" => read.stop_with_stdin = true,
                "--subject" | "--scope" | "--ttl" => {
                    let value = value()?;
                    match name.as_str() {
                        "--subject" => subject = Some(value),
                        "--scope" => scopes.extend(value.split_whitespace().map(str::to_owned)),
                        _ => {
                            ttl = parse_duration(&value).ok_or_else(|| {
                                UsageError(format!("`{value}` is no time, such as 15m"))
                            })?
                        }
                    }
                    about_token = Some(name);
                }
                _ => return Err(UsageError(format!("`{name}` is not understood"))),
            }
        }
        read.command = match (word.as_deref(), subject, about_token) {
            (Some("help"), ..) => Command::Help,
            (Some("token"), Some(subject), _) => Command::Token {
                subject,
                scopes,
                ttl,
            },
            (Some("token"), None, _) => {
                return Err(UsageError("a token wants --subject".to_owned()));
            }
            (_, _, Some(name)) => return Err(UsageError(format!("{name} goes with `token`"))),
            (_, _, None) => Command::Run,
        };
        Ok(read)
    }
}

fn parsed<T: FromStr<Err: Display>>(value: &str) -> Result<T, UsageError> {
    value.parse().map_err(|e: T::Err| UsageError(e.to_string()))
}

fn number<T: FromStr>(name: &str, value: &str, wanted: &str) -> Result<T, UsageError> {
    let wrong = |_| UsageError(format!("{name} wants {wanted}, not `{value}`"));
    value.parse().map_err(wrong)
}

fn format_of(value: &str) -> Result<LogFormat, UsageError> {
    match value {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(UsageError(format!(
            "--log wants human or json, not `{value}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultKind;

    fn parse(line: &str) -> Result<Arguments, UsageError> {
        Arguments::parse(
            &LocalDefaults::new("test"),
            line.split_whitespace().map(str::to_owned),
        )
    }

    #[test]
    fn nothing_said_means_run_with_the_defaults() {
        let read = parse("").unwrap();
        assert_eq!(
            (read.command, read.port, read.admin_port),
            (Command::Run, 8080, 8081)
        );
    }

    #[test]
    fn values_come_behind_a_space_or_an_equals_sign() {
        let read = parse(
            "run --port 9000 --admin-port=9001 --fail stock.reserve=reject:2 --fail=a.b=hang",
        )
        .unwrap();
        assert_eq!((read.port, read.admin_port), (9000, 9001));
        assert_eq!(read.faults[0].times, Some(2));
        assert_eq!(read.faults[1].kind, FaultKind::Hang);
    }

    #[test]
    fn switches_are_off_until_they_are_named() {
        let read = parse("--stop-with-stdin").unwrap();
        assert_eq!((read.fresh, read.stop_with_stdin), (false, true));
        assert!(parse("--fresh").unwrap().fresh);
    }

    #[test]
    fn a_token_has_a_subject_and_scopes() {
        let read = parse("token --subject alice --scope a:read --scope b:write --ttl 15m").unwrap();
        let scopes = vec!["a:read".to_owned(), "b:write".to_owned()];
        let ttl = Duration::from_secs(900);
        assert_eq!(
            read.command,
            Command::Token {
                subject: "alice".to_owned(),
                scopes,
                ttl
            }
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, said) in [
            ("--prot 1", "--prot"),
            ("--port", "--port"),
            ("--port many", "many"),
            ("token", "--subject"),
            ("--scope x", "--scope"),
            ("--fail x", "reject|error|hang"),
            ("--durable x", "kill-before:N"),
            ("--disturb x", "--disturb wants a number"),
            ("run run", "run"),
        ] {
            let message = parse(line).unwrap_err().to_string();
            assert!(message.contains(said), "{line}: {message}");
        }
    }
}
