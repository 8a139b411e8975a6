//! The manifests judged by the tools that read them: kustomize (in kubectl), kubernetes-validate, yamllint.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use msarch::plan::deployment::secrets::Origin;

use crate::kustomize::{Files, identity};
use crate::{DEVELOPMENT, PRODUCTION, SECRETS, System, built, door, folders, part, systems, yaml};

/// Lines may be long, and a document may begin without a mark.
const STYLE: &str = "{extends: default, rules: {line-length: disable, document-start: disable}}";

fn kubectl() -> Option<Command> {
    let found = Command::new("kubectl")
        .args(["version", "--client"])
        .output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(Command::new("kubectl"));
    }
    part::program("kubectl", "kubectl")
}

fn write(files: &Files, root: &Path) {
    for (path, text) in files {
        let at = root.join(path);
        fs::create_dir_all(at.parent().expect("a folder")).expect("it can be made");
        fs::write(at, text).expect("it can be written");
    }
}

/// What kustomize makes of a folder.
fn kustomized(root: &Path, folder: &str) -> Option<Output> {
    let mut kubectl = kubectl()?;
    kubectl.arg("kustomize").arg(root.join(folder));
    Some(kubectl.output().expect("kubectl runs"))
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The script that makes the Secrets of the development overlay, with what somebody gives.
fn make_secrets(system: &System, root: &Path) {
    let script = root.join("deploy/secrets.sh");
    if !script.exists() {
        return;
    }
    let run = || {
        Command::new("sh")
            .arg(&script)
            .output()
            .expect("there is a shell")
    };
    let secrets = msarch::plan::deployment::secrets::files(&system.plan.deployment);
    let given = secrets
        .iter()
        .filter(|secret| secret.origin == Origin::Given);
    let given: Vec<_> = given.collect();
    let first = run();
    assert_eq!(first.status.success(), given.is_empty(), "{}", said(&first));
    for secret in given {
        assert!(said(&first).contains(&secret.name), "{}", secret.name);
        fs::write(root.join(SECRETS).join(&secret.name), "given").expect("it can be written");
    }
    let again = run();
    assert!(
        again.status.success() && again.stderr.is_empty(),
        "{}",
        said(&again)
    );
}

#[test]
fn kustomize_builds_every_overlay_to_the_objects_that_the_tests_look_at() {
    for system in systems() {
        let root = tempfile::tempdir().expect("a folder");
        write(&system.files, root.path());
        make_secrets(&system, root.path());
        for folder in folders(&system) {
            let Some(output) = kustomized(root.path(), folder) else {
                return;
            };
            assert!(
                output.status.success(),
                "{}: {}",
                system.path,
                said(&output)
            );
            let text = String::from_utf8(output.stdout).expect("it is text");
            let mut theirs: Vec<String> = yaml::documents(&text).iter().map(plain).collect();
            let mut ours: Vec<String> = built(&system, folder).iter().map(plain).collect();
            theirs.sort();
            ours.sort();
            assert_eq!(theirs, ours, "{} {folder}", system.path);
        }
    }
}

/// Kind and name, without the hash at a ConfigMap's and the release at a Job's.
fn plain(object: &serde_json::Value) -> String {
    let name = identity(object);
    match object["kind"].as_str() {
        Some("ConfigMap") => {
            let hash = name.rsplit_once('-').filter(|(_, end)| end.len() == 10);
            hash.map_or(name.clone(), |(stem, _)| stem.to_owned())
        }
        Some("Job") => name
            .rsplit_once('-')
            .map_or(name.clone(), |(stem, _)| stem.to_owned()),
        _ => name,
    }
}

#[test]
fn kustomize_refuses_a_build_that_lacks_a_file() {
    let mut system = door();
    system
        .files
        .remove("deploy/kubernetes/base/services/order-service/service.yaml");
    let root = tempfile::tempdir().expect("a folder");
    write(&system.files, root.path());
    for folder in [DEVELOPMENT, PRODUCTION] {
        if let Some(output) = kustomized(root.path(), folder) {
            assert!(!output.status.success(), "{folder}");
        }
    }
}

#[test]
fn each_release_makes_jobs_of_its_own_and_changed_settings_roll_the_pods() {
    let system = door();
    let root = tempfile::tempdir().expect("a folder");
    write(&system.files, root.path());
    let Some(before) = kustomized(root.path(), PRODUCTION) else {
        return;
    };
    let before = said(&before);
    assert!(
        before.contains("name: order-service-migrate-0.1.0\n"),
        "{before}"
    );
    let path = root.path().join(PRODUCTION).join("kustomization.yaml");
    let text = fs::read_to_string(&path).expect("it is there");
    let digest = format!("newTag: 2.0.0\n    digest: sha256:{}", "ab".repeat(32));
    fs::write(&path, text.replace("newTag: \"0.1.0\"", &digest)).expect("it can be written");
    let settings = root
        .path()
        .join(PRODUCTION)
        .join("settings/order-service.env");
    fs::write(settings, "BANK_HOST=bank.example\n").expect("it can be written");
    let after = said(&kustomized(root.path(), PRODUCTION).expect("it was there before"));
    assert!(
        after.contains("name: order-service-migrate-2.0.0\n"),
        "{after}"
    );
    let read = |text: &str| {
        let line = text
            .lines()
            .find(|line| line.contains("name: order-service-settings-"));
        line.map(str::to_owned)
    };
    assert_ne!(read(&before), read(&after));
}

#[test]
fn kubernetes_validate_accepts_every_object_and_refuses_broken_ones() {
    // Systems and overlays have much in common: each object is judged once.
    let mut all: BTreeSet<String> = BTreeSet::new();
    for system in systems() {
        let root = tempfile::tempdir().expect("a folder");
        write(&system.files, root.path());
        make_secrets(&system, root.path());
        for folder in folders(&system) {
            let Some(output) = kustomized(root.path(), folder) else {
                return;
            };
            let text = String::from_utf8(output.stdout).expect("it is text");
            all.extend(
                text.split("\n---\n")
                    .map(|object| object.trim_end().to_owned()),
            );
        }
    }
    let root = tempfile::tempdir().expect("a folder");
    let file = root.path().join("built.yaml");
    let all: Vec<String> = all.into_iter().collect();
    fs::write(&file, all.join("\n---\n") + "\n").expect("it can be written");
    for version in ["1.33", "1.37"] {
        match valid(&file, version) {
            Some(fault) => assert_eq!(fault, ""),
            None => return,
        }
    }
    for broken in [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replica: 1}\n",
        "apiVersion: example.org/v1\nkind: Unheard\nmetadata: {name: x}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: many}]}\n",
    ] {
        fs::write(&file, broken).expect("it can be written");
        assert_ne!(valid(&file, "1.33").as_deref(), Some(""), "{broken}");
    }
}

/// What kubernetes-validate has against a file. Of a kind that it does not know it only warns.
fn valid(file: &Path, version: &str) -> Option<String> {
    let mut tool = part::program("kubernetes-validate", "kubernetes-validate")?;
    tool.args(["--strict", "-k", version]).arg(file);
    let output = tool.output().expect("it runs");
    let fine = |line: &&str| !line.trim_start().starts_with("INFO");
    let text = said(&output);
    let told: Vec<&str> = text.lines().filter(fine).collect();
    if output.status.success() && told.is_empty() {
        return Some(String::new());
    }
    Some(format!("{:?}: {}", output.status.code(), told.join("\n")))
}

#[test]
fn yamllint_has_nothing_against_any_file_and_finds_a_broken_one() {
    for system in systems() {
        let root = tempfile::tempdir().expect("a folder");
        let ours = system.files.iter().filter(|(path, _)| {
            path.starts_with("deploy/kubernetes/") || path.ends_with("kustomization.yaml")
        });
        write(
            &ours
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect(),
            root.path(),
        );
        if let Some(output) = linted(root.path()) {
            assert!(
                output.status.success() && output.stdout.is_empty(),
                "{}",
                said(&output)
            );
        }
    }
    let root = tempfile::tempdir().expect("a folder");
    fs::write(root.path().join("broken.yaml"), "a: 1\na: 2\n").expect("it can be written");
    assert_ne!(
        linted(root.path()).map(|output| output.status.success()),
        Some(true)
    );
}

fn linted(folder: &Path) -> Option<Output> {
    let mut tool = part::program("yamllint", "yamllint")?;
    Some(
        tool.args(["--strict", "-d", STYLE, "."])
            .current_dir(folder)
            .output()
            .expect("it runs"),
    )
}
