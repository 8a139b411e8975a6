//! How a context crosses the wire: read from a request's headers, written into a call's.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{CorrelationHeader, CorrelationId, Deadline, RequestContext, TraceContext};

/// The W3C header that names the parent span.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The W3C header that carries what other tracing systems need.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The header that names one request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header with the milliseconds that the caller still waits.
pub const DEADLINE_MS: HeaderName = HeaderName::from_static("x-deadline-ms");

impl RequestContext {
    /// The context of a request that comes in: a new span under the caller's, the caller's correlation and deadline.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap, correlation: &CorrelationHeader) -> Self {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let trace = text(&TRACEPARENT)
            .and_then(|parent| TraceContext::parse(parent, text(&TRACESTATE)))
            .map_or_else(TraceContext::root, |parent| parent.child());
        let correlation_id = text(correlation.name())
            .or_else(|| text(&REQUEST_ID))
            .and_then(CorrelationId::parse)
            .unwrap_or_else(CorrelationId::generate);
        let deadline = text(&DEADLINE_MS)
            .and_then(|left| left.parse().ok())
            .map(|left| Deadline::after(Duration::from_millis(left)));
        Self {
            trace,
            correlation_id,
            deadline,
            subject: None,
            credentials: None,
        }
    }

    /// Writes trace, correlation and remaining time into the headers of a call that goes out.
    pub fn write_headers(&self, headers: &mut HeaderMap, correlation: &CorrelationHeader) {
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        put(TRACEPARENT, &self.trace.to_header());
        if let Some(state) = self.trace.state() {
            put(TRACESTATE, state);
        }
        put(correlation.name().clone(), self.correlation_id.as_str());
        if let Some(deadline) = self.deadline {
            put(DEADLINE_MS, &deadline.remaining().as_millis().to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_written_is_read_again() {
        let sent =
            RequestContext::root().with_deadline(Deadline::after(Duration::from_millis(800)));
        let mut headers = HeaderMap::new();
        sent.write_headers(&mut headers, &CorrelationHeader::default());
        let read = RequestContext::from_headers(&headers, &CorrelationHeader::default());
        assert_eq!(read.trace.trace_id(), sent.trace.trace_id());
        assert_eq!(read.trace.parent_id(), Some(sent.trace.span_id()));
        assert_eq!(read.correlation_id, sent.correlation_id);
        assert_eq!(read.deadline, sent.deadline);
    }

    #[test]
    fn a_request_without_headers_begins_a_trace_and_a_correlation() {
        let read = RequestContext::from_headers(&HeaderMap::new(), &CorrelationHeader::default());
        assert!(read.trace.parent_id().is_none());
        assert!(read.deadline.is_none());
    }

    #[test]
    fn the_request_id_serves_as_correlation_when_none_is_given() {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_static("r-1"));
        assert_eq!(
            RequestContext::from_headers(&headers, &CorrelationHeader::default())
                .correlation_id
                .as_str(),
            "r-1"
        );
    }

    #[test]
    fn a_deadline_that_is_no_number_is_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert(DEADLINE_MS, HeaderValue::from_static("soon"));
        assert!(
            RequestContext::from_headers(&headers, &CorrelationHeader::default())
                .deadline
                .is_none()
        );
    }
}
