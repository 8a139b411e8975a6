//! `msarch new`: a folder with a system that validates, and what an editor and a workflow need to work with it.

mod files;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::shell::quoted;
use super::{Error, Outcome};
use crate::emit::EmitError;
use crate::emit::tree::TreeError;
use crate::model::name::Name;
use crate::write::{Disk, WriteError, create};

/// Start a system: an architecture that validates, with its editor schema and its workflow
///
/// The folder is new or empty. Nothing in it is generated: every file is yours.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The folder to make
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What to start from
    #[arg(long, value_enum, default_value_t = Template::Minimal)]
    template: Template,
    /// The system's name; the folder's where it is left out
    #[arg(long)]
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  msarch new shop
  msarch new shop --template ecommerce
  msarch new . --name order-platform";

/// A system to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Template {
    /// Two services and one event between them
    Minimal,
    /// Eight services, a saga, an event-sourced aggregate, caches, a mesh
    Ecommerce,
}

/// Why no system was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NewError {
    /// The folder's path ends in no name.
    #[error("`{}` says no name for the system: pass one with `--name`", .0.display())]
    Nameless(PathBuf),
    /// A name of which no crate, host or folder can be made.
    #[error("`{name}` cannot be the name of a system: {why}. Pass another with `--name`")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The files cannot be printed.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A file of the folder has an unfit path.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The folder cannot be made.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Arguments {
    pub(super) fn run(&self, disk: &dyn Disk) -> Result<Outcome, Error> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => name_of(&self.folder)?,
        };
        let tree = files::tree(self.template, &name)?;
        create(&self.folder, &tree, disk).map_err(NewError::Write)?;
        told(&self.folder, &name).map_err(Error::Output)?;
        Ok(Outcome::Clean)
    }
}

/// The folder's name, spelt as systems are.
fn name_of(folder: &Path) -> Result<String, NewError> {
    let nameless = || NewError::Nameless(folder.to_owned());
    let last = match folder.file_name() {
        Some(last) => last.to_owned(),
        // `.` and `..` have no name of their own.
        None => {
            let real = folder.canonicalize().map_err(|_| nameless())?;
            real.file_name().ok_or_else(nameless)?.to_owned()
        }
    };
    Ok(Name::new(
        last.to_string_lossy(),
        crate::syntax::source::Span::default(),
    )
    .kebab())
}

fn told(folder: &Path, name: &str) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    writeln!(stderr, "made {name} in {}; next:\n", folder.display())?;
    if folder != Path::new(".") {
        writeln!(stderr, "  cd {}", quoted(folder))?;
    }
    writeln!(
        stderr,
        "  msarch validate    what is wrong with architecture.yaml: nothing yet\n  \
           msarch dev         build and run all of it here\n  \
           msarch explain     what the validator looks for"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_gives_the_name_in_the_spelling_of_systems() {
        for (folder, name) in [
            ("shop", "shop"),
            ("a/OrderPlatform", "order-platform"),
            ("my_shop/", "my-shop"),
        ] {
            assert_eq!(name_of(Path::new(folder)).unwrap(), name);
        }
        assert!(matches!(
            name_of(Path::new("/")),
            Err(NewError::Nameless(_))
        ));
    }
}
