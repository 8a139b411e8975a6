//! cargo, whose own messages and progress pass through.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use super::error::DevError;
use super::needs::program;
use super::place::Place;
use super::process::{Ended, Process, Stop};

/// Builds the workspace, and gives the program that runs the system.
pub(super) fn build(place: &Place, stop: &Stop) -> Result<PathBuf, DevError> {
    let cargo = PathBuf::from(program("CARGO", "cargo"));
    let mut command = Command::new(&cargo);
    command
        .current_dir(&place.out)
        .args([
            "build",
            "--package",
            "local",
            "--message-format",
            "json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if let Some(target) = &place.target {
        // cargo runs in another folder than ours.
        command
            .arg("--target-dir")
            .arg(std::path::absolute(target).unwrap_or_else(|_| target.clone()));
    }
    forget_outer_cargo(&mut command);
    let mut process = Process::start(&mut command).map_err(DevError::start(&cargo))?;
    let messages = process.child().stdout.take();
    let reader = thread::spawn(move || messages.and_then(program_in));
    let ended = process.wait(stop).map_err(DevError::start(&cargo))?;
    match ended {
        Ended::Stopped => Err(DevError::Stopped),
        Ended::Itself(status) if !status.success() => Err(DevError::Build {
            out: place.out.clone(),
            status,
        }),
        Ended::Itself(_) => {
            let found = reader.join().ok().flatten();
            found.ok_or_else(|| DevError::NoProgram(place.out.clone()))
        }
    }
}

/// Under `cargo run` we inherit what cargo tells *our* program; build scripts of the workspace would see it and run anew.
fn forget_outer_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let about_us = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || text.starts_with("CARGO_BIN_")
            || text == "CARGO_CRATE_NAME"
            || text == "CARGO_PRIMARY_PACKAGE";
        if about_us {
            command.env_remove(&name);
        }
    }
}

/// The program among cargo's messages (The Cargo Book, External Tools).
fn program_in(messages: impl Read) -> Option<PathBuf> {
    let lines = BufReader::new(messages).lines().map_while(Result::ok);
    let messages = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
    let programs = messages.filter(|message| message["target"]["kind"][0] == "bin");
    programs
        .filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages_of_cargo() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"kind":["lib"]},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["custom-build"]},"executable":"/t/build-script"}"#,
            "\nnot a message\n",
            r#"{"reason":"compiler-artifact","target":{"kind":["bin"]},"executable":"/t/debug/local"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
            "\n",
        );
        assert_eq!(
            program_in(messages.as_bytes()),
            Some(PathBuf::from("/t/debug/local"))
        );
        assert_eq!(program_in("".as_bytes()), None);
    }
}
