//! Streams and consumers at the server: made where they are missing, by whoever comes first.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::link::Link;
use super::names::{PARTITIONS, consumer};
use crate::messaging::BusResult;

/// How long a message is known again that is published twice. What comes later still is known by the inbox of its consumer.
const KNOWN: Duration = Duration::from_secs(10 * 60);
/// How long the server waits for a word about a delivery before it gives it to another member.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(12);

/// How long the server keeps a group that stays with its members once none of them asks for messages: longer than a start takes, or a connection to mend.
const FORGOTTEN: Duration = Duration::from_secs(10 * 60);

/// How long a group stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    /// For good: what comes while nobody is there waits.
    ForGood,
    /// Little longer than its members: it is one instance's own, and nobody comes back to it.
    WithMembers,
}

/// With what a consumer begins that is not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// The oldest message that is kept.
    Oldest,
    /// The next message that comes.
    Next,
}

/// How far a group has come with a part of a topic.
pub(super) struct Progress {
    /// Not delivered yet.
    pub(super) pending: u64,
    /// Delivered and not answered for good.
    pub(super) open: u64,
}

impl Link {
    /// Sees to the stream of a topic. Its publisher also sees to it that it keeps messages for as long as declared.
    pub(super) async fn see_to_topic(&self, topic: &str, publisher: bool) -> BusResult<()> {
        let name = self.names.stream(topic);
        let times = json!({ "max_age": nanos(self.retention), "duplicate_window": nanos(KNOWN.min(self.retention)) });
        let config = merged(
            stream(&name, &self.names.topic_subjects(topic)),
            times.clone(),
        );
        let made = self
            .ask("make a stream", format!("STREAM.CREATE.{name}"), &config)
            .await?;
        match made {
            Err(refusal) if refusal.code == ErrorCode::STREAM_NAME_EXIST && publisher => {
                self.adjust(&name, times).await
            }
            Err(refusal) if refusal.code != ErrorCode::STREAM_NAME_EXIST => Err(refusal.into()),
            _ => Ok(()),
        }
    }

    /// Changes what is declared of a stream, and nothing that an operator decided.
    async fn adjust(&self, name: &str, times: Value) -> BusResult<()> {
        let info = self
            .ask("see a stream", format!("STREAM.INFO.{name}"), &json!({}))
            .await??;
        let wanted = merged(info["config"].clone(), times);
        if wanted != info["config"] {
            self.ask("change a stream", format!("STREAM.UPDATE.{name}"), &wanted)
                .await??;
        }
        Ok(())
    }

    /// Sees to the streams beside the topics: what was given up, and how often what comes again was tried.
    pub(super) async fn see_to_own(&self) -> BusResult<()> {
        let names = &self.names;
        let letters = stream(&names.dead_letters(), &names.dead_letter_subjects());
        let attempts = stream(&names.attempts(), &names.attempts_subjects());
        for config in [letters, attempts] {
            let config = merged(config, json!({ "max_msgs_per_subject": 1 }));
            let name = config["name"].as_str().unwrap_or_default();
            let made = self
                .ask("make a stream", format!("STREAM.CREATE.{name}"), &config)
                .await?;
            if let Err(refusal) = made
                && refusal.code != ErrorCode::STREAM_NAME_EXIST
            {
                return Err(refusal.into());
            }
        }
        Ok(())
    }

    /// Sees to all that a group needs.
    pub(super) async fn see_to_group(&self, topic: &str, group: &str, stay: Stay) -> BusResult<()> {
        self.see_to_topic(topic, false).await?;
        let beginning = match stay {
            Stay::ForGood => {
                self.see_to_own().await?;
                Beginning::Oldest
            }
            Stay::WithMembers => Beginning::Next,
        };
        let all = (0..PARTITIONS)
            .map(|partition| self.see_to_consumer(topic, group, partition, stay, beginning));
        try_join_all(all).await?;
        Ok(())
    }

    /// One consumer for each part of the topic, which has one message out at a time: the next of a key comes when the one before is
    /// dealt with, whoever has it and however often it is tried.
    pub(super) async fn see_to_consumer(
        &self,
        topic: &str,
        group: &str,
        partition: u8,
        stay: Stay,
        beginning: Beginning,
    ) -> BusResult<()> {
        let (stream, name) = (self.names.stream(topic), consumer(group, partition));
        let filter = self.names.partition_subjects(topic, partition);
        let mut config = json!({
            "durable_name": name,
            "name": name,
            "filter_subject": filter,
            "deliver_policy": match beginning { Beginning::Oldest => "all", Beginning::Next => "new" },
            "ack_policy": "explicit",
            "replay_policy": "instant",
            "ack_wait": nanos(ACK_WAIT),
            "max_deliver": -1,
            "max_ack_pending": 1,
        });
        if stay == Stay::WithMembers {
            config["inactive_threshold"] = nanos(FORGOTTEN).into();
        }
        let request = json!({ "stream_name": stream, "config": config });
        let subject = format!("CONSUMER.CREATE.{stream}.{name}.{filter}");
        let made = self.ask("make a consumer", subject, &request).await?;
        if stay == Stay::WithMembers && made.is_err() {
            // One that is there may have begun otherwise, and goes on.
            let subject = format!("CONSUMER.INFO.{stream}.{name}");
            if self
                .ask("see a consumer", subject, &json!({}))
                .await?
                .is_ok()
            {
                return Ok(());
            }
        }
        made?;
        Ok(())
    }

    /// How far a group has come with a part of a topic; where it never was, there is nothing before it.
    pub(super) async fn progress(
        &self,
        topic: &str,
        group: &str,
        partition: u8,
    ) -> BusResult<Progress> {
        let (stream, name) = (self.names.stream(topic), consumer(group, partition));
        let subject = format!("CONSUMER.INFO.{stream}.{name}");
        let info = match self.ask("see a consumer", subject, &json!({})).await? {
            Ok(info) => info,
            Err(refusal)
                if [ErrorCode::CONSUMER_NOT_FOUND, ErrorCode::STREAM_NOT_FOUND]
                    .contains(&refusal.code) =>
            {
                Value::Null
            }
            Err(refusal) => return Err(refusal.into()),
        };
        Ok(Progress {
            pending: info["num_pending"].as_u64().unwrap_or(0),
            open: info["num_ack_pending"].as_u64().unwrap_or(0),
        })
    }
}

fn stream(name: &str, subjects: &str) -> Value {
    json!({
        "name": name,
        "subjects": [subjects],
        "retention": "limits",
        "storage": "file",
        "discard": "old",
        "num_replicas": 1,
        "max_msgs": -1,
        "max_bytes": -1,
        "max_consumers": -1,
        "max_msg_size": -1,
        "max_msgs_per_subject": -1,
        "max_age": 0,
        "allow_direct": true,
    })
}

fn merged(mut config: Value, changes: Value) -> Value {
    if let (Value::Object(config), Value::Object(changes)) = (&mut config, changes) {
        config.extend(changes);
    }
    config
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
