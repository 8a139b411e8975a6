CREATE TABLE msarch_outbox (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    envelope JSON NOT NULL
);
CREATE TABLE msarch_inbox (
    consumer TEXT NOT NULL,
    message UUID NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (consumer, message)
);
CREATE INDEX msarch_inbox_received ON msarch_inbox (received_at);
CREATE TABLE msarch_idempotency (
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    response JSON NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (subject, operation, key)
);
CREATE INDEX msarch_idempotency_expires ON msarch_idempotency (expires_at);
CREATE SEQUENCE msarch_events_position_seq;
CREATE TABLE msarch_events (
    position BIGINT PRIMARY KEY DEFAULT nextval('msarch_events_position_seq'),
    id UUID NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    schema BIGINT NOT NULL,
    data JSON NOT NULL,
    metadata JSON NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    UNIQUE (stream, version)
);
ALTER SEQUENCE msarch_events_position_seq OWNED BY msarch_events.position;
CREATE TABLE msarch_snapshots (
    stream TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    schema BIGINT NOT NULL,
    state JSON NOT NULL
);
CREATE TABLE msarch_sagas (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    definition BIGINT NOT NULL,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    wake_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    body JSON NOT NULL
);
CREATE INDEX msarch_sagas_wake ON msarch_sagas (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX msarch_sagas_started ON msarch_sagas (started_at);
CREATE INDEX msarch_sagas_ended ON msarch_sagas (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE msarch_participations (
    saga UUID NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    body JSON NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (saga, step)
);
