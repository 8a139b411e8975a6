//! Who asks, on whose trace, and until when: the context that travels with a request through handlers, calls and messages.
//!
//! ```
//! use msarch_runtime::context::{Deadline, RequestContext};
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let context = RequestContext::root().with_deadline(Deadline::after(Duration::from_secs(2)));
//! let trace = context.trace.trace_id();
//! let seen = context.scope(async { RequestContext::current().trace.trace_id() }).await;
//! assert_eq!(seen, trace);
//! # }
//! ```

mod correlation;
mod deadline;
pub mod headers;
mod subject;
pub(crate) mod trace;

use std::future::Future;

use tracing::Instrument;

pub use correlation::{CorrelationHeader, CorrelationId};
pub use deadline::Deadline;
pub use subject::{Credentials, Subject};
pub use trace::{SpanId, TraceContext, TraceId};

tokio::task_local! {
    static CURRENT: RequestContext;
}

/// What travels with one request, or with one message. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// Where this work stands in the distributed trace.
    pub trace: TraceContext,
    /// What ties together everything done for one outer cause, across messages too.
    pub correlation_id: CorrelationId,
    /// When the caller stops waiting.
    pub deadline: Option<Deadline>,
    /// The authenticated caller.
    pub subject: Option<Subject>,
    /// The caller's bearer token, so that a call made on its behalf can carry it on.
    pub credentials: Option<Credentials>,
}

impl RequestContext {
    /// A fresh context: new trace, new correlation, no deadline, nobody.
    #[must_use]
    pub fn root() -> Self {
        Self {
            trace: TraceContext::root(),
            correlation_id: CorrelationId::generate(),
            deadline: None,
            subject: None,
            credentials: None,
        }
    }

    /// The context of the running task, or a fresh root outside any scope.
    #[must_use]
    pub fn current() -> Self {
        Self::try_current().unwrap_or_else(Self::root)
    }

    /// The context of the running task, if it runs within a scope.
    #[must_use]
    pub fn try_current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Who is calling; nobody is an empty text.
    #[must_use]
    pub fn subject_id() -> String {
        let subject = Self::try_current().and_then(|context| context.subject);
        subject.map_or_else(String::new, |subject| subject.id().to_owned())
    }

    /// The context of a message: the trace continues and the correlation stays, but nobody waits and nobody is logged in.
    #[must_use]
    pub fn from_message(traceparent: Option<&str>, correlation_id: &str) -> Self {
        Self {
            trace: traceparent
                .and_then(|header| TraceContext::parse(header, None))
                .map_or_else(TraceContext::root, |parent| parent.child()),
            correlation_id: CorrelationId::parse(correlation_id)
                .unwrap_or_else(CorrelationId::generate),
            deadline: None,
            subject: None,
            credentials: None,
        }
    }

    /// The same context, one span further down.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            trace: self.trace.child(),
            ..self.clone()
        }
    }

    /// The same context with a deadline; an earlier one that is already set stays.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(
            self.deadline
                .map_or(deadline, |earlier| earlier.min(deadline)),
        );
        self
    }

    /// The same context on behalf of an authenticated caller.
    #[must_use]
    pub fn with_subject(mut self, subject: Subject, credentials: Option<Credentials>) -> Self {
        self.subject = Some(subject);
        self.credentials = credentials;
        self
    }

    /// Runs a future with this context, inside a tracing span that carries the identifiers into every log line.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        // Level error, so that no log filter can take the identifiers away from the lines that it lets through.
        let span = tracing::error_span!(
            "request",
            trace_id = %self.trace.trace_id(),
            span_id = %self.trace.span_id(),
            correlation_id = %self.correlation_id,
        );
        self.within(future.instrument(span)).await
    }

    /// Runs a future with this context inside the span that is already there.
    pub(crate) async fn within<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_scope_is_seen_inside_and_not_outside() {
        let context = RequestContext::root();
        let id = context.correlation_id.clone();
        let inside = context
            .scope(async { RequestContext::current().correlation_id })
            .await;
        assert_eq!(inside, id);
        assert!(RequestContext::try_current().is_none());
    }

    #[tokio::test]
    async fn an_inner_scope_wins_and_the_outer_comes_back() {
        let (outer, inner) = (RequestContext::root(), RequestContext::root());
        let (outer_id, inner_id) = (outer.correlation_id.clone(), inner.correlation_id.clone());
        outer
            .scope(async move {
                let seen = inner
                    .scope(async { RequestContext::current().correlation_id })
                    .await;
                assert_eq!(seen, inner_id);
                assert_eq!(RequestContext::current().correlation_id, outer_id);
            })
            .await;
    }

    #[test]
    fn outside_any_scope_each_context_is_a_fresh_root() {
        assert_ne!(
            RequestContext::current().trace.trace_id(),
            RequestContext::current().trace.trace_id()
        );
    }

    #[tokio::test]
    async fn the_earlier_deadline_stays() {
        let soon = Deadline::after(Duration::from_millis(10));
        let late = Deadline::after(Duration::from_secs(10));
        assert_eq!(
            RequestContext::root()
                .with_deadline(soon)
                .with_deadline(late)
                .deadline,
            Some(soon)
        );
        assert_eq!(
            RequestContext::root()
                .with_deadline(late)
                .with_deadline(soon)
                .deadline,
            Some(soon)
        );
    }

    #[test]
    fn a_message_continues_the_trace_and_keeps_the_correlation() {
        let sender = RequestContext::root();
        let context = RequestContext::from_message(
            Some(&sender.trace.to_header()),
            sender.correlation_id.as_str(),
        );
        assert_eq!(context.trace.trace_id(), sender.trace.trace_id());
        assert_ne!(context.trace.span_id(), sender.trace.span_id());
        assert_eq!(context.correlation_id, sender.correlation_id);
    }

    #[test]
    fn a_message_without_a_usable_trace_begins_one() {
        let context = RequestContext::from_message(Some("nonsense"), "c-1");
        assert_eq!(context.correlation_id.as_str(), "c-1");
        assert_ne!(context.trace.trace_id().to_string(), "0".repeat(32));
    }
}
