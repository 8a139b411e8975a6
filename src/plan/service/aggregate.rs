//! Event-sourced aggregates: their events, their commands, and how a command is run.

use serde::Serialize;

use crate::model::arena::AggregateId;
use crate::model::effect::Root;
use crate::model::event::{Aggregate, AggregateCommand, AggregateEvent, CommandRun};
use crate::plan::code::Code;
use crate::plan::contract::enums_in_place;
use crate::plan::effects;
use crate::plan::expr::{self, Bindings, Shape};
use crate::plan::rust::{EnumDef, FieldDef, RustType, Scope, StructDef, sentence, string, words};
use crate::plan::types::{Place, Types};

/// `aggregates/<name>.rs` of a service.
#[derive(Debug, Clone, Serialize)]
pub struct AggregatePlan {
    /// The module.
    pub module: String,
    /// The struct.
    pub name: String,
    /// Its name as streams begin with.
    pub stream: String,
    /// What the file imports.
    pub imports: Scope,
    /// Enums of payloads and inputs.
    pub enums: Vec<EnumDef>,
    /// Fields of the state.
    pub state: Vec<FieldDef>,
    /// Events between two snapshots.
    pub snapshot_every: Option<u32>,
    /// Its events.
    pub events: Vec<EventPlan>,
    /// Its commands.
    pub commands: Vec<CommandPlan>,
    /// The record that shows its state, spelt.
    pub record: String,
    /// The data that shows its state, as written.
    pub entity: String,
}

/// An event of an aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct EventPlan {
    /// The variant.
    pub name: String,
    /// What happened, as a sentence.
    pub doc: String,
    /// The payload's type, spelt.
    pub ty: String,
    /// The schema's version.
    pub version: u32,
    /// The payload, where it is known to this service alone.
    pub own: Option<StructDef>,
    /// Whether others are told.
    pub published: bool,
    /// Statements that take it into the state.
    pub apply: String,
    /// Whether these look at the payload.
    pub reads: bool,
}

/// A command of an aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct CommandPlan {
    /// The variant and the struct of its input.
    pub name: String,
    /// The method.
    pub method: String,
    /// Its name, as written.
    pub written: String,
    /// Fields of its input.
    pub input: Vec<FieldDef>,
    /// Statements that decide.
    pub decide: String,
}

/// Plans an aggregate.
pub fn aggregate(types: &Types<'_>, id: AggregateId) -> AggregatePlan {
    let declared = &types.model.aggregates[id];
    let lib = types.names.service_lib(declared.service);
    let module_path = format!("{lib}::aggregates::{}", declared.name.snake());
    let mut scope = Scope::new(module_path.clone());
    let name = declared.name.pascal();
    for own in [
        name.clone(),
        format!("{name}Event"),
        format!("{name}Command"),
    ] {
        scope.define(own);
    }
    let commands_named = declared
        .commands
        .iter()
        .map(|command| command.name.pascal());
    let events_named = declared
        .events
        .iter()
        .filter(|event| event.published.is_none())
        .map(|event| event.name.pascal());
    commands_named
        .chain(events_named)
        .for_each(|own| scope.define(own));
    scope.all([
        "chrono::DateTime",
        "chrono::Utc",
        "msarch_runtime::aggregate_events",
        "msarch_runtime::event_store::Aggregate",
        "msarch_runtime::problem::Problem",
        "msarch_runtime::problem::Result",
        "msarch_runtime::storage::UnitOfWork",
        "serde::Deserialize",
        "serde::Serialize",
        "uuid::Uuid",
    ]);
    let bindings = Bindings::new(types);
    let record = scope.import(&effects::record_struct(&bindings, declared.entity));
    let mut enums = Vec::new();
    let fields = types.model.entities[declared.entity].fields.as_ref();
    let state = fields.map_or_else(Vec::new, |fields| {
        fields
            .fields
            .iter()
            .map(|field| {
                FieldDef::of(
                    field,
                    types.entity_field(declared.entity, field),
                    &mut scope,
                )
            })
            .collect()
    });
    let events = declared
        .events
        .iter()
        .map(|event| event_plan(types, declared, event, &module_path, &mut enums, &mut scope))
        .collect();
    let commands = declared
        .commands
        .iter()
        .map(|command| {
            command_plan(
                types,
                declared,
                command,
                &module_path,
                &mut enums,
                &mut scope,
            )
        })
        .collect();
    AggregatePlan {
        module: declared.name.identifier(),
        stream: declared.name.kebab(),
        snapshot_every: declared.snapshot_every,
        entity: types.model.entities[declared.entity]
            .name
            .as_str()
            .to_owned(),
        imports: scope,
        name,
        enums,
        state,
        events,
        commands,
        record,
    }
}

/// The payload's type and what it looks like from inside.
fn payload(types: &Types<'_>, aggregate: &Aggregate, event: &AggregateEvent) -> (String, Shape) {
    match event.published {
        Some((id, version)) => (
            types.names.event_type(id, version),
            Bindings::event_shape(types, id, version),
        ),
        None => {
            let lib = types.names.service_lib(aggregate.service);
            let path = format!(
                "{lib}::aggregates::{}::{}",
                aggregate.name.snake(),
                event.name.pascal()
            );
            let library = types
                .names
                .contract_lib(crate::model::service::Party::Service(aggregate.service));
            (
                path.clone(),
                Shape::Struct {
                    owner: path,
                    library,
                },
            )
        }
    }
}

fn event_plan(
    types: &Types<'_>,
    aggregate: &Aggregate,
    event: &AggregateEvent,
    module: &str,
    enums: &mut Vec<EnumDef>,
    scope: &mut Scope,
) -> EventPlan {
    let (path, shape) = payload(types, aggregate, event);
    let ty = scope.import(&path);
    let name = event.name.pascal();
    let library = types
        .names
        .contract_lib(crate::model::service::Party::Service(aggregate.service));
    let own = event.published.is_none().then(|| {
        enums.extend(enums_in_place(&event.schema, &name));
        let owner = format!("{module}::{name}");
        let place = Place {
            owner: &owner,
            library: &library,
        };
        let fields = event
            .schema
            .fields
            .iter()
            .map(|field| FieldDef::of(field, types.field(field, place), scope))
            .collect();
        StructDef {
            name: name.clone(),
            doc: format!("`{}`, known to this service alone.", event.name),
            fields,
            strict: false,
        }
    });
    let bindings = Bindings {
        now: "Utc::now()".to_owned(),
        ..Bindings::new(types)
    }
    .with(Root::Event, "event", shape)
    .with(Root::State, "self", Shape::Record(aggregate.entity));
    let mut code = Code::new();
    let fields = types.model.entities[aggregate.entity]
        .fields
        .clone()
        .unwrap_or_default();
    for given in &event.set {
        let Some(field) = fields.find(given.field.snake()) else {
            continue;
        };
        let value = expr::value(
            &given.value,
            &types.entity_field(aggregate.entity, field),
            &bindings,
            scope,
        );
        // What has happened cannot be refused.
        let text = if value.fallible {
            value.text.replace('?', ".unwrap_or_default()")
        } else {
            value.text
        };
        code.line(format!("self.{} = {text};", field.name.identifier()));
    }
    if let (Some(status), Some(field)) = (
        &event.status,
        aggregate
            .status
            .as_ref()
            .and_then(|name| fields.find(name.snake())),
    ) {
        let rust = types.entity_field(aggregate.entity, field);
        let value = crate::plan::rust::literal(
            &serde_json::Value::String(status.value.clone()),
            &rust,
            scope,
        );
        code.line(format!("self.{} = {value};", field.name.identifier()));
    }
    let version = event.published.map_or(1, |(id, version)| {
        types.model.events[id].versions[version].number
    });
    EventPlan {
        doc: sentence(None, &words(&event.name)),
        published: event.published.is_some(),
        reads: code.mentions("event"),
        apply: code.text(4),
        name,
        ty,
        version,
        own,
    }
}

fn command_plan(
    types: &Types<'_>,
    aggregate: &Aggregate,
    command: &AggregateCommand,
    module: &str,
    enums: &mut Vec<EnumDef>,
    scope: &mut Scope,
) -> CommandPlan {
    let name = command.name.pascal();
    let owner = format!("{module}::{name}");
    let library = types
        .names
        .contract_lib(crate::model::service::Party::Service(aggregate.service));
    let place = Place {
        owner: &owner,
        library: &library,
    };
    enums.extend(enums_in_place(&command.input, &name));
    let input: Vec<FieldDef> = command
        .input
        .fields
        .iter()
        .map(|field| FieldDef::of(field, types.field(field, place), scope))
        .collect();
    let mut state_fields = vec![("id".to_owned(), RustType::Uuid)];
    let fields = types.model.entities[aggregate.entity]
        .fields
        .clone()
        .unwrap_or_default();
    state_fields.extend(fields.fields.iter().map(|field| {
        (
            field.name.snake().to_owned(),
            types.entity_field(aggregate.entity, field),
        )
    }));
    let bindings = Bindings {
        now: "command.at".to_owned(),
        ..Bindings::new(types)
    }
    .with(
        Root::Input,
        "command",
        Shape::Struct {
            owner: owner.clone(),
            library: library.clone(),
        },
    )
    .with(Root::State, "self", Shape::Fields(state_fields));
    let mut code = Code::new();
    guard(types, aggregate, command, scope, &mut code);
    let raised: Vec<String> = command
        .raises
        .iter()
        .map(|raise| {
            let event = &aggregate.events[raise.event];
            let (path, shape) = payload(types, aggregate, event);
            let text = match event.published {
                Some((id, version)) => {
                    let schema = &types.model.events[id].versions[version].schema;
                    effects::payload(&path, &shape, schema, &raise.values, &bindings, scope)
                }
                None => own_payload(types, event, &shape, &raise.values, &bindings, scope),
            };
            // The identity is the command's: the state knows none.
            let text = text.replace("self.id", "command.id");
            format!(
                "{}Event::{}({text})",
                aggregate.name.pascal(),
                event.name.pascal()
            )
        })
        .collect();
    match raised.as_slice() {
        [] => code.line("Ok(Vec::new())"),
        [one] => code.line(format!("Ok(vec![{one}])")),
        many => {
            code.open("Ok(vec![");
            many.iter().for_each(|event| code.line(format!("{event},")));
            code.close("])");
        }
    }
    code.move_once("command");
    CommandPlan {
        method: command.name.identifier(),
        written: command.name.as_str().to_owned(),
        decide: code.text(2),
        name,
        input,
    }
}

fn own_payload(
    types: &Types<'_>,
    event: &AggregateEvent,
    shape: &Shape,
    values: &[crate::model::effect::Assignment],
    bindings: &Bindings<'_>,
    scope: &mut Scope,
) -> String {
    let Shape::Struct { owner, library } = shape else {
        return String::new();
    };
    let name = event.name.pascal();
    let fields: Vec<String> = event
        .schema
        .fields
        .iter()
        .map(|field| {
            let rust = types.field(field, Place { owner, library });
            let given = values.iter().find(|value| value.field == field.name);
            let value = match given {
                Some(given) => expr::value(&given.value, &rust, bindings, scope).text,
                None => expr::placeholder(&rust, scope),
            };
            let ident = field.name.identifier();
            if ident == value {
                ident
            } else {
                format!("{ident}: {value}")
            }
        })
        .collect();
    if fields.is_empty() {
        format!("{name} {{}}")
    } else {
        format!("{name} {{ {} }}", fields.join(", "))
    }
}

/// Refuses a command that the state does not allow.
fn guard(
    types: &Types<'_>,
    aggregate: &Aggregate,
    command: &AggregateCommand,
    scope: &mut Scope,
    code: &mut Code,
) {
    if command.creates {
        code.open("if self.begun {");
        code.line(format!(
            "return Err(Problem::conflict(\"this {} exists already\"));",
            words(&aggregate.name)
        ));
        code.close("}");
        return;
    }
    code.open("if !self.begun {");
    code.line(format!(
        "return Err(Problem::not_found(\"there is no such {}\"));",
        words(&aggregate.name)
    ));
    code.close("}");
    let fields = types.model.entities[aggregate.entity]
        .fields
        .clone()
        .unwrap_or_default();
    let Some(field) = aggregate
        .status
        .as_ref()
        .and_then(|name| fields.find(name.snake()))
    else {
        return;
    };
    if command.from.is_empty() {
        return;
    }
    let rust = types.entity_field(aggregate.entity, field);
    let ident = field.name.identifier();
    let allowed = match rust.inner() {
        RustType::Enum(_) => {
            let states: Vec<String> = command
                .from
                .iter()
                .map(|state| {
                    crate::plan::rust::literal(
                        &serde_json::Value::String(state.value.clone()),
                        &rust,
                        scope,
                    )
                })
                .collect();
            format!("matches!(self.{ident}, {})", states.join(" | "))
        }
        _ => {
            let states: Vec<String> = command
                .from
                .iter()
                .map(|state| string(&state.value))
                .collect();
            let text = if rust.is_option() {
                format!("self.{ident}.as_deref().unwrap_or_default()")
            } else {
                format!("self.{ident}.as_str()")
            };
            format!("[{}].contains(&{text})", states.join(", "))
        }
    };
    code.open(format!("if !{allowed} {{"));
    let shown = if rust.is_option() {
        format!("{{:?}}\", self.{ident}")
    } else {
        format!("{{}}\", self.{ident}")
    };
    code.line(format!(
        "return Err(Problem::conflict(format!(\"`{}` is not possible while it is {shown})));",
        command.name
    ));
    code.close("}");
}

/// Runs a command; the projection's record is bound where it is wanted.
pub fn run(
    run: &CommandRun,
    bind: Option<&str>,
    bindings: &Bindings<'_>,
    scope: &mut Scope,
    code: &mut Code,
) {
    let types = bindings.types;
    let aggregate = &types.model.aggregates[run.aggregate];
    let command = &aggregate.commands[run.command];
    let lib = types.names.service_lib(aggregate.service);
    let module = format!("{lib}::aggregates::{}", aggregate.name.snake());
    let commands = scope.import(&format!("{module}::{}Command", aggregate.name.pascal()));
    let input = scope.import(&format!("{module}::{}", command.name.pascal()));
    scope.import(&format!("{lib}::aggregates"));
    let id = match &run.id {
        Some(path) => {
            expr::value(
                &crate::model::effect::Value::Path(path.clone()),
                &RustType::Uuid,
                bindings,
                scope,
            )
            .text
        }
        None => format!("{}::now_v7()", scope.import("uuid::Uuid")),
    };
    code.line(format!("let id = {id};"));
    code.open(format!("let command = {input} {{"));
    code.line("id,");
    code.line(format!("at: {},", bindings.now));
    let owner = format!("{module}::{}", command.name.pascal());
    let library = types
        .names
        .contract_lib(crate::model::service::Party::Service(aggregate.service));
    for field in &command.input.fields {
        let rust = types.field(
            field,
            Place {
                owner: &owner,
                library: &library,
            },
        );
        let given = run.input.iter().find(|value| value.field == field.name);
        let value = match given {
            Some(given) => expr::value(&given.value, &rust, bindings, scope).text,
            None => expr::placeholder(&rust, scope),
        };
        let ident = field.name.identifier();
        code.line(if ident == value {
            format!("{ident},")
        } else {
            format!("{ident}: {value},")
        });
    }
    code.close("};");
    let bind = bind
        .map(|name| format!("let {name} = "))
        .unwrap_or_default();
    let execute = format!("aggregates::{}::execute", aggregate.name.identifier());
    code.line(format!(
        "{bind}{execute}(uow, id, {commands}::{}(command)).await?;",
        command.name.pascal()
    ));
}
