//! What a saga does is seen as one tree of spans.

use super::system::{Files, Path, System};
use super::trace::strangers_to;
use crate::context::RequestContext;
use crate::saga::Provoked::{Error, Reject};
use crate::saga::commands_topic;
use crate::storage::Clock;
use crate::storage::fused::Fuse;
use crate::telemetry::otlp::collector::{Collector, assert_one_tree, roots};

#[tokio::test]
async fn what_is_done_for_a_saga_is_one_tree_of_spans_whoever_does_it() {
    let (collector, tracing) = Collector::begin().await;
    let context = RequestContext::root();
    let trace = context.trace.clone();
    strangers_to(context, &[("ship", Reject, 1), ("unbook", Error, 3)]).await;
    tracing.flush().await;
    let spans = collector.spans();
    let (id, root) = (trace.trace_id().to_string(), trace.span_id().to_string());
    assert_one_tree(&spans, &id, &root);
    let named = |name: &str| {
        spans
            .values()
            .filter(|span| span.name.ends_with(name))
            .count()
    };
    assert_eq!((named(" run take"), named(" compensate book")), (1, 1));
    assert!(named(" goes on by the clock") > 0);
}

#[tokio::test]
async fn a_saga_at_nobodys_request_begins_its_trace_and_is_forgotten_in_others() {
    let (collector, tracing) = Collector::begin().await;
    let files = Files::new().await;
    let system = System::boot(
        &files,
        &Path::of(&[("unbook", Error, 2), ("ship", Reject, 1)]),
        &Fuse::new(None),
    );
    let id = files.id();
    // It starts the saga by itself.
    assert_eq!(system.run(id).await.unwrap(), "compensated");
    tracing.flush().await;
    let spans = collector.spans();
    assert_eq!(roots(&spans), ["saga Trip starts"]);
    assert!(spans.len() > 20, "{spans:#?}");

    let later = files.clock().now() + chrono::Duration::days(31);
    files.clock().advance_to(later);
    assert_eq!(system.forget_ended().await, 1);
    assert_eq!(
        system.drain().await.unwrap(),
        6,
        "three sent, three received"
    );
    tracing.flush().await;
    let told = ["lead", "left", "right"].map(|service| format!("send {}", commands_topic(service)));
    let spans = collector.spans();
    let mut began = roots(&spans);
    began.retain(|name| *name != "saga Trip starts");
    assert_eq!(began, told);
}
