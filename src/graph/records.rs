//! What one record of owned data is called: the singular of the data's name, where nothing else has it.

use std::collections::BTreeMap;

use crate::model::Model;
use crate::model::arena::EntityId;
use crate::model::name::{Name, is_known_type};

/// What the file of every operation imports beside the types of its contract.
const OPERATIONS: &[&str] = &["App", "MethodRouter", "State", "UnitOfWork"];

/// The name of one record of each entity. An entity keeps its own name where another of its service has the same singular, or every file knows another
/// type by it.
pub fn records(model: &Model) -> BTreeMap<EntityId, Name> {
    let mut records = BTreeMap::new();
    for service in model.services.iter() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for id in &service.entities {
            *seen
                .entry(singular(model.entities[*id].name.snake()))
                .or_default() += 1;
        }
        for id in &service.entities {
            let entity = &model.entities[*id].name;
            let one = Name::new(singular(entity.snake()), entity.span());
            let pascal = one.pascal();
            let taken = is_known_type(&pascal) || OPERATIONS.contains(&pascal.as_str());
            let free = seen.get(one.snake()) == Some(&1) && !taken;
            let name = if free {
                one
            } else {
                Name::new(entity.snake(), entity.span())
            };
            records.insert(*id, name);
        }
    }
    records
}

/// The English singular of a snake-case noun, as far as endings tell.
fn singular(noun: &str) -> String {
    let (head, last) = noun
        .rsplit_once('_')
        .map_or(("", noun), |(head, last)| (head, last));
    let ends = |ending: &str| last.len() > ending.len() + 1 && last.ends_with(ending);
    let cut = |count: usize| last[..last.len() - count].to_owned();
    let word = if matches!(
        last,
        "series" | "species" | "news" | "status" | "address" | "access" | "process"
    ) {
        last.to_owned()
    } else if ends("ies") {
        cut(3) + "y"
    } else if ends("sses")
        || ends("shes")
        || ends("ches")
        || ends("xes")
        || ends("zzes")
        || ends("uses") && !ends("auses")
    {
        cut(2)
    } else if ends("s") && !ends("ss") && !ends("us") && !ends("is") {
        cut(1)
    } else {
        last.to_owned()
    };
    if head.is_empty() {
        word
    } else {
        format!("{head}_{word}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_lose_their_plural() {
        for (many, one) in [
            ("customers", "customer"),
            ("categories", "category"),
            ("customer_preferences", "customer_preference"),
            ("inventory", "inventory"),
            ("order_status", "order_status"),
            ("boxes", "box"),
            ("addresses", "address"),
            ("purchases", "purchase"),
            ("as", "as"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
