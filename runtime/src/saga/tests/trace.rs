//! One trace runs through a saga, whoever moves it.

use super::system::{Files, Path, System, Trip};
use crate::context::RequestContext;
use crate::messaging::Bus;
use crate::saga::Provoked::{Error, Hang, Reject};
use crate::saga::{Provoked, commands_topic, replies_topic, start};
use crate::storage::fused::Fuse;

/// Runs a saga that began within a context, and counts the messages of it that were sent under another trace.
async fn strangers(faults: &[(&'static str, Provoked, u32)]) -> (usize, usize) {
    strangers_to(RequestContext::root(), faults).await
}

pub(super) async fn strangers_to(
    context: RequestContext,
    faults: &[(&'static str, Provoked, u32)],
) -> (usize, usize) {
    let files = Files::new().await;
    let system = System::boot(&files, &Path::of(faults), &Fuse::new(None));
    let id = files.id();
    let lead = system.lead();
    let begin = async {
        let mut uow = lead.begin().await.unwrap();
        start(&mut uow, &Trip, id, &"me").await.unwrap();
        uow.commit().await.unwrap();
    };
    context.clone().scope(begin).await;
    // Everything else happens outside the request: on workers and timers.
    system.end(id).await.unwrap();
    let (trace, correlation) = (context.trace.trace_id().to_string(), context.correlation_id);
    let topics = ["lead", "left", "right"].map(commands_topic);
    let (mut all, mut strange) = (0, 0);
    for topic in topics.into_iter().chain([replies_topic("lead")]) {
        let mut look = files.bus().subscribe(&topic, "look").await.unwrap();
        while let Some(delivery) = look.try_next().await.unwrap() {
            let sent = delivery.envelope.clone();
            let ours = sent
                .traceparent
                .is_some_and(|parent| parent.contains(&trace))
                && sent.correlation_id == correlation.as_str();
            (all, strange) = (all + 1, strange + usize::from(!ours));
            delivery.ack().await.unwrap();
        }
    }
    (all, strange)
}

#[tokio::test]
async fn an_undisturbed_saga_is_one_trace() {
    assert_eq!(strangers(&[]).await, (6, 0));
}

#[tokio::test]
async fn attempts_questions_and_compensations_that_a_timer_sends_belong_to_the_same_trace() {
    let again = strangers(&[("take", Error, 2), ("book", Error, 1)]).await;
    assert_eq!(again, (12, 0), "attempts");
    let (all, strange) = strangers(&[("ship", Hang, 2)]).await;
    assert!(all > 6 && strange == 0, "a pivot that is asked to settle");
    let (all, strange) = strangers(&[("ship", Reject, 1), ("unbook", Error, 3)]).await;
    assert!(all > 10 && strange == 0, "compensations");
}
