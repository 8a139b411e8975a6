//! `DestinationRule`: what happens between a caller's proxy and the host that it has chosen.

use super::{Field, LABELS, MATCH_LABELS, Shape, TEXTS, field, old};

pub(super) const DESTINATION_RULE: Shape = Shape::Record(&[
    field("host", Shape::Text),
    field("trafficPolicy", TRAFFIC_POLICY),
    field("subsets", Shape::List(&SUBSET)),
    field("exportTo", TEXTS),
    field("workloadSelector", MATCH_LABELS),
]);

const SUBSET: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("labels", LABELS),
    field("trafficPolicy", TRAFFIC_POLICY),
]);

const CONNECTIONS: Field = field("connectionPool", CONNECTION_POOL);
const BALANCER: Field = field("loadBalancer", LOAD_BALANCER);
const OUTLIERS: Field = field("outlierDetection", OUTLIER_DETECTION);
const TLS: Field = field("tls", CLIENT_TLS);

const TRAFFIC_POLICY: Shape = Shape::Record(&[
    CONNECTIONS,
    BALANCER,
    OUTLIERS,
    TLS,
    field("portLevelSettings", Shape::List(&PORT_SETTINGS)),
    field("proxyProtocol", PROXY_PROTOCOL),
    field("retryBudget", RETRY_BUDGET),
    field("tunnel", TUNNEL),
]);

const PORT_SETTINGS: Shape =
    Shape::Record(&[CONNECTIONS, BALANCER, OUTLIERS, TLS, field("port", PORT)]);

pub(super) const PORT: Shape = Shape::Record(&[field("number", Shape::Whole)]);

const PROXY_PROTOCOL: Shape = Shape::Record(&[field("version", Shape::OneOf(&["V1", "V2"]))]);

const RETRY_BUDGET: Shape = Shape::Record(&[
    field("percent", Shape::Number),
    field("minRetryConcurrency", Shape::Whole),
]);

const TUNNEL: Shape = Shape::Record(&[
    field("protocol", Shape::Text),
    field("targetHost", Shape::Text),
    field("targetPort", Shape::Whole),
]);

pub(super) const CONNECTION_POOL: Shape = Shape::Record(&[field("tcp", TCP), field("http", HTTP)]);

const TCP: Shape = Shape::Record(&[
    field("maxConnections", Shape::Whole),
    field("connectTimeout", Shape::Duration),
    field("idleTimeout", Shape::Duration),
    field("maxConnectionDuration", Shape::Duration),
    field("tcpKeepalive", KEEPALIVE),
]);

const KEEPALIVE: Shape = Shape::Record(&[
    field("probes", Shape::Whole),
    field("time", Shape::Duration),
    field("interval", Shape::Duration),
]);

const HTTP: Shape = Shape::Record(&[
    field("http1MaxPendingRequests", Shape::Whole),
    field("http2MaxRequests", Shape::Whole),
    field("maxRequestsPerConnection", Shape::Whole),
    field("maxRetries", Shape::Whole),
    field("maxConcurrentStreams", Shape::Whole),
    field("idleTimeout", Shape::Duration),
    field(
        "h2UpgradePolicy",
        Shape::OneOf(&["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"]),
    ),
    field("useClientProtocol", Shape::Flag),
]);

const LOAD_BALANCER: Shape = Shape::Record(&[
    field(
        "simple",
        Shape::OneOf(&[
            "UNSPECIFIED",
            "LEAST_CONN",
            "RANDOM",
            "PASSTHROUGH",
            "ROUND_ROBIN",
            "LEAST_REQUEST",
        ]),
    ),
    field("consistentHash", CONSISTENT_HASH),
    field("localityLbSetting", LOCALITY),
    field("warmup", WARMUP),
    old("warmupDurationSecs", Shape::Duration, "warmup.duration"),
]);

const CONSISTENT_HASH: Shape = Shape::Record(&[
    field("httpHeaderName", Shape::Text),
    field("httpCookie", COOKIE),
    field("useSourceIp", Shape::Flag),
    field("httpQueryParameterName", Shape::Text),
    field(
        "ringHash",
        Shape::Record(&[field("minimumRingSize", Shape::Whole)]),
    ),
    field("maglev", Shape::Record(&[field("tableSize", Shape::Whole)])),
    old("minimumRingSize", Shape::Whole, "ringHash.minimumRingSize"),
]);

const COOKIE: Shape = Shape::Record(&[
    field("name", Shape::Text),
    field("path", Shape::Text),
    field("ttl", Shape::Duration),
    field(
        "attributes",
        Shape::List(&Shape::Record(&[
            field("name", Shape::Text),
            field("value", Shape::Text),
        ])),
    ),
]);

const LOCALITY: Shape = Shape::Record(&[
    field("enabled", Shape::Flag),
    field("failoverPriority", TEXTS),
    field(
        "distribute",
        Shape::List(&Shape::Record(&[
            field("from", Shape::Text),
            field("to", Shape::Map(&Shape::Whole)),
        ])),
    ),
    field(
        "failover",
        Shape::List(&Shape::Record(&[
            field("from", Shape::Text),
            field("to", Shape::Text),
        ])),
    ),
]);

const WARMUP: Shape = Shape::Record(&[
    field("duration", Shape::Duration),
    field("minimumPercent", Shape::Number),
    field("aggression", Shape::Number),
]);

const OUTLIER_DETECTION: Shape = Shape::Record(&[
    field("consecutive5xxErrors", Shape::Whole),
    field("consecutiveGatewayErrors", Shape::Whole),
    field("consecutiveLocalOriginFailures", Shape::Whole),
    field("splitExternalLocalOriginErrors", Shape::Flag),
    field("interval", Shape::Duration),
    field("baseEjectionTime", Shape::Duration),
    field("maxEjectionPercent", Shape::Whole),
    field("minHealthPercent", Shape::Whole),
    old("consecutiveErrors", Shape::Whole, "consecutive5xxErrors"),
]);

const CLIENT_TLS: Shape = Shape::Record(&[
    field(
        "mode",
        Shape::OneOf(&["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"]),
    ),
    field("clientCertificate", Shape::Text),
    field("privateKey", Shape::Text),
    field("caCertificates", Shape::Text),
    field("caCrl", Shape::Text),
    field("credentialName", Shape::Text),
    field("subjectAltNames", TEXTS),
    field("sni", Shape::Text),
    field("insecureSkipVerify", Shape::Flag),
]);
