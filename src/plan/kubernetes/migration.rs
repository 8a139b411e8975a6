//! The Job that brings a service's database up to date.

use serde_json::json;

use super::pod::{self, component};
use super::{Manifest, TAG, service};
use crate::plan::deployment::{Deployment, Workload};

/// How long a finished Job is kept, for whoever wants to read its log: a day.
const KEPT: u32 = 86_400;

/// What a Job is called without the release at its end.
fn stem(workload: &Workload) -> String {
    format!("{}-migrate", workload.name)
}

/// What it is called before anybody released anything.
pub(super) fn name(workload: &Workload) -> String {
    format!("{}-{TAG}", stem(workload))
}

/// The place of the release among the parts of a Job's name, divided by hyphens.
pub(super) fn release(workload: &Workload) -> usize {
    stem(workload).matches('-').count() + 1
}

/// One try at a time, and some more when it fails: a migration is made whole or not at all.
pub(super) fn job(system: &Deployment, workload: &Workload) -> Manifest {
    let mut template = service::template(system, workload, component::MIGRATION);
    template["spec"]["restartPolicy"] = json!("OnFailure");
    template["spec"]["volumes"] = service::volumes(workload, Some(pod::scratch("data")));
    let of = (workload.name.as_str(), component::MIGRATION);
    let rest = json!({"spec": {
        "backoffLimit": 10,
        "ttlSecondsAfterFinished": KEPT,
        "template": template,
    }});
    let job = pod::object(system, ("batch/v1", "Job"), &name(workload), of, rest);
    let path = format!("base/services/{}/migration.yaml", workload.name);
    Manifest::generated(path, vec![job]).about([
        "Pods of the service do not start before this is done. A Job cannot be changed: each release gives it another name.",
    ])
}
