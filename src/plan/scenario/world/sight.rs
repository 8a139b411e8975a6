//! What a reference may start at, and what values come of it.

use serde_json::{Value as Json, json};

use super::{Unfit, World};
use crate::model::effect::{Condition, Path, Root, Value};
use crate::model::name::Name;
use crate::model::types::Type;
use crate::plan::scenario::exact::Exact;

/// What a reference may start at.
#[derive(Debug, Clone, Default)]
pub(in crate::plan::scenario) struct Sight(Vec<(Root, Json)>);

impl Sight {
    pub(in crate::plan::scenario) fn with(mut self, root: Root, value: Json) -> Self {
        self.bind(root, value);
        self
    }

    pub(in crate::plan::scenario) fn bind(&mut self, root: Root, value: Json) {
        self.0.push((root, value));
    }

    pub(super) fn find(&self, root: &Root) -> Option<&Json> {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == root)
            .map(|(_, value)| value)
    }

    /// Whether a value is a field of the request that is sent, as null.
    pub(super) fn sends_null(&self, value: &Value) -> bool {
        let Value::Path(at) = value else { return false };
        let (Root::Request, [step]) = (&at.root, at.steps.as_slice()) else {
            return false;
        };
        let sent = self.find(&at.root).and_then(|it| member(it, &step.field));
        sent.is_some_and(Json::is_null)
    }
}

/// A member of an object, however it is spelt.
pub(in crate::plan::scenario) fn member<'j>(object: &'j Json, name: &Name) -> Option<&'j Json> {
    object
        .as_object()?
        .iter()
        .find(|(key, _)| Name::snake_of(key) == name.snake())
        .map(|(_, value)| value)
}

impl World<'_> {
    /// A reference's value; none where the declarations leave it open.
    pub(in crate::plan::scenario) fn path(&self, at: &Path, sight: &Sight) -> Option<Json> {
        let mut value = sight.find(&at.root)?;
        for step in &at.steps {
            if value.is_null() {
                return Some(Json::Null);
            }
            // What a message does not bring is null; what a record does not show is left open.
            match member(value, &step.field) {
                Some(next) => value = next,
                None if matches!(at.root, Root::Bound(_) | Root::State) => return None,
                None if value.is_object() => return Some(Json::Null),
                None => return None,
            }
        }
        Some(value.clone())
    }

    /// A value; none where the declarations leave it open.
    pub(in crate::plan::scenario) fn value(
        &mut self,
        value: &Value,
        sight: &Sight,
    ) -> Option<Json> {
        match value {
            Value::Literal(json) => Some(json.clone()),
            Value::Path(at) => self.path(at, sight),
            Value::Negative(at) => {
                let found = self.path(at, sight)?;
                Some(Exact::of(&found)?.negative().json(&found))
            }
            Value::Sum { list, factors, ty } => {
                let items = self.path(list, sight)?;
                let mut sum = Exact::ZERO;
                for item in items.as_array().into_iter().flatten() {
                    let mut product = Exact::of(&json!(1))?;
                    for factor in factors {
                        product = product.times(
                            member(item, &factor.field)
                                .and_then(Exact::of)
                                .unwrap_or(Exact::ZERO),
                        );
                    }
                    sum = sum.plus(product);
                }
                Some(sum.json(&if *ty == Type::Decimal {
                    json!("")
                } else {
                    json!(0)
                }))
            }
            Value::Now => Some(self.now.clone()),
            Value::NewId => Some(self.fresh("new_id")),
            Value::Placeholder => None,
        }
    }

    pub(in crate::plan::scenario) fn holds(
        &self,
        conditions: &[Condition],
        sight: &Sight,
    ) -> Result<bool, Unfit> {
        conditions.iter().try_fold(true, |all, condition| {
            let found = self
                .path(&condition.path, sight)
                .ok_or("a condition looks at what only the running service knows")?;
            Ok(all && found == condition.equals)
        })
    }
}
