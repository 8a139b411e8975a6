//! One part of a topic for one group: takes a message from the server, holds it for a member, and carries its answer back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::{Message, StatusCode, Subscriber};
use chrono::Utc;
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::answer::{Answered, Question, Verdict};
use super::link::Link;
use super::names::{consumer, is_for};
use super::streams::{ACK_WAIT, Beginning, Stay};
use crate::messaging::{BusResult, Delivery, Envelope, MessageError};

/// How long a request for a message stays with the server.
const EXPIRES: Duration = Duration::from_secs(30);
/// How long to wait for the server's word beyond that.
const GRACE: Duration = Duration::from_secs(5);
/// How often the server is told that a message is still being worked on: twice before it would lose patience.
const KEEP: Duration = Duration::from_secs(3);
/// The wait after a failure of the server.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the server may take to write down what it was answered, and how many answers of that time are remembered.
const SAVED: Duration = Duration::from_secs(5);
const REPEATED: usize = 256;

const _: () = assert!(KEEP.as_secs() * 3 < ACK_WAIT.as_secs());

/// What a part is about, as far as this process knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// Whatever the server has comes next.
    Open,
    /// A member has a message.
    Held,
    /// A message comes again at this time.
    Until(Instant),
}

/// The state of a part, seen by those who ask whether there is a message now.
pub(super) struct State {
    now: Mutex<Now>,
    /// Where the last final answers went, and when.
    answered: Mutex<VecDeque<(Instant, String)>>,
    /// How often the message at a place of its stream was tried, where that is noted here.
    tried: Mutex<(u64, u32)>,
}

impl State {
    pub(super) fn open() -> Arc<Self> {
        Arc::new(Self {
            now: Mutex::new(Now::Open),
            answered: Mutex::default(),
            tried: Mutex::default(),
        })
    }

    pub(super) fn set(&self, now: Now) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    pub(super) fn get(&self) -> Now {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_try(&self, sequence: u64, tries: u32) {
        *self.tried.lock().unwrap_or_else(PoisonError::into_inner) = (sequence, tries);
    }

    fn tried(&self, sequence: u64) -> u32 {
        let (of, tries) = *self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if of == sequence { tries } else { 0 }
    }

    fn set_answered(&self, delivery: &str) {
        let now = Instant::now();
        let mut answered = self.answered();
        answered.push_back((now, delivery.to_owned()));
        while answered.len() > REPEATED || answered.front().is_some_and(|(at, _)| *at + SAVED < now)
        {
            answered.pop_front();
        }
    }

    fn answered(&self) -> MutexGuard<'_, VecDeque<(Instant, String)>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Works on one part for as long as somebody receives.
pub(super) struct Partition {
    pub(super) link: Arc<Link>,
    pub(super) topic: String,
    pub(super) group: String,
    pub(super) stay: Stay,
    pub(super) number: u8,
    pub(super) state: Arc<State>,
    pub(super) members: mpsc::Sender<Delivery>,
}

impl Partition {
    /// What a member has when the last one goes may still be answered.
    pub(super) async fn run(self) {
        while !self.members.is_closed() {
            let inbox = self.link.client.new_inbox();
            match self.link.client.subscribe(inbox.clone()).await {
                Ok(mut messages) => self.listen(&inbox, &mut messages).await,
                Err(error) => self.complain(&MessageError::broker("subscribe", error)),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Asks for one message after the other, until the client has gone.
    async fn listen(&self, inbox: &str, messages: &mut Subscriber) {
        let mut connections = self.link.connections();
        let mut last = *connections.borrow();
        loop {
            let current = *connections.borrow_and_update();
            if current != last {
                last = current;
                self.repeat_answers().await;
                self.see_to_all().await;
            }
            if self.members.is_closed() || self.request(inbox).await.is_err() {
                return;
            }
            match self.awaited(messages, &mut connections).await {
                Awaited::Message(message) => {
                    if let Err(error) = self.deliver(message).await {
                        self.complain(&error);
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Awaited::Nothing => {}
                Awaited::Refused => {
                    tokio::time::sleep(PAUSE).await;
                    self.see_to_all().await;
                }
                Awaited::End => return,
            }
        }
    }

    /// A server that was killed may have forgotten the last answers, and would wait for one before it goes on.
    async fn repeat_answers(&self) {
        let answered: Vec<String> = self.state.answered().drain(..).map(|(_, to)| to).collect();
        for delivery in answered {
            let again = self.link.client.publish(delivery, AckKind::Ack.into());
            if let Err(error) = again.await {
                self.complain(&MessageError::broker("take an answer", error));
            }
        }
    }

    async fn request(&self, inbox: &str) -> BusResult<()> {
        let stream = self.link.names.stream(&self.topic);
        let consumer = consumer(&self.group, self.number);
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
        let request = json!({ "batch": 1, "expires": EXPIRES.as_nanos() as u64 }).to_string();
        let sent = self
            .link
            .client
            .publish_with_reply(subject, inbox.to_owned(), request.into());
        sent.await
            .map_err(|error| MessageError::broker("ask for a message", error))
    }

    /// A request dies with its connection, and another one has to be made on the next.
    async fn awaited(
        &self,
        messages: &mut Subscriber,
        connections: &mut watch::Receiver<u64>,
    ) -> Awaited {
        let message = tokio::select! {
            message = messages.next() => message,
            () = self.members.closed() => return Awaited::End,
            changed = connections.changed() => return if changed.is_ok() { Awaited::Nothing } else { Awaited::End },
            // The server says so when a request has run out; it is silent about what it does not know.
            () = tokio::time::sleep(EXPIRES + GRACE) => return Awaited::Refused,
        };
        match message {
            None => Awaited::End,
            Some(message) => match message.status {
                None | Some(StatusCode::OK) => Awaited::Message(message),
                Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => Awaited::Nothing,
                Some(_) => Awaited::Refused,
            },
        }
    }

    /// The server may not know the consumer, because it was removed or because it came back without its data: it is made again where it is missing.
    async fn see_to_all(&self) {
        let (link, topic, group) = (&self.link, &self.topic, &self.group);
        let mended = async {
            link.see_to_topic(topic, false).await?;
            if self.stay == Stay::ForGood {
                link.see_to_own().await?;
            }
            // What came while it was not there is not known, so it begins with everything, whoever it was made for.
            link.see_to_consumer(topic, group, self.number, self.stay, Beginning::Oldest)
                .await
        };
        if let Err(error) = mended.await {
            self.complain(&error);
        }
    }

    async fn deliver(&self, message: Message) -> BusResult<()> {
        let Some(place) = self.place(&message) else {
            return Ok(());
        };
        if !is_for(&message.subject, &self.group) {
            return self.link.answer(&place.reply, AckKind::Ack).await;
        }
        let tried = if place.again {
            self.tried(place.sequence).await?
        } else {
            0
        };
        let attempt = tried.saturating_add(1);
        match serde_json::from_slice(&message.payload) {
            Ok(envelope) => self.hold(envelope, attempt, &place).await,
            Err(error) => {
                let envelope = self.unreadable(&message);
                let reason = format!("it is not a message of this system: {error}");
                self.bury(envelope, &reason, attempt, place.sequence)
                    .await?;
                self.link.answer(&place.reply, AckKind::Ack).await
            }
        }
    }

    async fn tried(&self, sequence: u64) -> BusResult<u32> {
        match self.stay {
            Stay::ForGood => self.link.tried(self, sequence).await,
            Stay::WithMembers => Ok(self.state.tried(sequence)),
        }
    }

    async fn note_try(&self, sequence: u64, tries: u32) -> BusResult<()> {
        match self.stay {
            Stay::ForGood => self.link.note_try(self, sequence, tries).await,
            Stay::WithMembers => {
                self.state.note_try(sequence, tries);
                Ok(())
            }
        }
    }

    /// Keeps what is given up, for those who may have it once more. A group that goes with its members has nobody to come back for it.
    async fn bury(
        &self,
        envelope: Envelope,
        reason: &str,
        attempts: u32,
        sequence: u64,
    ) -> BusResult<()> {
        match self.stay {
            Stay::ForGood => {
                let (link, group) = (&self.link, &self.group);
                link.bury(group, envelope, reason, attempts, sequence).await
            }
            Stay::WithMembers => {
                let (topic, group) = (&self.topic, &self.group);
                tracing::warn!(topic, group, message.id = %envelope.id, attempts, error = reason, "message given up, and not kept");
                Ok(())
            }
        }
    }

    fn place(&self, message: &Message) -> Option<Place> {
        let reply = message.reply.as_ref()?.to_string();
        let message = async_nats::jetstream::Message {
            message: message.clone(),
            context: self.link.jetstream.clone(),
        };
        let info = message.info().ok()?;
        Some(Place {
            sequence: info.stream_sequence,
            again: info.delivered > 1,
            reply,
        })
    }

    fn unreadable(&self, message: &Message) -> Envelope {
        let text = String::from_utf8_lossy(&message.payload).into_owned();
        let (name, key) = ("unreadable", String::new());
        Envelope::new(
            &self.topic,
            name,
            0,
            key,
            "unknown",
            Utc::now(),
            text.into(),
        )
    }

    /// Lends the message to a member and keeps the server patient meanwhile.
    async fn hold(&self, envelope: Envelope, attempt: u32, place: &Place) -> BusResult<()> {
        let (answer, mut question) = Answered::new(self.state.clone());
        let kept = envelope.clone();
        let delivery = Delivery::new(envelope, attempt, Box::new(answer));
        if self.members.send(delivery).await.is_err() {
            return self.link.answer(&place.reply, AckKind::Nak(None)).await;
        }
        loop {
            tokio::select! {
                asked = &mut question => return match asked {
                    Ok(question) => self.conclude(question, kept, attempt, place).await,
                    Err(_dropped) => {
                        let answered = self.link.answer(&place.reply, AckKind::Nak(None)).await;
                        self.state.set(Now::Open);
                        answered
                    }
                },
                () = tokio::time::sleep(KEEP) => {
                    let progress = self.link.client.publish(place.reply.clone(), AckKind::Progress.into());
                    if let Err(error) = progress.await {
                        self.complain(&MessageError::broker("tell of progress", error));
                    }
                }
            }
        }
    }

    async fn conclude(
        &self,
        question: Question,
        envelope: Envelope,
        attempt: u32,
        place: &Place,
    ) -> BusResult<()> {
        let done = self
            .carry_out(question.verdict, envelope, attempt, place)
            .await;
        self.state.set(match done {
            Ok(Some(after)) => Now::Until(Instant::now() + after),
            _ => Now::Open,
        });
        // The member hears of it; nobody else has to.
        let _ = question.answered.send(done.map(|_| ()));
        Ok(())
    }

    async fn carry_out(
        &self,
        verdict: Verdict,
        envelope: Envelope,
        attempt: u32,
        place: &Place,
    ) -> BusResult<Option<Duration>> {
        let (kind, after) = match verdict {
            Verdict::Done => (AckKind::Ack, None),
            Verdict::Again(after) => {
                self.note_try(place.sequence, attempt).await?;
                (AckKind::Nak(Some(after)), Some(after))
            }
            Verdict::Later(after) => (AckKind::Nak(Some(after)), Some(after)),
            Verdict::GivenUp(reason) => {
                self.bury(envelope, &reason, attempt, place.sequence)
                    .await?;
                (AckKind::Ack, None)
            }
        };
        let kind = match kind {
            AckKind::Nak(Some(Duration::ZERO)) => AckKind::Nak(None),
            other => other,
        };
        self.link.answer(&place.reply, kind).await?;
        if after.is_none() {
            self.state.set_answered(&place.reply);
        }
        Ok(after)
    }

    fn complain(&self, error: &MessageError) {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(
            topic = self.topic,
            group = self.group,
            error = %error,
            cause,
            "messages wait for the broker"
        );
    }
}

/// What came of a request for a message.
enum Awaited {
    Message(Message),
    Nothing,
    Refused,
    End,
}

/// Where a delivery stands at the server.
struct Place {
    sequence: u64,
    again: bool,
    reply: String,
}
