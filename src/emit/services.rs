//! `services/*/`.

use minijinja::context;
use minijinja::value::Serde;

use super::EmitError;
use super::files::Files;
use super::manifest;
use super::scenarios;
use crate::plan::Workspace;
use crate::plan::service::ServicePlan;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let ours: Vec<String> = plan
        .contracts
        .iter()
        .map(|contract| contract.krate.clone())
        .collect();
    for service in &plan.services {
        sources(files, service)?;
        scenarios::emit(files, service)?;
        let at = [("service", service.krate.as_str())];
        let folder = format!("services/{}/", service.krate);
        let (src, tests) = (format!("{folder}src/"), format!("{folder}tests/"));
        let dependencies = manifest::dependencies(
            files.texts_under(&src),
            files.texts_under(&tests),
            &ours,
            &service.krate,
        );
        files.generated(
            "services/{service}/Cargo.toml",
            &at,
            context! { service => Serde(service), dependencies => Serde(&dependencies) },
        )?;
    }
    Ok(())
}

fn sources(files: &mut Files, service: &ServicePlan) -> Result<(), EmitError> {
    let at = [("service", service.krate.as_str())];
    let view = || context! { service => Serde(service) };
    files.generated("services/{service}/src/main.rs", &at, view())?;
    files.generated("services/{service}/src/lib.rs", &at, view())?;
    files.generated("services/{service}/src/config.rs", &at, view())?;
    migrations(files, service)?;
    if !service.entities.is_empty() {
        files.generated("services/{service}/src/model/mod.rs", &at, view())?;
    }
    for entity in &service.entities {
        let at = [
            ("service", service.krate.as_str()),
            ("entity", file_of(&entity.module)),
        ];
        files.generated(
            "services/{service}/src/model/{entity}.rs",
            &at,
            context! { service => Serde(service), entity => Serde(entity) },
        )?;
    }
    if !service.operations.is_empty() {
        files.generated("services/{service}/src/api/mod.rs", &at, view())?;
    }
    if !service.operations.is_empty() || !service.consumers.is_empty() || !service.steps.is_empty()
    {
        files.generated("services/{service}/src/handlers/mod.rs", &at, view())?;
    }
    if !service.clients.clients.is_empty() {
        files.generated("services/{service}/src/clients.rs", &at, view())?;
    }
    if !service.caches.caches.is_empty() {
        files.generated("services/{service}/src/caches.rs", &at, view())?;
    }
    if !service.metrics.metrics.is_empty() {
        files.generated("services/{service}/src/metrics.rs", &at, view())?;
    }
    consumers(files, service)?;
    sagas(files, service)?;
    for operation in &service.operations {
        let at = [
            ("service", service.krate.as_str()),
            ("operation", file_of(&operation.module)),
        ];
        let view = || context! { service => Serde(service), operation => Serde(operation) };
        files.generated("services/{service}/src/api/{operation}.rs", &at, view())?;
        files.scaffolded(
            "services/{service}/src/handlers/{operation}.rs",
            &at,
            view(),
        )?;
    }
    Ok(())
}

/// New migrations are written once; the folder keeps those that were written before.
fn migrations(files: &mut Files, service: &ServicePlan) -> Result<(), EmitError> {
    files.keep_frozen_under(&format!("services/{}/migrations", service.krate));
    for migration in &service.migrations {
        if let Some(sql) = &migration.sql {
            let at = [
                ("service", service.krate.as_str()),
                ("migration", migration.file.trim_end_matches(".sql")),
            ];
            let view = context! { service => Serde(service), sql => sql.trim_end() };
            files.frozen("services/{service}/migrations/{migration}.sql", &at, view)?;
        }
    }
    Ok(())
}

fn consumers(files: &mut Files, service: &ServicePlan) -> Result<(), EmitError> {
    if !service.consumers.is_empty() {
        let at = [("service", service.krate.as_str())];
        files.generated(
            "services/{service}/src/consumers/mod.rs",
            &at,
            context! { service => Serde(service) },
        )?;
    }
    for consumer in &service.consumers {
        let at = [
            ("service", service.krate.as_str()),
            ("consumer", file_of(&consumer.module)),
        ];
        let view = || context! { service => Serde(service), consumer => Serde(consumer) };
        files.generated(
            "services/{service}/src/consumers/{consumer}.rs",
            &at,
            view(),
        )?;
        files.scaffolded(
            "services/{service}/src/handlers/on_{consumer}.rs",
            &at,
            view(),
        )?;
    }
    Ok(())
}

fn sagas(files: &mut Files, service: &ServicePlan) -> Result<(), EmitError> {
    let at = [("service", service.krate.as_str())];
    let view = || context! { service => Serde(service) };
    if !service.aggregates.is_empty() {
        files.generated("services/{service}/src/aggregates/mod.rs", &at, view())?;
    }
    for aggregate in &service.aggregates {
        let at = [
            ("service", service.krate.as_str()),
            ("aggregate", file_of(&aggregate.module)),
        ];
        let view = context! { service => Serde(service), aggregate => Serde(aggregate) };
        files.generated(
            "services/{service}/src/aggregates/{aggregate}.rs",
            &at,
            view,
        )?;
    }
    if !service.sagas.is_empty() || !service.steps.is_empty() {
        files.generated("services/{service}/src/saga/mod.rs", &at, view())?;
    }
    for saga in &service.sagas {
        let at = [
            ("service", service.krate.as_str()),
            ("saga", file_of(&saga.module)),
        ];
        files.generated(
            "services/{service}/src/saga/{saga}.rs",
            &at,
            context! { service => Serde(service), saga => Serde(saga) },
        )?;
    }
    for step in &service.steps {
        let at = [
            ("service", service.krate.as_str()),
            ("step", step.module.as_str()),
        ];
        let view = || context! { service => Serde(service), step => Serde(step) };
        files.generated("services/{service}/src/saga/{step}.rs", &at, view())?;
        files.scaffolded("services/{service}/src/handlers/{step}.rs", &at, view())?;
    }
    Ok(())
}

/// The file of a module: the `r#` of a keyword is Rust's alone.
fn file_of(module: &str) -> &str {
    module.trim_start_matches("r#")
}
