//! A saga in the order of time: its steps, its end, and the way back.

use super::{Line, Sequence, nodes, spelt};
use crate::model::Model;
use crate::model::arena::{SagaId, ServiceId};
use crate::model::saga::{Outcome, Saga, Step, StepKind};

/// Stands in where no service is known, which a rule reports.
const NOBODY: &str = "nobody";

/// The messages of a saga.
#[must_use]
pub fn saga(model: &Model, id: SagaId) -> Sequence {
    let saga = &model.sagas[id];
    let coordinator = saga
        .coordinator
        .map_or_else(|| NOBODY.to_owned(), |id| nodes::service_id(model, id));
    let mut lines = Vec::new();
    lines.push(Line::Note {
        over: coordinator.clone(),
        text: beginning(model, saga),
    });
    for step in &saga.steps {
        lines.extend(forward(model, step, &coordinator));
    }
    let mut done = end(model, saga.on_success.as_ref(), &coordinator);
    done.insert(
        0,
        Line::Note {
            over: coordinator.clone(),
            text: "committed".to_owned(),
        },
    );
    let mut cases = vec![("every step is done".to_owned(), done)];
    let undone = backward(model, saga, &coordinator);
    if saga
        .steps
        .iter()
        .any(|step| !matches!(step.kind, StepKind::Retriable))
    {
        let reason = match saga.steps.iter().find(|step| step.kind == StepKind::Pivot) {
            Some(pivot) => format!(
                "a step up to {} is refused or not done in time",
                pivot.action
            ),
            None => "a step is refused or not done in time".to_owned(),
        };
        cases.push((reason, undone));
    }
    lines.push(Line::Cases(cases));
    Sequence {
        title: saga.name.as_str().to_owned(),
        participants: participants(model, saga),
        lines,
    }
}

fn participants(model: &Model, saga: &Saga) -> Vec<(String, String)> {
    let mut services: Vec<Option<ServiceId>> = Vec::new();
    for service in
        std::iter::once(saga.coordinator).chain(saga.steps.iter().map(|step| step.service))
    {
        if !services.contains(&service) {
            services.push(service);
        }
    }
    let spell = |service: Option<ServiceId>| match service {
        Some(id) => (
            nodes::service_id(model, id),
            model.services[id].name.as_str().to_owned(),
        ),
        None => (NOBODY.to_owned(), "not declared".to_owned()),
    };
    services.into_iter().map(spell).collect()
}

fn beginning(model: &Model, saga: &Saga) -> String {
    let trigger = match saga.trigger {
        Some((event, _)) => format!("begins with {}", model.events[event].name),
        None => "begins when it is asked to".to_owned(),
    };
    match &saga.timeout {
        Some(timeout) => format!("{trigger}, may take {}", spelt(timeout.value)),
        None => trigger,
    }
}

fn of(model: &Model, step: &Step) -> String {
    step.service
        .map_or_else(|| NOBODY.to_owned(), |id| nodes::service_id(model, id))
}

fn forward(model: &Model, step: &Step, coordinator: &str) -> Vec<Line> {
    let to = of(model, step);
    let mut lines = Vec::new();
    let remark = match step.kind {
        StepKind::Pivot => Some("the point of no return"),
        StepKind::Retriable => Some("tried until it is done"),
        StepKind::Compensatable | StepKind::Read => None,
    };
    lines.push(Line::Message {
        from: coordinator.to_owned(),
        to: to.clone(),
        text: format!("{} ({})", step.action, spelt(step.timeout)),
        answer: false,
    });
    lines.extend(remark.map(|text| Line::Note {
        over: to.clone(),
        text: text.to_owned(),
    }));
    let outputs: Vec<&str> = step
        .outputs
        .iter()
        .map(|output| output.name.as_str())
        .collect();
    let text = if outputs.is_empty() {
        "done".to_owned()
    } else {
        outputs.join(", ")
    };
    lines.push(Line::Message {
        from: to,
        to: coordinator.to_owned(),
        text,
        answer: true,
    });
    lines
}

/// The compensations in reverse, of the steps before the point of no return.
fn backward(model: &Model, saga: &Saga, coordinator: &str) -> Vec<Line> {
    let until = saga
        .steps
        .iter()
        .position(|step| step.kind == StepKind::Pivot)
        .unwrap_or(saga.steps.len());
    let mut lines = Vec::new();
    for step in saga.steps[..until].iter().rev() {
        let Some(compensation) = &step.compensation else {
            continue;
        };
        let to = of(model, step);
        let text = format!("{} (undoes {})", compensation.action, step.action);
        lines.push(Line::Message {
            from: coordinator.to_owned(),
            to: to.clone(),
            text,
            answer: false,
        });
        lines.push(Line::Message {
            from: to,
            to: coordinator.to_owned(),
            text: "done".to_owned(),
            answer: true,
        });
    }
    lines.push(Line::Note {
        over: coordinator.to_owned(),
        text: "compensated".to_owned(),
    });
    lines.extend(end(model, saga.on_failure.as_ref(), coordinator));
    lines
}

/// What the saga's end brings about in the coordinator.
fn end(model: &Model, outcome: Option<&Outcome>, coordinator: &str) -> Vec<Line> {
    let Some(outcome) = outcome else {
        return Vec::new();
    };
    let run = outcome.runs.as_ref().map(|run| {
        let aggregate = &model.aggregates[run.aggregate];
        aggregate.commands[run.command].name.as_str().to_owned()
    });
    let mut parts: Vec<String> = run.into_iter().collect();
    parts.extend(
        outcome
            .effects
            .iter()
            .map(|effect| format!("changes {}", model.entities[effect.entity].name)),
    );
    parts.extend(
        outcome
            .emits
            .iter()
            .map(|emission| format!("publishes {}", model.events[emission.event].name)),
    );
    if parts.is_empty() {
        return Vec::new();
    }
    vec![Line::Message {
        from: coordinator.to_owned(),
        to: coordinator.to_owned(),
        text: parts.join(", "),
        answer: false,
    }]
}
