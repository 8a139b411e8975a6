//! The Secrets of the development overlay, from files that no repository holds, and a script that makes them up.

use serde_json::{Value, json};

use super::FOLDER;
use crate::plan::deployment::{Deployment, Secret};
use crate::plan::kubernetes::{Manifest, SECRET_KEY, kustomization, secrets};

/// The folder `secrets`; none where there are no secrets.
pub(super) fn manifests(system: &Deployment) -> Vec<Manifest> {
    let secrets = secrets(system);
    if secrets.is_empty() {
        return Vec::new();
    }
    let at = |file: &str| format!("{FOLDER}/secrets/{file}");
    let generators: Vec<Value> = secrets
        .iter()
        .map(|secret| {
            let file = format!("{SECRET_KEY}={}", secret.name);
            json!({"name": secret.name, "files": [file]})
        })
        .collect();
    let mut built = kustomization::of(&["../../../base/namespace"]);
    built["namespace"] = json!(system.namespace);
    built["secretGenerator"] = json!(generators);
    built["generatorOptions"] = json!({"disableNameSuffixHash": true});
    let ignored = "*\n!.gitignore\n!kustomization.yaml\n!make.sh\n";
    vec![
        Manifest::generated(at("kustomization.yaml"), vec![built]).about([
            "The Secrets, each from the file of its name in this folder, which git ignores: `sh make.sh` makes what is missing.",
        ]),
        Manifest::text(at(".gitignore"), ignored.to_owned()),
        Manifest::text(at("make.sh"), script(&secrets)),
    ]
}

/// What nobody outside gives is made up; what somebody gives is asked for.
fn script(secrets: &[&Secret]) -> String {
    let mut text = SCRIPT.to_owned();
    for secret in secrets {
        let Secret { name, purpose, .. } = secret;
        // Purposes may hold backquotes, which mean something to a shell within double quotes, and not within single ones.
        let purpose = purpose.replace('\'', "’");
        let word = if secret.given { "ask" } else { "make" };
        text.push_str(&format!("{word} {name} '{purpose}'\n"));
    }
    text.push_str("exit \"$missing\"\n");
    text
}

const SCRIPT: &str = r#"#!/bin/sh
# Makes the files of the Secrets that are missing here, and tells which ones only you can give. What is there stays.
set -eu
cd "$(dirname "$0")"
umask 077
missing=0

# A letter first: the broker takes words that begin with a digit for numbers.
make() {
    [ -e "$1" ] || printf 'x%s' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" > "$1"
}

ask() {
    [ -e "$1" ] && return
    echo "missing: write to $PWD/$1 the $2" >&2
    missing=1
}

"#;
