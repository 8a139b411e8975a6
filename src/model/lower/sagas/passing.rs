//! What steps are given and give: inputs bound to the trigger or to earlier outputs, and outputs for those that come later.

use crate::model::effect::{PathStep, Root, Value};
use crate::model::lower::Lowering;
use crate::model::lower::expression;
use crate::model::lower::fields::Reader;
use crate::model::lower::scope::Scope;
use crate::model::name::Name;
use crate::model::saga::{Input, Output};
use crate::model::types::Type;
use crate::syntax::document::Bindings;
use crate::syntax::source::{Span, Spanned};
use crate::syntax::yaml::Node;

impl Lowering<'_> {
    pub(super) fn inputs(&self, declared: Option<&Bindings>, scope: &Scope) -> Vec<Input> {
        match declared {
            None => Vec::new(),
            Some(Bindings::Names(names)) => names
                .iter()
                .map(|name| Self::input_by_name(name, scope))
                .collect(),
            Some(Bindings::Map(values)) => values
                .iter()
                .map(|(name, node)| self.input_from(name, node, scope))
                .collect(),
        }
    }

    fn input_by_name(name: &Spanned<String>, scope: &Scope) -> Input {
        input(name, scope.by_name(&name.into()).map(Value::Path))
    }

    fn input_from(&self, name: &Spanned<String>, node: &Node, scope: &Scope) -> Input {
        let written = node
            .as_str()
            .map(|text| Spanned::new(text.to_owned(), node.span));
        let source = match written
            .as_ref()
            .and_then(|text| expression::parse(text).map(|_| text))
        {
            Some(text) => self.model.reference(text, scope).ok().map(Value::Path),
            None => Some(Value::Literal(node.to_json())),
        };
        input(name, source)
    }

    pub(super) fn outputs(
        &mut self,
        declared: Option<&Bindings>,
        scope: &Scope,
        role: &str,
    ) -> Vec<Output> {
        match declared {
            None => Vec::new(),
            Some(Bindings::Names(names)) => names
                .iter()
                .map(|name| output_by_name(name, None, scope))
                .collect(),
            Some(Bindings::Map(values)) => values
                .iter()
                .map(|(name, node)| {
                    let text =
                        Spanned::new(node.as_str().unwrap_or_default().to_owned(), node.span);
                    if expression::parse(&text).is_some() {
                        let path = self.reference(&text, scope);
                        let ty = path.as_ref().map_or(Type::Unknown, |path| path.ty.clone());
                        return Output {
                            name: name.into(),
                            ty,
                            value: path.map_or(Value::Placeholder, Value::Path),
                        };
                    }
                    let (ty, _) =
                        self.notation(&text, Reader::of(&format!("output {name} of {role}")));
                    output_by_name(name, Some(ty), scope)
                })
                .collect(),
        }
    }
}

fn input(name: &Spanned<String>, source: Option<Value>) -> Input {
    let (ty, required) = match &source {
        Some(Value::Path(path)) => (path.ty.clone(), path.required),
        Some(Value::Literal(value)) => (literal_type(value), true),
        Some(_) => (Type::Json, true),
        None => (Type::Unknown, true),
    };
    Input {
        name: name.into(),
        ty,
        required,
        source,
    }
}

fn literal_type(value: &serde_json::Value) -> Type {
    match value {
        serde_json::Value::String(_) => Type::String,
        serde_json::Value::Bool(_) => Type::Boolean,
        serde_json::Value::Number(number) if number.is_i64() => Type::Integer,
        serde_json::Value::Number(_) => Type::Number,
        _ => Type::Json,
    }
}

/// An output that the file names without a source: what is bound under its name, a fresh id, or what its type offers first.
fn output_by_name(name: &Spanned<String>, ty: Option<Type>, scope: &Scope) -> Output {
    let name: Name = name.into();
    let found = scope
        .by_name(&name)
        .filter(|path| ty.as_ref().is_none_or(|ty| *ty == path.ty));
    match found {
        Some(path) => Output {
            name,
            ty: path.ty.clone(),
            value: Value::Path(path),
        },
        None => {
            let is_id = name.snake() == "id" || name.snake().ends_with("_id");
            let ty = ty.unwrap_or(if is_id { Type::Uuid } else { Type::String });
            let value = if ty == Type::Uuid {
                Value::NewId
            } else {
                Value::Placeholder
            };
            Output { name, ty, value }
        }
    }
}

/// A step's output as an input of its own compensation.
pub(super) fn passed_on(output: &Output, step: usize) -> Input {
    let path = crate::model::effect::Path {
        root: Root::Output { step },
        steps: vec![PathStep {
            field: output.name.clone(),
            ty: output.ty.clone(),
            required: true,
        }],
        ty: output.ty.clone(),
        required: true,
        span: output.name.span(),
    };
    Input {
        name: output.name.clone(),
        ty: output.ty.clone(),
        required: true,
        source: Some(Value::Path(path)),
    }
}

pub(super) fn input_steps(inputs: &[Input]) -> Vec<PathStep> {
    let step = |input: &Input| PathStep {
        field: input.name.clone(),
        ty: input.ty.clone(),
        required: input.required,
    };
    inputs.iter().map(step).collect()
}

pub(super) fn output_steps(outputs: &[Output]) -> Vec<PathStep> {
    let step = |output: &Output| PathStep {
        field: output.name.clone(),
        ty: output.ty.clone(),
        required: true,
    };
    outputs.iter().map(step).collect()
}

pub(super) fn text(name: &str) -> PathStep {
    PathStep {
        field: Name::new(name, Span::default()),
        ty: Type::String,
        required: true,
    }
}
