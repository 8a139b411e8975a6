//! The runtime crate, byte for byte.

use super::EmitError;
use super::files::Files;
use super::tree::File;

/// Every file of `runtime/`: path and contents.
const RUNTIME: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/runtime.rs"));

/// The lock that the generated workspace starts from.
const LOCK: &str = "Cargo.lock";

pub(super) fn emit(files: &mut Files) -> Result<(), EmitError> {
    for (path, contents) in RUNTIME {
        if *path == LOCK {
            files.add(LOCK, File::seeded(*contents))?;
        } else {
            files.add(format!("crates/runtime/{path}"), File::generated(*contents))?;
        }
    }
    Ok(())
}
