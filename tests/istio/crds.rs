//! The schemas of Istio's resources, where they are at hand: the file that `MSARCH_ISTIO_CRDS` names, else one beside the repository.
//! It maps `group/version/Kind` to the OpenAPI schema of that kind, as Istio 1.30.3 publishes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kube_cel::{CompiledSchema, ValidationErrors, Validator, compile_schema};
use serde_json::{Map, Value, json};

use super::{emitted, every, meshed};

/// The schemas by kind, or nothing with a word about it.
pub(super) fn schemas() -> Option<Map<String, Value>> {
    let named = std::env::var_os("MSARCH_ISTIO_CRDS").map(PathBuf::from);
    let beside = || {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/istio-crds-1.30.3.min.json")
    };
    let path = named.unwrap_or_else(beside);
    let Ok(text) = std::fs::read_to_string(&path) else {
        let required = std::env::var_os("MSARCH_REQUIRE_PARTS").is_some_and(|value| value == "1");
        assert!(
            !required,
            "the schemas of Istio are required, and {} is not there",
            path.display()
        );
        eprintln!("skipped: the schemas of Istio are not at hand; name them by MSARCH_ISTIO_CRDS");
        return None;
    };
    let all: Value = serde_json::from_str(&text).expect("JSON");
    all.as_object().cloned()
}

/// Closes every object that lists its fields: a field beside them is a mistake.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let open = map.contains_key("additionalProperties")
                || map.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
            if map.get("properties").is_some_and(Value::is_object)
                && map.get("type") == Some(&json!("object"))
                && !open
            {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Judges documents by the schemas of their kinds.
struct Gate {
    rules: Validator,
    kinds: BTreeMap<String, (CompiledSchema, jsonschema::Validator)>,
}

impl Gate {
    fn new(schemas: &Map<String, Value>) -> Self {
        let kinds = schemas.iter().map(|(kind, schema)| {
            let mut spec = schema["properties"]["spec"].clone();
            let rules = compile_schema(&spec);
            close(&mut spec);
            let shape = jsonschema::draft7::new(&spec).expect("a schema");
            (kind.clone(), (rules, shape))
        });
        Self {
            rules: Validator::new(),
            kinds: kinds.collect(),
        }
    }

    /// What is wrong with a document.
    fn wrong_with(&self, document: &Value) -> Vec<String> {
        let kind = format!(
            "{}/{}",
            document["apiVersion"].as_str().unwrap_or_default(),
            document["kind"].as_str().unwrap_or_default()
        );
        let Some((rules, shape)) = self.kinds.get(&kind) else {
            return vec![format!("there is no {kind}")];
        };
        let spec = &document["spec"];
        let rules = self.rules.validate_compiled(rules, spec, None);
        let rules = rules
            .err()
            .map_or_else(Vec::new, ValidationErrors::into_vec);
        let mut wrong: Vec<String> = rules
            .into_iter()
            .map(|error| format!("{kind} {}: {}", error.field_path, error.message))
            .collect();
        let shape = shape.iter_errors(spec);
        wrong.extend(shape.map(|error| format!("{kind} {}: {error}", error.instance_path())));
        let top = ["apiVersion", "kind", "metadata", "spec"];
        let keys = document.as_object().expect("a map").keys();
        let beside = keys.filter(|key| !top.contains(&key.as_str()));
        wrong.extend(beside.map(|key| format!("{kind}: {key}")));
        wrong
    }
}

#[test]
fn every_manifest_is_valid_against_the_schemas_of_istio() {
    let Some(schemas) = schemas() else {
        return;
    };
    let gate = Gate::new(&schemas);
    for path in every() {
        for node in emitted(&meshed(&path)) {
            let document = node.to_json();
            let wrong = gate.wrong_with(&document);
            assert!(
                wrong.is_empty(),
                "{path}: {}\n{}",
                document["metadata"]["name"],
                wrong.join("\n")
            );
        }
    }
}

/// What is broken, of which kind, and the `spec` of it.
const BROKEN: &[(&str, &str, &str)] = &[
    (
        "an unknown field",
        "networking.istio.io/v1/VirtualService",
        r#"{"hosts": ["a"], "http": [{"route": [{"destination": {"host": "a"}}], "retries": {"attempts": 1, "per_try_timeout": "1s"}}]}"#,
    ),
    (
        "a wrong type",
        "networking.istio.io/v1/VirtualService",
        r#"{"hosts": ["a"], "http": [{"route": [{"destination": {"host": "a"}}], "timeout": 30}]}"#,
    ),
    (
        "a duration that is none (CEL)",
        "networking.istio.io/v1/VirtualService",
        r#"{"hosts": ["a"], "http": [{"route": [{"destination": {"host": "a"}}], "timeout": "soon"}]}"#,
    ),
    (
        "a word that is none",
        "networking.istio.io/v1/DestinationRule",
        r#"{"host": "a", "trafficPolicy": {"tls": {"mode": "TLS"}}}"#,
    ),
    (
        "no host",
        "networking.istio.io/v1/DestinationRule",
        r#"{"subsets": []}"#,
    ),
    (
        "two conditions where one may be (CEL)",
        "security.istio.io/v1/AuthorizationPolicy",
        r#"{"selector": {"matchLabels": {"a": "b"}}, "targetRef": {"kind": "Service", "name": "a"}}"#,
    ),
    (
        "keys twice over (CEL)",
        "security.istio.io/v1/RequestAuthentication",
        r#"{"jwtRules": [{"issuer": "a", "jwks": "{}", "jwksUri": "https://a"}]}"#,
    ),
    (
        "an address that is none (CEL)",
        "security.istio.io/v1/RequestAuthentication",
        r#"{"jwtRules": [{"issuer": "a", "jwksUri": "file:///a"}]}"#,
    ),
    (
        "ports without pods (CEL)",
        "security.istio.io/v1/PeerAuthentication",
        r#"{"portLevelMtls": {"80": {"mode": "STRICT"}}}"#,
    ),
    (
        "an unknown kind",
        "networking.istio.io/v1/VirtualServce",
        "{}",
    ),
];

#[test]
fn the_schemas_of_istio_refuse_what_is_broken() {
    let Some(schemas) = schemas() else {
        return;
    };
    let gate = Gate::new(&schemas);
    for (why, kind, spec) in BROKEN {
        let spec: Value = serde_json::from_str(spec).expect("JSON");
        let (version, kind) = kind.rsplit_once('/').expect("a kind");
        let document = json!({"apiVersion": version, "kind": kind, "metadata": {}, "spec": spec});
        assert!(
            !gate.wrong_with(&document).is_empty(),
            "{why} is accepted: {document}"
        );
    }
    let sound = json!({"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule", "metadata": {}, "spec": {"host": "a"}});
    assert!(gate.wrong_with(&sound).is_empty());
    let mut beside = sound;
    beside["host"] = json!("a");
    assert!(
        !gate.wrong_with(&beside).is_empty(),
        "a field beside the spec is accepted"
    );
}
