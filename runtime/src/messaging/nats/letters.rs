//! What is kept beside the topics: dead letters, and how often a message that comes again was tried.

use std::collections::BTreeSet;
use std::future::ready;

use async_nats::jetstream::ErrorCode;
use async_nats::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::Utc;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::link::Link;
use super::outgoing::headers;
use super::partition::Partition;
use crate::messaging::{BusResult, DeadLetter, Envelope, MessageError};

/// As much of a reason is kept.
const REASON: usize = 4096;
/// How many letters are fetched at a time.
const FETCHED: usize = 16;

/// How often a message was tried.
#[derive(Serialize, Deserialize)]
struct Tries {
    sequence: u64,
    tries: u32,
}

/// A letter with its place in the stream.
struct Kept {
    sequence: u64,
    letter: DeadLetter,
}

impl Link {
    /// How often the message at a place of its stream was tried and failed. Postponed deliveries, and those of members that died, are not among them:
    /// the server's own count has them all, so it is of no use here.
    pub(super) async fn tried(&self, part: &Partition, sequence: u64) -> BusResult<u32> {
        let subject = self
            .names
            .attempts_subject(&part.topic, &part.group, part.number);
        let request = json!({ "last_by_subj": subject });
        let Some((_, payload)) = self.message(&self.names.attempts(), &request).await? else {
            return Ok(0);
        };
        let noted: Tries = serde_json::from_slice(&payload)
            .map_err(|error| MessageError::broker("count attempts", error))?;
        Ok(if noted.sequence == sequence {
            noted.tries
        } else {
            0
        })
    }

    pub(super) async fn note_try(
        &self,
        part: &Partition,
        sequence: u64,
        tries: u32,
    ) -> BusResult<()> {
        let subject = self
            .names
            .attempts_subject(&part.topic, &part.group, part.number);
        let payload = json!({ "sequence": sequence, "tries": tries }).to_string();
        let known_as = Uuid::now_v7().to_string();
        Ok(self
            .keep(subject, HeaderMap::new(), &known_as, payload.into_bytes())
            .await?)
    }

    pub(super) async fn bury(
        &self,
        group: &str,
        envelope: Envelope,
        reason: &str,
        attempts: u32,
        sequence: u64,
    ) -> BusResult<()> {
        let subject = self
            .names
            .dead_letter_subject(group, &envelope.id.to_string());
        let known_as = format!("{}:{group}:{sequence}", envelope.id);
        let mut headers = headers(&envelope);
        if let Ok(group) = group.parse::<HeaderValue>() {
            headers.insert("consumer-group", group);
        }
        let letter = DeadLetter {
            group: group.to_owned(),
            envelope,
            reason: reason[..reason.floor_char_boundary(REASON)].to_owned(),
            attempts,
            time: Utc::now(),
        };
        let payload = serde_json::to_vec(&letter)
            .map_err(|error| MessageError::broker("keep a dead letter", error))?;
        Ok(self.keep(subject, headers, &known_as, payload).await?)
    }

    pub(super) async fn letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>> {
        self.see_to_own().await?;
        let stream = self.names.dead_letters();
        let request = json!({ "deleted_details": true });
        let info = self
            .ask("see a stream", format!("STREAM.INFO.{stream}"), &request)
            .await??;
        let state = &info["state"];
        let number = |name: &str| state[name].as_u64().unwrap_or(0);
        let gone = state["deleted"].as_array();
        let gone: BTreeSet<u64> = gone
            .into_iter()
            .flatten()
            .filter_map(Value::as_u64)
            .collect();
        let there = (number("first_seq").max(1)..=number("last_seq")).rev();
        let there = there.filter(|sequence| !gone.contains(sequence));
        stream::iter(there)
            .map(|sequence| self.letter(json!({ "seq": sequence })))
            .buffered(FETCHED)
            .try_filter_map(async |kept| Ok(kept.map(|kept| kept.letter)))
            .try_filter(|letter| ready(letter.group.starts_with(groups)))
            .take(usize::try_from(limit).unwrap_or(usize::MAX))
            .try_collect()
            .await
    }

    pub(super) async fn count_letters(&self, group: &str) -> BusResult<u64> {
        let request = json!({ "subjects_filter": self.names.dead_letter_subject(group, "*") });
        let subject = format!("STREAM.INFO.{}", self.names.dead_letters());
        match self.ask("see a stream", subject, &request).await? {
            Ok(info) => {
                let subjects = info["state"]["subjects"].as_object();
                let counts = subjects
                    .into_iter()
                    .flatten()
                    .filter_map(|(_, n)| n.as_u64());
                Ok(counts.sum())
            }
            Err(refusal) if refusal.code == ErrorCode::STREAM_NOT_FOUND => Ok(0),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Publishes the message of a letter for its group alone, behind what waits already, and takes the letter away then.
    pub(super) async fn revive(&self, group: &str, message: Uuid) -> BusResult<()> {
        let subject = self.names.dead_letter_subject(group, &message.to_string());
        let found = self.letter(json!({ "last_by_subj": subject })).await?;
        let Some(Kept { sequence, letter }) = found else {
            return Err(MessageError::NoDeadLetter(message));
        };
        let subject = self.names.replay_subject(&letter.envelope, group);
        let known_as = format!("{message}:{group}:again:{sequence}");
        self.store(subject, &known_as, &letter.envelope).await?;
        let stream = self.names.dead_letters();
        let request = json!({ "seq": sequence, "no_erase": true });
        let subject = format!("STREAM.MSG.DELETE.{stream}");
        match self
            .ask("take a dead letter away", subject, &request)
            .await?
        {
            // Somebody else was faster; the stream knew the message the second time.
            Err(refusal)
                if ![ErrorCode::SEQUENCE_NOT_FOUND, ErrorCode::NO_MESSAGE_FOUND]
                    .contains(&refusal.code) =>
            {
                Err(refusal.into())
            }
            _ => Ok(()),
        }
    }

    async fn letter(&self, request: Value) -> BusResult<Option<Kept>> {
        let found = self.message(&self.names.dead_letters(), &request).await?;
        let read = |(sequence, payload): (u64, Vec<u8>)| {
            let letter = serde_json::from_slice(&payload)
                .map_err(|error| MessageError::broker("read a dead letter", error))?;
            Ok(Kept { sequence, letter })
        };
        found.map(read).transpose()
    }

    /// A message of a stream with its place there.
    async fn message(&self, stream: &str, request: &Value) -> BusResult<Option<(u64, Vec<u8>)>> {
        let subject = format!("STREAM.MSG.GET.{stream}");
        let found = match self.ask("read a message", subject, request).await? {
            Ok(found) => found,
            Err(refusal)
                if [ErrorCode::NO_MESSAGE_FOUND, ErrorCode::STREAM_NOT_FOUND]
                    .contains(&refusal.code) =>
            {
                return Ok(None);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let message = &found["message"];
        let payload = BASE64
            .decode(message["data"].as_str().unwrap_or_default())
            .map_err(|error| MessageError::broker("read a message", error))?;
        Ok(message["seq"].as_u64().map(|sequence| (sequence, payload)))
    }
}
