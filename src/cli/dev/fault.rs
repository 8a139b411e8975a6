//! Failures to provoke: looked at before anything is built, since a build takes long and a misspelt step would never fail.

use super::error::DevError;
use crate::model::Model;
use crate::syntax::decode::closest;

/// Refuses what is no failure of a step of this system.
pub(super) fn check(model: &Model, faults: &[String]) -> Result<(), DevError> {
    let known = steps(model);
    for fault in faults {
        let Some((place, kind)) = fault.split_once('=').filter(|(_, kind)| is_kind(kind)) else {
            return Err(DevError::NoFault(fault.clone()));
        };
        if !known.iter().any(|step| step == place) {
            let near = closest(place, known.iter().map(String::as_str));
            return Err(DevError::UnknownStep {
                step: place.to_owned(),
                near: near.map(|near| format!("{near}={kind}")),
                known,
            });
        }
    }
    Ok(())
}

/// Every step and every compensation with the service that takes it.
fn steps(model: &Model) -> Vec<String> {
    let steps = model.sagas.iter().flat_map(|saga| &saga.steps);
    let names = steps.filter_map(|step| {
        let service = &model.services[step.service?].name;
        let undone = step.compensation.iter().map(|way_back| &way_back.action);
        let actions = std::iter::once(&step.action).chain(undone);
        Some(actions.map(move |action| format!("{service}.{action}")))
    });
    names.flatten().collect()
}

fn is_kind(text: &str) -> bool {
    let (kind, times) = match text.split_once(':') {
        Some((kind, times)) => (kind, times.parse::<u32>().is_ok()),
        None => (text, true),
    };
    times && ["reject", "error", "hang"].contains(&kind)
}
