//! `services/*/`.

use minijinja::context;
use minijinja::value::{Serde, Value};

use super::EmitError;
use super::files::Files;
use super::manifest::{self, Ours};
use super::scenarios;
use crate::plan::Workspace;
use crate::plan::service::ServicePlan;

pub(super) fn emit(files: &mut Files, plan: &Workspace) -> Result<(), EmitError> {
    let ours = Ours::new(
        plan.contracts
            .iter()
            .map(|contract| contract.krate.as_str()),
    );
    for service in &plan.services {
        // Made once: every file of the service is printed from it.
        let view = Value::from(Serde(service));
        sources(files, service, &view)?;
        scenarios::emit(files, service, &view)?;
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
            context! { service => view, dependencies => Serde(&dependencies) },
        )?;
    }
    Ok(())
}

fn sources(files: &mut Files, service: &ServicePlan, view: &Value) -> Result<(), EmitError> {
    let at = [("service", service.krate.as_str())];
    let whole = || context! { service => view };
    files.generated("services/{service}/src/main.rs", &at, whole())?;
    files.generated("services/{service}/src/lib.rs", &at, whole())?;
    files.generated("services/{service}/src/config.rs", &at, whole())?;
    migrations(files, service, view)?;
    if !service.entities.is_empty() {
        files.generated("services/{service}/src/model/mod.rs", &at, whole())?;
    }
    for entity in &service.entities {
        let at = [
            ("service", service.krate.as_str()),
            ("entity", file_of(&entity.module)),
        ];
        files.generated(
            "services/{service}/src/model/{entity}.rs",
            &at,
            context! { service => view, entity => Serde(entity) },
        )?;
    }
    if !service.operations.is_empty() {
        files.generated("services/{service}/src/api/mod.rs", &at, whole())?;
    }
    if !service.operations.is_empty() || !service.consumers.is_empty() || !service.steps.is_empty()
    {
        files.generated("services/{service}/src/handlers/mod.rs", &at, whole())?;
    }
    if !service.clients.clients.is_empty() {
        files.generated("services/{service}/src/clients.rs", &at, whole())?;
    }
    if !service.caches.caches.is_empty() {
        files.generated("services/{service}/src/caches.rs", &at, whole())?;
    }
    if !service.metrics.metrics.is_empty() {
        files.generated("services/{service}/src/metrics.rs", &at, whole())?;
    }
    consumers(files, service, view)?;
    sagas(files, service, view)?;
    for operation in &service.operations {
        let at = [
            ("service", service.krate.as_str()),
            ("operation", file_of(&operation.module)),
        ];
        let view = || context! { service => view, operation => Serde(operation) };
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
fn migrations(files: &mut Files, service: &ServicePlan, view: &Value) -> Result<(), EmitError> {
    files.keep_frozen_under(&format!("services/{}/migrations", service.krate));
    for migration in &service.migrations {
        if let Some(sql) = &migration.sql {
            let at = [
                ("service", service.krate.as_str()),
                ("migration", migration.file.trim_end_matches(".sql")),
            ];
            let view = context! { service => view, sql => sql.trim_end() };
            files.frozen("services/{service}/migrations/{migration}.sql", &at, view)?;
        }
    }
    for migration in &service.postgres_migrations {
        if let Some(sql) = &migration.sql {
            let at = [
                ("service", service.krate.as_str()),
                ("migration", migration.file.trim_end_matches(".sql")),
            ];
            let view = context! { service => view, sql => sql.trim_end() };
            let template = "services/{service}/migrations/postgres/{migration}.sql";
            files.frozen(template, &at, view)?;
        }
    }
    Ok(())
}

fn consumers(files: &mut Files, service: &ServicePlan, view: &Value) -> Result<(), EmitError> {
    if !service.consumers.is_empty() {
        let at = [("service", service.krate.as_str())];
        files.generated(
            "services/{service}/src/consumers/mod.rs",
            &at,
            context! { service => view },
        )?;
    }
    for consumer in &service.consumers {
        let at = [
            ("service", service.krate.as_str()),
            ("consumer", file_of(&consumer.module)),
        ];
        let view = || context! { service => view, consumer => Serde(consumer) };
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

fn sagas(files: &mut Files, service: &ServicePlan, view: &Value) -> Result<(), EmitError> {
    let at = [("service", service.krate.as_str())];
    let whole = || context! { service => view };
    if !service.aggregates.is_empty() {
        files.generated("services/{service}/src/aggregates/mod.rs", &at, whole())?;
    }
    for aggregate in &service.aggregates {
        let at = [
            ("service", service.krate.as_str()),
            ("aggregate", file_of(&aggregate.module)),
        ];
        let view = context! { service => view, aggregate => Serde(aggregate) };
        files.generated(
            "services/{service}/src/aggregates/{aggregate}.rs",
            &at,
            view,
        )?;
    }
    if !service.sagas.is_empty() || !service.steps.is_empty() {
        files.generated("services/{service}/src/saga/mod.rs", &at, whole())?;
    }
    for saga in &service.sagas {
        let at = [
            ("service", service.krate.as_str()),
            ("saga", file_of(&saga.module)),
        ];
        files.generated(
            "services/{service}/src/saga/{saga}.rs",
            &at,
            context! { service => view, saga => Serde(saga) },
        )?;
    }
    for step in &service.steps {
        let at = [
            ("service", service.krate.as_str()),
            ("step", step.module.as_str()),
        ];
        let view = || context! { service => view, step => Serde(step) };
        files.generated("services/{service}/src/saga/{step}.rs", &at, view())?;
        files.scaffolded("services/{service}/src/handlers/{step}.rs", &at, view())?;
    }
    Ok(())
}

/// The file of a module: the `r#` of a keyword is Rust's alone.
fn file_of(module: &str) -> &str {
    module.trim_start_matches("r#")
}
