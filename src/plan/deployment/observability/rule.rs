//! What a rule is, with the series that show what it does.

/// A series of a test, in the notation of promtool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Name and labels: `up{job='a'}`.
    pub series: String,
    /// Its values, one a minute: `0+1x60`.
    pub values: String,
}

impl Series {
    /// A series.
    pub fn new(series: impl Into<String>, values: impl Into<String>) -> Self {
        Self {
            series: series.into(),
            values: values.into(),
        }
    }
}

/// A course of things, and who is told of it two hours later.
#[derive(Debug, Clone)]
pub struct Case {
    /// What happens.
    pub name: String,
    /// What Prometheus sees.
    pub series: Vec<Series>,
    /// The labels of each alert that fires, those of the rule not among them.
    pub firing: Vec<Vec<(&'static str, String)>>,
}

/// When people are told, of what, and what they can do.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// What must hold.
    pub expr: String,
    /// For how long it must hold.
    pub hold: Option<&'static str>,
    /// Whether somebody must come at once, or it has time until the morning.
    pub page: bool,
    /// Labels beside the severity.
    pub labels: Vec<(&'static str, String)>,
    /// What is wrong, in one line.
    pub summary: String,
    /// What that means.
    pub description: String,
    /// What to do.
    pub action: String,
    /// What shows it firing, and what shows it silent.
    pub cases: Vec<Case>,
}

/// An expression that is computed once for many.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Its name.
    pub name: String,
    /// What is computed.
    pub expr: String,
    /// Its labels.
    pub labels: Vec<(&'static str, String)>,
}

/// Rules that are computed one after the other.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) recordings: Vec<Recording>,
    pub(super) alerts: Vec<Alert>,
}

impl Alert {
    /// Labels of its own, those of the severity first.
    pub(super) fn own_labels(&self) -> impl Iterator<Item = (&'static str, String)> {
        let severity = if self.page { "page" } else { "ticket" };
        std::iter::once(("severity", severity.to_owned())).chain(self.labels.iter().cloned())
    }

    /// What people read, by name.
    pub(super) fn annotations(&self) -> [(&'static str, &str); 3] {
        [
            ("summary", &self.summary),
            ("description", &self.description),
            ("action", &self.action),
        ]
    }
}
