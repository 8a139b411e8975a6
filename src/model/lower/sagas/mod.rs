//! Sagas: where the inputs of each step come from, what it gives, and the way back.

mod passing;

use std::time::Duration;

use passing::{input_steps, output_steps, passed_on, text};

use super::Lowering;
use super::fields::Reader;
use super::scope::{Frame, Scope};
use crate::model::arena::{EventId, ServiceId};
use crate::model::effect::{Effect, Emission, Root};
use crate::model::name::Name;
use crate::model::saga::{
    Compensation, Input, ListedCompensation, Outcome, Output, Saga, Step, StepKind,
};
use crate::model::service::Party;
use crate::model::types::Fields;
use crate::syntax::decode::OneOrMany;
use crate::syntax::document::{self, Bindings, NameOr, StepKindWord, Values};
use crate::syntax::source::{Span, Spanned};

/// How long one try of a step may take where nothing is said.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// The parts of a compensation, from whichever of its two places.
struct WayBack<'d> {
    action: &'d Spanned<String>,
    input: Option<&'d Bindings>,
    effects: &'d [document::Effect],
    emits: Option<&'d OneOrMany<NameOr<document::Emission>>>,
}

impl Lowering<'_> {
    /// Reads all sagas.
    pub(super) fn define_sagas(&mut self) {
        let document = self.document;
        for (name, saga) in document.sagas.iter() {
            let saga = self.saga(name, saga);
            self.model.sagas.push(saga);
        }
    }

    fn saga(&mut self, name: &Spanned<String>, declared: &document::Saga) -> Saga {
        let role = format!("saga {name}");
        let trigger = declared
            .trigger
            .as_ref()
            .and_then(|trigger| self.trigger(trigger, &role));
        let coordinator = match &declared.coordinator {
            Some(coordinator) => self.service(coordinator, format_args!("coordinator of {role}")),
            None => trigger.and_then(|(event, _)| self.only_producer(event)),
        };
        let input = self.saga_input(trigger, declared, &role);
        let mut scope =
            Scope::default().with(Frame::fields("trigger", Root::Trigger, &input).open());
        if trigger.is_none() {
            scope = scope.with(Frame::fields("input", Root::Trigger, &input));
        }
        let mut saga = Saga {
            name: name.into(),
            span: name.span,
            description: declared.description.clone(),
            coordinator,
            trigger,
            input,
            version: declared
                .version
                .map_or(1, |version| u32::try_from(*version).unwrap_or(u32::MAX)),
            timeout: declared
                .timeout
                .as_ref()
                .map(|timeout| Spanned::new(timeout.to_std(), timeout.span)),
            steps: Vec::new(),
            listed_compensations: Vec::new(),
            on_success: None,
            on_failure: None,
        };
        for step in &declared.steps {
            self.step(&mut saga, step, declared, &mut scope);
        }
        self.listed(&mut saga, &declared.compensation);
        saga.on_success = declared
            .on_success
            .as_ref()
            .and_then(|end| self.outcome(coordinator, end, &scope, &role));
        let failure = Frame::record("failure", Root::Failure, vec![text("reason"), text("step")]);
        let begun = Scope::default()
            .with(Frame::fields("trigger", Root::Trigger, &saga.input).open())
            .with(failure);
        saga.on_failure = declared
            .on_failure
            .as_ref()
            .and_then(|end| self.outcome(coordinator, end, &begun, &role));
        saga
    }

    fn saga_input(
        &mut self,
        trigger: Option<(EventId, usize)>,
        declared: &document::Saga,
        role: &str,
    ) -> Fields {
        match (trigger, &declared.input) {
            (Some((event, version)), _) => {
                self.model.events[event].versions[version].schema.clone()
            }
            (None, Some(input)) => self.fields(input, Reader::of(role)),
            // A trigger that leads nowhere may bring anything.
            (None, None) if declared.trigger.is_some() => Fields {
                unknown: true,
                ..Fields::default()
            },
            (None, None) => Fields::default(),
        }
    }

    fn trigger(&mut self, trigger: &Spanned<String>, role: &str) -> Option<(EventId, usize)> {
        let event = self.event(trigger, format_args!("trigger of {role}"))?;
        Some((
            event,
            self.model.events[event].versions.len().checked_sub(1)?,
        ))
    }

    fn only_producer(&self, event: EventId) -> Option<ServiceId> {
        match self.model.events[event].producers[..] {
            [
                Spanned {
                    value: Party::Service(service),
                    ..
                },
            ] => Some(service),
            _ => None,
        }
    }

    fn step(
        &mut self,
        saga: &mut Saga,
        declared: &document::Step,
        whole: &document::Saga,
        scope: &mut Scope,
    ) {
        let at = saga.steps.len();
        let role = format!("step {} of {}", declared.action, saga.name);
        let service = self.service(&declared.service, format_args!("service of {role}"));
        let inputs = self.inputs(declared.input.as_ref(), scope);
        let mut inner =
            Scope::default().with(Frame::record("input", Root::Input, input_steps(&inputs)).open());
        let effects = match service {
            Some(service) => self.effects(service, &declared.effects, &mut inner, &role),
            None => Vec::new(),
        };
        let outputs = self.outputs(declared.output.as_ref(), &inner, &role);
        let emits = self.emissions(&declared.emits, &inner, &role);
        let given = Frame::record(
            Name::snake_of(&declared.action),
            Root::Output { step: at },
            output_steps(&outputs),
        );
        scope.push(given.open());
        let compensation = way_back(declared, whole).map(|way_back| {
            self.compensation(service, &way_back, &inputs, &outputs, at, scope, &role)
        });
        saga.steps.push(Step {
            action: (&declared.action).into(),
            span: declared.action.span,
            service,
            service_name: declared.service.clone(),
            kind: declared
                .kind
                .as_ref()
                .map_or(StepKind::Compensatable, |kind| kind.value.into()),
            inputs,
            outputs,
            timeout: declared
                .timeout
                .as_ref()
                .map_or(STEP_TIMEOUT, |timeout| timeout.to_std()),
            timeout_span: declared.timeout.as_ref().map(|timeout| timeout.span),
            retry: declared
                .retry
                .as_ref()
                .and_then(|retry| self.retry(Some(retry), &role)),
            irreversible: declared.irreversible.unwrap_or(false),
            effects,
            emits,
            compensation,
        });
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a compensation sees all that its step saw and gave"
    )]
    fn compensation(
        &mut self,
        service: Option<ServiceId>,
        way_back: &WayBack<'_>,
        step_inputs: &[Input],
        outputs: &[Output],
        at: usize,
        scope: &Scope,
        role: &str,
    ) -> Compensation {
        let role = format!("compensation {} of {role}", way_back.action);
        let inputs = match way_back.input {
            Some(_) => self.inputs(way_back.input, scope),
            None => step_inputs
                .iter()
                .cloned()
                .chain(outputs.iter().map(|output| passed_on(output, at)))
                .collect(),
        };
        let mut inner =
            Scope::default().with(Frame::record("input", Root::Input, input_steps(&inputs)).open());
        let effects = match service {
            Some(service) => self.effects(service, way_back.effects, &mut inner, &role),
            None => Vec::new(),
        };
        let emits = way_back
            .emits
            .map(|emits| self.emissions(emits, &inner, &role))
            .unwrap_or_default();
        Compensation {
            action: way_back.action.into(),
            span: way_back.action.span,
            inputs,
            effects,
            emits,
        }
    }

    /// The seed's list, kept as it stands for the rules about its order and its targets.
    fn listed(&mut self, saga: &mut Saga, declared: &[document::ListedCompensation]) {
        for entry in declared {
            let wanted = Name::snake_of(&entry.step);
            let found = saga
                .steps
                .iter()
                .position(|step| step.action.snake() == wanted);
            if found.is_none() {
                let role = format!(
                    "step undone by {} of saga {}",
                    entry.compensation, saga.name
                );
                self.unresolved(&entry.step, "step", role, |_| {
                    saga.steps
                        .iter()
                        .map(|step| step.action.to_string())
                        .collect()
                });
            }
            let service = entry.service.as_ref().and_then(|service| {
                let role = format!(
                    "service of compensation {} of {}",
                    entry.compensation, saga.name
                );
                Some(Spanned::new(self.service(service, role)?, service.span))
            });
            saga.listed_compensations.push(ListedCompensation {
                step: entry.step.clone(),
                found,
                action: (&entry.compensation).into(),
                service,
                parallel: entry.parallel.unwrap_or(false),
            });
        }
    }

    fn outcome(
        &mut self,
        coordinator: Option<ServiceId>,
        declared: &document::Outcome,
        scope: &Scope,
        role: &str,
    ) -> Option<Outcome> {
        let coordinator = coordinator?;
        let none = Values::new();
        let (command, id, values, record) = match declared {
            NameOr::Name(name) => (Some(name), None, &none, None),
            NameOr::Here(record) => (
                record.command.as_ref(),
                record.id.as_ref(),
                &record.values,
                Some(&**record),
            ),
        };
        let runs = command
            .and_then(|command| self.command_run(coordinator, command, id, values, scope, role));
        let lost = command.is_some() && runs.is_none();
        let mut inner = scope.clone();
        let (effects, emits): (Vec<Effect>, Vec<Emission>) = match record {
            Some(record) => {
                let effects = self.effects(coordinator, &record.effects, &mut inner, role);
                (effects, self.emissions(&record.emits, &inner, role))
            }
            None => (Vec::new(), Vec::new()),
        };
        let span = command.map_or_else(
            || record.map_or_else(Span::default, |record| record.span),
            |name| name.span,
        );
        Some(Outcome {
            span,
            runs,
            lost,
            effects,
            emits,
        })
    }
}

fn way_back<'d>(step: &'d document::Step, saga: &'d document::Saga) -> Option<WayBack<'d>> {
    match &step.compensation {
        Some(NameOr::Name(action)) => Some(WayBack {
            action,
            input: None,
            effects: &[],
            emits: None,
        }),
        Some(NameOr::Here(record)) => Some(WayBack {
            action: &record.action,
            input: record.input.as_ref(),
            effects: &record.effects,
            emits: Some(&record.emits),
        }),
        None => {
            let wanted = Name::snake_of(&step.action);
            let entry = saga
                .compensation
                .iter()
                .find(|entry| Name::snake_of(&entry.step) == wanted)?;
            Some(WayBack {
                action: &entry.compensation,
                input: entry.input.as_ref(),
                effects: &entry.effects,
                emits: Some(&entry.emits),
            })
        }
    }
}

impl From<StepKindWord> for StepKind {
    fn from(word: StepKindWord) -> Self {
        match word {
            StepKindWord::Compensatable => Self::Compensatable,
            StepKindWord::Pivot => Self::Pivot,
            StepKindWord::Retriable => Self::Retriable,
            StepKindWord::Read => Self::Read,
        }
    }
}
