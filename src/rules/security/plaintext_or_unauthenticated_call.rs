//! What travels in plain text over a network that is not ours is read and changed on its way.

use std::net::IpAddr;

use crate::graph::Graph;
use crate::model::Model;
use crate::model::arena::Id;
use crate::model::service::Party;
use crate::rules::rule::{Check, Family, Rule};
use crate::rules::words;
use crate::syntax::finding::{Finding, RuleId, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: RuleId("plaintext-or-unauthenticated-call"),
    family: Family::Security,
    severity: Severity::Warn,
    required: false,
    summary: "an external system is called, or keys are fetched, in plain text",
    docs: include_str!("plaintext_or_unauthenticated_call.md"),
    check: Check::Graph(check),
};

fn check(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = of_externals(graph.model);
    findings.extend(of_keys(graph.model));
    findings
}

fn of_externals(model: &Model) -> Vec<Finding> {
    let mut calls = vec![Vec::new(); model.externals.len()];
    for call in model.calls.iter() {
        if let Party::External(external) = call.to {
            calls[external.index()].push(call);
        }
    }
    let mut findings = Vec::new();
    for (external, calls) in model.externals.iter().zip(calls) {
        let Some(url) = external.url.as_ref().filter(|url| is_plain(url)) else {
            continue;
        };
        let Some(first) = calls.first() else {
            continue;
        };
        let mut callers: Vec<&str> = calls
            .iter()
            .map(|call| model.services[call.from].name.as_str())
            .collect();
        callers.dedup();
        let name = &external.name;
        let verb = if callers.len() == 1 { "calls" } else { "call" };
        let message = format!("{} {verb} {name} in plain text", words::some(&callers, 4));
        findings.push(
            RULE.finding(url.span, message)
                .here("neither hidden nor checked on its way")
                .label(first.span, "called here")
                .about(name.as_str())
                .help(
                    "write `https://`, or say by `${VARIABLE}` where each environment reaches it",
                ),
        );
    }
    findings
}

/// Whoever can change the answer chooses whose tokens hold.
fn of_keys(model: &Model) -> Option<Finding> {
    let keys = model.authentication()?.jwks.as_ref()?;
    is_plain(keys).then(|| {
        RULE.finding(
            keys.span,
            "the keys that tokens are checked with are fetched in plain text",
        )
        .here("whoever changes the answer on its way can make tokens")
        .about("gateway")
        .help("write `https://`")
    })
}

/// Whether an address is in plain text over a network that we do not see: not this machine, and no bare name of the same cluster,
/// where the mesh or the network may take care of it.
fn is_plain(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if let Ok(number) = host.parse::<IpAddr>() {
        return !is_inside(number);
    }
    let inside = [".local", ".internal", ".svc", ".localhost"];
    host.contains('.') && !host.contains("${") && !inside.iter().any(|end| host.ends_with(end))
}

fn is_inside(number: IpAddr) -> bool {
    match number {
        IpAddr::V4(number) => number.is_loopback() || number.is_private() || number.is_link_local(),
        IpAddr::V6(number) => number.is_loopback() || number.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_an_address_beyond_our_own_network_is_judged() {
        for address in [
            "http://rates.example",
            "http://rates.example:8080/x",
            "http://93.184.216.34/",
        ] {
            assert!(is_plain(address), "{address}");
        }
        for address in [
            "https://rates.example",
            "http://localhost:9000",
            "http://127.0.0.1:9000",
            "http://10.1.2.3",
            "http://[::1]:80/",
            "http://rates:8080",
            "http://rates.shop.svc.cluster.local",
            "http://${RATES_HOST}.example",
            "${RATES_URL}",
        ] {
            assert!(!is_plain(address), "{address}");
        }
    }
}
