//! `PeerAuthentication`, `RequestAuthentication` and `AuthorizationPolicy`: who is who, and who may.

use super::{MATCH_LABELS, Shape, TARGET, TARGETS, TEXTS, field, old};

const MODE: Shape = Shape::Record(&[field(
    "mode",
    Shape::OneOf(&["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]),
)]);

pub(super) const PEER_AUTHENTICATION: Shape = Shape::Record(&[
    field("selector", MATCH_LABELS),
    field("mtls", MODE),
    field("portLevelMtls", Shape::Map(&MODE)),
]);

pub(super) const REQUEST_AUTHENTICATION: Shape = Shape::Record(&[
    field("selector", MATCH_LABELS),
    field("targetRef", TARGET),
    field("targetRefs", TARGETS),
    field("jwtRules", Shape::List(&JWT_RULE)),
]);

const JWT_RULE: Shape = Shape::Record(&[
    field("issuer", Shape::Text),
    field("audiences", TEXTS),
    field("jwksUri", Shape::Text),
    old("jwks_uri", Shape::Text, "jwksUri"),
    field("jwks", Shape::Text),
    field(
        "fromHeaders",
        Shape::List(&Shape::Record(&[
            field("name", Shape::Text),
            field("prefix", Shape::Text),
        ])),
    ),
    field("fromParams", TEXTS),
    field("fromCookies", TEXTS),
    field("outputPayloadToHeader", Shape::Text),
    field(
        "outputClaimToHeaders",
        Shape::List(&Shape::Record(&[
            field("header", Shape::Text),
            field("claim", Shape::Text),
        ])),
    ),
    field("forwardOriginalToken", Shape::Flag),
    field("spaceDelimitedClaims", TEXTS),
    field("timeout", Shape::Duration),
]);

pub(super) const AUTHORIZATION_POLICY: Shape = Shape::Record(&[
    field("selector", MATCH_LABELS),
    field("targetRef", TARGET),
    field("targetRefs", TARGETS),
    field(
        "action",
        Shape::OneOf(&["ALLOW", "DENY", "AUDIT", "CUSTOM"]),
    ),
    field("provider", Shape::Record(&[field("name", Shape::Text)])),
    field("rules", Shape::List(&RULE)),
]);

const RULE: Shape = Shape::Record(&[
    field(
        "from",
        Shape::List(&Shape::Record(&[field("source", SOURCE)])),
    ),
    field(
        "to",
        Shape::List(&Shape::Record(&[field("operation", OPERATION)])),
    ),
    field(
        "when",
        Shape::List(&Shape::Record(&[
            field("key", Shape::Text),
            field("values", TEXTS),
            field("notValues", TEXTS),
        ])),
    ),
]);

const SOURCE: Shape = Shape::Record(&[
    field("principals", TEXTS),
    field("notPrincipals", TEXTS),
    field("requestPrincipals", TEXTS),
    field("notRequestPrincipals", TEXTS),
    field("namespaces", TEXTS),
    field("notNamespaces", TEXTS),
    field("serviceAccounts", TEXTS),
    field("notServiceAccounts", TEXTS),
    field("trustDomains", TEXTS),
    field("notTrustDomains", TEXTS),
    field("ipBlocks", TEXTS),
    field("notIpBlocks", TEXTS),
    field("remoteIpBlocks", TEXTS),
    field("notRemoteIpBlocks", TEXTS),
]);

const OPERATION: Shape = Shape::Record(&[
    field("hosts", TEXTS),
    field("notHosts", TEXTS),
    field("ports", TEXTS),
    field("notPorts", TEXTS),
    field("methods", TEXTS),
    field("notMethods", TEXTS),
    field("paths", TEXTS),
    field("notPaths", TEXTS),
]);
