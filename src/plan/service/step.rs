//! Steps of sagas that a service takes.

use serde::Serialize;

use crate::model::arena::{SagaId, ServiceId};
use crate::model::effect::{Effect, Path, Root, Value};
use crate::model::name::Name;
use crate::model::saga::{Input, Step};
use crate::model::service::Party;
use crate::model::types::{Field, FieldLimits, Fields, Type};
use crate::plan::code::Code;
use crate::plan::contract::enums_in_place;
use crate::plan::effects;
use crate::plan::expr::{self, Bindings, Shape, variable};
use crate::plan::names::step_name;
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope};
use crate::plan::schema::example_of;
use crate::plan::types::{Place, Types};

/// `saga/step_<action>.rs` and `handlers/step_<action>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct StepPlan {
    /// The module.
    pub module: String,
    /// The struct.
    pub name: String,
    /// The saga, as written.
    pub saga: String,
    /// The step, as written.
    pub action: String,
    /// What undoes it, as written.
    pub compensation: Option<String>,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of inputs and outputs.
    pub enums: Vec<EnumDef>,
    /// What it works on.
    pub input: Vec<FieldDef>,
    /// What it gives.
    pub output: Vec<FieldDef>,
    /// Statements of the declared work.
    pub work: String,
    /// How the declared work names its unit of work and input.
    pub uow: String,
    /// See above.
    pub bound: String,
    /// Statements of the declared way back.
    pub back: String,
    /// How the declared way back names its unit of work and what was done.
    pub back_uow: String,
    /// See above.
    pub back_bound: String,
    /// Statements that move metrics once the step is done.
    pub moves: Vec<String>,
    /// Whether these look at what the step worked on.
    pub moves_by_input: bool,
    /// An input that fits, as JSON.
    pub example: String,
    /// Whether the effects need data that a test has not made.
    pub needs_data: bool,
}

/// The steps that a service takes, of all sagas.
pub fn steps(types: &Types<'_>, service: ServiceId) -> Vec<StepPlan> {
    let model = types.model;
    let mine = |saga: SagaId| {
        let steps = model.sagas[saga].steps.iter().enumerate();
        steps
            .filter(move |(_, step)| step.service == Some(service))
            .map(move |(at, step)| ((saga, at), step))
    };
    model
        .sagas
        .ids()
        .flat_map(mine)
        .map(|(place, step)| one(types, service, place, step))
        .collect()
}

fn one(
    types: &Types<'_>,
    service: ServiceId,
    (saga, at): (SagaId, usize),
    step: &Step,
) -> StepPlan {
    let own = step_name(&types.model.sagas[saga], step);
    let module = format!("step_{}", own.snake());
    let lib = types.names.service_lib(service);
    let path = format!("{lib}::saga::{module}");
    let library = types.names.contract_lib(Party::Service(service));
    let name = own.pascal();
    let mut scope = own_scope(&lib, &path, &name);
    let inputs = fields(
        step.inputs
            .iter()
            .map(|input| (&input.name, &input.ty, input.required)),
    );
    let outputs = fields(
        step.outputs
            .iter()
            .map(|output| (&output.name, &output.ty, true)),
    );
    let mut enums = enums_in_place(&inputs, "Input");
    enums.extend(enums_in_place(&outputs, "Output"));
    let owner = format!("{path}::Input");
    let input = members(types, &inputs, &owner, &library, &mut scope);
    let output = members(
        types,
        &outputs,
        &format!("{path}::Output"),
        &library,
        &mut scope,
    );
    let shape = Shape::Struct { owner, library };
    let moves = super::metric::of_step(types, service, (saga, at), &shape, &mut scope);
    let code = work(types, step, shape, &output, &mut scope);
    let back = back(types, step, &input, &output, &mut scope);
    StepPlan {
        saga: types.model.sagas[saga].name.as_str().to_owned(),
        action: step.action.as_str().to_owned(),
        compensation: step
            .compensation
            .as_ref()
            .map(|compensation| compensation.action.as_str().to_owned()),
        uow: code.parameter("uow"),
        bound: code.parameter("input"),
        work: code.text(1),
        back_uow: back.parameter("uow"),
        back_bound: back.parameter("completed"),
        back: back.text(1),
        moves_by_input: moves.iter().any(|line| line.contains("done.")),
        moves,
        example: example_of(types.model, &inputs).to_string(),
        needs_data: step.effects.iter().any(Effect::needs_data),
        imports: scope,
        module,
        name,
        enums,
        input,
        output,
    }
}

/// The file's scope: what it defines, and what every step needs.
fn own_scope(lib: &str, path: &str, name: &str) -> Scope {
    let mut scope = Scope::new(path);
    for own in ["Input", "Output", name] {
        scope.define(own);
    }
    scope.all([
        "async_trait::async_trait",
        "msarch_runtime::problem::Result",
        "msarch_runtime::saga::Completed",
        "msarch_runtime::saga::Step",
        "msarch_runtime::saga::StepError",
        "msarch_runtime::storage::UnitOfWork",
        "serde::Deserialize",
        "serde::Serialize",
    ]);
    scope.import(&format!("{lib}::App"));
    scope.import(&format!("{lib}::handlers"));
    scope
}

/// The members of the struct of inputs or outputs.
fn members(
    types: &Types<'_>,
    fields: &Fields,
    owner: &str,
    library: &str,
    scope: &mut Scope,
) -> Vec<FieldDef> {
    let place = Place { owner, library };
    fields
        .fields
        .iter()
        .map(|field| FieldDef::of(field, types.field(field, place), scope))
        .collect()
}

/// The statements of the declared work.
fn work(
    types: &Types<'_>,
    step: &Step,
    input: Shape,
    output: &[FieldDef],
    scope: &mut Scope,
) -> Code {
    let mut bindings = Bindings::new(types).with(Root::Input, "input", input);
    let mut code = Code::new();
    effects::effects(&step.effects, &mut bindings, scope, &mut code);
    effects::emissions(&step.emits, &bindings, scope, &mut code);
    give(step, output, &bindings, scope, &mut code);
    code.move_once("input");
    code.unbind();
    code
}

/// Declared inputs or outputs as fields.
fn fields<'f>(declared: impl Iterator<Item = (&'f Name, &'f Type, bool)>) -> Fields {
    let fields = declared.map(|(name, ty, required)| Field {
        name: name.clone(),
        ty: ty.clone(),
        required,
        description: None,
        default: None,
        limits: FieldLimits::default(),
        unique: false,
        sensitive: false,
        renamed_from: None,
    });
    Fields {
        fields: fields.collect(),
        ..Fields::default()
    }
}

fn give(
    step: &Step,
    output: &[FieldDef],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    if output.is_empty() {
        code.line("Ok(Output {})");
        return;
    }
    code.open("Ok(Output {");
    for (declared, field) in step.outputs.iter().zip(output) {
        let value = expr::value(&declared.value, &field.rust, bindings, scope).text;
        code.line(format!("{},", expr::initialized(&field.ident, &value)));
    }
    code.close("})");
}

/// The way back: what is declared, or else everything undone.
fn back(
    types: &Types<'_>,
    step: &Step,
    input: &[FieldDef],
    output: &[FieldDef],
    scope: &mut Scope,
) -> Code {
    let mut code = Code::new();
    let declared = step
        .compensation
        .as_ref()
        .filter(|back| !back.effects.is_empty() || !back.emits.is_empty());
    let Some(declared) = declared else {
        code.line("Ok(uow.undo(&completed.undo).await?)");
        return code;
    };
    let sources: Vec<(String, RustType, String)> = declared
        .inputs
        .iter()
        .map(|given| source(given, step, input, output, scope))
        .collect();
    let known = sources
        .iter()
        .map(|(name, ty, _)| (name.clone(), ty.clone()))
        .collect();
    let mut bindings = Bindings::new(types).with(Root::Input, "", Shape::Fields(known));
    let mut work = Code::new();
    if declared.effects.is_empty() {
        work.line("uow.undo(&completed.undo).await?;");
    }
    effects::effects(&declared.effects, &mut bindings, scope, &mut work);
    effects::emissions(&declared.emits, &bindings, scope, &mut work);
    for (given, (_, _, text)) in declared.inputs.iter().zip(&sources) {
        let ident = variable(&given.name);
        if work.reads(&ident) {
            code.line(format!("let {ident} = {text};"));
        }
    }
    code.append(&work);
    code.line("Ok(())");
    code.unbind();
    code
}

/// Where an input of a compensation comes from: what the step worked on, or what it gave.
fn source(
    given: &Input,
    step: &Step,
    input: &[FieldDef],
    output: &[FieldDef],
    scope: &mut Scope,
) -> (String, RustType, String) {
    let name = given.name.snake().to_owned();
    let same = |other: &Input| same_source(other.source.as_ref(), given.source.as_ref());
    let by_source = step
        .inputs
        .iter()
        .position(same)
        .map(|at| (&input[at], "input"));
    let by_name = |fields: &[FieldDef]| fields.iter().position(|field| field.bare == name);
    let found = by_source
        .or_else(|| by_name(input).map(|at| (&input[at], "input")))
        .or_else(|| by_name(output).map(|at| (&output[at], "output")));
    match found {
        Some((field, part)) => {
            let copy = if field.rust.is_copy() { "" } else { ".clone()" };
            (
                name,
                field.rust.clone(),
                format!("completed.{part}.{}{copy}", field.ident),
            )
        }
        None => (
            name,
            RustType::Json,
            format!("{}::Null", scope.import("serde_json::Value")),
        ),
    }
}

fn same_source(a: Option<&Value>, b: Option<&Value>) -> bool {
    let (Some(Value::Path(a)), Some(Value::Path(b))) = (a, b) else {
        return false;
    };
    let steps = |path: &Path| {
        path.steps
            .iter()
            .map(|step| step.field.snake().to_owned())
            .collect::<Vec<_>>()
    };
    a.root == b.root && steps(a) == steps(b)
}
