ALTER TABLE msarch_sagas ADD COLUMN ended_at TEXT;
UPDATE msarch_sagas SET ended_at = started_at WHERE status IN ('committed', 'compensated');
CREATE INDEX msarch_sagas_ended ON msarch_sagas (ended_at) WHERE ended_at IS NOT NULL;
