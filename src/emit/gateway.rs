//! `gateway/envoy.yaml`.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::yaml;
use crate::plan::Workspace;
use crate::plan::deployment::PROXY_FILE;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let Some(envoy) = &plan.envoy else {
        return Ok(());
    };
    let view = context! {
        name => &plan.name,
        proxy => Serde(&plan.deployment.proxy),
        approximations => Serde(&envoy.approximations),
        config => yaml::commented(&envoy.config),
    };
    files.generated(PROXY_FILE, &[], view)
}
