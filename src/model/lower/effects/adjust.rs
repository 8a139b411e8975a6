//! Numbers that are moved, and the floors that they keep.

use super::super::Lowering;
use super::super::bind::{ByName, Place, Target};
use super::super::scope::Scope;
use crate::model::Fault;
use crate::model::arena::EntityId;
use crate::model::effect::{Assignment, EffectKind};
use crate::model::name::Name;
use crate::model::types::Type;
use crate::syntax::document;

impl Lowering<'_> {
    pub(super) fn adjust(
        &mut self,
        entity: EntityId,
        effect: &document::Effect,
        scope: &Scope,
    ) -> Option<EffectKind> {
        let what = format!("data {}", self.model.entities[entity].name);
        let place = Place {
            what: &what,
            span: effect.span,
            by_request: false,
        };
        let filter = self.filter(entity, effect, scope, &place);
        let Some(targets) = self.targets(entity) else {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    format!("{what} has no fields to adjust"),
                )
                .here("adjusted here")
                .help("declare its fields under `data_ownership`"),
            );
            return None;
        };
        let numbers: Vec<Target> = targets
            .into_iter()
            .filter(|target| {
                matches!(
                    self.model.resolved(&target.ty),
                    Type::Integer | Type::Number | Type::Decimal | Type::Unknown
                )
            })
            .collect();
        let number_place = Place {
            what: &format!("the numbers of {what}"),
            span: effect.span,
            by_request: false,
        };
        let by = self.assign(&numbers, &effect.by, scope, ByName::Never, &number_place);
        if effect.by.is_empty() {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    "an adjustment says by how much",
                )
                .here("`by` is missing")
                .help("add `by: {field: $amount}`"),
            );
        }
        let floors = self.floors(&by, effect);
        Some(EffectKind::Adjust { filter, by, floors })
    }

    fn floors(
        &mut self,
        by: &[Assignment],
        effect: &document::Effect,
    ) -> Vec<(Name, serde_json::Number)> {
        let mut floors = Vec::new();
        for (name, node) in &effect.floor {
            let adjusted = by
                .iter()
                .find(|value| value.field.snake() == Name::snake_of(name));
            match (adjusted, node.to_json()) {
                (Some(value), serde_json::Value::Number(least)) => {
                    floors.push((value.field.clone(), least))
                }
                // Its difference could not be read, which is told.
                (None, _)
                    if effect
                        .by
                        .keys()
                        .any(|by| Name::snake_of(by) == Name::snake_of(name)) => {}
                (None, _) => self.fault(
                    Fault::new(
                        "undeclared-field",
                        name.span,
                        format!("{name} is not adjusted here"),
                    )
                    .here("nothing moves it")
                    .help("give floors to fields that stand under `by`"),
                ),
                (Some(_), _) => self.fault(
                    Fault::new("type-mismatch", node.span, "a floor is a number")
                        .here("not a number")
                        .help("write the least value that is allowed"),
                ),
            }
        }
        floors
    }
}
