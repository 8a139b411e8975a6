//! Sagas: steps, their inputs and outputs, and the way back.

use std::time::Duration;

use super::arena::{EventId, ServiceId};
use super::effect::{Effect, Emission, Path, Value};
use super::event::CommandRun;
use super::name::Name;
use super::policy::Retry;
use super::types::{Fields, Type};
use crate::syntax::source::{Span, Spanned};

/// A saga (Garcia-Molina and Salem, 1987), orchestrated.
#[derive(Debug, Clone)]
pub struct Saga {
    /// Its name.
    pub name: Name,
    /// Where it is declared.
    pub span: Span,
    /// What it brings about.
    pub description: Option<String>,
    /// Who drives it; none where neither the file nor the trigger says.
    pub coordinator: Option<ServiceId>,
    /// The event that starts it, with the version's index.
    pub trigger: Option<(EventId, usize)>,
    /// What it starts with: the trigger's payload or the declared input.
    pub input: Fields,
    /// Its definition's version.
    pub version: u32,
    /// How long it may take to its pivot.
    pub timeout: Option<Spanned<Duration>>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The compensations as the file lists them, in their order (the seed's form).
    pub listed_compensations: Vec<ListedCompensation>,
    /// What happens when all is done.
    pub on_success: Option<Outcome>,
    /// What happens when all is undone.
    pub on_failure: Option<Outcome>,
}

impl Saga {
    /// The first step behind which it only goes forward: a pivot, or one that is tried until it succeeds.
    pub fn no_return(&self) -> Option<usize> {
        self.steps
            .iter()
            .position(|step| matches!(step.kind, StepKind::Pivot | StepKind::Retriable))
    }

    /// The first step after a given one that can fail for good.
    pub fn can_fail_after(&self, step: usize) -> Option<&Step> {
        self.steps[step + 1..]
            .iter()
            .find(|later| later.kind != StepKind::Retriable)
    }
}

/// What kind of step it is (Richardson, Microservices Patterns).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Can be undone.
    Compensatable,
    /// The point of no return.
    Pivot,
    /// Is tried until it succeeds.
    Retriable,
    /// Changes nothing.
    Read,
}

impl StepKind {
    /// As written in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compensatable => "compensatable",
            Self::Pivot => "pivot",
            Self::Retriable => "retriable",
            Self::Read => "read",
        }
    }
}

/// A step of a saga.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it does: its name.
    pub action: Name,
    /// Where it is declared.
    pub span: Span,
    /// Who does it; none where an undeclared service is named.
    pub service: Option<ServiceId>,
    /// Who does it, as written.
    pub service_name: Spanned<String>,
    /// What kind it is.
    pub kind: StepKind,
    /// What it needs, each with its type and source.
    pub inputs: Vec<Input>,
    /// What it gives.
    pub outputs: Vec<Output>,
    /// How long one try may take.
    pub timeout: Duration,
    /// Where the file says so, if it does.
    pub timeout_span: Option<Span>,
    /// How often it is tried.
    pub retry: Option<Retry>,
    /// Whether it cannot be taken back in the world.
    pub irreversible: bool,
    /// What it does to owned data.
    pub effects: Vec<Effect>,
    /// Events that it publishes.
    pub emits: Vec<Emission>,
    /// How it is undone.
    pub compensation: Option<Compensation>,
}

/// One input of a step or a compensation.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name.
    pub name: Name,
    /// Its type; JSON where the source is not known.
    pub ty: Type,
    /// Whether it is always there.
    pub required: bool,
    /// Where it comes from; none where nothing gives it.
    pub source: Option<Value>,
}

/// One output of a step.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Where it comes from.
    pub value: Value,
}

/// How a step is undone.
#[derive(Debug, Clone)]
pub struct Compensation {
    /// Its name.
    pub action: Name,
    /// Where it is declared.
    pub span: Span,
    /// What it needs.
    pub inputs: Vec<Input>,
    /// What it does; nothing means: the step's effects backwards.
    pub effects: Vec<Effect>,
    /// Events that it publishes.
    pub emits: Vec<Emission>,
}

/// A compensation as the file lists it.
#[derive(Debug, Clone)]
pub struct ListedCompensation {
    /// The step that it names.
    pub step: Spanned<String>,
    /// The step found.
    pub found: Option<usize>,
    /// The compensation's name.
    pub action: Name,
    /// The service that it names.
    pub service: Option<Spanned<ServiceId>>,
    /// Whether its order does not matter.
    pub parallel: bool,
}

/// What a saga's end brings about in the coordinator.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Where it is declared.
    pub span: Span,
    /// The aggregate command that runs.
    pub runs: Option<CommandRun>,
    /// Whether it runs a command that could not be read: what that takes is not known.
    pub lost: bool,
    /// What it does to owned data.
    pub effects: Vec<Effect>,
    /// Events that it publishes.
    pub emits: Vec<Emission>,
}

impl Outcome {
    /// Everything that it reads.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let run = self.runs.iter().flat_map(CommandRun::paths);
        let effects = self.effects.iter().flat_map(Effect::paths);
        run.chain(effects)
            .chain(self.emits.iter().flat_map(Emission::paths))
    }
}
