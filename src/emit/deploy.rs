//! `deploy/`: the system on one machine, what its parts are told, and what is watched.

use minijinja::Value;
use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::yaml;
use crate::plan::Workspace;
use crate::plan::deployment::secrets::TOKENS;
use crate::plan::deployment::{Caller, USER, host, images};

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let deployment = &plan.deployment;
    if deployment.compose {
        compose(files, plan)?;
    }
    if deployment.compose || deployment.kubernetes {
        secrets(files, plan)?;
        parts(files, plan)?;
        observability(files, plan)?;
    }
    Ok(())
}

fn compose(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let deployment = &plan.deployment;
    let routed = deployment
        .access
        .iter()
        .filter(|access| access.from == Caller::Gateway);
    let routed: Vec<String> = routed.map(|access| access.to.clone()).collect();
    let elsewhere = plan
        .observability
        .elsewhere
        .as_ref()
        .map(|one| one.variables.clone());
    let view = context! {
        compose => Serde(&plan.compose),
        deployment => Serde(deployment),
        host => hosts(),
        images => pinned(),
        user => USER,
        databases => databases(plan),
        routed,
        elsewhere => elsewhere,
    };
    files.generated("deploy/compose.yaml", &[], view.clone())?;
    files.generated("docs/compose.md", &[], view)
}

/// What makes the secrets of both compose and Kubernetes.
fn secrets(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let deployment = &plan.deployment;
    if plan.compose.secrets.is_empty() {
        return Ok(());
    }
    let view = context! {
        compose => Serde(&plan.compose),
        deployment => Serde(deployment),
        tokens => TOKENS,
    };
    files.script("deploy/secrets.sh", view)?;
    let kubernetes = deployment.kubernetes;
    files.generated("deploy/secrets/.gitignore", &[], context! { kubernetes })
}

/// What databases, broker and cache are told, wherever they run.
fn parts(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let deployment = &plan.deployment;
    if databases(plan) {
        files.script("deploy/postgres/init.sh", context! {})?;
    }
    let view = context! { compose => Serde(&plan.compose), host => hosts() };
    if deployment.broker {
        let users = Serde(&plan.broker_users);
        files.generated(
            "deploy/nats/nats.conf",
            &[],
            context! { users, ..view.clone() },
        )?;
    }
    if deployment.cache {
        let users = Serde(&plan.compose.cache_users);
        files.generated("deploy/redis/redis.conf", &[], view)?;
        files.generated("deploy/redis/users.acl", &[], context! { users })?;
    }
    Ok(())
}

/// Whether any service has a database server of its own.
fn databases(plan: &Workspace) -> bool {
    let mut services = plan.compose.services.iter();
    services.any(|service| service.database.is_some())
}

fn observability(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let watched = &plan.observability;
    let view = context! {
        watched => Serde(watched),
        deployment => Serde(&plan.deployment),
        elsewhere => Serde(&watched.elsewhere),
        host => hosts(),
    };
    let folder = "deploy/observability";
    if plan.deployment.compose {
        files.generated("deploy/observability/prometheus.yaml", &[], view.clone())?;
    }
    if plan.deployment.kubernetes {
        files.generated(
            "deploy/observability/prometheus-kubernetes.yaml",
            &[],
            view.clone(),
        )?;
    }
    files.generated("deploy/observability/alertmanager.yaml", &[], view.clone())?;
    if plan.deployment.collector {
        files.generated("deploy/observability/otel-collector.yaml", &[], view)?;
    }
    let document = |value| format!("---\n{}", yaml::document(value));
    files.generated_text(&format!("{folder}/rules.yaml"), &document(&watched.rules))?;
    files.generated_text(
        &format!("{folder}/rules_test.yaml"),
        &document(&watched.tests),
    )
}

/// The hosts and ports of what services share.
fn hosts() -> Value {
    context! {
        gateway => host::GATEWAY,
        broker => host::BROKER,
        broker_port => host::BROKER_PORT,
        cache => host::CACHE,
        cache_port => host::CACHE_PORT,
        collector => host::COLLECTOR,
        collector_port => host::COLLECTOR_PORT,
        collector_grpc_port => host::COLLECTOR_GRPC_PORT,
        collector_metrics_port => host::COLLECTOR_METRICS_PORT,
        prometheus => host::PROMETHEUS,
        alertmanager => host::ALERTMANAGER,
        traces => host::TRACES,
    }
}

fn pinned() -> Value {
    context! {
        envoy => images::ENVOY,
        postgres => images::POSTGRES,
        nats => images::NATS,
        redis => images::REDIS,
        collector => images::COLLECTOR,
        prometheus => images::PROMETHEUS,
        alertmanager => images::ALERTMANAGER,
        jaeger => images::JAEGER,
    }
}
