//! The script that makes secrets makes each once, keeps others out, and says what it cannot know.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::architecture::model_of;
use crate::files::Deployed;
use crate::{deployed, sharing_a_secret};

/// Runs the script; whether everything is there, and what it said.
pub(crate) fn made(deployed: &Deployed) -> (bool, String) {
    let mut script = Command::new(deployed.at("secrets.sh"));
    let output = script.current_dir("/").output().expect("there is a shell");
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn secrets(deployed: &Deployed) -> BTreeMap<String, String> {
    let entries = fs::read_dir(deployed.at("secrets")).expect("there is a folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: &std::path::Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    files
        .filter_map(|path| Some((name(&path)?, fs::read_to_string(&path).expect("it is text"))))
        .filter(|(name, _)| name != ".gitignore" && name != "kustomization.yaml")
        .collect()
}

fn mode(path: &std::path::Path) -> u32 {
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o777
}

/// The files that compose hands to the containers.
fn wanted(deployed: &Deployed) -> Vec<String> {
    let text = deployed.text("compose.yaml");
    let files = text.split("{file: secrets/").skip(1);
    files
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn every_secret_is_made_once_and_what_is_given_is_asked_for() {
    let mut asked = 0;
    let shared = ("a shared secret", Deployed::of(&sharing_a_secret()));
    let all = deployed().chain([shared]);
    for (path, deployed) in all.filter(|(_, deployed)| deployed.has("secrets.sh")) {
        let (complete, told) = made(&deployed);
        let first = secrets(&deployed);
        let mut missing: Vec<String> = wanted(&deployed);
        // The keys of the gateway are made from the shared secret, once that is given.
        let derived = deployed.text("secrets.sh").contains("keep token-keys");
        missing.retain(|name| !(first.contains_key(name) || derived && name == "token-keys"));
        assert_eq!(complete, missing.is_empty(), "{path}: {told}");
        assert_eq!(told.lines().count(), missing.len(), "{path}: {told}");
        asked += missing.len();
        for name in &missing {
            assert!(told.contains(&format!("secrets/{name} ")), "{path}: {told}");
            let at = deployed.at(&format!("secrets/{name}"));
            fs::write(&at, "given").expect("it can be written");
            fs::set_permissions(&at, PermissionsExt::from_mode(0o600)).expect("it is mine");
        }
        assert_eq!(made(&deployed), (true, String::new()), "{path}");
        let mut second = secrets(&deployed);
        assert_eq!(
            second.keys().cloned().collect::<Vec<_>>(),
            wanted(&deployed),
            "{path}"
        );
        if derived {
            let keys = second.remove("token-keys").expect("they are made");
            let keys: serde_json::Value = serde_json::from_str(&keys).expect("they are JSON");
            assert_eq!(keys["keys"][0]["k"], "Z2l2ZW4", "{path}");
        }
        second.retain(|name, _| !missing.contains(name));
        assert_eq!(second, first, "{path}");
    }
    assert!(asked > 0);
}

#[test]
fn secrets_are_long_all_different_and_nobody_else_can_look_for_them() {
    let deployed = Deployed::of(&model_of("examples/ecommerce.yaml"));
    let _ = made(&deployed);
    assert_eq!(mode(&deployed.at("secrets")), 0o700);
    let mut made = secrets(&deployed);
    made.retain(|name, _| !name.ends_with("-users"));
    for (name, secret) in &made {
        assert_eq!(
            mode(&deployed.at(&format!("secrets/{name}"))),
            0o444,
            "{name}"
        );
        assert!(
            secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{name}"
        );
        assert_eq!(
            made.values().filter(|other| *other == secret).count(),
            1,
            "{name}"
        );
    }
    assert!(made.len() > 20, "{}", made.len());
}

#[test]
fn a_password_that_is_changed_reaches_the_users_of_the_broker_and_the_cache() {
    let deployed = Deployed::of(&model_of("examples/ecommerce.yaml"));
    let _ = made(&deployed);
    let before = secrets(&deployed);
    for name in ["catalog-service-broker", "catalog-service-cache"] {
        fs::remove_file(deployed.at(&format!("secrets/{name}"))).expect("it was there");
    }
    let _ = made(&deployed);
    let after = secrets(&deployed);
    for name in ["broker-users", "cache-users"] {
        assert_ne!(before[name], after[name], "{name}");
    }
    assert!(after["broker-users"].contains(&after["catalog-service-broker"]));
    assert!(
        !after["cache-users"].contains(&after["catalog-service-cache"]),
        "digests alone"
    );
}
