//! The pages of documentation: what they say, with every text already safe to stand in Markdown.

mod catalogue;
pub(super) mod markdown;
mod overview;
mod service;
mod settings;

use serde::Serialize;

pub use catalogue::{EventPage, FieldRow, VersionPage};
pub use overview::{CallRow, Overview, SagaPage, ServiceRow, StepRow};
pub use service::{ConsumedRow, DataPage, OperationRow, ServicePage, SideRow};
pub use settings::SettingRow;

use super::service::ServicePlan;
use crate::model::Model;

/// All pages.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Docs {
    /// The system as a whole.
    pub overview: Overview,
    /// Each service, sorted by crate.
    pub services: Vec<ServicePage>,
    /// Each event, in the order of the file.
    pub events: Vec<EventPage>,
}

/// Writes the pages of a model.
#[must_use]
pub fn docs(model: &Model, plans: &[ServicePlan]) -> Docs {
    let mut services: Vec<ServicePage> = model
        .services
        .ids()
        .map(|id| service::page(model, id, plans))
        .collect();
    services.sort_by(|a, b| a.krate.cmp(&b.krate));
    Docs {
        overview: overview::overview(model),
        services,
        events: catalogue::catalogue(model),
    }
}
