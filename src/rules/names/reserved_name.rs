//! Some names are taken: by the language, by crates, by what reads the generated files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::graph::Graph;
use crate::graph::names::{Kind, Scope, each_scope};
use crate::graph::records::records;
use crate::model::Model;
use crate::model::endpoint::{Action, Body, Endpoint, IdempotencyKey, Method, Segment};
use crate::model::name::{Name, is_keyword, is_known_type};
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("reserved-name"),
    family: Family::Names,
    severity: Severity::Error,
    required: true,
    summary: "a name is taken by Rust, by a crate, by a host of the system, or by what every service offers",
    docs: include_str!("reserved_name.md"),
    check: Check::Graph(check),
};

/// The crates of the generated workspace's lock, in snake case.
static LOCKED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let lock = include_str!("../../../runtime/Cargo.lock");
    let names = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.map(|name| name.replace('-', "_")).collect()
});

/// Crates that come with Rust, and those that msarch generates.
const CRATES: &[&str] = &[
    "alloc",
    "core",
    "external",
    "gateway",
    "local",
    "msarch",
    "proc_macro",
    "runtime",
    "std",
    "test",
];

/// Words that YAML 1.1 readers take for booleans or nothing, and device names of Windows.
const WORDS: &[&str] = &[
    "aux", "con", "false", "n", "no", "nul", "null", "off", "on", "prn", "true", "y", "yes",
];

/// Hosts of the deployed system beside its services; those that are crates too are told as such.
const HOSTS: &[&str] = &[
    "alertmanager",
    "jaeger",
    "localhost",
    "nats",
    "otel-collector",
    "prometheus",
    "redis",
];

/// Users and objects of the deployed system that are none of a service's own.
const OBJECTS: &[&str] = &["ask-for-names", "default", "deny-by-default"];

/// Namespaces that a cluster has besides the system's, in which network policies of ours would cut off what is not ours.
const NAMESPACES: &[&str] = &["default", "istio-system", "monitoring"];

/// First segments of paths that every service answers itself.
const PATHS: &[&str] = &["health", "metrics", "openapi.yaml"];

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    each_scope(graph.model, |scope| findings.extend(of_scope(scope)));
    let records = records(graph.model);
    findings.extend(graph.model.endpoints.iter().filter_map(|endpoint| {
        let Some(Segment::Literal(first)) = endpoint.segments.first() else {
            return None;
        };
        let taken = matches!(endpoint.owner, Party::Service(_)) && PATHS.contains(&first.as_str());
        taken.then(|| {
            RULE.finding(
                endpoint.path.span,
                format!("every service answers /{first} itself"),
            )
            .here(format!("path of {}", endpoint.name))
            .about(endpoint.name.as_str())
            .help("choose another path")
        })
    }));
    findings.extend(graph.model.endpoints.iter().flat_map(parameters));
    findings.extend(hosts(graph.model));
    findings.extend(namespace(graph.model));
    findings.extend(graph.model.entities.entries().filter_map(|(id, entity)| {
        let record = records.get(&id)?.pascal();
        is_known_type(&record).then(|| {
            let message = format!("entity {}: one record of it would be a {record}, which is taken by Rust, or by what every generated file imports", entity.name);
            RULE.finding(entity.name.span(), message)
                .here("taken")
                .about(entity.name.as_str())
                .help("choose another name")
        })
    }));
    findings
}

/// Services that are called like a host of the deployed system: one that all share, the database of another service, or a version of one.
fn hosts(model: &Model) -> Vec<Finding> {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for host in HOSTS {
        let by = "a host of the deployed system".to_owned();
        taken.insert((*host).to_owned(), by);
    }
    for object in OBJECTS {
        let by = "what the deployed system has besides".to_owned();
        taken.insert((*object).to_owned(), by);
    }
    for service in model.services.iter() {
        let by = format!("the host of the database of {}", service.name);
        taken.insert(format!("{}-db", service.name.kebab()), by);
    }
    for policy in model.mesh.iter().flat_map(|mesh| &mesh.services) {
        let name = &model.services[policy.service].name;
        for (version, _) in &policy.canary {
            let by = format!("the version {} of {name}", version.value);
            taken.insert(format!("{}-{}", name.kebab(), version.value), by);
        }
    }
    let services = model.services.iter().map(|service| &service.name);
    let found = services.filter_map(|name| {
        // Said already, of the crate.
        if taken_by(Kind::Crate, name).is_some() {
            return None;
        }
        let by = taken.get(&name.kebab())?;
        let finding = RULE.finding(
            name.span(),
            format!("service: the name {name} is taken by {by}"),
        );
        Some(
            finding
                .here("taken")
                .about(name.as_str())
                .help(advice(Kind::Crate, name)),
        )
    });
    found.collect()
}

/// A namespace is the system's alone: everything in it is denied but what the file declares.
fn namespace(model: &Model) -> Option<Finding> {
    let name = model.namespace();
    let taken = NAMESPACES.contains(&name.value.as_str()) || name.value.starts_with("kube-");
    taken.then(|| {
        let message = format!("namespace: the name {name} is taken by what every cluster has");
        RULE.finding(name.span, message)
            .here("taken")
            .about(name.value.as_str())
            .help("write another `namespace` under `deployment`, for the system alone")
    })
}

/// Parameters of a path that are called like something else that the operation takes.
fn parameters(endpoint: &Endpoint) -> impl Iterator<Item = Finding> {
    endpoint.segments.iter().filter_map(move |segment| {
        let Segment::Parameter(name) = segment else {
            return None;
        };
        let taken = match name.snake() {
            "body" => !matches!(endpoint.request, Body::None),
            "key" => {
                endpoint.method == Method::Post && endpoint.idempotency_key != IdempotencyKey::None
            }
            "filters" | "page" => matches!(endpoint.action, Action::List { .. }),
            "version" => matches!(endpoint.action, Action::Update(_) | Action::Delete(_)),
            _ => false,
        };
        let message = format!(
            "path parameter {name} of {}: the operation takes something of this name besides",
            endpoint.name
        );
        taken.then(|| {
            RULE.finding(endpoint.path.span, message)
                .here("taken")
                .about(endpoint.name.as_str())
                .help(format!("say more: {{item_{}}}", name.snake()))
        })
    })
}

fn of_scope(scope: &Scope<'_>) -> impl Iterator<Item = Finding> {
    let taken = scope
        .names
        .iter()
        .filter_map(|name| Some((name, taken_by(scope.kind, name)?)));
    taken.map(|(name, by)| {
        RULE.finding(
            name.span(),
            format!("{}: the name {name} is taken by {by}", scope.what),
        )
        .here("taken")
        .about(name.as_str())
        .help(advice(scope.kind, name))
    })
}

fn taken_by(kind: Kind, name: &Name) -> Option<&'static str> {
    let snake = name.snake();
    match kind {
        Kind::Crate
            if CRATES.contains(&snake)
                || snake.starts_with("contracts_")
                || snake.starts_with("msarch_") =>
        {
            Some("a crate that comes with Rust or that msarch generates")
        }
        Kind::Crate if LOCKED.contains(snake) => Some("a crate that the generated workspace uses"),
        Kind::Crate if is_keyword(snake) => Some("the Rust language"),
        Kind::Crate | Kind::Item if WORDS.contains(&snake) => Some("YAML or an operating system"),
        // `mod.rs` lists the files beside it.
        Kind::Item | Kind::Type if snake == "mod" => Some("the Rust language"),
        Kind::Type if is_known_type(&name.pascal()) => {
            Some("Rust, or by what every generated file imports")
        }
        Kind::Alternative if name.pascal() == "Self" => Some("the Rust language"),
        _ => None,
    }
}

fn advice(kind: Kind, name: &Name) -> String {
    match kind {
        Kind::Crate => format!("write {}-service, or choose another name", name.kebab()),
        _ => "choose another name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;
    use crate::syntax::source::Span;

    #[test]
    fn a_service_cannot_be_called_like_a_crate_of_the_workspace() {
        for taken in [
            "tokio",
            "serde-json",
            "std",
            "local",
            "contracts-orders",
            "type",
            "yes",
        ] {
            assert!(
                taken_by(Kind::Crate, &Name::new(taken, Span::default())).is_some(),
                "{taken}"
            );
        }
        assert!(taken_by(Kind::Crate, &Name::new("order-service", Span::default())).is_none());
    }

    fn hosts_taken(text: &str) -> Vec<String> {
        let mut loaded = load_text("architecture.yaml", text);
        let model = lower(&document::read(&mut loaded).unwrap());
        let messages = hosts(&model).into_iter().map(|finding| finding.message);
        messages.collect()
    }

    #[test]
    fn a_service_cannot_be_called_like_a_host_of_the_deployed_system() {
        for host in HOSTS.iter().chain(OBJECTS) {
            let told = hosts_taken(&format!(
                "{{msarch: 1, name: s, services: {{{host}: {{}}}}}}"
            ));
            let crates = taken_by(Kind::Crate, &Name::new(*host, Span::default())).is_some();
            assert_eq!(told.len(), usize::from(!crates), "{host}");
        }
        assert!(CRATES.contains(&"gateway"));
    }

    #[test]
    fn a_system_has_a_namespace_of_its_own() {
        let told = |rest: &str| {
            let text = format!("{{msarch: 1, services: {{order: {{}}}}, {rest}}}");
            let mut loaded = load_text("architecture.yaml", &text);
            let model = lower(&document::read(&mut loaded).unwrap());
            namespace(&model).map(|finding| finding.message)
        };
        let taken = |name| {
            Some(format!(
                "namespace: the name {name} is taken by what every cluster has"
            ))
        };
        assert_eq!(told("name: monitoring"), taken("monitoring"));
        assert_eq!(
            told("name: shop, deployment: {namespace: kube-system}"),
            taken("kube-system")
        );
        assert_eq!(
            told("name: shop, mesh: {provider: istio, namespace: istio-system}"),
            taken("istio-system")
        );
        assert_eq!(
            told("name: monitoring, deployment: {namespace: shop}"),
            None
        );
    }

    #[test]
    fn a_service_cannot_be_called_like_the_database_or_a_version_of_another() {
        let told = hosts_taken(
            "{msarch: 1, name: s, services: {order: {}, OrderDb: {}, order-v2: {}, order-v3: {}}, mesh: {provider: istio, services: {order: {canary: {v1: 90, v2: 10}}}}}",
        );
        assert_eq!(
            told,
            [
                "service: the name OrderDb is taken by the host of the database of order",
                "service: the name order-v2 is taken by the version v2 of order",
            ]
        );
    }
}
