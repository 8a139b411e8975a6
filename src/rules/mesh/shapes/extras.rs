//! `ServiceEntry`, `WorkloadEntry`, `Sidecar` and `Telemetry`: what lies outside, what a proxy sees, and what is seen of it.

use super::destination::{CONNECTION_POOL, PORT};
use super::routing::{SERVER_PORT, SERVER_TLS};
use super::{LABELS, MATCH_LABELS, Shape, TARGET, TARGETS, TEXTS, WORKLOADS, field};

pub(super) const SERVICE_ENTRY: Shape = Shape::Record(&[
    field("hosts", TEXTS),
    field("addresses", TEXTS),
    field("ports", Shape::List(&SERVER_PORT)),
    field(
        "location",
        Shape::OneOf(&["MESH_EXTERNAL", "MESH_INTERNAL"]),
    ),
    field(
        "resolution",
        Shape::OneOf(&["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]),
    ),
    field("endpoints", Shape::List(&WORKLOAD_ENTRY)),
    field("workloadSelector", WORKLOADS),
    field("exportTo", TEXTS),
    field("subjectAltNames", TEXTS),
]);

pub(super) const WORKLOAD_ENTRY: Shape = Shape::Record(&[
    field("address", Shape::Text),
    field("ports", Shape::Map(&Shape::Whole)),
    field("labels", LABELS),
    field("network", Shape::Text),
    field("locality", Shape::Text),
    field("weight", Shape::Whole),
    field("serviceAccount", Shape::Text),
]);

const CAPTURE: Shape = Shape::OneOf(&["DEFAULT", "IPTABLES", "NONE"]);

pub(super) const SIDECAR: Shape = Shape::Record(&[
    field("workloadSelector", WORKLOADS),
    field("ingress", Shape::List(&INGRESS)),
    field("egress", Shape::List(&EGRESS)),
    field("inboundConnectionPool", CONNECTION_POOL),
    field("outboundTrafficPolicy", OUTBOUND),
]);

const INGRESS: Shape = Shape::Record(&[
    field("port", SERVER_PORT),
    field("bind", Shape::Text),
    field("captureMode", CAPTURE),
    field("defaultEndpoint", Shape::Text),
    field("tls", SERVER_TLS),
    field("connectionPool", CONNECTION_POOL),
]);

const EGRESS: Shape = Shape::Record(&[
    field("port", SERVER_PORT),
    field("bind", Shape::Text),
    field("captureMode", CAPTURE),
    field("hosts", TEXTS),
]);

const OUTBOUND: Shape = Shape::Record(&[
    field("mode", Shape::OneOf(&["REGISTRY_ONLY", "ALLOW_ANY"])),
    field(
        "egressProxy",
        Shape::Record(&[
            field("host", Shape::Text),
            field("subset", Shape::Text),
            field("port", PORT),
        ]),
    ),
]);

const PROVIDERS: Shape = Shape::List(&Shape::Record(&[field("name", Shape::Text)]));
const SIDES: Shape = Shape::OneOf(&["CLIENT_AND_SERVER", "CLIENT", "SERVER"]);
const BY_SIDE: Shape = Shape::Record(&[field("mode", SIDES)]);

pub(super) const TELEMETRY: Shape = Shape::Record(&[
    field("selector", MATCH_LABELS),
    field("targetRef", TARGET),
    field("targetRefs", TARGETS),
    field("tracing", Shape::List(&TRACING)),
    field("metrics", Shape::List(&METRICS)),
    field("accessLogging", Shape::List(&ACCESS_LOGGING)),
]);

const TRACING: Shape = Shape::Record(&[
    field("match", BY_SIDE),
    field("providers", PROVIDERS),
    field("randomSamplingPercentage", Shape::Number),
    field("disableSpanReporting", Shape::Flag),
    field("disableContextPropagation", Shape::Flag),
    field("customTags", Shape::Map(&TAG)),
    field("useRequestIdForTraceSampling", Shape::Flag),
    field("enableIstioTags", Shape::Flag),
]);

const TAG: Shape = Shape::Record(&[
    field("literal", Shape::Record(&[field("value", Shape::Text)])),
    field("formatter", Shape::Record(&[field("value", Shape::Text)])),
    field("environment", FROM_NAME),
    field("header", FROM_NAME),
]);

const FROM_NAME: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("defaultValue", Shape::Text),
]);

const METRICS: Shape = Shape::Record(&[
    field("providers", PROVIDERS),
    field("overrides", Shape::List(&OVERRIDE)),
    field("reportingInterval", Shape::Duration),
]);

const OVERRIDE: Shape = Shape::Record(&[
    field("disabled", Shape::Flag),
    field(
        "match",
        Shape::Record(&[
            field("metric", METRIC),
            field("customMetric", Shape::Text),
            field("mode", SIDES),
        ]),
    ),
    field(
        "tagOverrides",
        Shape::Map(&Shape::Record(&[
            field("operation", Shape::OneOf(&["UPSERT", "REMOVE"])),
            field("value", Shape::Text),
        ])),
    ),
]);

const METRIC: Shape = Shape::OneOf(&[
    "ALL_METRICS",
    "REQUEST_COUNT",
    "REQUEST_DURATION",
    "REQUEST_SIZE",
    "RESPONSE_SIZE",
    "TCP_OPENED_CONNECTIONS",
    "TCP_CLOSED_CONNECTIONS",
    "TCP_SENT_BYTES",
    "TCP_RECEIVED_BYTES",
    "GRPC_REQUEST_MESSAGES",
    "GRPC_RESPONSE_MESSAGES",
]);

const ACCESS_LOGGING: Shape = Shape::Record(&[
    field("match", BY_SIDE),
    field("providers", PROVIDERS),
    field("disabled", Shape::Flag),
    field("filter", Shape::Record(&[field("expression", Shape::Text)])),
]);
