//! The restricted Pod Security Standard, control by control, and what we ask beyond it.

use serde_json::Value;

use crate::kustomize::{containers, list, pod};

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
pub(crate) fn faults(object: &Value) -> Vec<String> {
    let Some(pod) = pod(object) else {
        return Vec::new();
    };
    let spec = &pod["spec"];
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        must(spec[key].as_bool() != Some(true), key);
    }
    for volume in list(&spec["volumes"]) {
        let kinds = volume.as_object().into_iter().flatten();
        let mut kinds = kinds.filter(|(key, _)| *key != "name");
        must(
            kinds.all(|(kind, _)| VOLUMES.contains(&kind.as_str())),
            "volumes",
        );
    }
    let shared = &spec["securityContext"];
    must(shared["sysctls"].is_null(), "sysctls");
    must(
        spec["automountServiceAccountToken"] == false,
        "a token is mounted",
    );
    must(!containers(object).is_empty(), "no container");
    for container in containers(object) {
        let own = &container["securityContext"];
        let either = |key: &str| {
            if own[key].is_null() {
                &shared[key]
            } else {
                &own[key]
            }
        };
        must(own["privileged"].as_bool() != Some(true), "privileged");
        must(
            own["allowPrivilegeEscalation"] == false,
            "allowPrivilegeEscalation",
        );
        must(either("runAsNonRoot") == true, "runAsNonRoot");
        must(
            either("runAsUser").as_u64().is_some_and(|user| user > 0),
            "runAsUser",
        );
        let profile = &either("seccompProfile")["type"];
        must(
            profile == "RuntimeDefault" || profile == "Localhost",
            "seccompProfile",
        );
        must(
            list(&own["capabilities"]["drop"]).any(|dropped| dropped == "ALL"),
            "capabilities",
        );
        must(
            list(&own["capabilities"]["add"]).all(|added| added == "NET_BIND_SERVICE"),
            "capabilities",
        );
        must(
            own["procMount"].is_null() || own["procMount"] == "Default",
            "procMount",
        );
        must(
            list(&container["ports"]).all(|port| port["hostPort"].is_null()),
            "hostPort",
        );
        must(
            own["readOnlyRootFilesystem"] == true,
            "readOnlyRootFilesystem",
        );
        must(
            container["resources"]["limits"]["memory"].is_string(),
            "no limit of memory",
        );
        let image = container["image"].as_str().unwrap_or_default();
        must(
            image.contains(':') && !image.ends_with(":latest"),
            "an image without a version",
        );
    }
    faults
}
