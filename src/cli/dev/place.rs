//! Where the workspace, its build and its data lie.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::DevError;
use crate::model::name::Name;

/// Where everything lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The workspace.
    pub(super) out: PathBuf,
    /// The data of the run.
    pub(super) data: PathBuf,
    /// Where cargo builds, where that is not cargo's own choice.
    pub(super) target: Option<PathBuf>,
}

impl Place {
    /// Whether cargo has built here before.
    pub(super) fn is_built(&self) -> bool {
        let stated = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = stated.or_else(|| self.target.clone());
        target
            .unwrap_or_else(|| self.out.join("target"))
            .join("debug")
            .is_dir()
    }
}

/// Decides by the architecture's path. A workspace stands beside its file, so that both are kept in one repository;
/// msarch's own examples are generated under its `target`, which git ignores, and share one build.
pub(super) fn choose(path: &str, out: Option<&Path>, system: &Name) -> Result<Place, DevError> {
    let beside = (path != "-").then(|| folder_of(Path::new(path)));
    let project = beside.as_deref().and_then(project_of_example);
    let chosen = match (out, &project, beside) {
        (Some(out), ..) => out.to_owned(),
        (None, Some(project), _) => project.join("target/dev").join(system.kebab()),
        (None, None, Some(folder)) => folder,
        (None, None, None) => return Err(DevError::NoFolder),
    };
    let shared = project.map(|project| project.join("target/dev-build"));
    let here = chosen == Path::new(".");
    Ok(Place {
        data: if here {
            PathBuf::from("data")
        } else {
            chosen.join("data")
        },
        out: chosen,
        target: shared.filter(|_| env::var_os("CARGO_TARGET_DIR").is_none()),
    })
}

fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_owned();
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The msarch project whose `examples/` this folder is.
fn project_of_example(folder: &Path) -> Option<PathBuf> {
    let real = folder.canonicalize().ok()?;
    let project = real.parent().filter(|_| real.ends_with("examples"))?;
    let manifest = fs::read_to_string(project.join("Cargo.toml")).ok()?;
    if !manifest
        .lines()
        .any(|line| line.trim() == "name = \"msarch\"")
    {
        return None;
    }
    // As the user would write it.
    let here = env::current_dir().and_then(|here| here.canonicalize()).ok();
    let below = here.and_then(|here| Some(project.strip_prefix(here).ok()?.to_owned()));
    Some(below.unwrap_or_else(|| project.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::source::Span;

    fn system() -> Name {
        Name::new("corner_shop", Span::default())
    }

    fn chosen(path: &Path, out: Option<&Path>) -> Place {
        choose(&path.to_string_lossy(), out, &system()).unwrap()
    }

    #[test]
    fn the_workspace_stands_beside_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("architecture.yaml");
        for path in [file.as_path(), folder.path()] {
            let place = chosen(path, None);
            assert_eq!(place.out, folder.path());
            assert_eq!(place.data, folder.path().join("data"));
            assert_eq!(place.target, None);
        }
        assert_eq!(chosen(Path::new("shop.yaml"), None).out, Path::new("."));
    }

    #[test]
    fn an_example_of_the_project_is_generated_where_git_ignores_it() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().canonicalize().unwrap();
        fs::create_dir(project.join("examples")).unwrap();
        let file = project.join("examples/shop.yaml");
        assert_eq!(chosen(&file, None).out, project.join("examples"));
        fs::write(project.join("Cargo.toml"), "[package]\nname = \"msarch\"\n").unwrap();
        assert_eq!(
            chosen(&file, None).out,
            project.join("target/dev/corner-shop")
        );
    }

    #[test]
    fn a_stated_folder_is_taken_and_standard_input_needs_one() {
        let out = Path::new("elsewhere");
        assert_eq!(chosen(Path::new("shop.yaml"), Some(out)).out, out);
        assert_eq!(choose("-", Some(out), &system()).unwrap().out, out);
        assert!(matches!(
            choose("-", None, &system()),
            Err(DevError::NoFolder)
        ));
    }
}
