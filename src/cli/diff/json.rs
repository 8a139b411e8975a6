//! The report of changes for programs. Its structs stand for themselves: keys are only added, and anything else is a new `version`.

use std::io::{self, Write};

use serde::Serialize;

use super::Told;
use crate::graph::evolution::Concerned;
use crate::graph::evolution::changes::Change;

impl Told<'_> {
    pub(super) fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let json = Json {
            version: 1,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            old: self.old,
            new: self.new,
            summary: Summary {
                changes: self.changes.len(),
                breaking: self.breaking(),
            },
            changes: self.changes.iter().map(JsonChange::of).collect(),
            deploy: JsonRollout {
                stages: &self.rollout.stages,
                stuck: &self.rollout.stuck,
            },
        };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        writeln!(out)
    }
}

/// The whole report, version 1: keys are only added.
#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    tool: Tool,
    old: &'a str,
    new: &'a str,
    summary: Summary,
    changes: Vec<JsonChange<'a>>,
    deploy: JsonRollout<'a>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    changes: usize,
    breaking: usize,
}

#[derive(Serialize)]
struct JsonChange<'a> {
    area: &'static str,
    kind: &'static str,
    subject: &'a str,
    what: &'a str,
    breaking: bool,
    hurts: Vec<JsonConcerned<'a>>,
    deploy: Option<JsonOrder<'a>>,
    advice: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonConcerned<'a> {
    who: &'a str,
    team: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonOrder<'a> {
    first: &'a [String],
    then: &'a [String],
}

#[derive(Serialize)]
struct JsonRollout<'a> {
    stages: &'a [Vec<String>],
    stuck: &'a [String],
}

impl<'a> JsonChange<'a> {
    fn of(change: &'a Change) -> Self {
        let concerned = |concerned: &'a Concerned| JsonConcerned {
            who: &concerned.who,
            team: concerned.team.as_deref(),
        };
        Self {
            area: change.area.as_str(),
            kind: change.kind.as_str(),
            subject: &change.subject,
            what: &change.what,
            breaking: change.breaks(),
            hurts: change.hurts.iter().map(concerned).collect(),
            deploy: change.order.as_ref().map(|order| JsonOrder {
                first: &order.first,
                then: &order.then,
            }),
            advice: change.advice.as_deref(),
        }
    }
}
