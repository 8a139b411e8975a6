//! One value: an expression of the file, a literal, or what stands under a field's own name; and whether its type fits.

use super::{ByName, Place, Target};
use crate::model::arena::EntityId;
use crate::model::effect::{Path, PathStep, Root, Value};
use crate::model::lower::Attempt;
use crate::model::lower::convert::Conversion;
use crate::model::lower::expression::{self, Expression};
use crate::model::lower::scope::{Frame, Missing, Scope};
use crate::model::name::{Name, singular};
use crate::model::types::Type;
use crate::model::{Fault, Model};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::Node;

impl Model {
    pub(super) fn value(&self, target: &Target, node: &Node, scope: &Scope) -> Attempt<Value> {
        let text = node
            .as_str()
            .map(|text| Spanned::new(text.to_owned(), node.span));
        match text.as_ref().and_then(|text| expression::parse(text)) {
            None => self
                .literal(&node.to_json(), &target.ty)
                .map(Value::Literal)
                .map_err(|fits| {
                    Fault::new(
                        "type-mismatch",
                        node.span,
                        format!("this is no value for {}", target.name),
                    )
                    .here(format!("{fits} is needed here"))
                    .help(self.meant(&node.to_json(), &target.ty).unwrap_or_else(|| {
                        "write a value of the field's type, or a reference that begins with `$`"
                            .to_owned()
                    }))
                    .into()
                }),
            Some(Err(reason)) => Err(broken(node.span, reason)),
            Some(Ok(expression)) => self.expression(target, &expression, node.span, scope),
        }
    }

    fn expression(
        &self,
        target: &Target,
        expression: &Expression<'_>,
        span: Span,
        scope: &Scope,
    ) -> Attempt<Value> {
        let resolve = |words: &[&str]| {
            scope
                .resolve(self, words, span)
                .map_err(|missing| unknown(&missing, span))
        };
        let value = match expression {
            Expression::Path(words) => Value::Path(resolve(words)?),
            Expression::Negative(words) => {
                let path = resolve(words)?;
                if !self.is_numeric(&path.ty) {
                    return Err(mismatch(
                        span,
                        "only a number has a negative",
                        "refer to a number",
                    ));
                }
                Value::Negative(path)
            }
            Expression::Sum { list, factors } => self.sum(resolve(list)?, factors, span)?,
        };
        let (ty, required) = match &value {
            Value::Sum { ty, .. } => (ty, true),
            Value::Path(path) | Value::Negative(path) => (&path.ty, path.required),
            _ => return Ok(value),
        };
        self.fits(target, ty, required, span)?;
        Ok(value)
    }

    fn sum(&self, list: Path, factors: &[&str], span: Span) -> Attempt<Value> {
        if *self.resolved(&list.ty) == Type::Unknown {
            return Ok(Value::Path(list));
        }
        let Type::Array(item) = self.resolved(&list.ty) else {
            return Err(mismatch(
                span,
                "this is no list",
                "sum over the fields of a list's items",
            ));
        };
        if *self.resolved(item) == Type::Unknown {
            return Ok(Value::Path(Path {
                ty: Type::Unknown,
                ..list
            }));
        }
        let fields = self.fields_of(item);
        let mut steps = Vec::new();
        for factor in factors {
            let wanted = Name::snake_of(factor);
            let step = fields
                .iter()
                .find(|step| step.field.snake() == wanted)
                .ok_or_else(|| {
                    let candidates = fields.iter().map(|step| step.field.to_string()).collect();
                    unknown(
                        &Missing {
                            word: (*factor).to_owned(),
                            candidates,
                        },
                        span,
                    )
                })?;
            if *self.resolved(&step.ty) == Type::Unknown {
                return Ok(Value::Path(Path {
                    ty: Type::Unknown,
                    ..list
                }));
            }
            if !step.required || !self.is_numeric(&step.ty) {
                return Err(mismatch(
                    span,
                    format!("{factor} is not always a number"),
                    "sum over required numbers",
                ));
            }
            steps.push(step.clone());
        }
        let ty = self.product(&steps, span)?;
        Ok(Value::Sum {
            list,
            factors: steps,
            ty,
        })
    }

    /// The type of a product.
    fn product(&self, factors: &[PathStep], span: Span) -> Attempt<Type> {
        let decimal = factors
            .iter()
            .any(|step| *self.resolved(&step.ty) == Type::Decimal);
        let float = factors
            .iter()
            .any(|step| *self.resolved(&step.ty) == Type::Number);
        match (decimal, float) {
            (true, true) => {
                let help = "use one of them";
                Err(mismatch(
                    span,
                    "decimals and floats cannot be multiplied",
                    help,
                ))
            }
            (true, false) => Ok(Type::Decimal),
            (false, true) => Ok(Type::Number),
            (false, false) => Ok(Type::Integer),
        }
    }

    fn fits(&self, target: &Target, from: &Type, always: bool, span: Span) -> Attempt<Conversion> {
        let is_known = *self.resolved(from) != Type::Unknown;
        if target.required && !always && is_known {
            return Err(Fault::new(
                "value-without-source",
                span,
                format!("{} may be missing here", target.name),
            )
            .here("this is optional")
            .help(format!(
                "refer to something that is always there, or make {} optional",
                target.name
            ))
            .into());
        }
        self.conversion(from, &target.ty).ok_or_else(|| {
            let message = format!(
                "{} is of type {}, not {}",
                target.name,
                self.spell(&target.ty),
                self.spell(from)
            );
            Fault::new("type-mismatch", span, message)
                .here(format!("this is of type {}", self.spell(from)))
                .help("refer to a value of the field's type, or change one of the two types")
                .into()
        })
    }

    /// What is at hand under a target's name and fits it.
    fn found_by_name(&self, target: &Target, scope: &Scope) -> Option<Path> {
        let usable = |path: &Path| {
            let always = path.required || *self.resolved(&path.ty) == Type::Unknown;
            (always || !target.required || target.has_default)
                && self.conversion(&path.ty, &target.ty).is_some()
        };
        scope.all_by_name(&target.name).find(usable)
    }

    /// Whether a target gets a value where the file gives none.
    pub(in crate::model::lower) fn has_source(&self, target: &Target, scope: &Scope) -> bool {
        !target.required
            || target.has_default
            || *self.resolved(&target.ty) == Type::Timestamp
            || self.found_by_name(target, scope).is_some()
    }

    pub(super) fn value_by_name(
        &self,
        target: &Target,
        scope: &Scope,
        fill: ByName,
        place: &Place<'_>,
    ) -> Attempt<Option<Value>> {
        if let Some(path) = self.found_by_name(target, scope) {
            return Ok(Some(Value::Path(path)));
        }
        if fill == ByName::Found || !target.required || target.has_default {
            return Ok(None);
        }
        if *self.resolved(&target.ty) == Type::Timestamp {
            return Ok(Some(Value::Now));
        }
        let message = format!("nothing gives {} of {}", target.name, place.what);
        Err(Fault::new("value-without-source", place.span, message)
            .here(format!("{} must have a value", target.name))
            .related(target.name.span(), "declared here")
            .help(if place.by_request {
                format!(
                    "add `request: {{{}: {}}}`",
                    target.name,
                    self.spell(&target.ty)
                )
            } else {
                format!(
                    "add `values: {{{}: ...}}` with a literal or a reference",
                    target.name
                )
            })
            .into())
    }

    pub(in crate::model::lower) fn reference(
        &self,
        text: &Spanned<String>,
        scope: &Scope,
    ) -> Attempt<Path> {
        match expression::parse(text) {
            Some(Ok(Expression::Path(words))) => scope
                .resolve(self, &words, text.span)
                .map_err(|missing| unknown(&missing, text.span)),
            Some(Err(reason)) => Err(broken(text.span, reason)),
            _ => Err(broken(text.span, "a reference is needed here".to_owned())),
        }
    }

    fn is_numeric(&self, ty: &Type) -> bool {
        matches!(
            self.resolved(ty),
            Type::Integer | Type::Number | Type::Decimal | Type::Unknown
        )
    }

    /// A type as the file spells it.
    pub fn spell(&self, ty: &Type) -> String {
        match ty {
            Type::Uuid => "uuid".to_owned(),
            Type::String => "string".to_owned(),
            Type::Integer => "integer".to_owned(),
            Type::Number => "number".to_owned(),
            Type::Decimal => "decimal".to_owned(),
            Type::Boolean => "boolean".to_owned(),
            Type::Date => "date".to_owned(),
            Type::Timestamp => "ISO8601".to_owned(),
            Type::Json => "json".to_owned(),
            Type::Unknown => "unknown".to_owned(),
            Type::Named(id) => self.types[*id].name.to_string(),
            Type::Enum(words) => words.join(" | "),
            Type::Array(item) => format!("{}[]", self.spell(item)),
        }
    }

    /// The fields of a record of owned data, its own ones included, as they are read.
    pub fn record_steps(&self, entity: EntityId) -> Vec<PathStep> {
        let own = |name: &str, ty: Type| PathStep {
            field: Name::new(name, Span::default()),
            ty,
            required: true,
        };
        let mut steps = vec![own("id", Type::Uuid), own("version", Type::Integer)];
        steps.extend([
            own("created_at", Type::Timestamp),
            own("updated_at", Type::Timestamp),
        ]);
        match &self.entities[entity].fields {
            Some(fields) => steps.extend(fields.fields.iter().map(|field| PathStep {
                field: field.name.clone(),
                ty: field.ty.clone(),
                required: field.required || field.default.is_some(),
            })),
            None => steps.push(own("body", Type::Json)),
        }
        steps
    }

    /// A record of owned data as something that values may be read from.
    pub(in crate::model::lower) fn record_frame(
        &self,
        word: &str,
        root: Root,
        entity: EntityId,
    ) -> Frame {
        let word = Name::snake_of(word);
        let aliases = [
            format!("{word}_id"),
            format!("{}_id", singular(self.entities[entity].name.snake())),
        ];
        let fields = self.entities[entity].fields.as_ref();
        if fields.is_some_and(|fields| fields.unknown) {
            return Frame::unknown(word, root);
        }
        let frame = Frame::record(word, root, self.record_steps(entity));
        aliases.into_iter().fold(frame, Frame::with_id_alias)
    }
}

pub(super) fn unknown(missing: &Missing, span: Span) -> Box<Fault> {
    let mut known = if missing.candidates.is_empty() {
        "nothing".to_owned()
    } else {
        missing.candidates.join(", ")
    };
    // An operation that says nothing of what is sent takes no body.
    if missing.word == "request" && missing.candidates.iter().any(|word| word == "$path") {
        known.push_str("; declare what callers send under `request:`");
    }
    Fault::new(
        "unknown-value",
        span,
        format!("nothing here is called {}", missing.word),
    )
    .here("not known here")
    .help(format!("known here: {known}"))
    .into()
}

fn broken(span: Span, reason: String) -> Box<Fault> {
    Fault::new("broken-expression", span, reason)
        .here("cannot be read")
        .help("write `$name.field`, `-$name.field` or `$sum(list.a * list.b)`")
        .into()
}

fn mismatch(span: Span, message: impl Into<String>, help: &str) -> Box<Fault> {
    Fault::new("type-mismatch", span, message)
        .here("here")
        .help(help)
        .into()
}
