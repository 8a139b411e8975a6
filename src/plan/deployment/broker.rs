//! Who may say and hear what at the broker: subjects and streams as the runtime spells them, and nothing beyond.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde::Serialize;

use super::Deployment;
use crate::model::Model;
use crate::model::service::Party;
use crate::plan::contract::topic;
use crate::plan::service::ServicePlan;

/// Into how many parts the runtime divides a topic.
const PARTITIONS: u8 = 16;

/// A user of the broker.
#[derive(Debug, Clone, Serialize)]
pub struct BrokerUser {
    /// Its name: the service's, as hosts are spelt.
    pub name: String,
    /// Its name as a variable: where its password is found.
    pub variable: String,
    /// Where answers to it arrive; the one thing that it hears.
    pub inbox: String,
    /// What it may publish, a paragraph for each matter.
    pub publish: Vec<Paragraph>,
    /// Whether it reads a topic by instance, and so may use consumers that it does not need.
    pub by_instance: bool,
    /// What it may not publish of all that.
    pub refused: Vec<Paragraph>,
}

/// What a user may publish for one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paragraph {
    /// What for.
    pub why: String,
    /// The subjects.
    pub subjects: Vec<String>,
}

/// The users of the broker, sorted by name.
#[must_use]
pub fn users(model: &Model, services: &[ServicePlan], deployment: &Deployment) -> Vec<BrokerUser> {
    let talks = |name: &str| {
        deployment
            .workloads
            .iter()
            .any(|one| one.name == name && one.talks())
    };
    let system = spelt(&model.system.name.kebab(), "=2E");
    let names = Names { system: &system };
    let talking = services.iter().filter(|service| talks(&service.krate));
    let talking: Vec<(&ServicePlan, BTreeSet<Reader>)> = talking
        .map(|service| (service, readers(model, service)))
        .collect();
    talking
        .iter()
        .map(|(service, own)| {
            let all = talking.iter().flat_map(|(_, readers)| readers);
            let others: BTreeSet<&Reader> = all.filter(|reader| !own.contains(reader)).collect();
            BrokerUser {
                name: service.krate.clone(),
                variable: service.screaming.clone(),
                inbox: format!("_INBOX.{}.>", spelt(&service.name, "=2E")),
                publish: names.paragraphs(model, service, own),
                by_instance: own.iter().any(|reader| reader.by_instance),
                refused: names.refused(own, &others),
            }
        })
        .collect()
}

/// A group that reads a topic. One of an instance alone has a name that nobody knows beforehand, and keeps nothing at the broker beside its consumers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Reader {
    topic: String,
    group: String,
    by_instance: bool,
}

struct Names<'s> {
    system: &'s str,
}

impl Names<'_> {
    fn paragraphs(
        &self,
        model: &Model,
        service: &ServicePlan,
        readers: &BTreeSet<Reader>,
    ) -> Vec<Paragraph> {
        let mut all = vec![Paragraph {
            why: "what the server is".to_owned(),
            subjects: vec!["$JS.API.INFO".to_owned()],
        }];
        if readers.iter().any(|reader| !reader.by_instance) {
            all.push(self.common());
        }
        all.extend(
            topics(model, service)
                .iter()
                .map(|topic| self.publisher(topic)),
        );
        all.extend(readers.iter().map(|reader| self.reader(reader)));
        all
    }

    fn publisher(&self, topic: &str) -> Paragraph {
        let (system, stream) = (self.system, self.stream(topic));
        let mut subjects = vec![format!("{system}.topic.{}.*.all", name(topic))];
        let verbs = ["CREATE", "INFO", "UPDATE"];
        subjects.extend(verbs.map(|verb| format!("$JS.API.STREAM.{verb}.{stream}")));
        Paragraph {
            why: format!("publishes {topic}"),
            subjects,
        }
    }

    /// What every lasting group needs: the streams of what was given up and of what was tried how often.
    fn common(&self) -> Paragraph {
        let system = self.system;
        let letters = [
            "STREAM.CREATE",
            "STREAM.INFO",
            "STREAM.MSG.GET",
            "STREAM.MSG.DELETE",
        ]
        .map(|verb| format!("$JS.API.{verb}.{system}-dead-letters"));
        let attempts = ["STREAM.CREATE", "STREAM.MSG.GET"]
            .map(|verb| format!("$JS.API.{verb}.{system}-attempts"));
        Paragraph {
            why: "dead letters, and how often a message was tried".to_owned(),
            subjects: letters.into_iter().chain(attempts).collect(),
        }
    }

    fn reader(&self, reader: &Reader) -> Paragraph {
        let Reader { topic, group, .. } = reader;
        let (system, stream) = (self.system, self.stream(topic));
        let mut subjects = vec![format!("$JS.API.STREAM.CREATE.{stream}")];
        if reader.by_instance {
            subjects.extend(verbs(&stream, "*"));
        } else {
            let (topic, group) = (name(topic), name(group));
            subjects.extend([
                format!("{system}.attempts.{topic}.{group}.*"),
                format!("{system}.dead-letter.{group}.*"),
                format!("{system}.topic.{topic}.*.only-{group}"),
            ]);
            subjects.extend(self.consumers(reader));
        }
        let each = if reader.by_instance {
            ", each instance by itself"
        } else {
            ""
        };
        Paragraph {
            why: format!("reads {topic} as {group}{each}"),
            subjects,
        }
    }

    /// What a lasting group asks of its consumers.
    fn consumers(&self, reader: &Reader) -> Vec<String> {
        let (stream, group) = (self.stream(&reader.topic), name(&reader.group));
        let parts = (0..PARTITIONS).map(|part| format!("{group}_{part}"));
        parts
            .flat_map(|consumer| verbs(&stream, &consumer))
            .collect()
    }

    /// Where an instance's group may use every consumer of a topic, those that are known to be others'.
    fn refused(&self, own: &BTreeSet<Reader>, others: &BTreeSet<&Reader>) -> Vec<Paragraph> {
        let wide = |topic: &str| own.iter().any(|own| own.by_instance && own.topic == topic);
        let known = others
            .iter()
            .filter(|other| !other.by_instance && wide(&other.topic));
        known
            .map(|other| Paragraph {
                why: format!("what {} reads of {}", other.group, other.topic),
                subjects: self.consumers(other),
            })
            .collect()
    }

    fn stream(&self, topic: &str) -> String {
        format!("{}_{}", self.system, name(topic))
    }
}

/// What is asked of a consumer by those who receive from it.
fn verbs(stream: &str, consumer: &str) -> [String; 4] {
    [
        format!("$JS.API.CONSUMER.CREATE.{stream}.{consumer}.>"),
        format!("$JS.API.CONSUMER.INFO.{stream}.{consumer}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
        format!("$JS.ACK.{stream}.{consumer}.>"),
    ]
}

/// The topics that a service publishes: its events, the commands of sagas that it drives, the replies to those that drive it.
fn topics(model: &Model, service: &ServicePlan) -> BTreeSet<String> {
    let ours = |party: Party| model.name_of(party).as_str() == service.name;
    let events = model
        .events
        .iter()
        .filter(|event| event.producers.iter().any(|one| ours(one.value)));
    let mut topics: BTreeSet<String> = events.map(topic).collect();
    for saga in model.sagas.iter() {
        let Some(coordinator) = saga.coordinator.map(Party::Service) else {
            continue;
        };
        for party in saga
            .steps
            .iter()
            .filter_map(|step| step.service)
            .map(Party::Service)
        {
            if ours(coordinator) {
                topics.insert(format!("sagas.{}.commands", model.name_of(party)));
            }
            if ours(party) {
                topics.insert(format!("sagas.{}.replies", model.name_of(coordinator)));
            }
        }
    }
    topics
}

fn readers(model: &Model, service: &ServicePlan) -> BTreeSet<Reader> {
    let topic_of = |written: &str| {
        let mut events = model.events.iter();
        events
            .find(|event| event.name.as_str() == written)
            .map(topic)
    };
    let reader = |topic: Option<String>, group: &str, by_instance| {
        let group = group.to_owned();
        topic.map(|topic| Reader {
            topic,
            group,
            by_instance,
        })
    };
    let mut readers = BTreeSet::new();
    readers.extend(
        service
            .consumers
            .iter()
            .filter_map(|one| reader(topic_of(&one.event), &one.group, false)),
    );
    let counted = service
        .metrics
        .metrics
        .iter()
        .filter_map(|metric| metric.counted.as_ref());
    readers.extend(counted.filter_map(|one| reader(topic_of(&one.event), &one.group, false)));
    for cache in &service.caches.caches {
        // What one instance forgets in a shared level is forgotten by all, so they are one group.
        let by_instance = cache.shared.is_none();
        let evictions = cache.evictions.iter();
        readers.extend(
            evictions.filter_map(|one| reader(topic_of(&one.event), &one.group, by_instance)),
        );
    }
    for saga in &service.sagas {
        if let Some(group) = &saga.group {
            let declared = model
                .sagas
                .iter()
                .find(|other| other.name.as_str() == saga.written);
            let trigger = declared.and_then(|declared| declared.trigger);
            let topic = trigger.map(|(event, _)| topic(&model.events[event]));
            readers.extend(reader(topic, group, false));
        }
    }
    let own = |role: &str, kind: &str| {
        let group = format!("{}.{role}", service.name);
        reader(
            Some(format!("sagas.{}.{kind}", service.name)),
            &group,
            false,
        )
    };
    if !service.sagas.is_empty() {
        readers.extend(own("saga-coordinator", "replies"));
    }
    if !service.steps.is_empty() {
        readers.extend(own("saga-participant", "commands"));
    }
    readers
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
