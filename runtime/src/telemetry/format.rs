//! Two ways to write a log record: one JSON object per line, or a line for a person's eyes.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use tracing::Level;

use super::fields::Fields;

/// How log records are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object per line, for machines.
    #[default]
    Json,
    /// One line for people, beginning with the service's name.
    Human,
}

/// One record: an event, with what the spans around it say.
pub(super) struct Record<'a> {
    pub(super) time: DateTime<Utc>,
    pub(super) level: Level,
    pub(super) target: &'a str,
    pub(super) event: &'a Fields,
    /// Fields of the spans around, the nearest last, each name once.
    pub(super) around: &'a [(&'static str, Value)],
}

/// The fields that stand at the front of each record, whatever else it says.
const COMMON: [&str; 4] = ["service", "trace_id", "span_id", "correlation_id"];

impl LogFormat {
    pub(super) fn line(self, record: &Record<'_>) -> String {
        match self {
            Self::Json => json(record),
            Self::Human => human(record),
        }
    }
}

impl Record<'_> {
    fn around(&self, name: &str) -> Option<&Value> {
        self.around
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn message(&self) -> &str {
        self.event
            .get("message")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// What is left once the common fields and the message are told; the event's own word comes first.
    fn others(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let own = self.event.iter().filter(|(name, _)| *name != "message");
        let around = self.around.iter().map(|(name, value)| (*name, value));
        own.chain(
            around.filter(|(name, _)| !COMMON.contains(name) && self.event.get(name).is_none()),
        )
    }
}

fn json(record: &Record<'_>) -> String {
    let mut object = Map::new();
    let time = record.time.to_rfc3339_opts(SecondsFormat::Micros, true);
    object.insert("timestamp".to_owned(), time.into());
    object.insert("level".to_owned(), record.level.as_str().into());
    object.insert("message".to_owned(), record.message().into());
    for name in COMMON {
        if let Some(value) = record.around(name) {
            object.insert(name.to_owned(), value.clone());
        }
    }
    object.insert("target".to_owned(), record.target.into());
    for (name, value) in record.others() {
        object.entry(name).or_insert_with(|| value.clone());
    }
    let mut line = Value::Object(object).to_string();
    line.push('\n');
    line
}

fn human(record: &Record<'_>) -> String {
    let service = record
        .around("service")
        .and_then(Value::as_str)
        .unwrap_or("-");
    let mut line = format!(
        "{service:<20} {} {:<5} {}",
        record.time.format("%H:%M:%S%.3f"),
        record.level.as_str(),
        one_line(record.message()),
    );
    for (name, value) in record.others() {
        let value = value.as_str().map_or_else(|| value.to_string(), one_line);
        let _ = write!(line, " {name}={value}");
    }
    if let Some(trace) = record.around("trace_id").and_then(Value::as_str) {
        let _ = write!(line, " trace={trace}");
    }
    line.push('\n');
    line
}

/// Text that stays on its line whatever a caller put into it.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect()
}
