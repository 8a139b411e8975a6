//! The whole workspace.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::contract::{Contract, contracts};
use super::deployment::broker::{BrokerUser, users};
use super::deployment::compose::{Compose, compose};
use super::deployment::observability::{Observability, observability};
use super::deployment::{Deployment, deployment};
use super::docs::{Docs, docs};
use super::envoy::{EnvoyPlan, envoy};
use super::istio;
use super::local::{LocalPlan, local};
use super::migrations::History;
use super::names::Names;
use super::notices::notices;
use super::openapi;
use super::renames::{Rename, renames};
use super::service::{ServicePlan, service};
use super::types::Types;
use crate::model::Model;
use crate::rules::Checked;

/// Everything that will exist.
#[derive(Debug, Clone, Serialize)]
pub struct Workspace {
    /// The system's name, as written.
    pub name: String,
    /// Its name as a crate's.
    pub krate: String,
    /// What it is for.
    pub description: Option<String>,
    /// The folders of its crates, sorted.
    pub members: Vec<String>,
    /// The contract crates, sorted by name.
    pub contracts: Vec<Contract>,
    /// The services, sorted by name.
    pub services: Vec<ServicePlan>,
    /// The binary that runs everything in one process.
    pub local: LocalPlan,
    /// How it runs when it is deployed.
    pub deployment: Deployment,
    /// The mesh's manifests, where Istio runs it.
    #[serde(skip)]
    pub istio: Vec<istio::Manifest>,
    /// The gateway of the deployed system, where there is one.
    #[serde(skip)]
    pub envoy: Option<EnvoyPlan>,
    /// What compose runs.
    pub compose: Compose,
    /// The users of the broker, sorted by name.
    pub broker_users: Vec<BrokerUser>,
    /// What is watched of the deployed system.
    pub observability: Observability,
    /// The descriptions of the services' APIs, by crate; of services that serve anything.
    #[serde(skip)]
    pub descriptions: BTreeMap<String, Value>,
    /// The pages of documentation.
    #[serde(skip)]
    pub docs: Docs,
    /// What is called otherwise than before.
    #[serde(skip)]
    pub renames: Vec<Rename>,
    /// What the user should know.
    #[serde(skip)]
    pub notices: Vec<String>,
}

/// Plans the workspace of an architecture without errors.
pub fn plan(checked: &Checked<'_>, history: &mut History<'_>) -> Workspace {
    of_model(checked.model(), history)
}

/// Plans the workspace of a model that nobody has judged: what is wrong with it may come out as code that does not compile.
pub fn of_model(model: &Model, history: &mut History<'_>) -> Workspace {
    let names = Names::new(model);
    let types = Types {
        model,
        names: &names,
    };
    let mut services: Vec<ServicePlan> = model
        .services
        .ids()
        .map(|id| service(&types, id, history))
        .collect();
    services.sort_by(|a, b| a.krate.cmp(&b.krate));
    let contracts = contracts(&types);
    let mut members = vec!["crates/local".to_owned(), "crates/runtime".to_owned()];
    members.extend(
        contracts
            .iter()
            .map(|contract| format!("crates/{}", contract.krate)),
    );
    members.extend(
        services
            .iter()
            .map(|service| format!("services/{}", service.krate)),
    );
    members.sort();
    let deployment = deployment(model);
    Workspace {
        descriptions: descriptions(model, &names),
        compose: compose(&deployment, &services),
        broker_users: users(model, &services, &deployment),
        observability: observability(model, &deployment),
        deployment,
        istio: istio::manifests(model),
        envoy: envoy(model),
        docs: docs(model, &services),
        renames: renames(model),
        notices: notices(model),
        members,
        name: model.system.name.as_str().to_owned(),
        krate: model.system.name.kebab(),
        description: model.system.description.clone(),
        contracts,
        local: local(&types, &services),
        services,
    }
}

fn descriptions(model: &Model, names: &Names<'_>) -> BTreeMap<String, Value> {
    let serving = model
        .services
        .entries()
        .filter(|(_, service)| !service.endpoints.is_empty());
    serving
        .map(|(id, service)| {
            let description = openapi::description(model, names, id);
            (service.name.kebab(), description)
        })
        .collect()
}
