//! Coordinator and participants as pure state machines, with messages lost, repeated and out of order.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::saga::instance::{Instance, Todo};
use crate::saga::participation::{Decision, Participation, decide};
use crate::saga::{Action, Definition, Outcome, Reply, SagaData, StepDefinition, StepKind};
use crate::storage::UndoLog;

const fn step(name: &'static str, kind: StepKind) -> StepDefinition {
    StepDefinition::new(name, "service", kind).timeout(Duration::from_secs(5))
}

static SHAPES: [Definition; 3] = [
    Definition {
        name: "plain",
        version: 1,
        timeout: Duration::from_secs(60),
        steps: &[
            step("a", StepKind::Compensatable),
            step("b", StepKind::Compensatable),
            step("c", StepKind::Compensatable),
        ],
    },
    Definition {
        name: "pivot",
        version: 1,
        timeout: Duration::from_secs(30),
        steps: &[
            step("a", StepKind::Compensatable),
            step("r", StepKind::Read),
            step("p", StepKind::Pivot),
            step("z", StepKind::Retriable),
        ],
    },
    Definition {
        name: "late",
        version: 1,
        timeout: Duration::from_secs(3),
        steps: &[
            step("a", StepKind::Compensatable),
            step("p", StepKind::Pivot),
            step("r", StepKind::Read),
        ],
    },
];

/// A command on its way.
#[derive(Clone, Debug)]
struct Sent {
    step: usize,
    action: Action,
    attempt: u32,
}

/// How a step behaves when it is really run.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Works,
    Refuses,
    Fails,
}

struct World {
    definition: &'static Definition,
    instance: Instance,
    now: DateTime<Utc>,
    commands: Vec<Sent>,
    replies: Vec<Reply>,
    known: BTreeMap<usize, Participation>,
    runs: BTreeMap<usize, (u32, u32)>,
    ends: Vec<Todo>,
}

impl World {
    fn new(definition: &'static Definition) -> Self {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let data = SagaData {
            id: Uuid::from_u128(1),
            input: Json::Null,
            outputs: BTreeMap::new(),
        };
        let (instance, todo) = Instance::start(definition, data, now);
        let mut world = Self {
            definition,
            instance,
            now,
            commands: Vec::new(),
            replies: Vec::new(),
            known: BTreeMap::new(),
            runs: BTreeMap::new(),
            ends: Vec::new(),
        };
        world.carry_out(todo);
        world
    }

    fn carry_out(&mut self, todo: Vec<Todo>) {
        for todo in todo {
            match todo {
                Todo::Send {
                    step,
                    action,
                    attempt,
                } => self.commands.push(Sent {
                    step,
                    action,
                    attempt,
                }),
                end => self.ends.push(end),
            }
        }
    }

    /// A participant deals with a command as the worker does.
    fn deal(&mut self, sent: &Sent, mood: Mood) {
        let forward_only = self.definition.forward_only(sent.step);
        let done = |undo| Participation::Done {
            input: Json::Null,
            output: Json::Null,
            undo,
        };
        let runs = self.runs.entry(sent.step).or_default();
        let outcome = match decide(self.known.get(&sent.step).cloned(), sent.action) {
            Decision::Answer(outcome) => outcome,
            Decision::Close(outcome) => {
                self.known.insert(sent.step, Participation::Closed);
                outcome
            }
            Decision::Compensate { .. } if matches!(mood, Mood::Fails) => {
                Outcome::Failed("not now".into())
            }
            Decision::Compensate { .. } => {
                runs.1 += 1;
                self.known.insert(sent.step, Participation::Closed);
                Outcome::Done(Json::Null)
            }
            Decision::Run => match mood {
                Mood::Works => {
                    runs.0 += 1;
                    self.known.insert(sent.step, done(UndoLog::default()));
                    Outcome::Done(Json::Null)
                }
                Mood::Refuses if !forward_only => {
                    self.known.insert(
                        sent.step,
                        Participation::Rejected {
                            reason: "no".into(),
                        },
                    );
                    Outcome::Rejected("no".into())
                }
                _ => Outcome::Failed("not now".into()),
            },
        };
        self.replies.push(Reply {
            saga: Uuid::from_u128(1),
            step: self.definition.steps[sent.step].name.to_owned(),
            action: sent.action,
            attempt: sent.attempt,
            outcome,
        });
    }

    fn hear(&mut self, reply: &Reply) {
        let todo = self.instance.reply(self.definition, reply, self.now);
        self.carry_out(todo);
    }

    fn tick(&mut self) {
        if let Some(moment) = self.instance.wake_at(self.definition) {
            self.now = self.now.max(moment);
            let todo = self.instance.timer(self.definition, self.now);
            self.carry_out(todo);
        }
    }

    /// One step of chaos.
    fn chaos(&mut self, choice: u8, pick: usize, mood: Mood) {
        let pick_of = |len: usize| if len == 0 { None } else { Some(pick % len) };
        match choice {
            0 | 1 => {
                if let Some(at) = pick_of(self.commands.len()) {
                    let sent = self.commands.remove(at);
                    self.deal(&sent, mood);
                }
            }
            2 => {
                if let Some(at) = pick_of(self.commands.len()) {
                    let again = self.commands[at].clone();
                    self.deal(&again, mood);
                }
            }
            3 | 4 => {
                if let Some(at) = pick_of(self.replies.len()) {
                    let reply = self.replies.remove(at);
                    self.hear(&reply);
                }
            }
            5 => {
                if let Some(at) = pick_of(self.replies.len()) {
                    let again = self.replies[at].clone();
                    self.hear(&again);
                }
            }
            _ => self.tick(),
        }
    }

    /// Everything is delivered in the end, and works.
    fn calm_down(&mut self) {
        for _ in 0..1000 {
            while let Some(sent) = self.commands.pop() {
                self.deal(&sent, Mood::Works);
            }
            while let Some(reply) = self.replies.pop() {
                self.hear(&reply);
            }
            if self.commands.is_empty()
                && matches!(self.instance.status(), "committed" | "compensated")
            {
                return;
            }
            if self.commands.is_empty() {
                self.tick();
            }
        }
    }
}

fn moods() -> impl Strategy<Value = Mood> {
    prop_oneof![5 => Just(Mood::Works), 1 => Just(Mood::Refuses), 2 => Just(Mood::Fails)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn every_saga_ends_with_all_of_its_effects_or_none(
        shape in 0_usize..3,
        chaos in proptest::collection::vec((0_u8..7, any::<usize>(), moods()), 0..60),
    ) {
        let mut world = World::new(&SHAPES[shape]);
        for (choice, pick, mood) in chaos {
            world.chaos(choice, pick, mood);
        }
        world.calm_down();
        let status = world.instance.status();
        prop_assert!(matches!(status, "committed" | "compensated"), "still {}", status);
        prop_assert_eq!(world.ends.len(), 1, "the end is told once");
        for (at, step) in world.definition.steps.iter().enumerate() {
            let (runs, undone) = world.runs.get(&at).copied().unwrap_or_default();
            prop_assert!(runs <= 1 && undone <= runs, "{} ran {} times, undone {}", step.name, runs, undone);
            match (status, step.kind) {
                ("committed", _) => prop_assert_eq!((runs, undone), (1, 0), "{}", step.name),
                (_, StepKind::Read) => {}
                _ => prop_assert_eq!(runs, undone, "{}", step.name),
            }
        }
    }
}
