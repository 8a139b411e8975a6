//! What things were called before: a name that something else still has tells nothing of the past.

use std::collections::BTreeMap;

use super::Lowering;
use crate::model::Fault;
use crate::model::name::Name;
use crate::syntax::document::{FieldDecl, FieldsDecl};
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// Judges every `renamed_from`.
    pub(super) fn former_names(&mut self) {
        let document = self.document;
        let services = document.services.iter();
        self.former(
            "service",
            services.map(|(name, it)| (name, it.renamed_from.as_ref())),
        );
        let events = document.events.iter();
        self.former(
            "event",
            events.map(|(name, it)| (name, it.renamed_from.as_ref())),
        );
        for (_, service) in document.services.iter() {
            let data = service.data_ownership.iter();
            self.former(
                "data",
                data.map(|(name, it)| (name, it.renamed_from.as_ref())),
            );
            for (_, entity) in service.data_ownership.iter() {
                let Some(FieldsDecl::Fields { fields, .. }) = &entity.fields else {
                    continue;
                };
                let fields = fields.iter();
                self.former("field", fields.map(|(name, field)| (name, renamed(field))));
            }
        }
    }

    fn former<'d>(
        &mut self,
        what: &str,
        named: impl Iterator<Item = (&'d Spanned<String>, Option<&'d Spanned<String>>)>,
    ) {
        let named: Vec<_> = named.collect();
        if named.iter().all(|(_, former)| former.is_none()) {
            return;
        }
        let declared = named.iter().map(|(name, _)| (Name::snake_of(name), *name));
        let declared: BTreeMap<String, &Spanned<String>> = declared.collect();
        for (name, former) in &named {
            let Some(former) = former else {
                continue;
            };
            let other = declared.get(&Name::snake_of(former));
            let Some(other) = other.filter(|other| other.span != name.span) else {
                continue;
            };
            let message =
                format!("{what} {name} was never called {former}: that is another {what}");
            self.fault(
                Fault::new("invalid-value", former.span, message)
                    .here("still declared")
                    .related(other.span, "here")
                    .about(name.as_str())
                    .help("leave `renamed_from` out; to swap two names, rename one of them to a third first"),
            );
        }
    }
}

fn renamed(field: &FieldDecl) -> Option<&Spanned<String>> {
    match field {
        FieldDecl::Notation(_) => None,
        FieldDecl::Record(record) => record.renamed_from.as_ref(),
    }
}
