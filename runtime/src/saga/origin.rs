//! Where a saga comes from: the trace and the correlation that go on through all of its steps, whoever moves it.

use serde::{Deserialize, Serialize};

use crate::context::RequestContext;

/// Whose work a saga is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    traceparent: String,
    correlation_id: String,
}

impl Origin {
    /// That of the work that is under way.
    pub(super) fn current() -> Self {
        let context = RequestContext::current();
        Self {
            traceparent: context.trace.to_header(),
            correlation_id: context.correlation_id.to_string(),
        }
    }

    /// The context of what is done for the saga when nobody asks: a timer has run out.
    pub(super) fn context(&self) -> RequestContext {
        RequestContext::from_message(Some(&self.traceparent), &self.correlation_id)
    }
}
