//! The W3C trace context: `traceparent` and `tracestate` (<https://www.w3.org/TR/trace-context/>).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// Longest `tracestate` that is carried on; the recommendation asks for at least 512 characters.
const MAX_STATE: usize = 512;
const SAMPLED: u8 = 1;
/// How many bits at the end of an identifier are random, for whoever decides by them (level 2 of the recommendation).
const RANDOM_BITS: u32 = 56;

/// Of the traces that begin in this process, those are recorded whose random bits are below this.
static RECORDED_BELOW: AtomicU64 = AtomicU64::new(1 << RANDOM_BITS);

/// Sixteen bytes that name a whole trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

/// Eight bytes that name one piece of work within a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

/// Where a piece of work stands in a distributed trace. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    parent: Option<SpanId>,
    flags: u8,
    state: Option<Arc<str>>,
}

impl TraceContext {
    /// A new trace. Whether it is recorded is decided here, and everybody further down keeps to it.
    #[must_use]
    pub fn root() -> Self {
        let trace_id = TraceId(*Uuid::new_v4().as_bytes());
        let recorded = trace_id.is_below(RECORDED_BELOW.load(Ordering::Relaxed));
        Self {
            trace_id,
            span_id: SpanId::generate(),
            parent: None,
            flags: if recorded { SAMPLED } else { 0 },
            state: None,
        }
    }

    /// Reads the headers as the caller sent them; `None` if `traceparent` is not well formed.
    #[must_use]
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let mut parts = traceparent.trim().split('-');
        let version = hex::<1>(parts.next()?)?[0];
        let trace_id = hex::<16>(parts.next()?)?;
        let span_id = hex::<8>(parts.next()?)?;
        let flags = hex::<1>(parts.next()?)?[0];
        // Version 00 ends here; a later version may append fields, and ff is forbidden.
        let ends = version != 0 || parts.next().is_none();
        let valid = ends && version != 0xff && trace_id != [0; 16] && span_id != [0; 8];
        valid.then(|| Self {
            trace_id: TraceId(trace_id),
            span_id: SpanId(span_id),
            parent: None,
            flags: flags & SAMPLED,
            state: tracestate
                .map(str::trim)
                .filter(|state| carried(state))
                .map(Into::into),
        })
    }

    /// A new span of the same trace, under this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: SpanId::generate(),
            parent: Some(self.span_id),
            ..self.clone()
        }
    }

    /// The `traceparent` header that names this span as the parent.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags)
    }

    /// The `tracestate` header, as it came.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The identifier of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The identifier of this span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The span above this one.
    #[must_use]
    pub fn parent_id(&self) -> Option<SpanId> {
        self.parent
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub fn sampled(&self) -> bool {
        self.flags & SAMPLED == SAMPLED
    }
}

/// Has a share of the traces that begin in this process recorded, from 0 to 1.
pub(crate) fn record_share(share: f64) {
    RECORDED_BELOW.store(bound(share), Ordering::Relaxed);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1 of a number that a float holds exactly"
)]
fn bound(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * (1_u64 << RANDOM_BITS) as f64) as u64
}

impl TraceId {
    /// The identifier as a number.
    #[must_use]
    pub fn number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    fn is_below(self, bound: u64) -> bool {
        let random = self.number() & ((1 << RANDOM_BITS) - 1);
        random < u128::from(bound)
    }
}

impl SpanId {
    /// The identifier as a number.
    #[must_use]
    pub fn number(self) -> u64 {
        u64::from_be_bytes(self.0)
    }

    fn generate() -> Self {
        // The second half of a random UUID holds the variant bits, hence is never all zero, which the recommendation forbids.
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&Uuid::new_v4().as_bytes()[8..]);
        Self(bytes)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

fn carried(state: &str) -> bool {
    !state.is_empty()
        && state.len() <= MAX_STATE
        && state.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// Lower-case hexadecimal of exactly `N` bytes; the recommendation refuses upper case.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_header_comes_back_as_it_was() {
        assert_eq!(
            TraceContext::parse(PARENT, None)
                .map(|t| t.to_header())
                .as_deref(),
            Some(PARENT)
        );
    }

    #[test]
    fn a_child_keeps_the_trace_and_knows_its_parent() {
        let parent = TraceContext::parse(PARENT, Some("vendor=1")).unwrap();
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_eq!(child.parent_id(), Some(parent.span_id()));
        assert_ne!(child.span_id(), parent.span_id());
        assert_eq!(child.state(), Some("vendor=1"));
    }

    #[test]
    fn an_unsampled_trace_stays_unsampled() {
        let parent = TraceContext::parse(&PARENT.replace("-01", "-00"), None).unwrap();
        assert!(!parent.child().sampled());
    }

    #[test]
    fn a_share_of_new_traces_is_recorded() {
        let recorded = |share: f64| {
            let traces = (0..4000).map(|_| TraceContext::root().trace_id());
            traces.filter(|trace| trace.is_below(bound(share))).count()
        };
        assert_eq!((recorded(0.0), recorded(1.0)), (0, 4000));
        let quarter = recorded(0.25);
        assert!((700..1300).contains(&quarter), "{quarter}");
    }

    #[test]
    fn malformed_headers_are_refused() {
        for header in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        ] {
            assert_eq!(TraceContext::parse(header, None), None, "{header}");
        }
    }

    #[test]
    fn a_later_version_with_further_fields_is_understood() {
        let header = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes";
        assert!(TraceContext::parse(header, None).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            let _ = TraceContext::parse(&text, Some(&text));
        }
    }
}
