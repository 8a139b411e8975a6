//! Limits on values: what they allow, and which of them hold where a value goes on unchanged into owned data.

use serde_json::Value as Json;

use super::Model;
use super::arena::EntityId;
use super::effect::{Assignment, Effect, EffectKind, Root, Value};
use super::endpoint::{Action, Endpoint};
use super::event::CommandRun;
use super::types::{Field, Fields, Limits};

impl Limits {
    /// What is wrong with a value; `None` when they allow it.
    pub fn broken_by(&self, value: &Json) -> Option<String> {
        let number = value
            .as_f64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        if let (Some(number), true) = (number, self.min.is_some() || self.max.is_some()) {
            if let Some(min) = self.min.filter(|min| number < *min) {
                return Some(format!("less than its min {min}"));
            }
            if let Some(max) = self.max.filter(|max| number > *max) {
                return Some(format!("more than its max {max}"));
            }
        }
        let length = match value {
            Json::String(text) => text.chars().count(),
            Json::Array(items) => items.len(),
            _ => return None,
        };
        let length = u64::try_from(length).ok()?;
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Some(format!("shorter than its min_length {min}"));
        }
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Some(format!("longer than its max_length {max}"));
        }
        let pattern = self.pattern.as_ref()?;
        let regex = regex::Regex::new(pattern).ok()?;
        (!regex.is_match(value.as_str()?)).then(|| format!("no match of its pattern {pattern}"))
    }

    /// The limits that two places set together. Two patterns are not made one: the first stands.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let narrower = |mine: Option<f64>, theirs: Option<f64>, pick: fn(f64, f64) -> f64| {
            mine.zip(theirs)
                .map_or(mine.or(theirs), |(mine, theirs)| Some(pick(mine, theirs)))
        };
        Self {
            min: narrower(self.min, other.min, f64::max),
            max: narrower(self.max, other.max, f64::min),
            min_length: self.min_length.max(other.min_length),
            max_length: [self.max_length, other.max_length]
                .into_iter()
                .flatten()
                .min(),
            pattern: self.pattern.clone().or_else(|| other.pattern.clone()),
        }
    }

    /// Whether no value can keep them.
    pub fn allow_nothing(&self) -> bool {
        let crossed = self.min.zip(self.max).is_some_and(|(min, max)| min > max);
        let lengths = self.min_length.zip(self.max_length);
        crossed || lengths.is_some_and(|(min, max)| min > max)
    }
}

impl Model {
    /// The fields of a request with the limits of the owned data that they go into.
    pub fn fed_by_request(&self, endpoint: &Endpoint, fields: &Fields) -> Fields {
        let acted = match &endpoint.action {
            Action::Create(entity) | Action::Update(entity) => Some(*entity),
            _ => None,
        };
        let run = match &endpoint.action {
            Action::Aggregate(run) => Some(run),
            _ => None,
        };
        let own = acted.map(|entity| (entity, endpoint.record.as_slice()));
        self.fed(&Root::Request, fields, own, &endpoint.effects, run)
    }

    /// Fields with the limits of the owned data that they go into as they are, whatever else is the case.
    pub fn fed(
        &self,
        root: &Root,
        fields: &Fields,
        own: Option<(EntityId, &[Assignment])>,
        effects: &[Effect],
        run: Option<&CommandRun>,
    ) -> Fields {
        let always = effects
            .iter()
            .filter(|effect| effect.when.is_empty() && effect.for_each.is_none());
        let written = always.filter_map(|effect| match &effect.kind {
            EffectKind::Create { values } | EffectKind::Set { values, .. } => {
                Some((effect.entity, values.as_slice()))
            }
            EffectKind::Adjust { .. } => None,
        });
        let written: Vec<(EntityId, &[Assignment])> = own.into_iter().chain(written).collect();
        let narrowed = |field: &Field| {
            let mut limits = Limits::clone(&field.limits);
            for (entity, values) in &written {
                let owned = self.entities[*entity].fields.as_ref();
                for target in owned
                    .into_iter()
                    .flat_map(|owned| self.targets(owned, values, root, field))
                {
                    limits = limits.and(&target.limits);
                }
            }
            for target in run.into_iter().flat_map(|run| self.taken(run, root, field)) {
                limits = limits.and(&target);
            }
            Field {
                limits: limits.into(),
                ..field.clone()
            }
        };
        Fields {
            fields: fields.fields.iter().map(narrowed).collect(),
            ..fields.clone()
        }
    }

    /// The fields that get the value of another as it is.
    fn targets<'f>(
        &'f self,
        fields: &'f Fields,
        values: &'f [Assignment],
        root: &'f Root,
        source: &'f Field,
    ) -> impl Iterator<Item = &'f Field> {
        let same = move |given: &&Assignment| match &given.value {
            Value::Path(path) if path.root == *root => {
                matches!(path.steps.as_slice(), [step] if step.field == source.name)
            }
            _ => false,
        };
        values
            .iter()
            .filter(same)
            .filter_map(|given| fields.find(given.field.snake()))
            .filter(|target| self.resolved(&target.ty) == self.resolved(&source.ty))
    }

    /// The limits that a command puts on a field by taking it: its input's, and those of the data that shows what it makes happen.
    fn taken(&self, run: &CommandRun, root: &Root, field: &Field) -> Vec<Limits> {
        let aggregate = &self.aggregates[run.aggregate];
        let command = &aggregate.commands[run.command];
        let shown = self.entities[aggregate.entity].fields.as_ref();
        let mut limits = Vec::new();
        for input in self.targets(&command.input, &run.input, root, field) {
            limits.push(Limits::clone(&input.limits));
            for raise in &command.raises {
                let event = &aggregate.events[raise.event];
                for said in self.targets(&event.schema, &raise.values, &Root::Input, input) {
                    let shown = shown
                        .into_iter()
                        .flat_map(|shown| self.targets(shown, &event.set, &Root::Event, said));
                    limits.extend(shown.map(|target| Limits::clone(&target.limits)));
                }
            }
        }
        limits
    }
}
