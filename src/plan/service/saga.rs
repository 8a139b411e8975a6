//! Sagas that a service coordinates.

use std::time::Duration;

use serde::Serialize;

use super::operation::duration;
use crate::model::arena::{SagaId, ServiceId};
use crate::model::effect::{Path, Root, Value};
use crate::model::saga::{Outcome, Saga, Step, StepKind};
use crate::model::service::Party;
use crate::plan::code::Code;
use crate::plan::contract::enums_in_place;
use crate::plan::effects;
use crate::plan::expr::{Bindings, Shape};
use crate::plan::names::saga_type;
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, sentence, string, words};
use crate::plan::types::{Place, Types};

/// `saga/<name>.rs` of the service that coordinates it.
#[derive(Debug, Clone, Serialize)]
pub struct SagaPlan {
    /// The module.
    pub module: String,
    /// The struct.
    pub name: String,
    /// What it brings about, as a sentence.
    pub doc: String,
    /// Its name, as written.
    pub written: String,
    /// Its definition's version.
    pub version: u32,
    /// How long it may take to its pivot, as an expression.
    pub timeout: String,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of its own input.
    pub enums: Vec<EnumDef>,
    /// Its own input, where no event starts it.
    pub own_input: Option<StructDef>,
    /// The type of its input, spelt.
    pub input: String,
    /// The name of its consumer among all consumers, where an event starts it.
    pub group: Option<String>,
    /// Its steps.
    pub steps: Vec<SagaStep>,
    /// What is done at the good end.
    pub on_success: Option<Ending>,
    /// What is done at the bad end.
    pub on_failure: Option<Ending>,
}

/// An end of a saga: its statements, and how they name what they are given, with `_` where they do not look at it.
#[derive(Debug, Clone, Serialize)]
pub struct Ending {
    /// The statements.
    pub statements: String,
    /// The unit of work.
    pub uow: String,
    /// What the saga has gathered.
    pub data: String,
    /// Why it failed.
    pub failure: String,
}

impl From<Code> for Ending {
    fn from(code: Code) -> Self {
        Self {
            uow: code.parameter("uow"),
            data: code.parameter("data"),
            failure: code.parameter("failure"),
            statements: code.text(2),
        }
    }
}

/// A step as its coordinator sees it.
#[derive(Debug, Clone, Serialize)]
pub struct SagaStep {
    /// Its name, as written.
    pub action: String,
    /// Its definition, as an expression.
    pub definition: String,
    /// What it works on, as an expression.
    pub input: String,
}

/// The sagas that a service coordinates.
pub fn sagas(types: &Types<'_>, service: ServiceId) -> Vec<SagaPlan> {
    let ids = types
        .model
        .sagas
        .ids()
        .filter(|id| types.model.sagas[*id].coordinator == Some(service));
    ids.map(|id| saga(types, service, id)).collect()
}

fn saga(types: &Types<'_>, service: ServiceId, id: SagaId) -> SagaPlan {
    let declared = &types.model.sagas[id];
    let lib = types.names.service_lib(service);
    let module = declared.name.identifier();
    let name = saga_type(declared);
    let mut scope = own_scope(&lib, &module, &name);
    let (own_input, enums, input, shape) = input(types, service, declared, &mut scope);
    let group = declared.trigger.map(|_| {
        scope.import("msarch_runtime::messaging::Consumer");
        format!(
            "{}.{}",
            types.names.party(Party::Service(service)),
            declared.name.kebab()
        )
    });
    let steps = declared
        .steps
        .iter()
        .map(|step| saga_step(types, declared, step))
        .collect();
    let end = |outcome: &Option<Outcome>, scope: &mut Scope| {
        outcome
            .as_ref()
            .map(|outcome| ending(types, declared, outcome, &input, &shape, scope))
    };
    let on_success = end(&declared.on_success, &mut scope);
    let on_failure = end(&declared.on_failure, &mut scope);
    if on_failure.is_some() {
        scope.import("msarch_runtime::saga::SagaFailure");
    }
    SagaPlan {
        doc: sentence(declared.description.as_deref(), &words(&declared.name)),
        written: declared.name.as_str().to_owned(),
        version: declared.version,
        timeout: duration(
            declared
                .timeout
                .as_ref()
                .map_or(Duration::from_secs(900), |timeout| timeout.value),
        ),
        on_success: on_success.map(Ending::from),
        on_failure: on_failure.map(Ending::from),
        imports: scope,
        module,
        name,
        enums,
        own_input,
        input,
        group,
        steps,
    }
}

/// The file's scope: what it defines, and what every saga needs.
fn own_scope(lib: &str, module: &str, name: &str) -> Scope {
    let mut scope = Scope::new(format!("{lib}::saga::{module}"));
    for own in [
        name.to_owned(),
        format!("Start{name}"),
        format!("{name}Input"),
        "DEFINITION".to_owned(),
    ] {
        scope.define(own);
    }
    scope.all([
        "std::time::Duration",
        "async_trait::async_trait",
        "msarch_runtime::problem::Problem",
        "msarch_runtime::problem::Result",
        "msarch_runtime::saga::Definition",
        "msarch_runtime::saga::Saga",
        "msarch_runtime::saga::SagaData",
        "msarch_runtime::saga::StepDefinition",
        "msarch_runtime::saga::StepKind",
        "msarch_runtime::storage::UnitOfWork",
        "serde_json::Value",
        "serde_json::json",
        "uuid::Uuid",
    ]);
    scope
}

type InputParts = (Option<StructDef>, Vec<EnumDef>, String, Shape);

fn input(types: &Types<'_>, service: ServiceId, saga: &Saga, scope: &mut Scope) -> InputParts {
    if let Some((event, version)) = saga.trigger {
        let ty = scope.import(&types.names.event_type(event, version));
        return (
            None,
            Vec::new(),
            ty,
            Bindings::event_shape(types, event, version),
        );
    }
    let name = format!("{}Input", saga_type(saga));
    let owner = format!(
        "{}::saga::{}::{name}",
        types.names.service_lib(service),
        saga.name.snake()
    );
    let library = types.names.contract_lib(Party::Service(service));
    let place = Place {
        owner: &owner,
        library: &library,
    };
    let fields = saga
        .input
        .fields
        .iter()
        .map(|field| FieldDef::of(field, types.field(field, place), scope))
        .collect();
    scope.all(["serde::Deserialize", "serde::Serialize"]);
    let def = StructDef {
        name: name.clone(),
        doc: "What the saga starts with.".to_owned(),
        fields,
        strict: false,
    };
    (
        Some(def),
        enums_in_place(&saga.input, &name),
        name,
        Shape::Struct {
            owner: owner.clone(),
            library,
        },
    )
}

fn saga_step(types: &Types<'_>, saga: &Saga, step: &Step) -> SagaStep {
    let service = step
        .service
        .map_or("", |service| types.model.services[service].name.as_str());
    let kind = match step.kind {
        StepKind::Compensatable => "Compensatable",
        StepKind::Pivot => "Pivot",
        StepKind::Retriable => "Retriable",
        StepKind::Read => "Read",
    };
    let mut definition = format!(
        "StepDefinition::new({}, {}, StepKind::{kind})",
        string(step.action.as_str()),
        string(service)
    );
    if let Some(back) = &step.compensation {
        definition.push_str(&format!(".compensation({})", string(back.action.as_str())));
    }
    definition.push_str(&format!(".timeout({})", duration(step.timeout)));
    if let Some(retry) = &step.retry {
        let (base, most) = (duration(retry.base_delay), duration(retry.max_delay));
        definition.push_str(&format!(".retry({}, {base}, {most})", retry.max_attempts));
    }
    let members: Vec<String> = step
        .inputs
        .iter()
        .map(|input| {
            let value = match &input.source {
                Some(Value::Path(path)) => json_path(saga, path),
                Some(Value::Literal(json)) => json.to_string(),
                _ => "null".to_owned(),
            };
            format!("{}: {value}", string(input.name.as_str()))
        })
        .collect();
    let input = if members.is_empty() {
        "json!({})".to_owned()
    } else {
        format!("json!({{ {} }})", members.join(", "))
    };
    SagaStep {
        action: step.action.as_str().to_owned(),
        definition,
        input,
    }
}

/// A reference into what the saga has gathered, as JSON.
fn json_path(saga: &Saga, path: &Path) -> String {
    let root = match &path.root {
        Root::Output { step } => {
            format!("data.given({})", string(saga.steps[*step].action.as_str()))
        }
        _ => "data.input".to_owned(),
    };
    path.steps.iter().fold(root, |text, step| {
        format!("{text}[{}]", string(step.field.as_str()))
    })
}

/// The statements at an end of the saga, with everything that they need read first.
fn ending(
    types: &Types<'_>,
    saga: &Saga,
    outcome: &Outcome,
    input: &str,
    shape: &Shape,
    scope: &mut Scope,
) -> Code {
    let failure = vec![
        ("reason".to_owned(), RustType::String),
        ("step".to_owned(), RustType::String),
    ];
    let mut bindings = Bindings::new(types)
        .with(Root::Trigger, "trigger", shape.clone())
        .with(Root::Failure, "failure", Shape::Fields(failure));
    let mut reads = Vec::new();
    for (at, step) in saga.steps.iter().enumerate() {
        let outputs = gathered(types, step, scope);
        let fields = outputs.iter();
        let fields = fields.map(|output| (output.field.clone(), output.rust.clone()));
        bindings.bind(
            Root::Output { step: at },
            format!("{}_", step.action.snake()),
            Shape::Fields(fields.collect()),
        );
        reads.extend(outputs);
    }
    let mut work = Code::new();
    effects::effects(&outcome.effects, &mut bindings, scope, &mut work);
    if let Some(run) = &outcome.runs {
        super::aggregate::run(run, None, &bindings, scope, &mut work);
    }
    effects::emissions(&outcome.emits, &bindings, scope, &mut work);
    let mut code = Code::new();
    if work.reads("trigger") {
        code.line(format!("let trigger: {input} = data.input()?;"));
    }
    for output in reads {
        if work.reads(&output.variable) {
            code.line(output.read);
        }
    }
    code.append(&work);
    code.line("Ok(())");
    code.move_once("trigger");
    code.unbind();
    code
}

/// What a step has given, as an end of the saga reads it.
struct Gathered {
    field: String,
    rust: RustType,
    variable: String,
    /// The statement that reads it into the variable.
    read: String,
}

fn gathered(types: &Types<'_>, step: &Step, scope: &Scope) -> Vec<Gathered> {
    let library = step.service.map_or_else(String::new, |service| {
        types.names.contract_lib(Party::Service(service))
    });
    let place = Place {
        owner: "",
        library: &library,
    };
    let outputs = step.outputs.iter().map(|output| {
        // An enum in place belongs to the participant; here it is a word.
        let rust = match types.of(&output.ty, "", place) {
            RustType::Enum(path) if path.is_empty() => RustType::String,
            rust => rust,
        };
        let variable = format!("{}_{}", step.action.snake(), output.name.snake());
        let read = format!(
            "let {variable}: {} = data.field({}, {})?;",
            rust.spell(&mut scope.clone()),
            string(step.action.as_str()),
            string(output.name.as_str())
        );
        Gathered {
            field: output.name.snake().to_owned(),
            rust,
            variable,
            read,
        }
    });
    outputs.collect()
}
