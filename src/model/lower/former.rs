//! What things were called before: two that say it of each other say nothing.

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
        let formers = named.iter().filter_map(|(name, former)| {
            let former = former.as_ref()?;
            Some((Name::snake_of(name), (*name, Name::snake_of(former))))
        });
        let formers: BTreeMap<String, (&Spanned<String>, String)> = formers.collect();
        for (name, former) in &named {
            let Some(former) = former else {
                continue;
            };
            // A name that was free may be used again; two that point at each other were to change places.
            let other = formers.get(&Name::snake_of(former));
            let swapped = other.filter(|(other, its)| {
                other.span.start > name.span.start && *its == Name::snake_of(name)
            });
            let Some((other, _)) = swapped else {
                continue;
            };
            let message =
                format!("{what} {name} and {what} {other} cannot change names in one step");
            self.fault(
                Fault::new("invalid-value", former.span, message)
                    .here("that is another one now")
                    .related(other.span, "which says the same of the first")
                    .about(name.as_str())
                    .help("rename one of them to a third name, generate, and then go on"),
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
