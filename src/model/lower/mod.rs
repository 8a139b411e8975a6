//! From the file as written to the architecture as meant. Names are declared first, so that order in the file does not matter;
//! then types, data and events; then everything that refers to them.
//!
//! This is the only room that says `unwrap_or`: every default of the language is applied here.

mod aggregates;
mod bind;
mod calls;
mod consumers;
pub(super) mod convert;
mod credentials;
mod durations;
mod effects;
mod emissions;
mod endpoints;
mod events;
mod expression;
mod fields;
mod former;
mod gateway;
mod index;
mod literal;
mod metrics;
mod platform;
mod policies;
mod sagas;
mod scope;
mod services;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::service::Party;
use super::{Fault, Level, LevelOverride, Model, RuleSetting, System};
use crate::model::name::Name;
use crate::syntax::document::{Document, LevelWord, NameOr};
use crate::syntax::source::Span;
use crate::syntax::suggestion::Suggestion;
use index::Index;

/// What the file means.
#[must_use]
pub fn lower(document: &Document) -> Model {
    let mut lowering = Lowering {
        document,
        model: Model::default(),
        index: Index::default(),
        candidates: 0,
        uses: RefCell::default(),
        lost_endpoints: BTreeSet::new(),
    };
    lowering.run();
    lowering.model.uses = lowering.uses.take();
    lowering.model
}

/// What may turn out to be a fault. Boxed: a fault is large, and most attempts succeed.
type Attempt<T> = Result<T, Box<Fault>>;

/// The work in progress.
struct Lowering<'d> {
    document: &'d Document,
    model: Model,
    index: Index,
    /// How many names have been collected that may have been meant.
    candidates: usize,
    /// Where that is declared which names lead to.
    uses: RefCell<Vec<Span>>,
    /// Operations that are declared and could not be read, by owner and snake-case name.
    lost_endpoints: BTreeSet<(Party, String)>,
}

impl Lowering<'_> {
    fn run(&mut self) {
        self.system();
        self.declare_types();
        self.declare_parties();
        self.define_types();
        self.define_services();
        self.declare_events();
        self.declare_caches();
        self.define_aggregates();
        self.define_endpoints();
        self.define_calls();
        self.define_consumers();
        self.define_sagas();
        self.define_gateway();
        self.define_platform();
        self.credentials();
        self.bare_durations();
        self.former_names();
        self.rules();
    }

    fn system(&mut self) {
        if let Some(version) = &self.document.msarch
            && *version.value != 1
        {
            let found = *version.value;
            self.fault(
                Fault::new(
                    "invalid-value",
                    version.span,
                    format!("version {found} of the format is not known"),
                )
                .help("write `msarch: 1`; a file of a later version needs a later msarch"),
            );
        }
        let name = self
            .document
            .name
            .as_ref()
            .map(Name::from)
            .unwrap_or_default();
        self.model.system = System {
            span: name.span(),
            name,
            description: self.document.description.clone(),
        };
    }

    fn rules(&mut self) {
        self.model.rules = self
            .document
            .rules
            .settings
            .iter()
            .map(|(rule, setting)| match setting {
                NameOr::Name(word) => {
                    let level = LevelWord::from_word(word).map(Level::from);
                    if level.is_none() {
                        self.model.faults.push(
                            Fault::new("invalid-value", word.span, format!("`{word}` is no level"))
                                .help("write off, info, warn or error"),
                        );
                    }
                    RuleSetting {
                        rule: rule.clone(),
                        level,
                        limit: None,
                        allow: Vec::new(),
                        reason: None,
                    }
                }
                NameOr::Here(record) => RuleSetting {
                    rule: rule.clone(),
                    level: record.level.map(Level::from),
                    limit: record.limit.as_deref().copied(),
                    allow: record.allow.0.clone(),
                    reason: record.reason.clone(),
                },
            })
            .collect();
        let overrides = self.document.rules.overrides.iter();
        self.model.overrides = overrides
            .map(|given| LevelOverride {
                services: given.services.0.clone(),
                files: given.files.0.clone(),
                levels: given
                    .levels
                    .iter()
                    .map(|(rule, word)| (rule.clone(), Level::from(*word)))
                    .collect(),
            })
            .collect();
    }

    fn fault(&mut self, fault: Fault) {
        self.model.faults.push(fault);
    }

    /// Notes the fault of a failed attempt.
    fn checked<T>(&mut self, attempt: Attempt<T>) -> Option<T> {
        attempt.map_err(|fault| self.fault(*fault)).ok()
    }
}

impl From<LevelWord> for Level {
    fn from(word: LevelWord) -> Self {
        match word {
            LevelWord::Off => Self::Off,
            LevelWord::Info => Self::Info,
            LevelWord::Warn => Self::Warn,
            LevelWord::Error => Self::Error,
        }
    }
}

impl Fault {
    fn new(rule: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            span,
            message: message.into(),
            label: String::new(),
            help: String::new(),
            suggestion: None,
            related: Vec::new(),
            subjects: Vec::new(),
        }
    }

    fn here(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    fn suggest(mut self, suggestion: Suggestion) -> Self {
        self.suggestion = Some(suggestion);
        self
    }

    /// Says what it is about: `OrderCreated.items` is about that field, and about OrderCreated.
    fn about(mut self, subject: &str) -> Self {
        self.subjects.push(subject.to_owned());
        if let Some((whole, _)) = subject.split_once('.') {
            self.subjects.push(whole.to_owned());
        }
        self
    }

    fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }
}
