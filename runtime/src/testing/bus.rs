//! A broker in memory: it keeps what is published, and delivers what a test says, as often as it says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use uuid::Uuid;

use crate::messaging::{Answer, Bus, BusResult, DeadLetter, Delivery, Envelope, Subscription};

/// How long a group may take to be there, and to deal with a message.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a group of consumers made of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dealt {
    /// It is dealt with.
    Done,
    /// It shall come again.
    Again,
    /// It is given up, for this reason.
    GivenUp(String),
}

#[derive(Default)]
struct State {
    published: Vec<Envelope>,
    groups: BTreeMap<String, Group>,
}

#[derive(Clone)]
struct Group {
    topic: String,
    sender: mpsc::UnboundedSender<Delivery>,
    receiver: Arc<AsyncMutex<mpsc::UnboundedReceiver<Delivery>>>,
}

/// A broker for tests.
#[derive(Default)]
pub struct TestBus(Mutex<State>);

impl TestBus {
    /// Everything that was published, in order.
    #[must_use]
    pub fn published(&self) -> Vec<Envelope> {
        self.state().published.clone()
    }

    /// Delivers a message to a group and says what became of it.
    ///
    /// # Panics
    /// When nobody listens as that group to the message's topic, or the message is never answered.
    pub async fn deliver(&self, group: &str, message: &Envelope, attempt: u32) -> Dealt {
        let Ok(found) = tokio::time::timeout(PATIENCE, self.listening(group)).await else {
            let groups: Vec<String> = self.state().groups.keys().cloned().collect();
            panic!("nobody listens as `{group}`, only {groups:?}");
        };
        assert!(
            found.topic == message.topic,
            "`{group}` listens to `{}`, not to `{}`",
            found.topic,
            message.topic
        );
        let (sender, receiver) = oneshot::channel();
        let delivery = Delivery::new(message.clone(), attempt, Box::new(Answered(sender)));
        assert!(
            found.sender.send(delivery).is_ok(),
            "`{group}` listens no more"
        );
        match tokio::time::timeout(PATIENCE, receiver).await {
            Ok(Ok(dealt)) => dealt,
            _ => panic!("`{group}` never answered the message `{}`", message.name),
        }
    }

    async fn listening(&self, group: &str) -> Group {
        loop {
            let found = self.state().groups.get(group).cloned();
            match found {
                Some(group) => return group,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bus for TestBus {
    fn name(&self) -> &'static str {
        "test"
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.state().published.extend_from_slice(messages);
        Ok(())
    }

    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        let mut state = self.state();
        let entry = state.groups.entry(group.to_owned()).or_insert_with(|| {
            let (sender, receiver) = mpsc::unbounded_channel();
            Group {
                topic: topic.to_owned(),
                sender,
                receiver: Arc::new(AsyncMutex::new(receiver)),
            }
        });
        Ok(Box::new(Member(entry.receiver.clone())))
    }

    async fn lag(&self, _topic: &str, _group: &str) -> BusResult<u64> {
        Ok(0)
    }

    async fn dead_letters(&self, _groups: &str, _limit: u32) -> BusResult<Vec<DeadLetter>> {
        Ok(Vec::new())
    }

    async fn dead_letter_count(&self, _group: &str) -> BusResult<u64> {
        Ok(0)
    }

    async fn replay(&self, _group: &str, _message: Uuid) -> BusResult<()> {
        Ok(())
    }

    async fn ping(&self) -> BusResult<()> {
        Ok(())
    }
}

struct Member(Arc<AsyncMutex<mpsc::UnboundedReceiver<Delivery>>>);

#[async_trait]
impl Subscription for Member {
    async fn next(&mut self) -> BusResult<Delivery> {
        match self.0.lock().await.recv().await {
            Some(delivery) => Ok(delivery),
            None => std::future::pending().await,
        }
    }

    async fn try_next(&mut self) -> BusResult<Option<Delivery>> {
        Ok(self.0.lock().await.try_recv().ok())
    }
}

struct Answered(oneshot::Sender<Dealt>);

#[async_trait]
impl Answer for Answered {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        let _ = self.0.send(Dealt::Done);
        Ok(())
    }

    async fn retry(self: Box<Self>, _after: Duration) -> BusResult<()> {
        let _ = self.0.send(Dealt::Again);
        Ok(())
    }

    async fn postpone(self: Box<Self>, _after: Duration) -> BusResult<()> {
        let _ = self.0.send(Dealt::Again);
        Ok(())
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        let _ = self.0.send(Dealt::GivenUp(reason.to_owned()));
        Ok(())
    }
}
