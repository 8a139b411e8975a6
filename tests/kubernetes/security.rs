//! The restricted Pod Security Standard, control by control, and what we ask beyond it.

use serde_json::{Value, json};

use crate::kustomize::{containers, identity, list, pod};
use crate::{PRODUCTION, built, door, folders, systems};

const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// What is wrong with the pods of an object; nothing where all is well.
fn faults(object: &Value) -> Vec<&'static str> {
    let Some(pod) = pod(object) else {
        return Vec::new();
    };
    let spec = &pod["spec"];
    let containers = containers(object);
    let shared = &spec["securityContext"];
    let no = |key: &str| spec[key].as_bool() != Some(true);
    let allowed = |volume: &Value| {
        let kinds = volume.as_object().into_iter().flatten();
        let mut kinds = kinds.filter(|(key, _)| *key != "name");
        kinds.all(|(kind, _)| VOLUMES.contains(&kind.as_str()))
    };
    let mut held = vec![
        ("hostNetwork", no("hostNetwork")),
        ("hostPID", no("hostPID")),
        ("hostIPC", no("hostIPC")),
        ("volumes", list(&spec["volumes"]).all(allowed)),
        ("sysctls", shared["sysctls"].is_null()),
        ("token", spec["automountServiceAccountToken"] == false),
        ("containers", !containers.is_empty()),
    ];
    held.extend(containers.iter().flat_map(|one| container(one, shared)));
    let faults = held.into_iter().filter(|(_, held)| !held);
    faults.map(|(control, _)| control).collect()
}

fn container(container: &Value, shared: &Value) -> [(&'static str, bool); 12] {
    let own = &container["securityContext"];
    let either = |key: &str| {
        Some(&own[key])
            .filter(|own| !own.is_null())
            .unwrap_or(&shared[key])
    };
    let dropped = &own["capabilities"]["drop"];
    let mut added = list(&own["capabilities"]["add"]);
    let mut ports = list(&container["ports"]);
    let profile = &either("seccompProfile")["type"];
    let image = container["image"].as_str().unwrap_or_default();
    [
        ("privileged", own["privileged"].as_bool() != Some(true)),
        ("escalation", own["allowPrivilegeEscalation"] == false),
        ("runAsNonRoot", either("runAsNonRoot") == true),
        ("runAsUser", either("runAsUser").as_u64() > Some(0)),
        (
            "seccomp",
            profile == "RuntimeDefault" || profile == "Localhost",
        ),
        ("drop", list(dropped).any(|one| one == "ALL")),
        ("add", added.all(|one| one == "NET_BIND_SERVICE")),
        (
            "procMount",
            own["procMount"].is_null() || own["procMount"] == "Default",
        ),
        ("hostPort", ports.all(|port| port["hostPort"].is_null())),
        ("read-only root", own["readOnlyRootFilesystem"] == true),
        (
            "memory",
            container["resources"]["limits"]["memory"].is_string(),
        ),
        ("image", image.contains(':') && !image.ends_with(":latest")),
    ]
}

#[test]
fn every_pod_keeps_to_the_restricted_standard() {
    for system in systems() {
        for object in folders(&system).flat_map(|folder| built(&system, folder)) {
            let faults = faults(&object);
            let name = identity(&object);
            assert!(faults.is_empty(), "{}: {name}: {faults:?}", system.path);
        }
    }
}

/// A place below a pod's specification, what is put there, and the control that it breaks.
type Fault = (&'static str, Value, &'static str);

fn pods() -> Vec<Fault> {
    vec![
        ("/hostNetwork", json!(true), "hostNetwork"),
        ("/hostPID", json!(true), "hostPID"),
        ("/hostIPC", json!(true), "hostIPC"),
        ("/securityContext/runAsUser", json!(0), "runAsUser"),
        ("/securityContext/runAsNonRoot", Value::Null, "runAsNonRoot"),
        ("/securityContext/seccompProfile", Value::Null, "seccomp"),
        (
            "/securityContext/sysctls",
            json!([{"name": "a", "value": "b"}]),
            "sysctls",
        ),
        ("/automountServiceAccountToken", Value::Null, "token"),
        (
            "/volumes/0",
            json!({"name": "x", "hostPath": {"path": "/"}}),
            "volumes",
        ),
        ("/containers", json!([]), "containers"),
    ]
}

fn its_containers() -> Vec<Fault> {
    vec![
        (
            "/containers/0/securityContext/capabilities",
            json!({"drop": ["NET_RAW"]}),
            "drop",
        ),
        (
            "/containers/0/securityContext/capabilities",
            json!({"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
            "add",
        ),
        (
            "/containers/0/securityContext/privileged",
            json!(true),
            "privileged",
        ),
        (
            "/containers/0/securityContext/procMount",
            json!("Unmasked"),
            "procMount",
        ),
        (
            "/containers/0/securityContext/allowPrivilegeEscalation",
            Value::Null,
            "escalation",
        ),
        (
            "/containers/0/securityContext/readOnlyRootFilesystem",
            Value::Null,
            "read-only root",
        ),
        ("/containers/0/resources", Value::Null, "memory"),
        ("/containers/0/ports", json!([{"hostPort": 80}]), "hostPort"),
        ("/containers/0/image", json!("busybox"), "image"),
    ]
}

#[test]
fn a_pod_that_does_not_is_found() {
    let objects = built(&door(), PRODUCTION);
    let good = objects.iter().find(|object| pod(object).is_some());
    let good = good.expect("there are pods");
    for (pointer, value, control) in [pods(), its_containers()].concat() {
        let mut bad = good.clone();
        let spec = bad
            .pointer_mut("/spec/template/spec")
            .expect("there is a pod");
        let (parent, key) = pointer.rsplit_once('/').expect("a path");
        let parent = spec.pointer_mut(parent).expect("it is there");
        match key.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[key] = value,
        }
        assert_eq!(faults(&bad), [control], "{pointer}");
    }
}
