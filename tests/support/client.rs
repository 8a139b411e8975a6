//! Somebody with a token, in front of a gateway.

use serde_json::Value;

use super::gateway::{Answer, Gateway};

/// Somebody who asks, with a token of their own.
#[derive(Clone)]
pub(crate) struct Client {
    gateway: Gateway,
    token: String,
}

impl Client {
    pub(crate) fn new(gateway: Gateway, token: String) -> Self {
        Self { gateway, token }
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body))
    }

    /// Everything in a list, page by page.
    pub(crate) fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut next) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}?limit=200{next}"));
            assert_eq!(page.status, 200, "{path}: {page:?}");
            items.extend_from_slice(page.items());
            match page.body["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return items,
            }
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.gateway
            .ask(method, path, body, Some(&self.token), &[])
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }
}
