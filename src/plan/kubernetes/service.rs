//! The manifests of one service.

use serde_json::{Value, json};

use super::pod::{self, component};
use super::run::{Run, runs};
use super::{Manifest, TAG, kustomization, migration, network};
use crate::plan::deployment::surroundings::mesh::VERSION_LABEL;
use crate::plan::deployment::{Deployment, USER, Workload};

/// How long running work may take to finish after the stop.
const GRACE: u32 = 20;

/// How long a stopped pod goes on serving: until nobody sends requests to it any more.
const DELAY: u32 = 5;

/// What is left to a process for its end, beyond both.
const MARGIN: u32 = 5;

/// How full the asked for CPU may be, in percent, before pods are added.
const BUSY: u32 = 70;

/// How large the volume of an embedded store is at first.
const VOLUME: &str = "1Gi";

/// The files of one service.
pub(super) fn manifests(system: &Deployment, workload: &Workload) -> Vec<Manifest> {
    let at = |file: &str| format!("base/services/{}/{file}", workload.name);
    let one = |file: &str, document| Manifest::generated(at(file), vec![document]);
    let mut all = vec![
        one("service-account.yaml", account(system, workload)),
        one("service.yaml", service(system, workload)),
        one("network-policy.yaml", network::service(system, workload)),
    ];
    if moves(workload) {
        for run in runs(workload) {
            let file = |what: &str| format!("{what}{}.yaml", run.ending());
            let made = one(&file("deployment"), deployment(system, workload, &run));
            all.push(made.about(run.said()));
            let autoscaler = one(&file("autoscaler"), autoscaler(system, workload, &run));
            all.push(if workload.alone {
                autoscaler.about(["The file says one copy: no other is added to it."])
            } else {
                autoscaler
            });
        }
        all.push(migration::job(system, workload));
    } else {
        let set = one("stateful-set.yaml", stateful_set(system, workload));
        all.push(set.about(["Its data lies in a file on a volume: there is one pod, never two."]));
    }
    if several(workload) {
        let budget = one("disruption-budget.yaml", budget(system, workload));
        all.push(budget);
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    let files: Vec<&str> = all
        .iter()
        .filter_map(|manifest| Some(manifest.path.rsplit_once('/')?.1))
        .collect();
    let mut built = kustomization::of(&files);
    built["configMapGenerator"] = json!([{
        "name": settings_name(workload),
        "literals": settings(workload),
    }]);
    all.push(one("kustomization.yaml", built));
    all
}

/// Whether its pods may move and multiply: its data lies elsewhere.
pub(super) const fn moves(workload: &Workload) -> bool {
    !workload.keep.is_file()
}

/// Whether it has a server that may be elsewhere, and whose certificate it looks at then.
fn reaches_out(workload: &Workload) -> bool {
    moves(workload) || workload.talks() || workload.cache
}

/// Whether there is more than one pod of it.
pub(super) fn several(workload: &Workload) -> bool {
    workload.replicas.max(count(workload.versions.len())) > 1
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The ConfigMap of its settings.
pub(super) fn settings_name(workload: &Workload) -> String {
    format!("{}-settings", workload.name)
}

/// An image, as it is called before anybody released it.
fn image(system: &Deployment, name: &str) -> String {
    format!("{}{name}:{TAG}", system.registry)
}

/// Every setting, and where each secret lies: nothing of that is secret itself.
fn settings(workload: &Workload) -> Vec<String> {
    let own = |key: &str| format!("{}__{key}", workload.screaming);
    let mut lines: Vec<String> = vec![
        format!("{}={GRACE}s", own("SHUTDOWN__GRACE")),
        format!("{}={DELAY}s", own("SHUTDOWN__DELAY")),
    ];
    if moves(workload) {
        lines.push(format!("{}=false", own("DATABASE__MIGRATE")));
    }
    let declared = workload.settings.iter();
    lines.extend(declared.map(|setting| format!("{}={}", setting.variable, setting.value)));
    let secrets = workload.secrets.iter();
    lines.extend(secrets.map(|secret| format!("{}={}", secret.variable, secret.path)));
    lines.sort();
    lines
}

fn account(system: &Deployment, workload: &Workload) -> Value {
    let rest = json!({"automountServiceAccountToken": false});
    let kind = ("v1", "ServiceAccount");
    let of = (workload.name.as_str(), component::SERVICE);
    pod::object(system, kind, &workload.name, of, rest)
}

fn service(system: &Deployment, workload: &Workload) -> Value {
    let of = (workload.name.as_str(), component::SERVICE);
    let rest = json!({"spec": {
        "selector": pod::selector(of.0, of.1),
        "ports": [{"name": "http", "port": workload.port, "targetPort": "http", "appProtocol": "http"}],
    }});
    pod::object(system, ("v1", "Service"), &workload.name, of, rest)
}

fn deployment(system: &Deployment, workload: &Workload, run: &Run<'_>) -> Value {
    let name = workload.name.as_str();
    let mut template = template(system, workload, component::SERVICE);
    if let Some(version) = run.version {
        template["metadata"]["labels"][VERSION_LABEL] = json!(version);
        template["spec"]["containers"][0]["image"] = json!(image(system, &run.name));
    }
    template["spec"]["topologySpreadConstraints"] = pod::spread(name, component::SERVICE);
    template["spec"]["volumes"] = volumes(workload, Some(pod::scratch("data")));
    // No number of replicas: the autoscaler has it.
    let rest = json!({"spec": {
        "revisionHistoryLimit": 5,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "selector": {"matchLabels": run.chosen(workload)},
        "template": template,
    }});
    let of = (name, component::SERVICE);
    pod::object(system, ("apps/v1", "Deployment"), &run.name, of, rest)
}

fn stateful_set(system: &Deployment, workload: &Workload) -> Value {
    let name = workload.name.as_str();
    let mut template = template(system, workload, component::SERVICE);
    template["spec"]["volumes"] = volumes(workload, None);
    let rest = json!({"spec": {
        "replicas": 1,
        "serviceName": name,
        "selector": {"matchLabels": pod::selector(name, component::SERVICE)},
        "template": template,
        "volumeClaimTemplates": [claim(VOLUME)],
    }});
    let of = (name, component::SERVICE);
    pod::object(system, ("apps/v1", "StatefulSet"), name, of, rest)
}

/// A claim to a volume for `data`; it stays when the set goes.
pub(super) fn claim(size: &str) -> Value {
    json!({
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
        },
    })
}

/// A pod of a service, but for its volumes.
pub(super) fn template(system: &Deployment, workload: &Workload, component: &str) -> Value {
    let mut metadata = json!({"labels": pod::labels(system, &workload.name, component)});
    if component == component::MIGRATION && system.mesh {
        pod::beside_the_mesh(&mut metadata["labels"]);
    }
    if component == component::SERVICE {
        metadata["annotations"] = json!({
            "prometheus.io/scrape": "true",
            "prometheus.io/port": workload.port.to_string(),
            "prometheus.io/path": "/metrics",
        });
    }
    json!({
        "metadata": metadata,
        "spec": {
            "serviceAccountName": workload.name,
            "automountServiceAccountToken": false,
            "terminationGracePeriodSeconds": GRACE + DELAY + MARGIN,
            "securityContext": pod::security(USER),
            "containers": [container(system, workload, component)],
        },
    })
}

fn container(system: &Deployment, workload: &Workload, component: &str) -> Value {
    let mut container = json!({"name": component, "image": image(system, &workload.name)});
    if component == component::MIGRATION {
        container["args"] = json!(["migrate"]);
    }
    let mut mounts = vec![json!({"name": "data", "mountPath": "/data"})];
    if !workload.secrets.is_empty() {
        mounts.push(pod::secrets_mount());
    }
    if reaches_out(workload) {
        mounts.push(pod::authorities_mount());
    }
    pod::merge(
        &mut container,
        json!({
            "env": [{
                "name": format!("{}__INSTANCE", workload.screaming),
                "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}},
            }],
            "envFrom": [{"configMapRef": {"name": settings_name(workload)}}],
            "resources": pod::resources(&workload.cpu, &workload.memory),
            "securityContext": pod::contained(),
            "volumeMounts": mounts,
        }),
    );
    if component == component::SERVICE {
        container["ports"] = json!([{"name": "http", "containerPort": workload.port}]);
        container["startupProbe"] = pod::probe(pod::get("/health/live", "http"), 2, 30);
        container["readinessProbe"] = pod::probe(pod::get("/health/ready", "http"), 5, 2);
        container["livenessProbe"] = pod::probe(pod::get("/health/live", "http"), 10, 3);
    }
    container
}

/// The volumes of a pod: its secrets, and its data where no claim brings it.
pub(super) fn volumes(workload: &Workload, data: Option<Value>) -> Value {
    let mut volumes: Vec<Value> = data.into_iter().collect();
    if !workload.secrets.is_empty() {
        volumes.push(pod::secrets(pod::names(&workload.secrets)));
    }
    if reaches_out(workload) {
        volumes.push(pod::authorities());
    }
    json!(volumes)
}

fn autoscaler(system: &Deployment, workload: &Workload, run: &Run<'_>) -> Value {
    let rest = json!({"spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": run.name},
        "minReplicas": run.replicas,
        "maxReplicas": if workload.alone { 1 } else { most(run.replicas) },
        "metrics": [{
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": BUSY}},
        }],
    }});
    let kind = ("autoscaling/v2", "HorizontalPodAutoscaler");
    let of = (workload.name.as_str(), component::SERVICE);
    pod::object(system, kind, &run.name, of, rest)
}

/// As many again as are declared, and two at least.
fn most(replicas: u32) -> u32 {
    replicas.saturating_mul(2).max(replicas.saturating_add(2))
}

fn budget(system: &Deployment, workload: &Workload) -> Value {
    let name = workload.name.as_str();
    let rest = json!({"spec": {
        "maxUnavailable": 1,
        "selector": {"matchLabels": pod::selector(name, component::SERVICE)},
    }});
    let kind = ("policy/v1", "PodDisruptionBudget");
    pod::object(system, kind, name, (name, component::SERVICE), rest)
}
