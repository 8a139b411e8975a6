//! Types and fields: the short notation, field records, and raw JSON Schema.

mod fit;
mod form;
mod notation;
mod raw;

use std::collections::BTreeMap;
use std::fmt;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use raw::raw_fields;
use serde_json::json;

use super::Lowering;
use crate::model::Fault;
use crate::model::arena::TypeId;
use crate::model::name::Name;
use crate::model::types::{Definition, Field, FieldLimits, Fields, Limits, NamedType, Type};
use crate::syntax::document::{FieldDecl, FieldRecord, FieldsDecl};
use crate::syntax::source::{Span, Spanned};

/// The largest whole number that every JSON reader keeps exactly.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;

/// For whom a type is read: decides which rule speaks of an unknown one. Its owner is put into words only where one does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'o> {
    /// What it belongs to, in words: `event OrderCreated`.
    owner: &'o str,
    /// The field of that.
    field: Option<&'o str>,
    /// Whether it is an event's payload.
    pub(super) in_event: bool,
}

impl<'o> Reader<'o> {
    pub(super) fn of(owner: &'o str) -> Self {
        Self {
            owner,
            field: None,
            in_event: false,
        }
    }

    pub(super) fn of_event(name: &'o str) -> Self {
        Self {
            in_event: true,
            ..Self::of(name)
        }
    }

    fn field(self, name: &'o str) -> Self {
        Self {
            field: Some(name),
            ..self
        }
    }
}

impl fmt::Display for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.owner)?;
        match self.field {
            Some(field) => write!(f, ".{field}"),
            None => Ok(()),
        }
    }
}

impl Lowering<'_> {
    /// Makes the names of `types:` known.
    pub(super) fn declare_types(&mut self) {
        for name in self.document.types.keys() {
            let empty = Definition::Record(Fields::default());
            let id = self.model.types.push(NamedType {
                name: name.into(),
                description: None,
                definition: empty,
            });
            self.index.types.insert(name.value.clone(), id);
        }
    }

    /// Reads what is behind the names of `types:`.
    pub(super) fn define_types(&mut self) {
        let ids: Vec<_> = self.model.types.ids().collect();
        for (id, (name, declaration)) in ids.into_iter().zip(&self.document.types) {
            let owner = format!("type {name}");
            let reader = Reader::of(&owner);
            let as_field = self.written_as_field(declaration);
            if as_field.is_some() {
                self.refuse_limits(name);
            }
            self.model.types[id].definition = match (as_field, declaration) {
                (Some(text), _) | (None, FieldsDecl::Notation(text)) => {
                    Definition::Alias(self.placed(name, text, reader).0)
                }
                _ => Definition::Record(self.fields(declaration, reader)),
            };
        }
        self.refuse_endless_types();
    }

    /// A type that contains itself without a list between has no finite value.
    fn refuse_endless_types(&mut self) {
        for id in self.endless_types() {
            let name = self.model.types[id].name.clone();
            self.model.types[id].definition = Definition::Alias(Type::Json);
            self.fault(
                Fault::new(
                    "endless-type",
                    name.span(),
                    format!("type {name} contains itself"),
                )
                .here("no value of it can ever be written down")
                .help(format!("break the circle with a list: `{name}[]`")),
            );
        }
    }

    /// The types that have to go until no type contains itself, in the order of the file: of each circle the first.
    fn endless_types(&self) -> Vec<TypeId> {
        let mut endless = Vec::new();
        let mut left = vec![self.model.types.ids().collect::<Vec<_>>()];
        while let Some(types) = left.pop() {
            for mut circle in self.circles(&types) {
                circle.sort_unstable();
                endless.push(circle.remove(0));
                left.push(circle);
            }
        }
        endless.sort_unstable();
        endless
    }

    /// The groups among some types in which each contains each; a type that contains itself is one alone.
    fn circles(&self, types: &[TypeId]) -> Vec<Vec<TypeId>> {
        let mut graph = DiGraph::<TypeId, ()>::with_capacity(types.len(), types.len());
        let places: BTreeMap<TypeId, _> =
            types.iter().map(|id| (*id, graph.add_node(*id))).collect();
        for (id, from) in &places {
            for next in self.contained(*id) {
                if let Some(to) = places.get(&next) {
                    graph.add_edge(*from, *to, ());
                }
            }
        }
        // This one keeps its own stack: types may be chained deeper than the thread's.
        let groups = kosaraju_scc(&graph).into_iter();
        let round =
            groups.filter(|group| group.len() > 1 || graph.contains_edge(group[0], group[0]));
        round
            .map(|group| group.into_iter().map(|node| graph[node]).collect())
            .collect()
    }

    /// The types that a value of a type holds at once.
    fn contained(&self, id: TypeId) -> Vec<TypeId> {
        let named = |ty: &Type| match ty {
            Type::Named(next) => Some(*next),
            _ => None,
        };
        match &self.model.types[id].definition {
            Definition::Alias(alias) => named(alias).into_iter().collect(),
            Definition::Record(record) => {
                let fields = record.fields.iter();
                fields.filter_map(|field| named(&field.ty)).collect()
            }
        }
    }

    /// Fields as declared. A type's notation gives the fields of that type.
    pub(super) fn fields(&mut self, declaration: &FieldsDecl, reader: Reader<'_>) -> Fields {
        match declaration {
            FieldsDecl::Fields { span, fields } => {
                let fields = fields
                    .iter()
                    .map(|(name, field)| self.field(name, field, reader))
                    .collect();
                Fields {
                    fields,
                    span: *span,
                    raw: None,
                    unknown: false,
                }
            }
            FieldsDecl::Raw { span, schema } => raw_fields(schema, *span),
            FieldsDecl::Notation(text) => {
                let (ty, _) = self.notation(text, reader);
                match self.model.resolved(&ty) {
                    Type::Unknown => Fields::unknown(text.span),
                    Type::Named(id) => match &self.model.types[*id].definition {
                        Definition::Record(record) => record.clone(),
                        Definition::Alias(_) => self.not_a_record(text, reader),
                    },
                    _ => self.not_a_record(text, reader),
                }
            }
        }
    }

    fn not_a_record(&mut self, text: &Spanned<String>, reader: Reader<'_>) -> Fields {
        let rule = if reader.in_event {
            "invalid-event-schema"
        } else {
            "type-mismatch"
        };
        self.fault(
            Fault::new(
                rule,
                text.span,
                format!("{}: `{text}` is no record", reader),
            )
            .here("fields are needed here")
            .help("write fields by name, or name a type that has fields"),
        );
        Fields::unknown(text.span)
    }

    fn field(
        &mut self,
        name: &Spanned<String>,
        declaration: &FieldDecl,
        reader: Reader<'_>,
    ) -> Field {
        let text = match declaration {
            FieldDecl::Notation(text) => text,
            FieldDecl::Record(record) => &record.r#type,
        };
        let (ty, required) = self.placed(name, text, reader.field(name));
        let FieldDecl::Record(record) = declaration else {
            return Field::new(name.into(), ty, required);
        };
        let mut field = Field {
            description: record.description.clone(),
            limits: Limits {
                min: record.min.as_deref().copied(),
                max: record.max.as_deref().copied(),
                min_length: record.min_length.as_ref().map(|limit| *limit.value),
                max_length: record.max_length.as_ref().map(|limit| *limit.value),
                pattern: record.pattern.as_ref().map(|pattern| pattern.value.clone()),
            }
            .into(),
            unique: record.unique.as_deref() == Some(&true),
            sensitive: record.sensitive.unwrap_or(false),
            renamed_from: record
                .renamed_from
                .as_ref()
                .map(|name| Box::new(name.into())),
            ..Field::new(
                name.into(),
                ty,
                record.required.as_deref().copied().unwrap_or(required),
            )
        };
        self.fit(name, record, &field);
        self.limits(name, record, &field);
        field.default = self.default(name, record, &field).map(Box::new);
        field
    }

    /// The default of a field, as a value of its type; as it is written where it is none, which is told.
    fn default(
        &mut self,
        name: &Spanned<String>,
        record: &FieldRecord,
        field: &Field,
    ) -> Option<serde_json::Value> {
        let default = record.default.as_ref()?;
        let given = default.to_json();
        let value = match self.model.literal(&given, &field.ty) {
            Ok(value) => value,
            Err(fits) => {
                let meant = self.model.meant(&given, &field.ty);
                let message = format!("the default of `{name}` does not fit its type");
                self.fault(
                    Fault::new("type-mismatch", default.span, message)
                        .here(format!("{fits} is needed here"))
                        .help(meant.unwrap_or_else(|| {
                            "write a default that is a value of the field's type".to_owned()
                        })),
                );
                return Some(given);
            }
        };
        if let Some(why) = field.limits.broken_by(&value) {
            let message = format!("the default of `{name}` is {why}");
            self.fault(
                Fault::new("invalid-value", default.span, message)
                    .help("write a default that its own limits allow, or change the limits"),
            );
        }
        Some(value)
    }

    /// Limits that no value can keep, or that nothing can check, are faults here rather than in the code made of them.
    fn limits(&mut self, name: &Spanned<String>, record: &FieldRecord, field: &Field) {
        let limits = &field.limits;
        let crossed = match (limits.min, limits.max, limits.min_length, limits.max_length) {
            (Some(min), Some(max), ..) if min > max => {
                Some(format!("min {min} is above max {max}"))
            }
            (_, _, Some(min), Some(max)) if min > max => {
                Some(format!("min_length {min} is above max_length {max}"))
            }
            _ => None,
        };
        if let Some(crossed) = crossed {
            self.fault(
                Fault::new(
                    "invalid-value",
                    name.span,
                    format!("`{name}` allows no value: {crossed}"),
                )
                .help("exchange the two limits, or remove one"),
            );
        }
        let too_large = [limits.min, limits.max].into_iter().flatten();
        if field.ty == Type::Integer
            && let Some(limit) = too_large
                .into_iter()
                .find(|limit| limit.abs() > LARGEST_WHOLE)
        {
            self.fault(
                Fault::new(
                    "invalid-value",
                    name.span,
                    format!("`{name}` has the limit {limit}, which is out of range"),
                )
                .help(format!(
                    "write whole numbers from -{LARGEST_WHOLE} to {LARGEST_WHOLE}"
                )),
            );
        }
        if let Some(pattern) = &record.pattern
            && !is_pattern(pattern)
        {
            self.fault(
                Fault::new(
                    "invalid-value",
                    pattern.span,
                    format!("`{pattern}` is no regular expression"),
                )
                .help(
                    "write one that is complete and takes linear time: without look-around and back references",
                ),
            );
        }
    }
}

impl Fields {
    /// Fields that could not be read.
    fn unknown(span: Span) -> Self {
        Self {
            span,
            unknown: true,
            ..Self::default()
        }
    }
}

impl Field {
    /// A field of which nothing else is known.
    pub(super) fn new(name: Name, ty: Type, required: bool) -> Self {
        Self {
            name,
            ty,
            required,
            description: None,
            default: None,
            limits: FieldLimits::default(),
            unique: false,
            sensitive: false,
            renamed_from: None,
        }
    }
}

/// Whether the engine of the runtime can read a pattern: it takes linear time, and knows no look-around.
fn is_pattern(pattern: &str) -> bool {
    jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .build(&json!({"type": "string", "pattern": pattern}))
        .is_ok()
}
