//! The pods of a service: all alike, or those of each version for themselves.

use serde_json::{Value, json};

use super::pod::{self, component};
use crate::plan::deployment::surroundings::mesh::VERSION_LABEL;
use crate::plan::deployment::{Version, Workload};

/// Pods of one kind: all of a service, or those of one version.
pub(super) struct Run<'w> {
    /// What their Deployment is called.
    pub name: String,
    /// The version, where there are several.
    pub version: Option<&'w str>,
    /// How many there are at least.
    pub replicas: u32,
}

impl Run<'_> {
    /// What ends the names of its files.
    pub(super) fn ending(&self) -> String {
        self.version
            .map_or_else(String::new, |version| format!("-{version}"))
    }

    /// What their reader should know.
    pub(super) fn said(&self) -> Vec<String> {
        let version = self.version.into_iter();
        let said = version.map(|version| {
            format!("One of its versions: the mesh leads requests to it by the label `version: {version}`. An overlay says which image it is.")
        });
        said.collect()
    }

    /// The labels by which its pods are chosen.
    pub(super) fn chosen(&self, workload: &Workload) -> Value {
        let mut labels = pod::selector(&workload.name, component::SERVICE);
        if let Some(version) = self.version {
            labels[VERSION_LABEL] = json!(version);
        }
        labels
    }
}

/// The pods of a service that moves: one Deployment, or one a version.
pub(super) fn runs(workload: &Workload) -> Vec<Run<'_>> {
    if workload.versions.is_empty() {
        return vec![Run {
            name: workload.name.clone(),
            version: None,
            replicas: workload.replicas,
        }];
    }
    let versions = workload.versions.iter();
    versions
        .map(|version| Run {
            name: versioned(workload, version),
            version: Some(&version.name),
            replicas: version.replicas,
        })
        .collect()
}

/// The name of a version: that of its Deployment, and of its image in the base.
pub(super) fn versioned(workload: &Workload, version: &Version) -> String {
    format!("{}-{}", workload.name, version.name)
}
