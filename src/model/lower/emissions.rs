//! Events that are published with what is at hand.

use indexmap::IndexMap;

use super::Lowering;
use super::bind::{ByName, Place, Target};
use super::scope::Scope;
use crate::model::arena::EventId;
use crate::model::effect::Emission;
use crate::syntax::decode::OneOrMany;
use crate::syntax::document::{self, NameOr};
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// Reads events that are published with what is at hand.
    pub(super) fn emissions(
        &mut self,
        emits: &OneOrMany<NameOr<document::Emission>>,
        scope: &Scope,
        role: &str,
    ) -> Vec<Emission> {
        emits
            .iter()
            .filter_map(|emission| self.emission(emission, scope, role))
            .collect()
    }

    fn emission(
        &mut self,
        emission: &NameOr<document::Emission>,
        scope: &Scope,
        role: &str,
    ) -> Option<Emission> {
        let none = IndexMap::new();
        let (name, version, values, when) = match emission {
            NameOr::Name(name) => (name, None, &none, &none),
            NameOr::Here(record) => (
                &record.event,
                record.version.as_ref(),
                &record.values,
                &record.when,
            ),
        };
        let event = self.event(name, format_args!("event published by {role}"))?;
        let version = self.version(event, version, role)?;
        let targets = Target::all(&self.model.events[event].versions[version].schema);
        let what = format!("event {name}");
        let place = Place {
            what: &what,
            span: name.span,
            by_request: false,
        };
        let values = self.assign(&targets, values, scope, ByName::Required, &place);
        let when = self.conditions(when, scope);
        Some(Emission {
            span: name.span,
            event,
            version,
            values,
            when,
        })
    }

    /// The index of a version; the latest where none is named.
    pub(super) fn version(
        &mut self,
        event: EventId,
        label: Option<&Spanned<String>>,
        role: &str,
    ) -> Option<usize> {
        let versions = &self.model.events[event].versions;
        let Some(label) = label else {
            return versions.len().checked_sub(1);
        };
        let number = super::events::version_number(label);
        let found = versions
            .iter()
            .position(|version| Some(version.number) == number);
        if found.is_none() {
            let role = format!("version of {} for {role}", self.model.events[event].name);
            self.unresolved(label, "version", role, |known| {
                let versions = known.model.events[event].versions.iter();
                versions
                    .map(|version| version.label.value.clone())
                    .collect()
            });
        }
        found
    }
}
