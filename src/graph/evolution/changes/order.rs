//! From single orders to one: who is deployed in which stage.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;

/// The order in which services are deployed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rollout {
    /// Services by stage: each stage after the one before it. Services that are in none may come at any time.
    pub stages: Vec<Vec<String>>,
    /// Services that wait for each other: their changes do not fit into one release.
    pub stuck: Vec<String>,
}

/// The order that a list of changes asks for.
#[must_use]
pub fn rollout(changes: &[Change]) -> Rollout {
    let mut before: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for order in changes.iter().filter_map(|change| change.order.as_ref()) {
        for first in &order.first {
            before.entry(first).or_default();
        }
        for then in &order.then {
            let waits = before.entry(then).or_default();
            waits.extend(order.first.iter().map(String::as_str));
        }
    }
    let mut rollout = Rollout::default();
    while !before.is_empty() {
        let ready: Vec<&str> = before
            .iter()
            .filter(|(_, waits)| waits.is_empty())
            .map(|(service, _)| *service)
            .collect();
        if ready.is_empty() {
            rollout.stuck = before.into_keys().map(str::to_owned).collect();
            break;
        }
        for service in &ready {
            before.remove(service);
        }
        let done: BTreeSet<&str> = ready.iter().copied().collect();
        for waits in before.values_mut() {
            waits.retain(|service| !done.contains(service));
        }
        rollout
            .stages
            .push(ready.into_iter().map(str::to_owned).collect());
    }
    rollout
}

#[cfg(test)]
mod tests {
    use super::super::{Area, Kind, Order};
    use super::*;

    fn change(first: &str, then: &str) -> Change {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect();
        Change::new(Area::Events, Kind::Changed, "E", "changed")
            .ordered(Order::new(words(first), words(then)))
    }

    #[test]
    fn services_come_after_all_that_they_wait_for() {
        let told = rollout(&[change("c", "b"), change("b d", "a")]);
        assert_eq!(told.stages, [vec!["c", "d"], vec!["b"], vec!["a"]]);
        assert!(told.stuck.is_empty());
    }

    #[test]
    fn services_that_wait_for_each_other_are_named() {
        let told = rollout(&[change("x", "a"), change("a", "b"), change("b", "a")]);
        assert_eq!(told.stages, [vec!["x"]]);
        assert_eq!(told.stuck, ["a", "b"]);
    }

    #[test]
    fn nobody_waits_for_itself() {
        assert_eq!(Order::new(vec!["a".to_owned()], vec!["a".to_owned()]), None);
    }
}
