//! How the program of one service reads: settings, telemetry, store, put together, run.
//!
//! `cargo run --example service`, then `curl http://127.0.0.1:3001/notes/1`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use msarch_runtime::config::Config;
use msarch_runtime::http::{
    IdempotencyKey, IfMatch, Json, Page, PageQuery, Path, Versioned, endpoint,
};
use msarch_runtime::problem::{Problem, Result};
use msarch_runtime::service::{Failure, Service, ServiceSettings};
use msarch_runtime::telemetry::{self, Counter, Metrics};
use serde::{Deserialize, Serialize};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut config = Config::from_env("notes");
    let settings = ServiceSettings::read(&mut config, 3001);
    config.finish()?;
    telemetry::init(&settings.log)?;
    build(settings).run_until_stopped().await
}

fn build(settings: ServiceSettings) -> Service {
    let metrics = Metrics::new("notes");
    let notes = Notes {
        by_id: Arc::default(),
        written: metrics.counter("notes_written_total", "Notes written", ["kind"]),
    };
    let short = Duration::from_secs(1);
    let routes = Router::new()
        .route(
            "/notes",
            get(list).layer(endpoint("list_notes").public().timeout(short)),
        )
        .route(
            "/notes",
            post(write).layer(
                endpoint("write_note")
                    .scopes(&["notes:write"])
                    .timeout(short),
            ),
        )
        .route(
            "/notes/{id}",
            get(read).layer(endpoint("read_note").public().timeout(short)),
        )
        .with_state(notes);
    Service::builder("notes", settings)
        .metrics(metrics)
        .routes(routes)
        .check("storage", async || Ok(()))
        .build()
}

#[derive(Clone)]
struct Notes {
    by_id: Arc<Mutex<BTreeMap<u32, Note>>>,
    written: Counter<1>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
}

async fn list(State(notes): State<Notes>, page: PageQuery) -> Page<Note> {
    let by_id = notes.by_id.lock().unwrap_or_else(PoisonError::into_inner);
    let from: u32 = page
        .position()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut rest = by_id.range(from..);
    let items = rest
        .by_ref()
        .take(page.limit as usize)
        .map(|(_, note)| note.clone())
        .collect();
    Page::new(items, rest.next().map(|(id, _)| id.to_string()))
}

async fn read(State(notes): State<Notes>, Path(id): Path<u32>) -> Result<Versioned<Note>> {
    let by_id = notes.by_id.lock().unwrap_or_else(PoisonError::into_inner);
    let note = by_id
        .get(&id)
        .cloned()
        .ok_or_else(|| Problem::not_found(format!("there is no note {id}")))?;
    Ok(Versioned {
        version: 1,
        body: note,
    })
}

async fn write(
    State(notes): State<Notes>,
    version: IfMatch,
    key: IdempotencyKey,
    Json(note): Json<Note>,
) -> Result<Json<u32>> {
    tracing::info!(note.version = ?version.version()?, note.key = ?key.as_deref(), "writing a note");
    let mut by_id = notes.by_id.lock().unwrap_or_else(PoisonError::into_inner);
    let id = by_id.last_key_value().map_or(1, |(last, _)| last + 1);
    by_id.insert(id, note);
    notes.written.inc(["plain"]);
    Ok(Json(id))
}
