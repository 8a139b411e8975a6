//! The only code that touches the output folder: it puts a tree on the disk, and loses nothing that a person wrote.
//!
//! It looks first and writes later. [`Previous::read`] reads what earlier runs left, [`plan`] compares it with the
//! tree and with the folder and changes nothing; the resulting [`Changes`] can be listed (`--dry-run`), shown as a
//! diff (`--check`), or made ([`Changes::apply`]). Nothing is written if one file stands in the way.
//!
//! | file | the disk has | then |
//! |---|---|---|
//! | generated | a render of ours | it is updated |
//! | generated | something else | the run is refused, or it is merged, or overwritten and kept beside ([`Mode`]) |
//! | scaffolded | anything | it stays; only a deleted one is made again |
//! | frozen | what was written once | it stays |
//! | frozen | something else | the run is refused, or it is put back and kept beside |
//! | no longer in the tree | a render of ours | it is removed |
//! | no longer in the tree | something else | it stays |
//!
//! To add a kind: `emit::tree::Kind`, one arm in `decide`, and the tests of both say what else.

mod apply;
mod changes;
mod create;
mod decide;
mod digest;
mod disk;
mod error;
mod folder;
mod lock;
mod merge;
mod options;
mod pending;
mod planner;
mod previous;
mod replace;
#[cfg(test)]
mod tests;

pub use changes::{Action, Change, Changes, Kept, Refusal};
pub use create::create;
pub use decide::Mode;
pub use disk::{Disk, RealDisk};
pub use error::WriteError;
pub use lock::{FORMAT, Sections};
pub use merge::unified;
pub use options::Options;
pub use previous::Previous;
pub use replace::replace;

use crate::emit::tree::Tree;

/// Compares a tree with the folder, and says what has to be done; changes nothing.
///
/// # Errors
/// When the folder cannot be read, is not ours, or holds something that no file can replace.
pub fn plan<'t>(
    previous: &Previous,
    tree: &'t Tree,
    options: &Options,
) -> Result<Changes<'t>, WriteError> {
    planner::Planner::new(previous, tree, options)?.plan()
}
