//! `VirtualService` and `Gateway`: where requests go.

use super::destination::PORT;
use super::{LABELS, Shape, TEXTS, field, old};

pub(super) const GATEWAY: Shape = Shape::Record(&[
    field("selector", LABELS),
    field("servers", Shape::List(&SERVER)),
]);

const SERVER: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("port", SERVER_PORT),
    field("bind", Shape::Text),
    field("hosts", TEXTS),
    field("tls", SERVER_TLS),
    field("defaultEndpoint", Shape::Text),
]);

pub(super) const SERVER_PORT: Shape = Shape::Record(&[
    field("number", Shape::Whole),
    field("protocol", Shape::Text),
    field("name", Shape::Text),
    field("targetPort", Shape::Whole),
]);

const VERSIONS: Shape = Shape::OneOf(&["TLS_AUTO", "TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"]);

pub(super) const SERVER_TLS: Shape = Shape::Record(&[
    field(
        "mode",
        Shape::OneOf(&[
            "PASSTHROUGH",
            "SIMPLE",
            "MUTUAL",
            "AUTO_PASSTHROUGH",
            "ISTIO_MUTUAL",
            "OPTIONAL_MUTUAL",
        ]),
    ),
    field("httpsRedirect", Shape::Flag),
    field("credentialName", Shape::Text),
    field("credentialNames", TEXTS),
    field("serverCertificate", Shape::Text),
    field("privateKey", Shape::Text),
    field("caCertificates", Shape::Text),
    field("caCertCredentialName", Shape::Text),
    field("caCrl", Shape::Text),
    field("tlsCertificates", Shape::List(&CERTIFICATE)),
    field("subjectAltNames", TEXTS),
    field("verifyCertificateSpki", TEXTS),
    field("verifyCertificateHash", TEXTS),
    field("minProtocolVersion", VERSIONS),
    field("maxProtocolVersion", VERSIONS),
    field("cipherSuites", TEXTS),
]);

const CERTIFICATE: Shape = Shape::Record(&[
    field("serverCertificate", Shape::Text),
    field("privateKey", Shape::Text),
    field("caCertificates", Shape::Text),
]);

pub(super) const VIRTUAL_SERVICE: Shape = Shape::Record(&[
    field("hosts", TEXTS),
    field("gateways", TEXTS),
    field("http", Shape::List(&HTTP)),
    field("tls", Shape::List(&TLS)),
    field("tcp", Shape::List(&TCP)),
    field("exportTo", TEXTS),
]);

const DESTINATION: Shape = Shape::Record(&[
    field("host", Shape::Text),
    field("subset", Shape::Text),
    field("port", PORT),
]);

const HTTP: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("match", Shape::List(&MATCH)),
    field("route", Shape::List(&ROUTE)),
    field("redirect", REDIRECT),
    field("directResponse", DIRECT_RESPONSE),
    field(
        "delegate",
        Shape::Record(&[field("name", Shape::Text), field("namespace", Shape::Text)]),
    ),
    field("rewrite", REWRITE),
    field("timeout", Shape::Duration),
    field("retries", RETRIES),
    field("fault", FAULT),
    field("mirror", DESTINATION),
    field("mirrors", Shape::List(&MIRROR)),
    field("mirrorPercentage", PERCENT),
    old("mirrorPercent", Shape::Whole, "mirrorPercentage"),
    old("mirror_percent", Shape::Whole, "mirrorPercentage"),
    field("corsPolicy", CORS),
    field("headers", HEADERS),
]);

const PERCENT: Shape = Shape::Record(&[field("value", Shape::Number)]);

const STRING_MATCH: Shape = Shape::Record(&[
    field("exact", Shape::Text),
    field("prefix", Shape::Text),
    field("regex", Shape::Text),
]);

const MATCH: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("uri", STRING_MATCH),
    field("scheme", STRING_MATCH),
    field("method", STRING_MATCH),
    field("authority", STRING_MATCH),
    field("headers", Shape::Map(&STRING_MATCH)),
    field("withoutHeaders", Shape::Map(&STRING_MATCH)),
    field("queryParams", Shape::Map(&STRING_MATCH)),
    field("ignoreUriCase", Shape::Flag),
    field("port", Shape::Whole),
    field("sourceLabels", LABELS),
    field("sourceNamespace", Shape::Text),
    field("gateways", TEXTS),
    field("statPrefix", Shape::Text),
]);

const ROUTE: Shape = Shape::Record(&[
    field("destination", DESTINATION),
    field("weight", Shape::Whole),
    field("headers", HEADERS),
]);

const MIRROR: Shape = Shape::Record(&[
    field("destination", DESTINATION),
    field("percentage", PERCENT),
]);

const HEADERS: Shape = Shape::Record(&[
    field("request", HEADER_CHANGES),
    field("response", HEADER_CHANGES),
]);

const HEADER_CHANGES: Shape = Shape::Record(&[
    field("set", LABELS),
    field("add", LABELS),
    field("remove", TEXTS),
]);

const REDIRECT: Shape = Shape::Record(&[
    field("uri", Shape::Text),
    field("authority", Shape::Text),
    field("scheme", Shape::Text),
    field("port", Shape::Whole),
    field(
        "derivePort",
        Shape::OneOf(&["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"]),
    ),
    field("redirectCode", Shape::Whole),
]);

const DIRECT_RESPONSE: Shape = Shape::Record(&[
    field("status", Shape::Whole),
    field(
        "body",
        Shape::Record(&[field("string", Shape::Text), field("bytes", Shape::Text)]),
    ),
]);

const REWRITE: Shape = Shape::Record(&[
    field("uri", Shape::Text),
    field("authority", Shape::Text),
    field(
        "uriRegexRewrite",
        Shape::Record(&[field("match", Shape::Text), field("rewrite", Shape::Text)]),
    ),
]);

const RETRIES: Shape = Shape::Record(&[
    field("attempts", Shape::Whole),
    field("perTryTimeout", Shape::Duration),
    field("retryOn", Shape::Conditions),
    field("retryRemoteLocalities", Shape::Flag),
    field("retryIgnorePreviousHosts", Shape::Flag),
    field("backoff", Shape::Duration),
]);

const FAULT: Shape = Shape::Record(&[field("delay", DELAY), field("abort", ABORT)]);

const DELAY: Shape = Shape::Record(&[
    field("fixedDelay", Shape::Duration),
    field("exponentialDelay", Shape::Duration),
    field("percentage", PERCENT),
    old("percent", Shape::Whole, "percentage.value"),
]);

const ABORT: Shape = Shape::Record(&[
    field("httpStatus", Shape::Whole),
    field("grpcStatus", Shape::Text),
    field("http2Error", Shape::Text),
    field("percentage", PERCENT),
]);

const CORS: Shape = Shape::Record(&[
    field("allowOrigins", Shape::List(&STRING_MATCH)),
    old("allowOrigin", TEXTS, "allowOrigins"),
    field("allowMethods", TEXTS),
    field("allowHeaders", TEXTS),
    field("exposeHeaders", TEXTS),
    field("maxAge", Shape::Duration),
    field("allowCredentials", Shape::Flag),
    field(
        "unmatchedPreflights",
        Shape::OneOf(&["UNSPECIFIED", "FORWARD", "IGNORE"]),
    ),
]);

const TLS: Shape = Shape::Record(&[
    field(
        "match",
        Shape::List(&Shape::Record(&[
            field("sniHosts", TEXTS),
            field("destinationSubnets", TEXTS),
            field("port", Shape::Whole),
            field("sourceLabels", LABELS),
            field("sourceNamespace", Shape::Text),
            field("gateways", TEXTS),
        ])),
    ),
    field("route", Shape::List(&STREAM_ROUTE)),
]);

const TCP: Shape = Shape::Record(&[
    field(
        "match",
        Shape::List(&Shape::Record(&[
            field("destinationSubnets", TEXTS),
            field("port", Shape::Whole),
            field("sourceSubnet", Shape::Text),
            field("sourceLabels", LABELS),
            field("sourceNamespace", Shape::Text),
            field("gateways", TEXTS),
        ])),
    ),
    field("route", Shape::List(&STREAM_ROUTE)),
]);

const STREAM_ROUTE: Shape = Shape::Record(&[
    field("destination", DESTINATION),
    field("weight", Shape::Whole),
]);
