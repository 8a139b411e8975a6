//! What messages are promised: one suite, run on every broker.

mod conformance;
mod consumers;
mod embedded;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
mod nats_tls;
mod rig;

use chrono::{DateTime, Utc};

use super::{Delivery, Envelope, Subscription};

/// Runs tests on each broker that there is.
macro_rules! on_each_broker {
    ($($test:ident),* $(,)?) => {
        mod on_embedded {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::messaging::tests::rig::Rig::embedded().await).await;
            })*
        }
        #[cfg(feature = "nats")]
        mod on_nats {
            $(#[tokio::test]
            async fn $test() {
                if let Some(rig) = crate::messaging::tests::rig::Rig::nats().await {
                    super::$test(&rig).await;
                    rig.clear().await;
                }
            })*
        }
    };
}
pub(crate) use on_each_broker;

fn noon() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn message(topic: &str, key: &str, text: &str) -> Envelope {
    let (key, payload) = (key.to_owned(), text.into());
    Envelope::new(topic, "Said", 1, key, "tests", noon(), payload)
}

fn said(delivery: &Delivery) -> String {
    delivery.envelope.payload.as_str().unwrap().to_owned()
}

/// The next message, dealt with.
async fn text(subscription: &mut Box<dyn Subscription>) -> String {
    let delivery = subscription.next().await.unwrap();
    let text = said(&delivery);
    delivery.ack().await.unwrap();
    text
}

async fn try_next(subscription: &mut Box<dyn Subscription>) -> Option<Delivery> {
    subscription.try_next().await.unwrap()
}
