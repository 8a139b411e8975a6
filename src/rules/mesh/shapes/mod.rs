//! The shape of Istio's resources, as of Istio 1.30: which fields there are, what each may hold, and what stands in for those that are
//! deprecated. Plain constants, so that a file without manifests pays nothing for them.

mod destination;
mod extras;
mod routing;
mod security;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A duration: `30s`, `1m30s`.
    Duration,
    /// Conditions of retries, with commas between.
    Conditions,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// A map with keys of the user's.
    Map(&'static Shape),
    /// A map with these keys.
    Record(&'static [Field]),
    /// Whatever it is.
    Anything,
}

/// A key of a record.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub shape: Shape,
    /// What to write in its place, where it is deprecated.
    pub instead: Option<&'static str>,
}

/// A kind of resource.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its API group.
    pub group: &'static str,
    /// The version to write.
    pub version: &'static str,
    /// Versions that are still served, and superseded.
    pub older: &'static [&'static str],
    /// Its name.
    pub name: &'static str,
    /// Its `spec`.
    pub spec: Shape,
}

/// Words that are still read, and what to write in their place.
pub const OLD_WORDS: &[(&str, &str)] = &[("LEAST_CONN", "LEAST_REQUEST")];

/// The conditions on which Envoy repeats a request; Istio takes codes of answers besides.
pub const CONDITIONS: &[&str] = &[
    "5xx",
    "cancelled",
    "connect-failure",
    "deadline-exceeded",
    "envoy-ratelimited",
    "gateway-error",
    "http3-post-connect-failure",
    "internal",
    "refused-stream",
    "reset",
    "reset-before-request",
    "resource-exhausted",
    "retriable-4xx",
    "retriable-headers",
    "retriable-status-codes",
    "unavailable",
];

/// The first of some conditions that means nothing.
#[must_use]
pub fn unknown_condition(conditions: &str) -> Option<&str> {
    let mut all = conditions.split(',').map(str::trim);
    all.find(|word| {
        let code = word.len() == 3
            && word
                .parse::<u16>()
                .is_ok_and(|code| (100..600).contains(&code));
        !code && !CONDITIONS.contains(word)
    })
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        instead: None,
    }
}

const fn old(name: &'static str, shape: Shape, instead: &'static str) -> Field {
    Field {
        name,
        shape,
        instead: Some(instead),
    }
}

const TEXTS: Shape = Shape::List(&Shape::Text);
const LABELS: Shape = Shape::Map(&Shape::Text);
const MATCH_LABELS: Shape = Shape::Record(&[field("matchLabels", LABELS)]);
const WORKLOADS: Shape = Shape::Record(&[field("labels", LABELS)]);
const TARGET: Shape = Shape::Record(&[
    field("group", Shape::Text),
    field("kind", Shape::Text),
    field("name", Shape::Text),
    field("namespace", Shape::Text),
]);
const TARGETS: Shape = Shape::List(&TARGET);

const NETWORKING: &str = "networking.istio.io";
const SECURITY: &str = "security.istio.io";

const fn networking(name: &'static str, spec: Shape) -> Kind {
    Kind {
        group: NETWORKING,
        version: "v1",
        older: &["v1beta1", "v1alpha3"],
        name,
        spec,
    }
}

const fn security(name: &'static str, spec: Shape) -> Kind {
    Kind {
        group: SECURITY,
        version: "v1",
        older: &["v1beta1"],
        name,
        spec,
    }
}

/// Every kind that is known, with its shape.
pub const KINDS: &[Kind] = &[
    networking("DestinationRule", destination::DESTINATION_RULE),
    networking("Gateway", routing::GATEWAY),
    networking("ServiceEntry", extras::SERVICE_ENTRY),
    networking("Sidecar", extras::SIDECAR),
    networking("VirtualService", routing::VIRTUAL_SERVICE),
    networking("WorkloadEntry", extras::WORKLOAD_ENTRY),
    networking("WorkloadGroup", Shape::Anything),
    Kind {
        group: NETWORKING,
        version: "v1alpha3",
        older: &[],
        name: "EnvoyFilter",
        spec: Shape::Anything,
    },
    Kind {
        group: NETWORKING,
        version: "v1beta1",
        older: &[],
        name: "ProxyConfig",
        spec: Shape::Anything,
    },
    security("AuthorizationPolicy", security::AUTHORIZATION_POLICY),
    security("PeerAuthentication", security::PEER_AUTHENTICATION),
    security("RequestAuthentication", security::REQUEST_AUTHENTICATION),
    Kind {
        group: "telemetry.istio.io",
        version: "v1",
        older: &["v1alpha1"],
        name: "Telemetry",
        spec: extras::TELEMETRY,
    },
    Kind {
        group: "extensions.istio.io",
        version: "v1alpha1",
        older: &[],
        name: "WasmPlugin",
        spec: Shape::Anything,
    },
];
