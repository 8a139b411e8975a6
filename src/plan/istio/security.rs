//! What holds in the whole namespace (mutual TLS, and that nobody may), and whose tokens hold.

use serde_json::{Value, json};

use super::names::{SECURITY, selector};
use super::{Facts, Manifest, object};
use crate::model::arena::ServiceId;
use crate::model::platform::Mesh;
use crate::plan::deployment::BEARER;
use crate::syntax::document::MutualTls;

/// Whether nobody proves who they are: then nothing can be allowed by that.
pub(super) fn is_plain(mesh: &Mesh) -> bool {
    mesh.mtls
        .is_some_and(|mtls| mtls.value == MutualTls::Disable)
}

/// The whole namespace.
pub(super) fn everywhere(facts: &Facts<'_>) -> Manifest {
    let mesh = facts.model.mesh.as_ref();
    let mtls = mesh.and_then(|mesh| mesh.mtls);
    let mode = mtls.map_or(MutualTls::Strict, |mtls| mtls.value);
    let peers = json!({"mtls": {"mode": mode.as_str()}});
    let mut documents = vec![object(
        (SECURITY, "PeerAuthentication"),
        "default",
        facts,
        peers,
    )];
    if mesh.is_some_and(is_plain) {
        return Manifest::new("security.yaml", documents).about(
            "Without mutual TLS nobody proves who they are, so that nothing can be allowed by it: there is no AuthorizationPolicy.",
        );
    }
    let nobody = object(
        (SECURITY, "AuthorizationPolicy"),
        "deny-by-default",
        facts,
        json!({}),
    );
    documents.push(nobody);
    let manifest = Manifest::new("security.yaml", documents).about(
        "Nobody may ask anybody for anything; what is declared is allowed beside each service.",
    ).about(
        "Probes reach a service through the agent of its sidecar, and its metrics are read there (port 15020): neither needs to be allowed.",
    );
    let unread = facts.model.authentication().is_some() && keys(facts).is_none();
    if unread {
        manifest.about("Tokens are checked by the services alone: Istio needs an issuer, and keys at an address that it can read.")
    } else {
        manifest
    }
}

/// Where Istio reads the keys of tokens, and whose they are; none where it cannot.
pub(super) fn keys<'m>(facts: &Facts<'m>) -> Option<(&'m str, &'m str)> {
    let declared = facts.model.authentication()?;
    let issuer = declared.issuer.as_deref()?;
    let keys = declared.jwks.as_ref()?.value.as_str();
    let readable = keys.starts_with("https://") || keys.starts_with("http://");
    (readable && !keys.contains('$') && !issuer.contains('$')).then_some((issuer, keys))
}

/// Whose tokens hold at a service.
pub(super) fn tokens(facts: &Facts<'_>, id: ServiceId) -> Option<Value> {
    let (issuer, keys) = keys(facts)?;
    let mut rule = json!({"issuer": issuer});
    let declared = facts.model.authentication()?;
    if let Some(audience) = &declared.audience {
        rule["audiences"] = json!([audience]);
    }
    rule["jwksUri"] = keys.into();
    let spellings = BEARER.map(|scheme| json!({"name": "Authorization", "prefix": scheme}));
    rule["fromHeaders"] = json!(spellings);
    // Services check it too, and pass it on.
    rule["forwardOriginalToken"] = true.into();
    let name = facts.model.services[id].name.kebab();
    let spec = json!({"selector": selector(&name), "jwtRules": [rule]});
    Some(object(
        (SECURITY, "RequestAuthentication"),
        &name,
        facts,
        spec,
    ))
}
