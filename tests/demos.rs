//! Well-known systems, described from what they document of themselves: what is told of them is what their files say, and no more.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use msarch::cli::architecture::Architecture;
use msarch::emit::emit;
use msarch::graph::observations::Observations;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::plan;
use msarch::rules::Deny;

/// Holds the findings of a system to these, each as `rule subject`, with how often it is told.
fn told(name: &str, expected: &[&str]) {
    let architecture = Architecture::read(&format!("tests/fixtures/demos/{name}.yaml")).unwrap();
    let verdict = architecture.judge(Observations::default(), &Deny::default());
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in &verdict.findings {
        let subject = finding.subjects.first().cloned().unwrap_or_default();
        let line = architecture.sources.position(finding.span()).line;
        found
            .entry(format!("{} {subject}", finding.rule))
            .or_default()
            .push(format!("{line}: {}", finding.message));
    }
    let missing: Vec<_> = expected
        .iter()
        .filter(|fact| !found.contains_key(**fact))
        .collect();
    let surplus: Vec<_> = found
        .iter()
        .filter(|(fact, places)| !expected.contains(&fact.as_str()) || places.len() > 1)
        .collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{name}\nmissing {missing:#?}\nsurplus {surplus:#?}"
    );
    if let Some(checked) = &verdict.checked {
        let before = Snapshot::default();
        let tree = emit(&plan(checked, &mut History::new(&before, false))).unwrap();
        assert!(tree.get("Cargo.toml").is_some());
    }
}

#[test]
fn online_boutique_waits_without_end_and_charges_before_it_ships() {
    told(
        "online_boutique",
        &[
            "missing-timeout checkoutservice -> cartservice",
            "missing-timeout checkoutservice -> currencyservice",
            "missing-timeout checkoutservice -> emailservice",
            "missing-timeout checkoutservice -> paymentservice",
            "missing-timeout checkoutservice -> productcatalogservice",
            "missing-timeout checkoutservice -> shippingservice",
            "missing-timeout frontend -> cartservice",
            "missing-timeout frontend -> checkoutservice",
            "missing-timeout frontend -> currencyservice",
            "missing-timeout frontend -> productcatalogservice",
            "missing-timeout frontend -> recommendationservice",
            "missing-timeout frontend -> shippingservice",
            "missing-timeout recommendationservice -> productcatalogservice",
            "nano-service adservice",
            "nano-service emailservice",
            "nano-service paymentservice",
            "undeclared-saga checkoutservice",
            "unprotected-hard-dependency checkoutservice -> cartservice",
            "unprotected-hard-dependency checkoutservice -> currencyservice",
            "unprotected-hard-dependency checkoutservice -> paymentservice",
            "unprotected-hard-dependency checkoutservice -> productcatalogservice",
            "unprotected-hard-dependency checkoutservice -> shippingservice",
            "unprotected-hard-dependency frontend -> cartservice",
            "unprotected-hard-dependency frontend -> checkoutservice",
            "unprotected-hard-dependency frontend -> currencyservice",
            "unprotected-hard-dependency frontend -> productcatalogservice",
            "unprotected-hard-dependency frontend -> recommendationservice",
            "unprotected-hard-dependency frontend -> shippingservice",
            "unprotected-hard-dependency recommendationservice -> productcatalogservice",
        ],
    );
}

#[test]
fn sock_shop_waits_without_end_on_its_page_and_pays_before_it_ships() {
    told(
        "sock_shop",
        &[
            "missing-timeout front-end -> carts",
            "missing-timeout front-end -> catalogue",
            "missing-timeout front-end -> orders",
            "missing-timeout front-end -> user",
            "nano-service payment",
            "undeclared-saga orders",
            "unprotected-hard-dependency front-end -> carts",
            "unprotected-hard-dependency front-end -> catalogue",
            "unprotected-hard-dependency front-end -> orders",
            "unprotected-hard-dependency front-end -> user",
            "unprotected-hard-dependency orders -> carts",
            "unprotected-hard-dependency orders -> payment",
            "unprotected-hard-dependency orders -> shipping",
            "unprotected-hard-dependency orders -> user",
        ],
    );
}

#[test]
fn petclinic_shares_one_database_and_repeats_what_creates() {
    told(
        "petclinic",
        &[
            "cross-service-foreign-key visits-service.visits",
            "missing-timeout api-gateway -> customers-service",
            "missing-timeout api-gateway -> visits-service",
            "retry-of-unsafe-method /api/customer/*",
            "retry-of-unsafe-method /api/visit/*",
            "shared-database customers-service",
            "unprotected-hard-dependency api-gateway -> customers-service",
        ],
    );
}
