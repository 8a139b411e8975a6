CREATE TABLE msarch_outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    envelope TEXT NOT NULL
);
CREATE TABLE msarch_inbox (
    consumer TEXT NOT NULL,
    message TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (consumer, message)
) WITHOUT ROWID;
CREATE INDEX msarch_inbox_received ON msarch_inbox (received_at);
CREATE TABLE msarch_idempotency (
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    response TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (subject, operation, key)
) WITHOUT ROWID;
CREATE INDEX msarch_idempotency_expires ON msarch_idempotency (expires_at);
CREATE TABLE msarch_events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    schema INTEGER NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (stream, version)
);
CREATE TABLE msarch_snapshots (
    stream TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL,
    state TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE msarch_sagas (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    definition INTEGER NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    wake_at TEXT,
    started_at TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX msarch_sagas_wake ON msarch_sagas (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX msarch_sagas_started ON msarch_sagas (started_at);
CREATE TABLE msarch_participations (
    saga TEXT NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (saga, step)
) WITHOUT ROWID;
