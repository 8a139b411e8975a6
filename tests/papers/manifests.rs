//! The manifests of crates.

use cargo_metadata::MetadataCommand;

use super::architecture::HOSTILE;
use super::{hostile, tree};

#[test]
fn cargo_reads_every_manifest_whatever_a_service_says_of_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, file) in tree(&hostile()).iter() {
        let at = folder.path().join(path);
        std::fs::create_dir_all(at.parent().expect("a file has a folder"))
            .expect("the folder is made");
        std::fs::write(at, &file.contents).expect("the file is written");
    }
    let metadata = MetadataCommand::new()
        .manifest_path(folder.path().join("Cargo.toml"))
        .no_deps()
        .exec()
        .unwrap_or_else(|error| panic!("{error}"));
    let mut packages = metadata.packages.iter();
    let service = packages
        .find(|package| *package.name == "a-service")
        .expect("it is a member");
    let said = HOSTILE.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = service.description.as_deref().unwrap_or_default();
    assert_eq!(told.to_lowercase(), said.to_lowercase() + ".");
}
