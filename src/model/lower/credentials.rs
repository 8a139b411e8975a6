//! Values that are secrets, and addresses that may carry one, with what they belong to.

use super::Lowering;
use crate::model::Fault;
use crate::model::platform::Credential;
use crate::syntax::document::Store;
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// A scope of a token. A token names its scopes in one text, with blanks between them (RFC 6749, 3.3): none holds a blank.
    pub(super) fn token_scope(
        &mut self,
        declared: Option<&Spanned<String>>,
    ) -> Option<Spanned<String>> {
        let scope = declared?;
        let allowed = |char: char| char.is_ascii_graphic() && !matches!(char, '"' | '\\');
        if scope.is_empty() || !scope.chars().all(allowed) {
            self.fault(
                Fault::new(
                    "invalid-value",
                    scope.span,
                    format!("`{scope}` is not one scope"),
                )
                .here("no token can have it")
                .help("name one scope: visible ASCII characters without blanks, `\"` and `\\`"),
            );
        }
        Some(scope.clone())
    }

    /// Notes every place where a secret may stand.
    pub(super) fn credentials(&mut self) {
        let mut found = Found::default();
        self.of_stores(&mut found);
        self.of_the_way_in(&mut found);
        self.of_the_platform(&mut found);
        self.model.credentials = found.0;
    }

    fn of_stores(&self, found: &mut Found) {
        let document = self.document;
        let own = document
            .services
            .iter()
            .filter_map(|(name, service)| Some((name, service.store.as_ref()?)));
        for (name, store) in own.chain(&document.data_management) {
            found.store(name, store);
        }
    }

    fn of_the_way_in(&self, found: &mut Found) {
        let document = self.document;
        if let Some(gateway) = &document.gateway {
            for route in &gateway.routes {
                let what = format!("the endpoint of route {}", route.path);
                found.address(what, &route.path, route.endpoint.as_ref());
            }
            if let Some(checked) = &gateway.authentication {
                let what = "the secret of the gateway's tokens".to_owned();
                found.secret(what, "gateway", checked.secret.as_ref());
                let what = "the address of the gateway's keys".to_owned();
                found.address(what, "gateway", checked.jwks.as_ref());
            }
        }
        for (name, external) in document.externals.iter() {
            found.address(
                format!("the address of {name}"),
                name,
                external.url.as_ref(),
            );
        }
    }

    fn of_the_platform(&self, found: &mut Found) {
        let document = self.document;
        for (name, cache) in document.caches.iter() {
            let levels = [&cache.l1_cache, &cache.l2_cache, &cache.l3_cache];
            for level in levels.into_iter().flatten() {
                let what = format!("the address of cache {name}");
                found.address(what, name, level.url.as_ref());
            }
        }
        if let Some(broker) = &document.message_broker {
            let what = "the address of the message broker".to_owned();
            found.address(what, "message_broker", broker.url.as_ref());
        }
        if let Some(store) = &document.event_store {
            let what = "the address of the event store".to_owned();
            found.address(what, "event_store", store.url.as_ref());
        }
        let tracing = document.observability.iter();
        for tracing in tracing.filter_map(|observability| observability.tracing.as_ref()) {
            let what = "the address that traces go to".to_owned();
            found.address(what, "tracing", tracing.endpoint.as_ref());
        }
    }
}

#[derive(Default)]
struct Found(Vec<Credential>);

impl Found {
    fn store(&mut self, service: &Spanned<String>, store: &Store) {
        let what = format!("the password of the store of {service}");
        self.secret(what, service, store.password.as_ref());
        let further = store.stores.iter().map(|further| further.host.as_ref());
        for host in further.chain([store.host.as_ref()]) {
            self.address(format!("the host of a store of {service}"), service, host);
        }
    }

    fn secret<T: AsRef<str>>(&mut self, what: String, of: &str, value: Option<&Spanned<T>>) {
        self.note(what, of, value, true);
    }

    fn address<T: AsRef<str>>(&mut self, what: String, of: &str, value: Option<&Spanned<T>>) {
        self.note(what, of, value, false);
    }

    fn note<T: AsRef<str>>(
        &mut self,
        what: String,
        of: &str,
        value: Option<&Spanned<T>>,
        whole: bool,
    ) {
        if let Some(value) = value {
            self.0.push(Credential {
                what,
                of: of.to_owned(),
                value: Spanned::new(value.value.as_ref().to_owned(), value.span),
                whole,
            });
        }
    }
}
