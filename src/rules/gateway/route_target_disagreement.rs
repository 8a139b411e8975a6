//! A route that says twice where it leads, and not the same.

use crate::graph::Graph;
use crate::model::name::Name;
use crate::model::service::Service;
use crate::rules::rule::{Check, Family, Rule};
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("route-target-disagreement"),
    family: Family::Gateway,
    severity: Severity::Error,
    required: false,
    summary: "the address of a route is not that of its service",
    docs: include_str!("route_target_disagreement.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let routes = graph
        .model
        .gateway
        .iter()
        .flat_map(|gateway| &gateway.routes);
    let findings = routes.filter_map(|route| {
        let endpoint = route.endpoint.as_ref()?;
        let service = &graph.model.services[route.service?];
        let (host, port) = address(&endpoint.value)?;
        if !is_of(host, service) {
            let message = format!(
                "route {} names {} and leads to {host}",
                route.path, service.name
            );
            let finding = RULE.finding(endpoint.span, message);
            return Some(
                finding
                    .here("another host")
                    .about(route.path.value.as_str()),
            );
        }
        let (port, stated) = (port?, service.port_span?);
        (port != service.port).then(|| {
            let message = format!(
                "route {} leads to port {port}, and {} listens on {}",
                route.path, service.name, service.port
            );
            let finding = RULE.finding(endpoint.span, message).here("another port");
            finding
                .label(stated, "listens here")
                .about(route.path.value.as_str())
        })
    });
    findings
        .map(|finding| finding.help("remove `endpoint`: the name of the service says where it is"))
        .collect()
}

/// Host and port of an address.
fn address(text: &str) -> Option<(&str, Option<u16>)> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    match authority.rsplit_once(':') {
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((authority, None)),
    }
}

/// Whether a host is a service: its name, alone or within a namespace. This machine and what a variable says may be any.
fn is_of(host: &str, service: &Service) -> bool {
    let first = host.split('.').next().unwrap_or(host);
    let elsewhere = host.contains('$') || host == "localhost" || host.starts_with("127.");
    elsewhere || Name::snake_of(first) == service.name.snake()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_perhaps_a_port() {
        assert_eq!(
            address("http://a.shop:3001/x"),
            Some(("a.shop", Some(3001)))
        );
        assert_eq!(address("https://a"), Some(("a", None)));
        assert_eq!(address("a:3001"), None);
        assert_eq!(address("http://a:port"), None);
    }
}
