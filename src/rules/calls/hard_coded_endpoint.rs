//! Where a service is reached is decided where it is deployed, not where it is called.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::graph::Graph;
use crate::model::name::Name;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};
use crate::syntax::source::Spanned;

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("hard-coded-endpoint"),
    family: Family::Calls,
    severity: Severity::Info,
    required: false,
    summary: "an address is written where a name would do",
    docs: include_str!("hard_coded_endpoint.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let model = graph.model;
    let services: BTreeMap<&str, &Name> = model
        .services
        .iter()
        .map(|service| (service.name.snake(), &service.name))
        .collect();
    let routes = model.gateway.iter().flat_map(|gateway| &gateway.routes);
    let routes = routes.filter_map(|route| {
        let address = route.endpoint.as_ref()?;
        let service = &model.services[route.service?];
        // Where it leads elsewhere, to another host or port, that is told.
        let same = matches!(host(address), Host::Name(name) if Name::snake_of(name) == service.name.snake())
            && (service.port_span.is_none() || port(address).is_none_or(|port| port == service.port));
        let finding = same.then(|| repeated(address, &format!("route {}", route.path), &service.name))?;
        Some(finding.about(route.path.value.as_str()))
    });
    let externals = model.externals.iter().filter_map(|external| {
        let address = external.url.as_ref()?;
        let what = format!("system {}", external.name);
        let finding = match host(address) {
            Host::Ip => by_number(address, &what),
            Host::Name(name) => repeated(address, &what, services.get(&*Name::snake_of(name))?),
            Host::Unknown => return None,
        };
        Some(finding.about(external.name.as_str()))
    });
    let stores = model.stores.iter().filter_map(|store| {
        let address = store.host.as_ref()?;
        let service = &model.services[store.service].name;
        matches!(host(address), Host::Ip)
            .then(|| by_number(address, &format!("the store of {service}")).about(service.as_str()))
    });
    routes.chain(externals).chain(stores).collect()
}

/// What an address names.
enum Host<'a> {
    Ip,
    /// The first label of a name: the service, in a cluster.
    Name(&'a str),
    /// A reference to the environment, or nothing that we can read.
    Unknown,
}

fn host(address: &str) -> Host<'_> {
    if address.contains("${") {
        return Host::Unknown;
    }
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit('@').next().unwrap_or_default();
    let (host, bare) = match rest.strip_prefix('[') {
        Some(inner) => (inner.split(']').next().unwrap_or_default(), inner),
        None => (rest.split(':').next().unwrap_or_default(), rest),
    };
    if host.parse::<IpAddr>().is_ok() || bare.parse::<IpAddr>().is_ok() {
        return Host::Ip;
    }
    match host.split('.').next() {
        Some(label) if !label.is_empty() => Host::Name(label),
        _ => Host::Unknown,
    }
}

fn port(address: &str) -> Option<u16> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit_once(':')?.1.parse().ok()
}

fn by_number(address: &Spanned<String>, what: &str) -> Finding {
    RULE.finding(
        address.span,
        format!("{what} names a machine by its number"),
    )
    .here("moves with the machine")
    .help("write a name, or `${VARIABLE}` and let each environment say it")
}

fn repeated(address: &Spanned<String>, what: &str, service: &Name) -> Finding {
    let message = format!("{what} repeats the address of {service}; its name is enough");
    RULE.finding(address.span, message)
        .here("says once more where it runs")
        .label(
            service.span(),
            "a service of this file, with a port of its own",
        )
        .help(format!(
            "name {service} alone: where it is reached follows from its name and its `port`"
        ))
}

#[cfg(test)]
mod tests {
    use super::{Host, host};

    #[test]
    fn the_host_of_an_address_is_found() {
        for address in [
            "10.0.0.5",
            "http://10.0.0.5:80/x",
            "https://[::1]:8443/",
            "postgres://u:p@192.168.1.2/db",
            "::1",
        ] {
            assert!(matches!(host(address), Host::Ip), "{address}");
        }
        for address in [
            "http://order-service:3001",
            "order-service",
            "https://order-service.shop.svc.cluster.local/x",
        ] {
            assert!(
                matches!(host(address), Host::Name("order-service")),
                "{address}"
            );
        }
        for address in ["", "${URL}", "http://${HOST}:80"] {
            assert!(matches!(host(address), Host::Unknown), "{address}");
        }
    }
}
