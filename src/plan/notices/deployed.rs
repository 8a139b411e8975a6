//! What the deployed system does otherwise than somebody may expect who reads the file: how many copies run, and where things are.

use std::collections::BTreeSet;

use super::{listed, served};
use crate::model::Model;
use crate::model::platform::Target;
use crate::model::service::Party;
use crate::plan::deployment::host::{BROKER, CACHE};

pub(super) fn notices(model: &Model) -> Vec<String> {
    let mut notices: Vec<String> = unaddressed(model).into_iter().collect();
    let targets = &model.deployment.targets;
    let local = |target: &Target| *target == Target::Local;
    if targets.is_empty() || !targets.iter().all(local) {
        notices.extend(alone(model));
        notices.extend(elsewhere(model));
    }
    notices
}

/// Services of which several copies are asked for, and whose data lies in a file.
fn alone(model: &Model) -> Option<String> {
    let several = model
        .services
        .iter()
        .filter(|service| service.replicas.is_some_and(|count| count > 1));
    let names: BTreeSet<&str> = several
        .filter(|service| {
            let mut stores = service.stores.iter();
            !stores.any(|store| served(&model.stores[*store]))
        })
        .map(|service| service.name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "data in embedded SQLite is for one copy alone, whatever `replicas` says: where it is deployed, one runs of {}",
            listed(&names)
        )
    })
}

/// Addresses of parts that the deployed system finds by names of its own.
fn elsewhere(model: &Model) -> Option<String> {
    let named: BTreeSet<&str> = model.addressed.iter().map(String::as_str).collect();
    (!named.is_empty()).then(|| {
        let production = "deploy/kubernetes/overlays/production/outside/";
        format!(
            "nothing reads {}: the deployed system finds its broker as `{BROKER}`, its cache as `{CACHE}` and event streams in the database of their service; `{production}` says where these are",
            listed(&named)
        )
    })
}

/// Systems that are called, and of which nobody says where they are.
fn unaddressed(model: &Model) -> Option<String> {
    let called = model.calls.iter().filter_map(|call| match call.to {
        Party::External(external) => Some(external),
        Party::Service(_) => None,
    });
    let called: BTreeSet<_> = called.collect();
    let addresses: Vec<String> = called
        .into_iter()
        .filter(|external| model.externals[*external].url.is_none())
        .map(|external| {
            let name = &model.externals[external].name;
            format!("{name} ({})", model.address(external))
        })
        .collect();
    (!addresses.is_empty()).then(|| {
        format!(
            "an external without `url` gets an address that stands in, where nobody answers: {}",
            addresses.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lower;
    use crate::syntax::document;
    use crate::syntax::include::load_text;

    fn told(text: &str) -> Vec<String> {
        let text = format!("msarch: 1\nname: shop\n{text}");
        let mut loaded = load_text("architecture.yaml", &text);
        notices(&lower(&document::read(&mut loaded).unwrap()))
    }

    #[test]
    fn a_service_with_its_data_in_a_file_runs_in_one_copy_and_is_named() {
        let services = "services:
  orders: {data_ownership: [orders], replicas: 2, store: {database_type: PostgreSQL}}
  prices: {data_ownership: [prices], replicas: 3, store: {database_type: MongoDB}}
  mails: {data_ownership: [mails], replicas: 2}
  stock: {data_ownership: [stock], replicas: 1}
";
        let said = told(services);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with("one runs of mails, prices"), "{said:?}");
        let local = format!("{services}deployment: {{targets: [local]}}\n");
        assert_eq!(told(&local), [""; 0]);
    }

    #[test]
    fn addresses_that_nothing_reads_are_named() {
        let said = told(
            "services: {a: {data_ownership: [orders]}}
message_broker: {type: NATS, url: '${NATS_URL}'}
event_store: {type: PostgreSQL}
caches: {hot: {service: a, of: orders, l2_cache: {ttl: 1s, url: '${REDIS_URL}'}}}
",
        );
        assert_eq!(said.len(), 1, "{said:?}");
        let named = "nothing reads caches.hot.l2_cache.url, message_broker.url:";
        assert!(said[0].starts_with(named), "{said:?}");
    }

    #[test]
    fn an_external_that_is_called_has_an_address_or_is_named() {
        let system = |url: &str| {
            format!(
                "services: {{a: {{data_ownership: [orders], calls: [{{to: bank, timeout: 1s}}]}}}}
externals: {{bank: {{endpoints: [POST /payments]{url}}}, post: {{endpoints: [POST /letters]}}}}
"
            )
        };
        let said = told(&system(""));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].ends_with(": bank (https://bank.example)"),
            "{said:?}"
        );
        assert_eq!(told(&system(", url: 'https://bank.test'")), [""; 0]);
    }
}
