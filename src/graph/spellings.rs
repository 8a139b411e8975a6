//! Names that look like one: equal but for case, `-`, `_`, blanks, a plural, or an ending that says what kind of thing it is.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::name::Name;
use crate::model::service::Service;
use crate::syntax::source::{Span, Spanned};

use super::ownership::stem;

/// Two spellings of what looks like one name.
#[derive(Debug, Clone)]
pub struct Alike {
    /// What the names are of, in words: `services`; one `domain`, where it is a word that several places share.
    pub what: String,
    /// Whether it is a name of its own; else a word that several places share.
    pub declared: bool,
    /// The first spelling, and where it stands first.
    pub first: Spanned<String>,
    /// Another one.
    pub then: Spanned<String>,
}

/// The names that look like one, in the order of the file.
#[must_use]
pub fn alike(model: &Model) -> Vec<Alike> {
    let mut found = Vec::new();
    let mut names = |what: &str, ending: &str, names: Vec<&Name>| {
        found.extend(among_names(what, ending, &names));
    };
    let services: Vec<&Name> = model.services.iter().map(|service| &service.name).collect();
    names("services", "_service", services);
    let teams = model.teams.iter().map(|team| &team.name);
    names("teams", "_team", teams.collect());
    let externals = model.externals.iter().map(|external| &external.name);
    names("external systems", "", externals.collect());
    let events = model.events.iter().map(|event| &event.name);
    names("events", "_event", events.collect());
    let sagas = model.sagas.iter().map(|saga| &saga.name);
    names("sagas", "_saga", sagas.collect());
    let caches = model.caches.iter().map(|cache| &cache.name);
    names("caches", "_cache", caches.collect());
    for service in model.services.iter() {
        let owned = service.entities.iter().map(|id| &model.entities[*id].name);
        let what = format!("entities of {}", service.name);
        names(&what, "", owned.collect());
    }
    let teams = model.teams.is_empty();
    let mut words = |what: &str, pick: &dyn Fn(&Service) -> Vec<Spanned<String>>| {
        let given: Vec<_> = model.services.iter().flat_map(pick).collect();
        found.extend(among_words(what, &given));
    };
    let one = |word: &Option<Spanned<String>>| word.iter().cloned().collect();
    words("domain", &|service| one(&service.domain));
    words("subdomain", &|service| one(&service.subdomain));
    words("bounded context", &|service| one(&service.bounded_context));
    words("release unit", &|service| one(&service.release_unit));
    words("library", &|service| service.libraries.clone());
    if teams {
        words("team", &|service| one(&service.team_name));
    }
    found.sort_by_key(|alike| alike.then.span);
    found
}

/// Names that become one in every spelling are told elsewhere, by what they collide in.
fn among_names(what: &str, ending: &str, names: &[&Name]) -> Vec<Alike> {
    let mut first: BTreeMap<String, &Name> = BTreeMap::new();
    let mut found = Vec::new();
    for name in names {
        let before = *first.entry(bare(name.snake(), ending)).or_insert(name);
        if before.snake() != name.snake() {
            let spelt = |name: &Name| Spanned::new(name.to_string(), name.span());
            found.push(Alike {
                what: what.to_owned(),
                declared: true,
                first: spelt(before),
                then: spelt(name),
            });
        }
    }
    found
}

fn among_words(what: &str, given: &[Spanned<String>]) -> Vec<Alike> {
    let mut spelt: BTreeMap<String, BTreeMap<&str, Span>> = BTreeMap::new();
    let mut first: BTreeMap<String, &Spanned<String>> = BTreeMap::new();
    let mut found = Vec::new();
    for word in given {
        let key = bare(&Name::snake_of(word), "");
        let before = *first.entry(key.clone()).or_insert(word);
        let fresh = spelt.entry(key).or_default().insert(word, word.span);
        if fresh.is_none() && before.value != word.value {
            found.push(Alike {
                what: what.to_owned(),
                declared: false,
                first: before.clone(),
                then: word.clone(),
            });
        }
    }
    found
}

/// A name without its plurals, its ending and whatever stands between its words.
fn bare(snake: &str, ending: &str) -> String {
    let rest = snake.strip_suffix(ending).unwrap_or(snake);
    let rest = if rest.is_empty() { snake } else { rest };
    rest.split('_').map(stem).collect()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_plural_an_ending_and_what_stands_between_words_make_no_other_name() {
        assert_eq!(
            bare("orders_service", "_service"),
            bare("order", "_service")
        );
        assert_eq!(bare("e_commerce", ""), bare("ecommerce", ""));
        assert_ne!(bare("order", "_service"), bare("ordering", "_service"));
    }

    #[test]
    fn a_name_that_is_nothing_but_its_ending_stays() {
        assert_eq!(bare("service", "service"), "service");
    }
}
