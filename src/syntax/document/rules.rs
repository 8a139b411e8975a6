//! Settings of rules.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::NameOr;
use crate::syntax::decode::{Checked, Cx, Decode, Defs, Limit, OneOrMany, choice, declare, record};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::source::Spanned;
use crate::syntax::yaml::{Node, Value};

/// What the file says of rules.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Levels, thresholds and exceptions by rule.
    pub settings: IndexMap<Spanned<String>, RuleSetting>,
    /// Levels that hold for some services or files.
    pub overrides: Vec<LevelOverride>,
}

/// The key of the overrides among the ids of rules. No rule is called so.
const OVERRIDES: &str = "overrides";

impl Decode for Rules {
    const MAY_BE_EMPTY: bool = true;

    fn decode(mut node: Node, cx: &mut Cx) -> Option<Self> {
        let mut overrides = Vec::new();
        if let Value::Map(map) = &mut node.value
            && let Some(at) = map
                .entries
                .iter()
                .position(|entry| &*entry.key.value == OVERRIDES)
        {
            let entry = map.entries.remove(at);
            if !entry.value.is_null() {
                overrides = cx
                    .under(entry.key.span, |cx| Vec::decode(entry.value, cx))
                    .unwrap_or_default();
            }
        }
        let settings = IndexMap::decode(node, cx)?;
        Some(Self {
            settings,
            overrides,
        })
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn declared(&self) -> Json {
        let mut rules = Map::new();
        for (rule, setting) in &self.settings {
            declare(&mut rules, &rule.value, setting.declared());
        }
        declare(&mut rules, OVERRIDES, self.overrides.declared());
        match rules.is_empty() {
            true => Json::Null,
            false => Json::Object(rules),
        }
    }

    fn schema(defs: &mut Defs) -> Json {
        let setting = RuleSetting::schema(defs);
        let mut overrides = Vec::<LevelOverride>::schema(defs);
        overrides["description"] = "Levels that hold for some services or files alone; of several that fit, the last is heeded.".into();
        json!({
            "type": "object",
            "properties": {OVERRIDES: overrides},
            "additionalProperties": setting,
        })
    }
}

/// A level, or a level with thresholds and exceptions.
pub type RuleSetting = NameOr<RuleRecord>;

choice! {
    /// How grave findings of a rule are.
    pub enum LevelWord {
        /// Not reported.
        Off = "off",
        /// Worth knowing.
        Info = "info",
        /// Probably wrong.
        Warn = "warn" | "warning",
        /// Wrong: nothing is generated.
        Error = "error",
    }
}

record! {
    /// How a rule is applied here.
    pub struct RuleRecord {
        /// off, info, warn or error.
        level: Option<LevelWord>,
        /// The rule's threshold, where it has one.
        limit: Option<Checked<Limit>>,
        /// Subjects that it leaves alone: names of services, events, sagas, ...
        allow: OneOrMany<Spanned<String>>,
        /// Why.
        reason: Option<String>,
    }
}

record! {
    /// Levels of rules for findings about some services, in some files, or both.
    #[check(aimed)]
    pub struct LevelOverride {
        /// The services: a finding that is about one of them has these levels.
        #[hint("service")]
        services: OneOrMany<Spanned<String>>,
        /// The files, by path or glob relative to this file: a finding whose place is in one of them has these levels.
        #[hint("file", "paths", "path")]
        files: OneOrMany<Spanned<String>>,
        /// Levels by rule: off, info, warn or error.
        #[required(true)]
        #[hint("rules")]
        levels: IndexMap<Spanned<String>, LevelWord>,
        /// Why.
        reason: Option<String>,
    }
}

/// Levels for everything are no override.
fn aimed(record: &LevelOverride, cx: &mut Cx) {
    if record.services.is_empty() && record.files.is_empty() && !cx.incomplete {
        cx.push(
            Finding::error(
                fault::MISSING_KEY,
                record.span,
                "this override says neither `services` nor `files`",
            )
            .here("holds for nothing")
            .help("add `services:` or `files:`; levels for everything stand right under `rules:`"),
        );
    }
}
