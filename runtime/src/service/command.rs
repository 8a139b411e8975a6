//! What the binary of a service can be told to do instead of running: the orders of an operator.

use std::io::{self, Write};
use std::net::SocketAddr;

use serde_json::json;
use uuid::Uuid;

use super::Failure;
use crate::health;
use crate::messaging::{BrokerSettings, DeadLetter, MessageError};
use crate::problem::chain;
use crate::storage::{DatabaseSettings, Migrations};

/// As many dead letters are listed where nothing else is said.
const LISTED: u32 = 100;

const HELP: &str = "\
Without an argument, the service runs.

  health                     whether the service that runs here is ready; ends with an error if it is not
  migrate                    brings the tables up to date, and ends
  dead-letters [LIMIT]       the messages that consumers of this service gave up, the youngest first, one line of JSON each; 100 at most, or LIMIT
  dead-letters all [LIMIT]   those of all services
  replay GROUP MESSAGE_ID    delivers such a message once more, to the group that gave it up; `dead-letters` shows both, as `group` and `message_id`
  help                       this text

Settings are variables of the environment.
";

const REPLAY: &str = "`replay` needs the GROUP that gave a message up and the MESSAGE_ID: \
                      `dead-letters` lists both, as `group` and `message_id`";

/// What the arguments of the program ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run until stopped.
    Run,
    /// Say what can be asked for.
    Help,
    /// Ask the service that runs here whether it is ready.
    Health,
    /// Bring the tables up to date.
    Migrate,
    /// List what was given up.
    DeadLetters {
        /// Whether by all services, instead of this one.
        all: bool,
        /// How many at most.
        limit: u32,
    },
    /// Deliver what was given up once more.
    Replay {
        /// The group that gave it up.
        group: String,
        /// The message.
        message: Uuid,
    },
}

/// What orders are carried out with.
#[derive(Clone, Copy, Debug)]
pub struct Means<'a> {
    /// The name of the service.
    pub service: &'a str,
    /// Where it takes requests.
    pub address: SocketAddr,
    /// The history of its tables.
    pub migrations: Migrations,
    /// Where its data is.
    pub database: &'a DatabaseSettings,
    /// Where the broker is.
    pub broker: &'a BrokerSettings,
}

impl Command {
    /// Reads the arguments of the program.
    ///
    /// # Errors
    /// Arguments that are not understood.
    pub fn from_args() -> Result<Self, Failure> {
        Self::parse(std::env::args().skip(1))
    }

    fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let arguments: Vec<String> = arguments.into_iter().collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match *arguments {
            [] => Ok(Self::Run),
            ["help" | "-h" | "--help"] => Ok(Self::Help),
            ["health"] => Ok(Self::Health),
            ["migrate"] => Ok(Self::Migrate),
            ["dead-letters"] => Self::dead_letters(false, None),
            ["dead-letters", "all"] => Self::dead_letters(true, None),
            ["dead-letters", "all", limit] => Self::dead_letters(true, Some(limit)),
            ["dead-letters", limit] => Self::dead_letters(false, Some(limit)),
            ["replay"] | ["replay", _] => Err(REPLAY.into()),
            ["replay", group, message] => match message.parse() {
                Ok(message) => Ok(Self::Replay {
                    group: group.to_owned(),
                    message,
                }),
                Err(_) => {
                    Err(format!("`{message}` is no identifier of a message; {REPLAY}").into())
                }
            },
            _ => Err(format!(
                "`{}` is not understood; `help` says what is",
                arguments.join(" ")
            )
            .into()),
        }
    }

    fn dead_letters(all: bool, limit: Option<&str>) -> Result<Self, Failure> {
        let limit = match limit {
            None => LISTED,
            Some(limit) => limit
                .parse()
                .map_err(|_| format!("`{limit}` is no number of dead letters"))?,
        };
        Ok(Self::DeadLetters { all, limit })
    }

    /// Carries out everything but running, and says whether that was it.
    ///
    /// # Errors
    /// A database or a broker that does not answer, and a dead letter that does not exist.
    pub async fn is_done_with(&self, means: &Means<'_>) -> Result<bool, Failure> {
        let broker = means.broker;
        match self {
            Self::Run => return Ok(false),
            Self::Help => say(HELP.trim_end())?,
            Self::Health => health::ask(means.address).await?,
            Self::Migrate => {
                let (database, history) = (means.database, means.migrations);
                say(&database.migrate(means.service, history).await?)?;
            }
            Self::DeadLetters { all, limit } => means.list(*all, *limit).await?,
            Self::Replay { group, message } => {
                let replay = async { broker.open().await?.replay(group, *message).await };
                replay.await.map_err(|error| failed(broker, error))?;
                say(&format!("{message} is delivered to {group} once more"))?;
            }
        }
        Ok(true)
    }
}

impl Means<'_> {
    async fn list(&self, all: bool, limit: u32) -> Result<(), Failure> {
        // Whatever a service receives in begins with its name.
        let own = format!("{}.", self.service);
        let groups = if all { "" } else { own.as_str() };
        let list = async { self.broker.open().await?.dead_letters(groups, limit).await };
        let letters = list.await.map_err(|error| failed(self.broker, error))?;
        for letter in &letters {
            say(&line(letter))?;
        }
        if letters.is_empty() && !all {
            let service = self.service;
            note(&format!(
                "no consumer of {service} gave up a message; `dead-letters all` lists those of all services"
            ))?;
        }
        Ok(())
    }
}

/// A failure of the broker, with where that is.
fn failed(broker: &BrokerSettings, error: MessageError) -> Failure {
    match (error, broker.place()) {
        (error @ (MessageError::Broker { .. } | MessageError::NotLetIn { .. }), Some(place)) => {
            let told = chain(&error);
            format!("the broker at {place} (`broker.url`) cannot be asked: {told}").into()
        }
        (error, _) => error.into(),
    }
}

/// A letter without what its message says, which is nobody's business who only repairs.
fn line(letter: &DeadLetter) -> String {
    json!({
        "time": letter.time,
        "group": letter.group,
        "message_id": letter.envelope.id,
        "topic": letter.envelope.topic,
        "name": letter.envelope.name,
        "version": letter.envelope.version,
        "key": letter.envelope.key,
        "correlation_id": letter.envelope.correlation_id,
        "attempts": letter.attempts,
        "reason": letter.reason,
    })
    .to_string()
}

/// What is not part of what was asked for.
fn note(text: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{text}")
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, Failure> {
        Command::parse(arguments.iter().map(|&text| text.to_owned()))
    }

    #[test]
    fn without_an_argument_the_service_runs() {
        assert_eq!(parsed(&[]).unwrap(), Command::Run);
    }

    #[test]
    fn orders_are_read_with_what_they_need() {
        let message = Uuid::now_v7();
        let replay = Command::Replay {
            group: "billing.invoice".to_owned(),
            message,
        };
        let text = message.to_string();
        assert_eq!(
            parsed(&["replay", "billing.invoice", &text]).unwrap(),
            replay
        );
        let letters = |all, limit| Command::DeadLetters { all, limit };
        assert_eq!(parsed(&["dead-letters", "7"]).unwrap(), letters(false, 7));
        assert_eq!(
            parsed(&["dead-letters", "all"]).unwrap(),
            letters(true, LISTED)
        );
        assert_eq!(
            parsed(&["dead-letters", "all", "7"]).unwrap(),
            letters(true, 7)
        );
        assert_eq!(parsed(&["migrate"]).unwrap(), Command::Migrate);
    }

    #[test]
    fn what_is_not_understood_is_said_before_anything_is_done() {
        for wrong in [
            &["replay", "g"][..],
            &["dead-letters", "all", "x"],
            &["replay", "g", "1"],
            &["dead-letters", "x"],
            &["run"],
            &["migrate", "--dry-run"],
        ] {
            assert!(parsed(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_replay_without_what_it_needs_says_what_that_is_and_where_it_stands() {
        for short in [&["replay"][..], &["replay", "g"]] {
            let told = parsed(short).unwrap_err().to_string();
            for needed in ["GROUP", "MESSAGE_ID", "`dead-letters`"] {
                assert!(told.contains(needed), "{told}");
            }
        }
    }

    #[test]
    fn a_broker_that_does_not_answer_is_named() {
        let mut broker = BrokerSettings {
            url: Some("nats://me:secret@127.0.0.1:1".to_owned()),
            user: None,
            password: None,
            ca_file: None,
            file: "broker.db".into(),
            declared: crate::messaging::BrokerDefaults {
                system: "shop",
                service: "desk",
                retention: None,
            },
        };
        let silent = || MessageError::broker("see a stream", "timed out");
        let told = failed(&broker, silent()).to_string();
        let expected = "the broker at nats://127.0.0.1:1 (`broker.url`) cannot be asked: the broker failed to see a stream: timed out";
        assert_eq!(told, expected);
        broker.url = None;
        assert!(!failed(&broker, silent()).to_string().contains("broker.url"));
    }

    #[tokio::test]
    async fn a_letter_is_listed_without_its_payload_and_replayed() {
        use crate::config::Config;
        use crate::messaging::{BrokerDefaults, Envelope};

        let folder = tempfile::tempdir().unwrap();
        let declared = BrokerDefaults {
            system: "shop",
            service: "desk",
            retention: None,
        };
        let mut config = Config::from_pairs("desk", [("", ""); 0]);
        let settings = BrokerSettings::read(&mut config, folder.path(), declared);
        let database = DatabaseSettings::read(&mut config, folder.path().join("desk.db"), "public");
        let means = Means {
            service: "desk",
            address: SocketAddr::from(([127, 0, 0, 1], 1)),
            migrations: Migrations {
                sqlite: &[],
                postgres: &[],
            },
            database: &database,
            broker: &settings,
        };
        let bus = settings.open().await.unwrap();
        let payload = "a secret".into();
        let sent = Envelope::new("t", "Said", 1, "k".into(), "s", chrono::Utc::now(), payload);
        bus.publish(std::slice::from_ref(&sent)).await.unwrap();
        let mut group = bus.subscribe("t", "g").await.unwrap();
        group.next().await.unwrap().give_up("no").await.unwrap();
        let letter = bus.dead_letters("", 1).await.unwrap().remove(0);
        assert!(!line(&letter).contains("a secret"), "{}", line(&letter));

        let command = parsed(&["replay", "g", &sent.id.to_string()]).unwrap();
        assert!(command.is_done_with(&means).await.unwrap());
        assert!(
            command.is_done_with(&means).await.is_err(),
            "it is no dead letter any more"
        );
        assert!(!Command::Run.is_done_with(&means).await.unwrap());
        let unasked = parsed(&["health"]).unwrap().is_done_with(&means).await;
        assert!(unasked.is_err(), "nobody listens there");
        assert!(group.try_next().await.unwrap().is_some());
    }
}
