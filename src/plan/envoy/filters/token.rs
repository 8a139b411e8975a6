//! Who is it? Tokens are verified with pinned algorithms, then scopes are looked at.

use serde_json::{Value, json};

use super::super::{Facts, clusters, extension, typed};
use crate::model::gateway::Authentication;
use crate::plan::deployment::{BEARER, KEYS};

/// The name of the filter, under which others find what a token says.
pub(in super::super) const NAME: &str = "envoy.filters.http.jwt_authn";
/// The name of the filter that looks at scopes.
pub(super) const SCOPE: &str = "scope";
/// How far clocks may be apart, in seconds, as at the services.
const LEEWAY: u32 = 30;

pub(super) fn filters(facts: &Facts<'_>) -> Vec<Value> {
    let Some(declared) = &facts.gateway.authentication else {
        return Vec::new();
    };
    vec![
        extension(
            NAME,
            "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            json!({
                "providers": {"tokens": provider(declared)},
                "requirement_map": {
                    "required": {"provider_name": "tokens"},
                    "# A token that does not hold is refused on public routes too.": null,
                    "optional": {"requires_any": {"requirements": [{"provider_name": "tokens"}, {"allow_missing": {}}]}},
                },
            }),
        ),
        extension(
            "algorithm",
            "envoy.extensions.filters.http.rbac.v3.RBAC",
            json!({"rules": algorithms(declared)}),
        ),
        extension(
            SCOPE,
            "envoy.extensions.filters.http.rbac.v3.RBAC",
            json!({"# Asked by the routes that need one.": null}),
        ),
    ]
}

fn provider(declared: &Authentication) -> Value {
    let mut provider = json!({
        "from_headers": BEARER.map(|scheme| json!({"name": "Authorization", "value_prefix": scheme})),
        "# Services verify tokens again, and know by them who asks.": null,
        "forward": true,
        "require_expiration": true,
        "clock_skew_seconds": LEEWAY,
        "# Whoever has a token is somebody.": null,
        "subjects": {"safe_regex": {"regex": ".+"}},
        "payload_in_metadata": "payload",
        "header_in_metadata": "header",
        "normalize_payload_in_metadata": {"space_delimited_claims": ["scope", "scp"]},
    });
    if let Some(issuer) = &declared.issuer {
        provider["issuer"] = issuer.as_str().into();
    }
    if let Some(audience) = &declared.audience {
        provider["audiences"] = json!([audience]);
    }
    match clusters::published(declared) {
        Some(keys) => {
            provider["remote_jwks"] = json!({
                "http_uri": {"uri": keys.url, "cluster": clusters::KEYS, "timeout": "5s"},
                "cache_duration": "600s",
                "# Read when the gateway starts, and again before they are old: no request waits for them.": null,
                "async_fetch": {},
                "retry_policy": {"num_retries": 2},
            });
        }
        None => {
            provider["# A set of keys (RFC 7517); it comes as a file."] = Value::Null;
            provider["local_jwks"] = json!({"filename": KEYS});
        }
    }
    provider
}

/// A key may fit several algorithms: only the declared ones are let through.
fn algorithms(declared: &Authentication) -> Value {
    let says = |value: Value| {
        let matcher = json!({
            "filter": NAME,
            "path": [{"key": "header"}, {"key": "alg"}],
            "value": value,
        });
        json!({"sourced_metadata": {"metadata_matcher": matcher}})
    };
    let named: Vec<Value> = declared
        .algorithms
        .iter()
        .map(|algorithm| says(json!({"string_match": {"exact": algorithm.value.as_str()}})))
        .collect();
    let other = json!({"not_id": {"or_ids": {"ids": named}}});
    let any = says(json!({"present_match": true}));
    json!({
        "action": "DENY",
        "policies": {
            "algorithm": {
                "permissions": [{"any": true}],
                "principals": [{"and_ids": {"ids": [any, other]}}],
            },
        },
    })
}

/// A route for those who are known.
pub(super) fn required() -> Value {
    requirement("required")
}

/// A route for everybody.
pub(super) fn optional() -> Value {
    requirement("optional")
}

fn requirement(name: &str) -> Value {
    typed(
        "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig",
        json!({"requirement_name": name}),
    )
}

/// A route for those whose token has a scope: RFC 8693 has them in one text, some issuers in a list, and some call it `scp`.
pub(super) fn scope(scope: &str) -> Value {
    let claim = |name: &str| {
        let matcher = json!({
            "filter": NAME,
            "path": [{"key": "payload"}, {"key": name}],
            "value": {"list_match": {"one_of": {"string_match": {"exact": scope}}}},
        });
        json!({"sourced_metadata": {"metadata_matcher": matcher}})
    };
    let principals = [claim("scope"), claim("scp")];
    let rules = json!({
        "action": "ALLOW",
        "policies": {"scope": {"permissions": [{"any": true}], "principals": principals}},
    });
    typed(
        "envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
        json!({"rbac": {"rules": rules}}),
    )
}
