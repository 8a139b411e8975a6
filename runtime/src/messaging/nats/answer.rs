//! How a member's answer comes to the part that its message is from.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::partition::{Now, State};
use crate::messaging::{Answer, BusResult, MessageError};

/// What a member says about a message.
pub(super) enum Verdict {
    Done,
    Again(Duration),
    Later(Duration),
    GivenUp(String),
}

/// A verdict, and where to say that the server has taken note of it.
pub(super) struct Question {
    pub(super) verdict: Verdict,
    pub(super) answered: oneshot::Sender<BusResult<()>>,
}

/// The answer that a delivery carries.
pub(super) struct Answered {
    state: Arc<State>,
    question: Option<oneshot::Sender<Question>>,
}

impl Answered {
    /// An answer to a message that is held from now on.
    pub(super) fn new(state: Arc<State>) -> (Self, oneshot::Receiver<Question>) {
        let (sender, receiver) = oneshot::channel();
        state.set(Now::Held);
        let question = Some(sender);
        (Self { state, question }, receiver)
    }

    async fn say(mut self: Box<Self>, verdict: Verdict) -> BusResult<()> {
        let gone = || MessageError::broker("take an answer", "nobody listens any more");
        let (answered, answer) = oneshot::channel();
        let question = Question { verdict, answered };
        let sender = self.question.take().ok_or_else(gone)?;
        sender.send(question).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

#[async_trait]
impl Answer for Answered {
    async fn ack(self: Box<Self>) -> BusResult<()> {
        self.say(Verdict::Done).await
    }

    async fn retry(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.say(Verdict::Again(after)).await
    }

    async fn postpone(self: Box<Self>, after: Duration) -> BusResult<()> {
        self.say(Verdict::Later(after)).await
    }

    async fn give_up(self: Box<Self>, reason: &str) -> BusResult<()> {
        self.say(Verdict::GivenUp(reason.to_owned())).await
    }
}

impl Drop for Answered {
    /// Without an answer, the message comes again at once.
    fn drop(&mut self) {
        if self.question.is_some() {
            self.state.set(Now::Until(Instant::now()));
        }
    }
}
