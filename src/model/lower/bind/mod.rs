//! Values for fields: each target field gets what the file says, or what is found under its name.

mod value;

use indexmap::IndexMap;

use value::unknown;

use super::Lowering;
use super::scope::Scope;
use crate::model::Fault;
use crate::model::effect::{Assignment, Condition, Path};
use crate::model::name::Name;
use crate::model::types::{Fields, Type};
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::Node;

/// A field that wants a value.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: Name,
    pub(super) ty: Type,
    pub(super) required: bool,
    /// Whether something stands there when nothing is given.
    pub(super) has_default: bool,
}

/// How fields that the file does not mention get their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByName {
    /// From what is at hand under the same name; a required one without a source is a fault.
    Required,
    /// From what is at hand under the same name; others are left alone.
    Found,
    /// Not at all.
    Never,
}

impl Lowering<'_> {
    /// Assigns the given values to the targets, and fills the others as told.
    pub(super) fn assign(
        &mut self,
        targets: &[Target],
        given: &IndexMap<Spanned<String>, Node>,
        scope: &Scope,
        fill: ByName,
        place: &Place<'_>,
    ) -> Vec<Assignment> {
        self.undeclared(targets, given, place);
        let mut assignments = Vec::new();
        for target in targets {
            let written = given
                .iter()
                .find(|(name, _)| Name::snake_of(name) == target.name.snake());
            let value = match written {
                Some((_, node)) => {
                    let value = self.model.value(target, node, scope);
                    self.checked(value)
                }
                None if fill == ByName::Never => None,
                None => {
                    let value = self.model.value_by_name(target, scope, fill, place);
                    self.checked(value).flatten()
                }
            };
            assignments.extend(value.map(|value| Assignment {
                field: target.name.clone(),
                ty: target.ty.clone(),
                required: target.required,
                value,
            }));
        }
        assignments
    }

    /// Assigns to data that is given by name only: each name becomes a key of its JSON body.
    pub(super) fn assign_free(
        &mut self,
        given: &IndexMap<Spanned<String>, Node>,
        scope: &Scope,
    ) -> Vec<Assignment> {
        let targets: Vec<Target> = given.keys().map(Target::free).collect();
        self.assign(
            &targets,
            given,
            scope,
            ByName::Never,
            &Place {
                what: "",
                span: Span::default(),
                by_request: false,
            },
        )
    }

    fn undeclared(
        &mut self,
        targets: &[Target],
        given: &IndexMap<Spanned<String>, Node>,
        place: &Place<'_>,
    ) {
        // Among fields that could not be read there may be any.
        if targets.iter().any(|target| target.name == Name::default()) {
            return;
        }
        for name in given.keys() {
            let snake = Name::snake_of(name);
            if !targets.iter().any(|target| target.name.snake() == snake) {
                let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
                self.fault(
                    Fault::new(
                        "undeclared-field",
                        name.span,
                        format!("{} has no field {name}", place.what),
                    )
                    .here("not declared")
                    .help(format!("its fields are {}", known.join(", "))),
                );
            }
        }
    }

    /// Conditions: reference without `$` → literal.
    pub(super) fn conditions(
        &mut self,
        given: &IndexMap<Spanned<String>, Node>,
        scope: &Scope,
    ) -> Vec<Condition> {
        let conditions = given.iter();
        conditions
            .filter_map(|(name, node)| self.condition(name, node, scope))
            .collect()
    }

    fn condition(
        &mut self,
        name: &Spanned<String>,
        node: &Node,
        scope: &Scope,
    ) -> Option<Condition> {
        let words: Vec<&str> = name.value.trim_start_matches('$').split('.').collect();
        let path = scope
            .resolve(&self.model, &words, name.span)
            .map_err(|missing| unknown(&missing, name.span));
        let path = self.checked(path)?;
        let given = node.to_json();
        let equals = self.model.literal(&given, &path.ty).unwrap_or_else(|fits| {
            let meant = self.model.meant(&given, &path.ty);
            let message = format!("{name} can never be this");
            self.fault(
                Fault::new("type-mismatch", node.span, message)
                    .here(format!("{fits} is needed here"))
                    .help(
                        meant.unwrap_or_else(|| "compare it with a value of its type".to_owned()),
                    ),
            );
            // It is a condition all the same.
            given
        });
        Some(Condition { path, equals })
    }

    /// A reference that must lead to something.
    pub(super) fn reference(&mut self, text: &Spanned<String>, scope: &Scope) -> Option<Path> {
        let path = self.model.reference(text, scope);
        self.checked(path)
    }
}

/// What a value is given to, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'t> {
    /// In words: `event OrderCreated`.
    pub(super) what: &'t str,
    /// Where a missing value is reported.
    pub(super) span: Span,
    /// Whether nothing but the request can give it.
    pub(super) by_request: bool,
}

impl Target {
    fn free(name: &Spanned<String>) -> Self {
        Self {
            name: name.into(),
            ty: Type::Json,
            required: true,
            has_default: false,
        }
    }

    /// What stands for fields that could not be read; it has no name.
    pub(super) fn unknown() -> Self {
        Self {
            name: Name::default(),
            ty: Type::Unknown,
            required: false,
            has_default: true,
        }
    }

    /// The fields of a record as targets.
    pub(super) fn all(fields: &Fields) -> Vec<Self> {
        if fields.unknown {
            return vec![Self::unknown()];
        }
        fields
            .fields
            .iter()
            .map(|field| Self {
                name: field.name.clone(),
                ty: field.ty.clone(),
                required: field.required,
                has_default: field.default.is_some(),
            })
            .collect()
    }
}
