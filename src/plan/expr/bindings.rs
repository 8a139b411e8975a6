//! Where the roots of references stand in generated code.

use crate::model::arena::{EntityId, EventId};
use crate::model::effect::Root;
use crate::model::name::Name;
use crate::plan::rust::RustType;
use crate::plan::types::Types;

/// Variables of generated functions.
const VARIABLES: &[&str] = &[
    "app",
    "command",
    "completed",
    "created",
    "data",
    "event",
    "failure",
    "filter",
    "id",
    "input",
    "item",
    "items",
    "key",
    "listing",
    "page",
    "query",
    "record",
    "trigger",
    "uow",
    "value",
];

/// The variable that holds what the file calls by a name: with a final `_` where the function has another of that name.
pub fn variable(name: &Name) -> String {
    if VARIABLES.contains(&name.snake()) {
        format!("{}_", name.snake())
    } else {
        name.identifier()
    }
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A struct whose enums are named after `owner`, with named types from `library`.
    Struct {
        /// The path of the struct.
        owner: String,
        /// The library with named types.
        library: String,
    },
    /// A struct whose fields have these types, whatever the file says of them: field in snake case → type.
    Fields(Vec<(String, RustType)>),
    /// A record of owned data.
    Record(EntityId),
    /// A value of its own.
    Plain(RustType),
}

/// A root as generated code sees it.
#[derive(Debug, Clone)]
pub struct Source {
    /// The root.
    pub root: Root,
    /// The expression for it: `event`, `input.body`.
    pub text: String,
    /// What it is.
    pub shape: Shape,
}

/// Everything that is at hand in one function.
#[derive(Debug, Clone)]
pub struct Bindings<'m> {
    /// Types of the architecture.
    pub types: &'m Types<'m>,
    /// The roots at hand; the last of a kind wins.
    pub sources: Vec<Source>,
    /// How the moment is had.
    pub now: String,
}

impl<'m> Bindings<'m> {
    /// Nothing at hand but a unit of work.
    pub fn new(types: &'m Types<'m>) -> Self {
        Self {
            types,
            sources: Vec::new(),
            now: "uow.now()".to_owned(),
        }
    }

    /// Adds a root.
    #[must_use]
    pub fn with(mut self, root: Root, text: impl Into<String>, shape: Shape) -> Self {
        self.bind(root, text, shape);
        self
    }

    /// Adds a root.
    pub fn bind(&mut self, root: Root, text: impl Into<String>, shape: Shape) {
        self.sources.push(Source {
            root,
            text: text.into(),
            shape,
        });
    }

    /// Finds a root.
    pub fn find(&self, root: &Root) -> Option<&Source> {
        self.sources
            .iter()
            .rev()
            .find(|source| source.root == *root)
    }

    /// The variable of a record that nothing refers to: what an operation works on keeps its name.
    pub fn unnamed(&self) -> &'static str {
        if self.sources.iter().any(|source| source.text == "record") {
            "created"
        } else {
            "record"
        }
    }

    /// What is at hand when a version of an event is made from the one before.
    pub fn previous(types: &'m Types<'m>, event: EventId, before: usize) -> Self {
        let shape = Shape::Struct {
            owner: types.names.event_type(event, before),
            library: types.names.event_lib(event),
        };
        Self {
            now: "Utc::now()".to_owned(),
            ..Self::new(types)
        }
        .with(Root::Previous, "previous", shape)
    }

    /// The shape of an event's payload.
    pub fn event_shape(types: &Types<'_>, event: EventId, version: usize) -> Shape {
        Shape::Struct {
            owner: types.names.event_type(event, version),
            library: types.names.event_lib(event),
        }
    }
}
