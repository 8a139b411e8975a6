//! How a service is put together: its modules, its settings, what its handlers have at hand.

mod caches;
mod steps;

use std::time::Duration;

use serde::Serialize;

use super::ServicePlan;
use crate::model::Model;
use crate::model::platform::Observability;
use crate::plan::rust::{Scope, float, string};

/// What `lib.rs` and `config.rs` of a service print.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Assembly {
    /// Modules and re-exports, as they stand in `lib.rs`.
    pub modules: Vec<String>,
    /// Re-exports.
    pub exports: Vec<String>,
    /// What `lib.rs` imports.
    pub imports: Scope,
    /// What `config.rs` imports.
    pub config_imports: Scope,
    /// What is declared for the settings that every service has, as an expression.
    pub defaults: String,
    /// The system that it belongs to, as an expression.
    pub system: String,
    /// How long the broker keeps messages, as an expression.
    pub kept: String,
    /// Whether callers are asked who they are.
    pub secured: bool,
    /// The accepted algorithms, spelt.
    pub algorithms: String,
    /// Where the published keys are, as an expression.
    pub jwks: String,
    /// Who issues tokens, as an expression.
    pub issuer: String,
    /// For whom they are, as an expression.
    pub audience: String,
    /// Arguments of `build`.
    pub arguments: Vec<String>,
    /// What handlers have at hand beside the database.
    pub app: Vec<AppField>,
    /// The variable that holds it: with `_` where nothing reacts to anything yet.
    pub app_name: &'static str,
    /// Values of the fields of `App`.
    pub app_values: Vec<String>,
    /// Statements before `App` is made.
    pub setup: Vec<String>,
    /// Calls on the builder.
    pub steps: Vec<String>,
}

/// Something that handlers have at hand.
#[derive(Debug, Clone, Serialize)]
pub struct AppField {
    /// The field.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// What it is, as a sentence.
    pub doc: String,
}

/// How long a request may take where nothing is declared: the runtime's own default. A longer one must lift it, since it
/// bounds every operation.
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Puts together what was planned.
pub fn assemble(model: &Model, service: &ServicePlan) -> Assembly {
    let lib = &service.lib;
    let mut imports = Scope::new(lib.clone());
    for own in ["App", "Caches", "NAME", "MIGRATIONS", "Settings"] {
        imports.define(own);
    }
    imports.all([
        "std::sync::Arc",
        "msarch_runtime::messaging::Bus",
        "msarch_runtime::messaging::OutboxRelay",
        "msarch_runtime::config::Config",
        "msarch_runtime::service::Failure",
        "msarch_runtime::service::Service",
        "msarch_runtime::storage::Database",
        "msarch_runtime::storage::Migration",
        "msarch_runtime::storage::Migrations",
        "msarch_runtime::worker::BoxError",
    ]);
    let mut config_imports = Scope::new(format!("{lib}::config"));
    config_imports.define("Settings");
    config_imports.all([
        "msarch_runtime::config::Config",
        "msarch_runtime::config::ConfigError",
        "msarch_runtime::messaging::BrokerDefaults",
        "msarch_runtime::messaging::BrokerSettings",
        "msarch_runtime::service::ServiceSettings",
        "msarch_runtime::storage::DatabaseSettings",
    ]);
    let mut assembly = Assembly {
        imports,
        config_imports,
        arguments: vec![
            "settings: Settings".to_owned(),
            "bus: Arc<dyn Bus>".to_owned(),
        ],
        app_values: vec!["database: database.clone()".to_owned()],
        ..Assembly::default()
    };
    assembly.modules(service);
    assembly.defaults(model, service);
    assembly.broker(model);
    assembly.steps(model, service);
    assembly.caches(service);
    assembly.metrics(service);
    assembly.authentication(model);
    assembly.clients(service);
    let used = assembly
        .steps
        .iter()
        .any(|step| step.contains("app.clone()"));
    assembly.app_name = if used { "app" } else { "_app" };
    assembly
}

/// The header of the correlation, as an expression, where it is not the usual one.
pub fn correlation_header(model: &Model, imports: &mut Scope) -> Option<String> {
    let declared = &model.observability.correlation_header;
    if *declared == Observability::default().correlation_header {
        return None;
    }
    let header = imports.import("msarch_runtime::context::CorrelationHeader");
    Some(format!("{header}::from_static({})", string(declared)))
}

impl Assembly {
    /// The port alone where nothing else differs from the usual.
    fn defaults(&mut self, model: &Model, service: &ServicePlan) {
        let mut declared = Vec::new();
        if let Some(longest) = service.longest.filter(|longest| *longest > USUAL_TIMEOUT) {
            self.config_imports.import("std::time::Duration");
            declared.push(format!("timeout: {}", super::duration(longest)));
        }
        if let Some(header) = correlation_header(model, &mut self.config_imports) {
            declared.push(format!("correlation_header: {header}"));
        }
        let level = model.observability.log_level.as_str();
        if level != "info" {
            self.config_imports
                .import("msarch_runtime::telemetry::LogSettings");
            declared.push(format!(
                "log: LogSettings {{ filter: {}.to_owned(), ..LogSettings::default() }}",
                string(level)
            ));
        }
        let share = model.observability.sample_ratio;
        if share < 1.0 {
            self.config_imports
                .import("msarch_runtime::telemetry::SampleRatio");
            declared.push(format!("sample_ratio: SampleRatio::of({})", float(share)));
        }
        self.defaults = service.port.to_string();
        if !declared.is_empty() {
            self.config_imports
                .import("msarch_runtime::service::ServiceDefaults");
            self.defaults = format!(
                "ServiceDefaults {{ {}, ..ServiceDefaults::from({}) }}",
                declared.join(", "),
                service.port
            );
        }
    }

    fn broker(&mut self, model: &Model) {
        self.system = string(&model.system.name.kebab());
        let declared = model.broker.as_ref().and_then(|broker| broker.retention);
        self.kept = declared.map_or_else(
            || "None".to_owned(),
            |time| {
                self.config_imports.import("std::time::Duration");
                format!("Some({})", super::duration(time))
            },
        );
    }

    fn modules(&mut self, service: &ServicePlan) {
        let mut add = |module: &str, wanted: bool| {
            if wanted {
                self.modules.push(module.to_owned());
            }
        };
        let reacts = !service.operations.is_empty()
            || !service.consumers.is_empty()
            || !service.steps.is_empty();
        add("pub mod aggregates", !service.aggregates.is_empty());
        add("pub mod api", !service.operations.is_empty());
        add("mod caches", !service.caches.caches.is_empty());
        add("mod clients", !service.clients.clients.is_empty());
        add("mod config", true);
        add("pub mod consumers", !service.consumers.is_empty());
        add("mod handlers", reacts);
        add("mod metrics", !service.metrics.metrics.is_empty());
        add("pub mod model", !service.entities.is_empty());
        add(
            "pub mod saga",
            !service.steps.is_empty() || !service.sagas.is_empty(),
        );
        if !service.caches.caches.is_empty() {
            self.exports.push("caches::Caches".to_owned());
        }
        if !service.clients.clients.is_empty() {
            self.exports.push("clients::Clients".to_owned());
        }
        self.exports.push("config::Settings".to_owned());
    }

    fn metrics(&mut self, service: &ServicePlan) {
        if service.metrics.metrics.is_empty() {
            return;
        }
        self.exports.push("metrics::BusinessMetrics".to_owned());
        self.setup
            .push("let business = BusinessMetrics::new(&metrics);".to_owned());
        self.app_values.push("metrics: business.clone()".to_owned());
        self.app.push(AppField {
            name: "metrics".to_owned(),
            ty: "BusinessMetrics".to_owned(),
            doc: "Metrics of the business.".to_owned(),
        });
        for counted in service
            .metrics
            .metrics
            .iter()
            .filter_map(|metric| metric.counted.as_ref())
        {
            self.imports
                .import("msarch_runtime::messaging::ConsumerWorker");
            let consumer = format!("metrics::{}(business.clone())", counted.name);
            self.steps.push(format!(
                "worker(ConsumerWorker::new({consumer}, database.clone(), bus.clone()).metrics(&metrics))"
            ));
        }
    }

    fn authentication(&mut self, model: &Model) {
        let Some(declared) = model.authentication() else {
            return;
        };
        let maybe = |text: Option<&str>| {
            text.map_or_else(
                || "None".to_owned(),
                |text| format!("Some({})", string(text)),
            )
        };
        self.secured = true;
        let algorithms: Vec<String> = declared
            .algorithms
            .iter()
            .map(|algorithm| match algorithm.value {
                crate::model::gateway::Algorithm::Hs256 => "TokenAlgorithm::Hs256".to_owned(),
                crate::model::gateway::Algorithm::Rs256 => "TokenAlgorithm::Rs256".to_owned(),
                crate::model::gateway::Algorithm::EdDsa => "TokenAlgorithm::EdDsa".to_owned(),
            })
            .collect();
        self.algorithms = algorithms.join(", ");
        self.jwks = maybe(declared.jwks.as_ref().map(|jwks| jwks.value.as_str()));
        self.issuer = maybe(declared.issuer.as_deref());
        self.audience = maybe(declared.audience.as_deref());
        self.config_imports.all([
            "msarch_runtime::auth::AuthDefaults",
            "msarch_runtime::auth::AuthSettings",
            "msarch_runtime::auth::TokenAlgorithm",
        ]);
        self.imports.import("msarch_runtime::auth::Authenticate");
        self.arguments
            .push("authenticator: Arc<dyn Authenticate>".to_owned());
        self.steps.push("authenticator(authenticator)".to_owned());
    }

    fn clients(&mut self, service: &ServicePlan) {
        if service.clients.clients.is_empty() {
            return;
        }
        self.config_imports.import("msarch_runtime::config::Secret");
        self.setup
            .push("let clients = Clients::new(&settings, &metrics)?;".to_owned());
        self.app_values.push("clients".to_owned());
        self.app.push(AppField {
            name: "clients".to_owned(),
            ty: "Clients".to_owned(),
            doc: "The services that this one calls. While a handler waits for them its unit of work stays open, and locks what it has written: call first, write afterwards.".to_owned(),
        });
    }
}
