//! A broker that uses the freedom it has: what it delivers comes twice at times, and in another order. Nothing is lost, and
//! messages of one key that were not dealt with yet keep their order, since that much every broker promises.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::messaging::{Answer, Bus, BusResult, DeadLetter, Delivery, Envelope, Subscription};

/// From how many messages that could be delivered one is chosen.
const CHOICE: usize = 4;
/// Of how many messages one comes twice, on average.
const TWICE: u64 = 3;

/// A broker whose deliveries are disturbed.
pub struct DisturbedBus {
    bus: Arc<dyn Bus>,
    dice: Dice,
}

impl DisturbedBus {
    /// Disturbs the deliveries of a broker by chance, which begins with a seed.
    #[must_use]
    pub fn new(bus: Arc<dyn Bus>, seed: u64) -> Self {
        let dice = Dice(Arc::new(Mutex::new(seed)));
        Self { bus, dice }
    }

    fn disturbed(&self, inner: Box<dyn Subscription>) -> Box<dyn Subscription> {
        Box::new(Disturbed {
            inner,
            dice: self.dice.clone(),
            held: Vec::new(),
            done: Done::default(),
        })
    }
}

/// Splitmix64, shared by all who throw.
#[derive(Clone)]
struct Dice(Arc<Mutex<u64>>);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

#[async_trait]
impl Bus for DisturbedBus {
    fn name(&self) -> &'static str {
        self.bus.name()
    }

    async fn publish(&self, messages: &[Envelope]) -> BusResult<()> {
        self.bus.publish(messages).await
    }

    async fn follow(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        let inner = self.bus.follow(topic, group).await?;
        Ok(self.disturbed(inner))
    }

    async fn subscribe(&self, topic: &str, group: &str) -> BusResult<Box<dyn Subscription>> {
        let inner = self.bus.subscribe(topic, group).await?;
        Ok(self.disturbed(inner))
    }

    async fn lag(&self, topic: &str, group: &str) -> BusResult<u64> {
        self.bus.lag(topic, group).await
    }

    async fn dead_letters(&self, groups: &str, limit: u32) -> BusResult<Vec<DeadLetter>> {
        self.bus.dead_letters(groups, limit).await
    }

    async fn dead_letter_count(&self, group: &str) -> BusResult<u64> {
        self.bus.dead_letter_count(group).await
    }

    async fn replay(&self, group: &str, message: Uuid) -> BusResult<()> {
        self.bus.replay(group, message).await
    }

    async fn ping(&self) -> BusResult<()> {
        self.bus.ping().await
    }
}

/// Messages that were dealt with and come again.
type Done = Arc<Mutex<Vec<Envelope>>>;

/// A member of a group that gets messages twice, and in another order.
struct Disturbed {
    inner: Box<dyn Subscription>,
    dice: Dice,
    held: Vec<Delivery>,
    done: Done,
}

impl Disturbed {
    /// One of those that could come now.
    async fn choose(&mut self) -> BusResult<Option<Delivery>> {
        while self.held.len() < CHOICE {
            match self.inner.try_next().await? {
                Some(delivery) => self.held.push(delivery),
                None => break,
            }
        }
        let done = self.done().len();
        let choice = self.held.len() + done;
        if choice == 0 {
            return Ok(None);
        }
        let at = usize::try_from(self.dice.below(choice as u64)).unwrap_or_default();
        if at < done {
            let envelope = self.done().remove(at);
            tracing::info!(disturbed = "twice", "message delivered twice");
            return Ok(Some(Delivery::new(envelope, 2, Box::new(Settled))));
        }
        if at > done {
            tracing::info!(disturbed = "order", "message delivered out of order");
        }
        let delivery = self.held.remove(at - done);
        Ok(Some(self.perhaps_twice(delivery)))
    }

    fn done(&self) -> MutexGuard<'_, Vec<Envelope>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn perhaps_twice(&self, delivery: Delivery) -> Delivery {
        if self.dice.below(TWICE) > 0 {
            return delivery;
        }
        let (envelope, attempt) = (delivery.envelope.clone(), delivery.attempt);
        let answer = Remembered {
            delivery,
            done: Arc::clone(&self.done),
        };
        Delivery::new(envelope, attempt, Box::new(answer))
    }
}

#[async_trait]
impl Subscription for Disturbed {
    async fn next(&mut self) -> BusResult<Delivery> {
        loop {
            if let Some(delivery) = self.choose().await? {
                return Ok(delivery);
            }
            let delivery = self.inner.next().await?;
            self.held.push(delivery);
        }
    }

    async fn try_next(&mut self) -> BusResult<Option<Delivery>> {
        self.choose().await
    }
}

/// A delivery that comes again once it was dealt with.
struct Remembered {
    delivery: Delivery,
    done: Done,
}

#[async_trait]
impl Answer for Remembered {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        let envelope = self.delivery.envelope.clone();
        self.delivery.ack().await?;
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push(envelope);
        Ok(())
    }

    async fn retry(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.delivery.retry(after).await
    }

    async fn postpone(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.delivery.postpone(after).await
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        self.delivery.give_up(reason).await
    }
}

/// The second delivery of a message that is dealt with: the broker waits for no answer.
struct Settled;

#[async_trait]
impl Answer for Settled {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        Ok(())
    }

    async fn retry(self: Box<Self>, _after: Duration) -> BusResult<()> {
        Ok(())
    }

    async fn postpone(self: Box<Self>, _after: Duration) -> BusResult<()> {
        Ok(())
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        tracing::error!(
            reason,
            "a message that was dealt with is given up when it comes twice"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::messaging::embedded::EmbeddedBus;

    fn message(key: &str, text: &str) -> Envelope {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        Envelope::new("t", "Said", 1, key.to_owned(), "tests", now, text.into())
    }

    #[tokio::test]
    async fn messages_come_twice_and_out_of_order_but_a_key_keeps_its_first_order() {
        let folder = tempfile::tempdir().unwrap();
        let bus = EmbeddedBus::open(folder.path().join("broker.db"))
            .await
            .unwrap();
        let bus = DisturbedBus::new(Arc::new(bus), 7);
        let sent: Vec<_> = (0..60)
            .map(|at| message(["", "a", "b"][at % 3], &format!("{at:02}")))
            .collect();
        bus.publish(&sent).await.unwrap();
        let mut group = bus.subscribe("t", "g").await.unwrap();
        let (mut all, mut first) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
        while let Some(delivery) = group.try_next().await.unwrap() {
            let text = delivery.envelope.payload.as_str().unwrap().to_owned();
            if !all.contains(&text) {
                let key = delivery.envelope.key.clone();
                first.entry(key).or_default().push(text.clone());
            }
            all.push(text);
            delivery.ack().await.unwrap();
        }
        assert_eq!(
            first.values().map(Vec::len).sum::<usize>(),
            60,
            "nothing is lost"
        );
        assert!(all.len() > 60, "some came twice");
        assert!(!first[""].is_sorted(), "without a key, another order");
        assert!(first["a"].is_sorted() && first["b"].is_sorted());
        assert_eq!(bus.lag("t", "g").await.unwrap(), 0);
    }
}
