//! What a build needs, looked for before anything is written.

use std::env;
use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::DevError;
use super::ready;

/// The least Rust that builds the generated workspace: that of the runtime, which is ours too.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

/// The program that a variable names, or the usual one.
pub(super) fn program(variable: &str, usual: &str) -> OsString {
    env::var_os(variable)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| usual.into())
}

/// Looks for cargo, a Rust that is new enough, and a C compiler.
pub(super) fn tools() -> Result<(), DevError> {
    said(&program("CARGO", "cargo"))?;
    let version = said(&program("RUSTC", "rustc"))?;
    let found = version.split_whitespace().nth(1).unwrap_or_default();
    if is_older(found, RUST) {
        return Err(DevError::OldRust {
            found: found.to_owned(),
            needed: RUST,
        });
    }
    compiler()
}

/// What a program says of its version.
fn said(program: &OsString) -> Result<String, DevError> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let failed = |source| DevError::NoRust {
        program: program.to_string_lossy().into_owned(),
        source,
    };
    let output = output.map_err(failed)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(failed(io::Error::other(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )))
    }
}

/// Whether a version (`1.94.0-nightly`) is older than another; a version that cannot be read is taken for new enough.
fn is_older(found: &str, needed: &str) -> bool {
    let parts = |version: &str| -> Option<Vec<u32>> {
        version
            .split(['-', '+'])
            .next()?
            .split('.')
            .map(|part| part.parse().ok())
            .collect()
    };
    match (parts(found), parts(needed)) {
        (Some(found), Some(needed)) => found < needed,
        _ => false,
    }
}

/// Windows brings its compiler with Rust's own installer, and finds it elsewhere than in the path.
fn compiler() -> Result<(), DevError> {
    if cfg!(windows) {
        return Ok(());
    }
    let program = program("CC", "cc");
    // `CC` may hold arguments too.
    let words = program.to_string_lossy().into_owned();
    let mut words = words.split_whitespace();
    let found = Command::new(words.next().unwrap_or("cc"))
        .args(words)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    if found {
        return Ok(());
    }
    let install = if cfg!(target_os = "macos") {
        "run `xcode-select --install`"
    } else {
        "install `build-essential` (Debian, Ubuntu), `gcc` (Fedora, Alpine with `musl-dev`) or `base-devel` (Arch)"
    };
    Err(DevError::NoCompiler {
        program: program.to_string_lossy().into_owned(),
        install,
    })
}

/// Tries the ports, and names the one that cannot be had. 0 stands for any that is free.
pub(super) fn ports(ports: &[(&'static str, u16)], data: &Path) -> Result<(), DevError> {
    for (flag, port) in ports.iter().copied().filter(|(_, port)| *port != 0) {
        let Err(source) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) else {
            continue;
        };
        if source.kind() != io::ErrorKind::AddrInUse {
            return Err(DevError::Port { port, flag, source });
        }
        let ours = ready::noted(data).filter(|noted| {
            [&noted.gateway, &noted.admin]
                .iter()
                .any(|address| address.ends_with(&format!(":{port}")))
        });
        let by = ours.map_or_else(String::new, |noted| {
            format!(" by an earlier run of this system (process {})", noted.pid)
        });
        return Err(DevError::PortTaken { port, by, flag });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_older("1.80.1", "1.94"));
        assert!(is_older("1.9.0", "1.94"));
        assert!(!is_older("1.94.0", "1.94"));
        assert!(!is_older("1.100.0-nightly", "1.94"));
        assert!(!is_older("2.0.0", "1.94"));
        assert!(!is_older("unknown", "1.94"));
    }

    #[test]
    fn a_taken_port_is_named_with_the_flag_that_chooses_another() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = ports(
            &[("--port", 0), ("--admin-port", port)],
            Path::new("no/data"),
        )
        .unwrap_err()
        .to_string();
        assert!(
            error.contains(&port.to_string()) && error.contains("`--admin-port`"),
            "{error}"
        );
    }

    #[test]
    fn the_run_that_has_the_port_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let data = tempfile::tempdir().unwrap();
        let note = format!(
            r#"{{"system":"shop","pid":4711,"gateway":"http://127.0.0.1:{port}","admin":"http://127.0.0.1:1","services":{{}}}}"#
        );
        std::fs::write(data.path().join("run.json"), note).unwrap();
        let error = ports(&[("--port", port)], data.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains("process 4711"), "{error}");
    }
}
