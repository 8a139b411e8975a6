//! Error budgets of the declared objectives, and alerts by how fast they burn, over a long and a short window each.
//!
//! The factors are those of "The Site Reliability Workbook", chapter 5: a budget for thirty days that burns 14.4 times as fast as it
//! may has lost a fiftieth within an hour.

use super::rule::{Alert, Case, Group, Recording, Series};
use super::services::growing;
use crate::graph::routes;
use crate::model::Model;
use crate::model::arena::EndpointId;
use crate::model::platform::{Objective, Promised};
use crate::model::service::Party;

/// The share of bad requests that an objective allows.
const BUDGET: &str = "slo:error_budget:ratio";
/// How often people are told: (long window, short window, factor).
const FAST: [(&str, &str, &str); 2] = [("1h", "5m", "14.4"), ("6h", "30m", "6")];
const SLOW: [(&str, &str, &str); 2] = [("1d", "2h", "3"), ("3d", "6h", "1")];
/// Of a hundred requests, so many are answered within the time that an objective names.
const IN_TIME: f64 = 0.99;

/// One promise: which requests there are, and which of them are bad.
struct Promise {
    objective: String,
    kind: &'static str,
    budget: f64,
    /// Counters of the bad ones, or of those that are good.
    share: Share,
    total: Vec<String>,
}

enum Share {
    Bad(Vec<String>),
    Good(Vec<String>),
}

/// The share of bad requests of each promise over each window, computed once.
pub(super) fn budgets(model: &Model) -> Option<Group> {
    let promises = promises(model);
    let mut recordings = Vec::new();
    for promise in &promises {
        let labels = vec![
            ("objective", promise.objective.clone()),
            ("kind", promise.kind.to_owned()),
        ];
        recordings.push(Recording {
            name: BUDGET.to_owned(),
            expr: format!("vector({:?})", promise.budget),
            labels: labels.clone(),
        });
        for window in ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] {
            recordings.push(Recording {
                name: ratio(window),
                expr: promise.bad(window),
                labels: labels.clone(),
            });
        }
    }
    (!promises.is_empty()).then(|| Group {
        name: "budgets",
        recordings,
        alerts: Vec::new(),
    })
}

/// The alerts on all promises together.
pub(super) fn alerts(model: &Model) -> Option<Group> {
    let promises = promises(model);
    if promises.is_empty() {
        return None;
    }
    let name = "promises";
    let alerts = vec![
        burning("BudgetBurnsFast", FAST, true, "in hours", &promises),
        burning(
            "BudgetBurns",
            SLOW,
            false,
            "before the thirty days are over",
            &promises,
        ),
    ];
    Some(Group {
        name,
        recordings: Vec::new(),
        alerts,
    })
}

fn burning(
    name: &'static str,
    windows: [(&str, &str, &str); 2],
    page: bool,
    when: &str,
    promises: &[Promise],
) -> Alert {
    let over = |window: &str, factor: &str| {
        format!(
            "{} > on (objective, kind) {factor} * {BUDGET}",
            ratio(window)
        )
    };
    let factors = windows.map(|(_, _, factor)| factor.parse().unwrap_or(f64::INFINITY));
    let least = factors.into_iter().fold(f64::INFINITY, f64::min);
    let both = windows.map(|(long, short, factor)| {
        format!("({} and {})", over(long, factor), over(short, factor))
    });
    Alert {
        name,
        expr: both.join(" or "),
        hold: None,
        page,
        labels: Vec::new(),
        summary: "{{ $labels.objective }} breaks its promise of {{ $labels.kind }}".to_owned(),
        description: format!("At this pace, what may go wrong in thirty days has gone wrong {when}."),
        action: "See which status or which time it is (http_requests_total, http_request_duration_seconds), then the traces; undo the last change.".to_owned(),
        cases: promises.iter().flat_map(|promise| [promise.broken(least, promises), promise.kept(least, promises)]).collect(),
    }
}

fn ratio(window: &str) -> String {
    format!("slo:errors:ratio_rate{window}")
}

impl Promise {
    fn bad(&self, window: &str) -> String {
        let rate = |series: &[String]| {
            let rates: Vec<String> = series
                .iter()
                .map(|one| format!("rate({one}[{window}])"))
                .collect();
            format!("sum({})", rates.join(" or "))
        };
        let total = rate(&self.total);
        match &self.share {
            Share::Bad(series) => format!("{} / {total}", rate(series)),
            Share::Good(series) => format!("1 - {} / {total}", rate(series)),
        }
    }

    /// Every request is bad.
    fn broken(&self, least: f64, promises: &[Self]) -> Case {
        Case {
            name: format!("{} fails in {}", self.objective, self.kind),
            series: self.series(1000, 1000),
            firing: self.broken_with(1.0, least, promises),
        }
    }

    /// The promises that this share of bad requests breaks, of those that count the same requests: an operation and the route to it do.
    fn broken_with(
        &self,
        bad: f64,
        least: f64,
        promises: &[Self],
    ) -> Vec<Vec<(&'static str, String)>> {
        let broken = promises
            .iter()
            .filter(|other| other.counts(self) && bad > least * other.budget);
        let labels = broken.map(|other| {
            vec![
                ("objective", other.objective.clone()),
                ("kind", other.kind.to_owned()),
            ]
        });
        labels.collect()
    }

    /// Whether the requests of another promise, as far as its tests go, are counted here too.
    fn counts(&self, other: &Self) -> bool {
        let first = |all: &[String], of: &[String]| of.first().is_some_and(|one| all.contains(one));
        let share = match (&self.share, &other.share) {
            (Share::Bad(all), Share::Bad(of)) | (Share::Good(all), Share::Good(of)) => {
                first(all, of)
            }
            _ => false,
        };
        share && first(&self.total, &other.total)
    }

    /// Half of what is allowed is bad.
    fn kept(&self, least: f64, promises: &[Self]) -> Case {
        let all = (2.0 / self.budget.max(0.0001)).ceil().clamp(2.0, 20_000.0);
        let bad = u32::from(self.budget >= 0.0001);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was clamped to what fits"
        )]
        let all = all as u32;
        Case {
            name: format!("{} keeps its promise of {}", self.objective, self.kind),
            series: self.series(all, bad),
            firing: self.broken_with(f64::from(bad) / f64::from(all), least, promises),
        }
    }

    fn series(&self, all: u32, bad: u32) -> Vec<Series> {
        let first = |series: &[String], status: &str| {
            let one = series.first().map_or("", String::as_str);
            one.replace("status_code=~'5..'", &format!("status_code='{status}'"))
        };
        match &self.share {
            Share::Bad(series) => vec![
                growing(first(series, "200"), all - bad),
                growing(first(series, "503"), bad),
            ],
            Share::Good(series) => vec![
                growing(first(series, ""), all - bad),
                growing(first(&self.total, ""), all),
            ],
        }
    }
}

fn promises(model: &Model) -> Vec<Promise> {
    let objectives = model.observability.objectives.iter();
    objectives
        .flat_map(|objective| of(model, objective))
        .collect()
}

fn of(model: &Model, objective: &Objective) -> Vec<Promise> {
    let requests: Vec<String> = match objective.of {
        Promised::Endpoint(endpoint) => vec![endpoint],
        Promised::Route(at) => routes::of(model)
            .into_iter()
            .nth(at)
            .map_or_else(Vec::new, |route| route.operations),
    }
    .into_iter()
    .filter_map(|endpoint| requests(model, endpoint))
    .collect();
    if requests.is_empty() {
        return Vec::new();
    }
    let series = |name: &str, more: &str| -> Vec<String> {
        requests
            .iter()
            .map(|labels| format!("{name}{{{labels}{more}}}"))
            .collect()
    };
    let promise = |kind, budget: f64, share, total| Promise {
        objective: objective.subject.value.clone(),
        kind,
        budget,
        share,
        total,
    };
    let availability = objective.availability.as_ref().map(|share| {
        let bad = Share::Bad(series("http_requests_total", ", status_code=~'5..'"));
        promise(
            "availability",
            rounded(1.0 - share.value),
            bad,
            series("http_requests_total", ""),
        )
    });
    let latency = objective.latency.as_ref().and_then(|time| {
        let bound = within(&model.observability.buckets, time.value.as_secs_f64())?;
        let good = Share::Good(series(
            "http_request_duration_seconds_bucket",
            &format!(", le='{bound:?}'"),
        ));
        let all = series("http_request_duration_seconds_count", "");
        Some(promise("latency", rounded(1.0 - IN_TIME), good, all))
    });
    availability.into_iter().chain(latency).collect()
}

/// A share without the dust of binary fractions.
fn rounded(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

/// The bucket to judge a time by: the longest that is no longer, else the shortest of all.
fn within(buckets: &[f64], seconds: f64) -> Option<f64> {
    let fitting = buckets.iter().copied().filter(|bucket| *bucket <= seconds);
    fitting
        .max_by(f64::total_cmp)
        .or_else(|| buckets.iter().copied().min_by(f64::total_cmp))
}

/// The labels of an operation's requests.
pub(super) fn requests(model: &Model, endpoint: EndpointId) -> Option<String> {
    let endpoint = &model.endpoints[endpoint];
    let Party::Service(service) = endpoint.owner else {
        return None;
    };
    let text = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
    Some(format!(
        "service='{}', method='{}', route='{}'",
        text(model.services[service].name.as_str()),
        endpoint.method.as_str(),
        text(&endpoint.path.value),
    ))
}
