//! The course of a saga on sample data: what it starts with, what each step works on, and what each gives.

use serde_json::{Map, Value as Json};

use super::sample::{sample_fields, sample_type};
use super::world::{Sight, Unfit, World};
use crate::model::Model;
use crate::model::effect::Root;
use crate::model::saga::{Input, Saga, Step, StepKind};

/// What a saga has gathered once all its steps are taken.
#[derive(Debug, Clone)]
pub(super) struct Course<'m> {
    pub(super) saga: &'m Saga,
    /// What it starts with.
    pub(super) trigger: Json,
    /// What its steps give, in their order.
    pub(super) outputs: Vec<Json>,
}

impl<'m> Course<'m> {
    pub(super) fn of(model: &Model, saga: &'m Saga) -> Result<Self, Unfit> {
        let trigger = sample_fields(model, &saga.input, 1)
            .ok_or("no sample of what starts the saga is found")?;
        let given = |step: &Step| {
            let outputs = step.outputs.iter().map(|output| {
                let name = output.name.as_str();
                let value = sample_type(model, &output.ty, output.name.snake(), 1)
                    .ok_or_else(|| format!("no sample of `{name}` is found"))?;
                Ok((name.to_owned(), value))
            });
            outputs.collect::<Result<Map<_, _>, Unfit>>()
        };
        let outputs = saga.steps.iter().map(|step| given(step).map(Json::Object));
        Ok(Self {
            saga,
            trigger,
            outputs: outputs.collect::<Result<_, _>>()?,
        })
    }

    /// What the saga has at hand.
    pub(super) fn sight(&self) -> Sight {
        let start = Sight::default().with(Root::Trigger, self.trigger.clone());
        let outputs = self.outputs.iter().enumerate();
        outputs.fold(start, |sight, (step, output)| {
            sight.with(Root::Output { step }, output.clone())
        })
    }

    /// What a step works on.
    pub(super) fn input(&self, world: &mut World<'_>, step: usize) -> Json {
        inputs(world, &self.saga.steps[step].inputs, &self.sight())
    }

    /// Whether the saga cannot go back any more when it comes to a step.
    pub(super) fn forward_only(&self, step: usize) -> bool {
        let pivot = |step: &Step| step.kind == StepKind::Pivot;
        self.saga.steps[step].kind == StepKind::Retriable
            || self.saga.steps[..step].iter().any(pivot)
    }
}

/// Declared inputs with their values; null where nothing gives one.
pub(super) fn inputs(world: &mut World<'_>, inputs: &[Input], sight: &Sight) -> Json {
    let values = inputs.iter().map(|input| {
        let value = input.source.as_ref().and_then(|it| world.value(it, sight));
        (input.name.as_str().to_owned(), value.unwrap_or_default())
    });
    Json::Object(values.collect())
}
