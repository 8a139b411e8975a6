//! What the files of a local run say: whether anything is still under way, and how much was done.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::support::System;

/// How long the system may take to come to rest; a step's time limit is five seconds.
const PATIENCE: Duration = Duration::from_secs(120);

const REST: [i64; 3] = [0, 0, 0];

/// Whether nothing is under way right now.
pub(crate) fn is_quiet(data: &Path) -> bool {
    under_way(data) == REST
}

/// How many sagas there are.
pub(crate) fn sagas(data: &Path) -> i64 {
    let services = services(data);
    services
        .iter()
        .map(|file| count(file, "msarch_sagas"))
        .sum()
}

/// Waits until no message and no saga is under way.
pub(crate) fn until_quiet(data: &Path, system: &System) {
    let begun = Instant::now();
    let mut quiet = 0;
    // What leaves one place has not always arrived at the next, so one look is not enough.
    while quiet < 3 {
        let open = under_way(data);
        quiet = if open == REST { quiet + 1 } else { 0 };
        assert!(
            begun.elapsed() < PATIENCE,
            "[deliveries, outbox, sagas] still under way: {open:?}\n{}",
            complaints(system)
        );
        thread::sleep(Duration::from_millis(20));
    }
}

/// The first and the last warnings and errors in the log.
fn complaints(system: &System) -> String {
    let mut log = system.log();
    log.retain(|line| line.contains("WARN") || line.contains("ERROR"));
    let cut = log.len().saturating_sub(40);
    log.drain(cut.min(10)..cut);
    log.join("\n")
}

/// How many messages wait at the broker, how many in the services, and how many sagas have not ended.
fn under_way(data: &Path) -> [i64; 3] {
    let waiting = count(&broker(data), "deliveries");
    let (mut outbox, mut sagas) = (0, 0);
    for service in services(data) {
        let open = "msarch_sagas WHERE status NOT IN ('committed', 'compensated')";
        outbox += count(&service, "msarch_outbox");
        sagas += count(&service, open);
    }
    [waiting, outbox, sagas]
}

/// Every file is whole, nothing was given up, every order had its saga. Gives how much was done in all.
pub(crate) fn sound(data: &Path, orders: usize) -> String {
    let (mut received, mut appended, mut steps, mut sagas) = (0, 0, 0, 0);
    for service in services(data) {
        whole(&service);
        received += count(&service, "msarch_inbox");
        appended += count(&service, "msarch_events");
        steps += count(&service, "msarch_participations");
        sagas += count(&service, "msarch_sagas");
    }
    let broker = broker(data);
    whole(&broker);
    assert_eq!(count(&broker, "dead_letters"), 0, "messages were given up");
    assert_eq!(usize::try_from(sagas).ok(), Some(orders), "one saga each");
    format!(
        "durable: {} messages published, {} acknowledged, {received} taken up by an inbox, {appended} events appended, {steps} saga steps",
        count(&broker, "messages"),
        count(
            &broker,
            "messages m JOIN consumer_groups g ON g.topic = m.topic"
        ),
    )
}

/// Why sagas were compensated, and how often.
pub(crate) fn reasons(data: &Path) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for service in services(data) {
        let connection = open(&service);
        let sql = "SELECT body ->> '$.failure.step' || ': ' || (body ->> '$.failure.reason') \
                   FROM msarch_sagas WHERE status = 'compensated'";
        let mut asked = connection.prepare(sql).expect("valid SQL");
        let rows = asked.query_map([], |row| row.get::<_, String>(0));
        for reason in rows.expect("rows") {
            *reasons.entry(reason.expect("a reason")).or_default() += 1;
        }
    }
    reasons
}

fn broker(data: &Path) -> PathBuf {
    data.join("broker.db")
}

fn services(data: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(data.join("services")).expect("the folder of the services") {
        let folder = folder.expect("a folder").path();
        for file in std::fs::read_dir(&folder).expect("a folder") {
            let file = file.expect("a file").path();
            if file.extension().is_some_and(|kind| kind == "db") && has_outbox(&file) {
                found.push(file);
            }
        }
    }
    assert!(!found.is_empty(), "the services have files");
    found
}

/// A further store of a service, such as one for search, has none.
fn has_outbox(file: &Path) -> bool {
    count(file, "sqlite_master WHERE name = 'msarch_outbox'") == 1
}

fn open(file: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = Connection::open_with_flags(file, flags)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    connection
        .busy_timeout(Duration::from_secs(10))
        .expect("a time limit");
    connection
}

fn count(file: &Path, rows: &str) -> i64 {
    open(file)
        .query_row(&format!("SELECT count(*) FROM {rows}"), [], |row| {
            row.get(0)
        })
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn whole(file: &Path) {
    let said: String = open(file)
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(said, "ok", "{}", file.display());
}
