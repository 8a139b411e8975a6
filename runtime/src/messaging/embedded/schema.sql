CREATE TABLE messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    envelope TEXT NOT NULL,
    published_at TEXT NOT NULL
);
CREATE INDEX messages_topic ON messages (topic, position);
CREATE TABLE consumer_groups (
    topic TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (topic, name)
) WITHOUT ROWID;
CREATE TABLE deliveries (
    topic TEXT NOT NULL,
    consumer_group TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES messages (position),
    key TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    not_before TEXT NOT NULL,
    PRIMARY KEY (topic, consumer_group, position)
) WITHOUT ROWID;
CREATE INDEX deliveries_key ON deliveries (topic, consumer_group, key, position);
CREATE INDEX deliveries_position ON deliveries (position);
CREATE TABLE dead_letters (
    consumer_group TEXT NOT NULL,
    position INTEGER NOT NULL REFERENCES messages (position),
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    given_up_at TEXT NOT NULL,
    PRIMARY KEY (consumer_group, position)
) WITHOUT ROWID;
CREATE INDEX dead_letters_position ON dead_letters (position);
