//! An architecture held against an older version of it: what can still be read, whom a change hurts, and what the rules say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod declared;
mod documents;
mod rules;
mod schemas;

use msarch::graph::evolution::Older;
use msarch::model::{Model, lower};
use msarch::syntax::document;
use msarch::syntax::include::load_text;

/// The model of a text whose head is written for it.
fn model(text: &str) -> Model {
    let whole = format!("msarch: 1\nname: shop\n{text}");
    let document = document::read(&mut load_text("architecture.yaml", &whole));
    lower(&document.expect("an architecture"))
}

fn older(text: &str) -> Older {
    whole(&format!("msarch: 1\nname: shop\n{text}")).expect("an architecture")
}

/// A version of a whole text, where it is one.
fn whole(text: &str) -> Option<Older> {
    let document = document::read(&mut load_text("architecture.yaml", text))?;
    Some(Older {
        name: "git:main".to_owned(),
        model: lower(&document),
        document: Some(document),
    })
}
