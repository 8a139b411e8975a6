//! Effects on owned data.

mod adjust;

use super::Lowering;
use super::bind::{ByName, Place, Target};
use super::scope::{Frame, Scope};
use crate::model::Fault;
use crate::model::arena::{EntityId, ServiceId};
use crate::model::effect::{Assignment, Effect, EffectKind, Root, Value};
use crate::model::name::Name;
use crate::model::types::Type;
use crate::syntax::document::{self, Values};
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// Reads effects in order; each binding is at hand for what follows, and stays in the scope.
    pub(super) fn effects(
        &mut self,
        service: ServiceId,
        effects: &[document::Effect],
        scope: &mut Scope,
        role: &str,
    ) -> Vec<Effect> {
        effects
            .iter()
            .filter_map(|effect| {
                let read = self.effect(service, effect, scope, role);
                if let (None, Some(binds)) = (&read, &effect.r#as) {
                    // What it binds is known, if not what it is.
                    let root = Root::Bound(Name::from(binds));
                    scope.push(Frame::unknown(Name::snake_of(binds), root));
                }
                read
            })
            .collect()
    }

    fn effect(
        &mut self,
        service: ServiceId,
        effect: &document::Effect,
        scope: &mut Scope,
        role: &str,
    ) -> Option<Effect> {
        let verbs: Vec<&Spanned<String>> = [&effect.create, &effect.set, &effect.adjust]
            .into_iter()
            .flatten()
            .collect();
        let [name] = verbs[..] else {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    format!("an effect of {role} says {} things to do", verbs.len()),
                )
                .here("create, set or adjust?")
                .help("write exactly one of `create:`, `set:` and `adjust:`, naming owned data"),
            );
            return None;
        };
        let entity = self.entity(service, name, format_args!("data changed by {role}"))?;
        let mut inner = scope.clone();
        let for_each = match &effect.for_each {
            Some(list) => Some(self.item(list, &mut inner)?),
            None => None,
        };
        let when = self.conditions(&effect.when, &inner);
        self.misplaced(effect);
        let kind = if effect.create.is_some() {
            self.create(entity, effect, &inner)
        } else if effect.set.is_some() {
            self.set(entity, effect, &inner)
        } else {
            self.adjust(entity, effect, &inner)?
        };
        let binds = effect.r#as.as_ref().map(Name::from);
        if let Some(binds) = &binds {
            scope.push(
                self.model
                    .record_frame(binds.as_str(), Root::Bound(binds.clone()), entity),
            );
        }
        Some(Effect {
            span: name.span,
            entity,
            kind,
            for_each,
            when,
            binds,
        })
    }

    fn item(
        &mut self,
        list: &Spanned<String>,
        scope: &mut Scope,
    ) -> Option<crate::model::effect::Path> {
        let path = self.reference(list, scope)?;
        if *self.model.resolved(&path.ty) == Type::Unknown {
            scope.push(Frame::unknown("item", Root::Item));
            return Some(path);
        }
        let Type::Array(item) = self.model.resolved(&path.ty).clone() else {
            self.fault(
                Fault::new("type-mismatch", list.span, "`for_each` needs a list")
                    .here("this is no list")
                    .help("refer to a field whose type ends in `[]`"),
            );
            return None;
        };
        let fields = self.model.fields_of(&item);
        scope.push(if *self.model.resolved(&item) == Type::Unknown {
            Frame::unknown("item", Root::Item)
        } else if fields.is_empty() {
            Frame::scalar("item", Root::Item, *item)
        } else {
            Frame::record("item", Root::Item, fields)
        });
        Some(path)
    }

    /// Keys that mean nothing for the effect's verb.
    fn misplaced(&mut self, effect: &document::Effect) {
        let is_create = effect.create.is_some();
        let is_adjust = effect.adjust.is_some();
        let first = |values: &Values| values.keys().next().map(|name| name.span);
        let or_create = effect.or_create.as_ref().map(|written| written.span);
        let wrong = [
            ("where", first(&effect.r#where), is_create),
            ("values", first(&effect.values), is_adjust),
            ("by", first(&effect.by), !is_adjust),
            ("floor", first(&effect.floor), !is_adjust),
            ("or_create", or_create, is_create || is_adjust),
        ];
        for (key, written, misplaced) in wrong {
            if misplaced && let Some(span) = written {
                self.fault(
                    Fault::new("malformed-effect", span, format!("`{key}` means nothing for this effect"))
                        .here("not used")
                        .help("create takes `values`; set takes `where`, `values` and `or_create`; adjust takes `where`, `by` and `floor`"),
                );
            }
        }
        if effect.r#as.is_some() && effect.for_each.is_some() {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    "a repeated effect binds no record",
                )
                .here("`as` beside `for_each`")
                .help("leave `as` out, or split the effect"),
            );
        }
    }

    fn targets(&self, entity: EntityId) -> Option<Vec<Target>> {
        self.model.entities[entity].fields.as_ref().map(Target::all)
    }

    fn create(&mut self, entity: EntityId, effect: &document::Effect, scope: &Scope) -> EffectKind {
        let what = format!("data {}", self.model.entities[entity].name);
        let place = Place {
            what: &what,
            span: effect.span,
            by_request: false,
        };
        let values = match self.targets(entity) {
            Some(targets) => self.assign(&targets, &effect.values, scope, ByName::Required, &place),
            None => self.assign_free(&effect.values, scope),
        };
        self.within(entity, effect, &values);
        EffectKind::Create { values }
    }

    fn set(&mut self, entity: EntityId, effect: &document::Effect, scope: &Scope) -> EffectKind {
        let or_create = effect.or_create.as_deref() == Some(&true);
        let what = format!("data {}", self.model.entities[entity].name);
        let place = Place {
            what: &what,
            span: effect.span,
            by_request: false,
        };
        let filter = self.filter(entity, effect, scope, &place);
        let values = match self.targets(entity) {
            Some(targets) => self.assign(&targets, &effect.values, scope, ByName::Never, &place),
            None => self.assign_free(&effect.values, scope),
        };
        self.within(entity, effect, &values);
        if effect.values.is_empty() {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    format!("this sets nothing of {what}"),
                )
                .here("`values` is missing")
                .help("add `values: {field: value}`; to see only that there is such a record (`or_create`), name a field of `where` there"),
            );
        }
        if or_create && let Some(targets) = self.targets(entity) {
            let given = |target: &Target| {
                filter
                    .iter()
                    .chain(&values)
                    .any(|value| value.field == target.name)
            };
            for target in targets
                .iter()
                .filter(|target| target.required && !target.has_default && !given(target))
            {
                self.fault(
                    Fault::new(
                        "value-without-source",
                        effect.span,
                        format!("nothing gives {} of {what}", target.name),
                    )
                    .here("a record that is added needs it")
                    .help(format!("add {} to `values`", target.name)),
                );
            }
        }
        EffectKind::Set {
            filter,
            values,
            or_create,
        }
    }

    /// A value that is written down keeps the limits of its field, or the effect would never be done.
    fn within(&mut self, entity: EntityId, effect: &document::Effect, values: &[Assignment]) {
        for given in values {
            let owned = self.model.entities[entity].fields.as_ref();
            let field = owned.and_then(|owned| owned.find(given.field.snake()));
            let (Some(field), Value::Literal(value)) = (field, &given.value) else {
                continue;
            };
            let Some(why) = field.limits.broken_by(value) else {
                continue;
            };
            let written = effect.values.iter();
            let span = written
                .filter(|(name, _)| Name::snake_of(name) == given.field.snake())
                .map(|(_, node)| node.span)
                .next();
            self.fault(
                Fault::new(
                    "invalid-value",
                    span.unwrap_or(effect.span),
                    format!("{} can never be this: it is {why}", given.field),
                )
                .here("refused whenever it is tried")
                .help("write a value that the field allows, or change its limits"),
            );
        }
    }

    fn filter(
        &mut self,
        entity: EntityId,
        effect: &document::Effect,
        scope: &Scope,
        place: &Place<'_>,
    ) -> Vec<Assignment> {
        if effect.r#where.is_empty() {
            self.fault(
                Fault::new(
                    "malformed-effect",
                    effect.span,
                    format!("this would change every record of {}", place.what),
                )
                .here("`where` is missing")
                .help("add `where: {field: value}`"),
            );
        }
        let steps = self.model.record_steps(entity).into_iter();
        let mut targets: Vec<Target> = steps
            .map(|step| Target {
                name: step.field,
                ty: step.ty,
                required: true,
                has_default: false,
            })
            .collect();
        let fields = self.model.entities[entity].fields.as_ref();
        if fields.is_some_and(|fields| fields.unknown) {
            targets.push(Target::unknown());
        }
        self.assign(&targets, &effect.r#where, scope, ByName::Never, place)
    }
}
