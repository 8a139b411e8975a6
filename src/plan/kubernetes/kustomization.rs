//! Which file belongs to what.

use serde_json::{Value, json};

/// A kustomization of files and folders.
pub(super) fn of<S: AsRef<str>>(resources: &[S]) -> Value {
    let resources: Vec<&str> = resources.iter().map(AsRef::as_ref).collect();
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    })
}

/// One that makes a ConfigMap of one file.
pub(super) fn map(name: &str, file: &str) -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "configMapGenerator": [{"name": name, "files": [file]}],
    })
}

/// A component: it changes what the kustomization that names it has.
pub(super) fn component() -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
    })
}
