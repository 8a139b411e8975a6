//! How topics, groups and keys are called at the server: one name each, never the same for two.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::messaging::Envelope;

/// Into how many parts the messages of a topic are divided by their keys. Messages of one part are dealt with one after the other, so
/// this is how many of a topic a group can work on at a time, and one in so many other keys waits while a message is tried again.
/// It is fixed for good: a key that changes its part would lose its order.
pub(super) const PARTITIONS: u8 = 16;

/// The names of one system, all behind its own.
#[derive(Clone, Debug)]
pub(super) struct Names(String);

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Names {
    pub(super) fn of(system: &str) -> Self {
        Self(spelt(system, "=2E"))
    }

    /// The stream that keeps a topic. No other name has an underscore behind the system's, so nothing else is called so.
    pub(super) fn stream(&self, topic: &str) -> String {
        format!("{}_{}", self.0, name(topic))
    }

    pub(super) fn dead_letters(&self) -> String {
        format!("{}-dead-letters", self.0)
    }

    pub(super) fn attempts(&self) -> String {
        format!("{}-attempts", self.0)
    }

    /// Every subject of a topic.
    pub(super) fn topic_subjects(&self, topic: &str) -> String {
        format!("{}.topic.{}.*.*", self.0, name(topic))
    }

    /// Every subject of a part of a topic.
    pub(super) fn partition_subjects(&self, topic: &str, partition: u8) -> String {
        format!("{}.topic.{}.{partition}.*", self.0, name(topic))
    }

    /// Where a message is published.
    pub(super) fn subject(&self, message: &Envelope) -> String {
        format!("{}.all", self.part(message))
    }

    /// Where a message is published again for one group alone.
    pub(super) fn replay_subject(&self, message: &Envelope, group: &str) -> String {
        format!("{}.{}", self.part(message), only(group))
    }

    fn part(&self, message: &Envelope) -> String {
        let partition = partition(&message.key, message.id);
        format!("{}.topic.{}.{partition}", self.0, name(&message.topic))
    }

    /// What a group gave up: one message, or all with `*`.
    pub(super) fn dead_letter_subject(&self, group: &str, message: &str) -> String {
        format!("{}.dead-letter.{}.{message}", self.0, name(group))
    }

    pub(super) fn dead_letter_subjects(&self) -> String {
        format!("{}.dead-letter.*.*", self.0)
    }

    pub(super) fn attempts_subject(&self, topic: &str, group: &str, partition: u8) -> String {
        let (topic, group) = (name(topic), name(group));
        format!("{}.attempts.{topic}.{group}.{partition}", self.0)
    }

    pub(super) fn attempts_subjects(&self) -> String {
        format!("{}.attempts.*.*.*", self.0)
    }
}

/// The durable consumer of a part of a topic for a group.
pub(super) fn consumer(group: &str, partition: u8) -> String {
    format!("{}_{partition}", name(group))
}

/// Whether a message on this subject is for a group.
pub(super) fn is_for(subject: &str, group: &str) -> bool {
    subject
        .rsplit('.')
        .next()
        .is_some_and(|last| last == "all" || last == only(group))
}

fn only(group: &str) -> String {
    format!("only-{}", name(group))
}

/// The part of its topic that a message belongs to: that of its key, and where there is none, any.
pub(super) fn partition(key: &str, id: Uuid) -> u8 {
    let digest = if key.is_empty() {
        Sha256::digest(id.as_bytes())
    } else {
        Sha256::digest(key)
    };
    digest[0] % PARTITIONS
}

/// A name without the characters that mean something to the server.
fn name(text: &str) -> String {
    spelt(text, "_")
}

fn spelt(text: &str, dot: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => name.push(char::from(byte)),
            b'.' => name.push_str(dot),
            other => {
                let _ = write!(name, "={other:02X}");
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_names_stay_readable() {
        let names = Names::of("shop");
        assert_eq!(
            names.stream("sales.order-placed.v1"),
            "shop_sales_order-placed_v1"
        );
        assert_eq!(consumer("billing.invoice", 3), "billing_invoice_3");
    }

    #[test]
    fn a_part_never_changes() {
        let id = Uuid::nil();
        let parts = ["o-1", "o-2", "o-3", ""].map(|key| partition(key, id));
        assert_eq!(parts, [12, 11, 1, 7]);
    }

    #[test]
    fn a_replay_is_for_its_group_alone() {
        let at = chrono::DateTime::UNIX_EPOCH;
        let message = Envelope::new("t", "n", 1, "k".into(), "s", at, ().into());
        let names = Names::of("shop");
        let replay = names.replay_subject(&message, "all");
        assert!(is_for(&replay, "all") && !is_for(&replay, "other"));
        assert!(is_for(&names.subject(&message), "other"));
    }

    proptest! {
        #[test]
        fn every_name_is_legal_and_no_two_are_the_same(texts in proptest::collection::btree_set("[a-c._=*> é-]{1,4}", 2..40)) {
            let names = Names::of("a.b_c");
            let streams: BTreeSet<_> = texts.iter().map(|text| names.stream(text)).collect();
            prop_assert_eq!(streams.len(), texts.len());
            let consumers: BTreeSet<_> = texts.iter().flat_map(|text| [1, 11].map(|part| consumer(text, part))).collect();
            prop_assert_eq!(consumers.len(), 2 * texts.len());
            for name in streams.iter().chain(&consumers) {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte)), "{}", name);
            }
        }
    }
}
