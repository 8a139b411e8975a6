//! The Secrets of the development overlay, from the files that `deploy/secrets.sh` makes for compose too.

use serde_json::{Value, json};

use crate::plan::deployment::{Deployment, secrets};
use crate::plan::kubernetes::{SECRET_KEY, has_gateway, kustomization};

/// The kustomization of `deploy/secrets`; none where there are no secrets.
#[must_use]
pub fn secrets(system: &Deployment) -> Option<Value> {
    let mut files = secrets::files(system);
    if !has_gateway(system) {
        let keys = system.proxy.as_ref().and_then(|proxy| proxy.keys.as_ref());
        files.retain(|file| keys.is_none_or(|keys| keys.name != file.name));
    }
    if files.is_empty() {
        return None;
    }
    let generators: Vec<Value> = files
        .iter()
        .map(|file| {
            let source = format!("{SECRET_KEY}={}", file.name);
            json!({"name": file.name, "files": [source]})
        })
        .collect();
    let mut built = kustomization::of(&["../kubernetes/base/namespace"]);
    built["namespace"] = json!(system.namespace);
    built["secretGenerator"] = json!(generators);
    built["generatorOptions"] = json!({"disableNameSuffixHash": true});
    Some(built)
}
