//! `services/*/tests/`.

use minijinja::context;
use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::EmitError;
use super::files::Files;
use crate::plan::scenario::{AggregateTests, SagaTests, TestFile};
use crate::plan::service::ServicePlan;

const FOLDER: &str = "services/{service}/tests/service";

pub(super) fn emit(
    files: &mut Files,
    service: &ServicePlan,
    view: &Value,
) -> Result<(), EmitError> {
    let krate = ("service", service.krate.as_str());
    let whole = || context! { service => view };
    for file in ["main.rs", "harness.rs"] {
        files.generated(&format!("{FOLDER}/{file}"), &[krate], whole())?;
    }
    files.scaffolded(&format!("{FOLDER}/own.rs"), &[krate], whole())?;
    let tests = &service.tests;
    group(
        files,
        krate,
        ("operations", "operation"),
        &tests.operations,
        view,
    )?;
    group(
        files,
        krate,
        ("reactions", "consumer"),
        &tests.reactions,
        view,
    )?;
    group(files, krate, ("steps", "step"), &tests.steps, view)?;
    group(files, krate, ("sagas", "saga"), &tests.sagas, view)?;
    group(
        files,
        krate,
        ("aggregates", "aggregate"),
        &tests.aggregates,
        view,
    )
}

/// A file that is called after what it tests.
trait Named: Serialize {
    fn module(&self) -> &str;
}

impl Named for TestFile {
    fn module(&self) -> &str {
        &self.module
    }
}

impl Named for SagaTests {
    fn module(&self) -> &str {
        &self.module
    }
}

impl Named for AggregateTests {
    fn module(&self) -> &str {
        &self.module
    }
}

/// A folder with a file each.
fn group<F: Named>(
    files: &mut Files,
    krate: (&str, &str),
    (folder, brace): (&str, &str),
    group: &[F],
    view: &Value,
) -> Result<(), EmitError> {
    if group.is_empty() {
        return Ok(());
    }
    let view = context! { service => view };
    files.generated(&format!("{FOLDER}/{folder}/mod.rs"), &[krate], view)?;
    for file in group {
        let at = [krate, (brace, file.module().trim_start_matches("r#"))];
        let template = format!("{FOLDER}/{folder}/{{{brace}}}.rs");
        files.generated(&template, &at, context! { file => Serde(file) })?;
    }
    Ok(())
}
