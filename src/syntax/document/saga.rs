//! Sagas.

use super::FieldsDecl;
use super::{Bindings, Effect, Emission, NameOr, Retry, Values};
use crate::syntax::decode::{Bounded, Duration, OneOrMany, choice, record};
use crate::syntax::source::Spanned;

choice! {
    /// What kind of step it is: compensatable steps, then at most one pivot, then retriable ones.
    pub enum StepKindWord {
        /// Can be undone.
        Compensatable = "compensatable",
        /// The point of no return.
        Pivot = "pivot",
        /// Is tried until it succeeds.
        Retriable = "retriable" | "retryable",
        /// Changes nothing.
        Read = "read",
    }
}

record! {
    /// A transaction over several services, step by step, with a way back.
    pub struct Saga {
        /// What it brings about.
        description: Option<String>,
        /// The service that drives it. Default: the producer of the trigger.
        coordinator: Option<Spanned<String>>,
        /// The event that starts it; the coordinator raises it.
        trigger: Option<Spanned<String>>,
        /// What it starts with, where no event triggers it.
        input: Option<FieldsDecl>,
        /// Version of this definition. Raise it when steps change, once no instance of the version before is under way: those are of a definition that is no more, and stand still.
        version: Option<Bounded<1, 1_000_000>>,
        /// How long it may take until its pivot. Default 15m.
        timeout: Option<Spanned<Duration>>,
        /// What happens, in order.
        steps: Vec<Step>,
        /// How steps are undone, where the steps themselves do not say.
        compensation: Vec<ListedCompensation>,
        /// What success brings about in the coordinator.
        on_success: Option<Outcome>,
        /// What failure brings about in the coordinator.
        on_failure: Option<Outcome>,
    }
}

record! {
    /// A step of a saga.
    pub struct Step {
        /// Who does it.
        service: Spanned<String>,
        /// What it does: its name, unique in the saga.
        action: Spanned<String>,
        /// What it needs: names of trigger fields or earlier outputs, or name → reference.
        input: Option<Bindings>,
        /// What it gives: names, name → type, or name → reference to a bound record (`$reservation.id`).
        output: Option<Bindings>,
        /// What kind it is. Default compensatable.
        kind: Option<Spanned<StepKindWord>>,
        /// How long one try may take. Default 5s.
        timeout: Option<Spanned<Duration>>,
        /// How often it is tried.
        retry: Option<NameOr<Retry>>,
        /// Whether it cannot be taken back in the world (a mail, a label).
        irreversible: Option<bool>,
        /// What it does to its service's own data.
        effects: Vec<Effect>,
        /// Events that it publishes.
        emits: OneOrMany<NameOr<Emission>>,
        /// How it is undone.
        compensation: Option<Compensation>,
    }
}

/// A compensation by name, or with what it does.
pub type Compensation = NameOr<CompensationRecord>;

record! {
    /// How a step is undone.
    pub struct CompensationRecord {
        /// Its name.
        action: Spanned<String>,
        /// What it needs. Default: the step's inputs and outputs.
        input: Option<Bindings>,
        /// What it does. Default: the step's effects backwards.
        effects: Vec<Effect>,
        /// Events that it publishes.
        emits: OneOrMany<NameOr<Emission>>,
    }
}

record! {
    /// How a step is undone, in a list of its own.
    pub struct ListedCompensation {
        /// The step.
        step: Spanned<String>,
        /// The compensation's name.
        compensation: Spanned<String>,
        /// Who does it: the step's own service.
        service: Option<Spanned<String>>,
        /// What it needs. Default: the step's inputs and outputs.
        input: Option<Bindings>,
        /// What it does. Default: the step's effects backwards.
        effects: Vec<Effect>,
        /// Events that it publishes.
        emits: OneOrMany<NameOr<Emission>>,
        /// Whether its place in the order does not matter.
        parallel: Option<bool>,
    }
}

/// A command by name, or what else happens.
pub type Outcome = NameOr<OutcomeRecord>;

record! {
    /// What a saga's end brings about in its coordinator.
    pub struct OutcomeRecord {
        /// A command of the coordinator's aggregate.
        command: Option<Spanned<String>>,
        /// The aggregate's id, as a reference. Default: the field `<aggregate>_id` of the trigger.
        id: Option<Spanned<String>>,
        /// Command input → literal or reference.
        values: Values,
        /// What it does to the coordinator's own data.
        effects: Vec<Effect>,
        /// Events that it publishes.
        emits: OneOrMany<NameOr<Emission>>,
    }
}
