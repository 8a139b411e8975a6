//! Which processes share a network: a service and its database, two of whom one asks the other, and each service with the platform.
//!
//! A network joins whoever is in it, in both directions, so there is one for each pair that may talk and none that all are in.
//! Each has its own subnet, chosen by its name: a system that grows leaves the networks alone that it has already.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Caller, Deployment, Keep, host};

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Who is in it, sorted.
    pub members: Vec<String>,
    /// Its addresses.
    pub subnet: String,
    /// Whether it leads nowhere else.
    pub internal: bool,
}

/// Addresses of the smallest subnet: those of the network itself, its router and the broadcast among them.
const SMALLEST: usize = 32;
/// Addresses that no member gets.
const RESERVED: usize = 3;
/// Addresses below one first pair of octets.
const BLOCK: usize = 1 << 16;

/// The networks of a system, sorted by name.
#[must_use]
pub fn networks(deployment: &Deployment) -> Vec<Network> {
    let mut drawn = Drawn::default();
    drawn.services(deployment);
    drawn.links(deployment);
    drawn.gateway(deployment);
    drawn.watchers(deployment);
    let copies: BTreeMap<&str, usize> = deployment
        .workloads
        .iter()
        .map(|workload| (workload.name.as_str(), workload.replicas as usize))
        .collect();
    let needed = drawn.0.values().map(|(members, _)| {
        let addresses = members
            .iter()
            .map(|member| copies.get(member.as_str()).unwrap_or(&1));
        addresses.sum::<usize>() + RESERVED
    });
    let size = needed.max().unwrap_or(0).max(SMALLEST).next_power_of_two();
    let names: Vec<&str> = drawn.0.keys().map(String::as_str).collect();
    let subnets = subnets(&deployment.system, &names, size);
    drawn
        .0
        .iter()
        .zip(subnets)
        .map(|((name, (members, internal)), subnet)| Network {
            name: name.clone(),
            members: members.iter().cloned().collect(),
            subnet,
            internal: *internal,
        })
        .collect()
}

/// Networks by name: who is in it, and whether it leads nowhere else.
#[derive(Default)]
struct Drawn(BTreeMap<String, (BTreeSet<String>, bool)>);

impl Drawn {
    fn join(&mut self, name: String, internal: bool, members: &[&str]) {
        let (joined, _) = self
            .0
            .entry(name)
            .or_insert_with(|| (BTreeSet::new(), internal));
        joined.extend(members.iter().map(|member| (*member).to_owned()));
    }

    /// Who may leave the system does so by a network of its own.
    fn outside(&mut self, member: &str) {
        self.join(format!("outside_{member}"), false, &[member]);
    }

    fn services(&mut self, deployment: &Deployment) {
        for workload in &deployment.workloads {
            let name = workload.name.as_str();
            let mut leaves = deployment.jwks.is_some();
            leaves |= deployment
                .externals
                .iter()
                .any(|one| one.callers.contains(&workload.name));
            if let Keep::Postgres { host, given, .. } = &workload.keep {
                leaves |= given;
                if !given {
                    self.join(format!("data_{name}"), true, &[name, host]);
                }
            }
            if leaves {
                self.outside(name);
            }
            let mut platform = vec![name, host::PROMETHEUS];
            platform.extend(workload.talks().then_some(host::BROKER));
            platform.extend(workload.cache.then_some(host::CACHE));
            platform.extend(deployment.collector.then_some(host::COLLECTOR));
            self.join(format!("platform_{name}"), true, &platform);
        }
    }

    fn links(&mut self, deployment: &Deployment) {
        for access in &deployment.access {
            let from = match &access.from {
                Caller::Gateway => host::GATEWAY,
                Caller::Service(name) => name.as_str(),
            };
            let to = access.to.as_str();
            if from != to {
                let (one, other) = (from.min(to), from.max(to));
                self.join(format!("link_{one}_{other}"), true, &[one, other]);
            }
        }
    }

    fn gateway(&mut self, deployment: &Deployment) {
        if deployment.gateway.is_some() {
            self.outside(host::GATEWAY);
            let mut platform = vec![host::GATEWAY, host::PROMETHEUS];
            platform.extend(deployment.collector.then_some(host::COLLECTOR));
            self.join(format!("platform_{}", host::GATEWAY), true, &platform);
        }
    }

    fn watchers(&mut self, deployment: &Deployment) {
        self.join(
            "alerts".to_owned(),
            true,
            &[host::PROMETHEUS, host::ALERTMANAGER],
        );
        self.outside(host::PROMETHEUS);
        self.outside(host::ALERTMANAGER);
        if deployment.collector {
            let both = [host::COLLECTOR, host::TRACES];
            self.join("traces".to_owned(), true, &both);
            self.outside(host::TRACES);
            if deployment.traces_to.is_some() {
                self.outside(host::COLLECTOR);
            }
        }
    }
}

/// A subnet for each name, no two of them overlapping. Where a name's own place is taken, it gets the next one.
///
/// The place follows from the name alone as long as nobody else wants it; the first two octets follow from the system, so that two
/// systems on one machine rarely meet, and can be set: `SUBNETS=10.99`. A system too large for them spreads over all of 10.0.0.0/8.
fn subnets(system: &str, names: &[&str], size: usize) -> Vec<String> {
    let places = BLOCK / size.min(BLOCK);
    // At most half of the places are taken, so that few want the same.
    let blocks = (2 * names.len())
        .div_ceil(places)
        .next_power_of_two()
        .min(256);
    let capacity = places * blocks;
    let first = if blocks == 1 {
        64 + digest(system) % 128
    } else {
        256 - blocks
    };
    let mut taken = BTreeSet::new();
    names
        .iter()
        .take(capacity)
        .map(|name| {
            let wanted = digest(name) % capacity;
            let free = (0..capacity).map(|step| (wanted + step) % capacity);
            let place = free
                .into_iter()
                .find(|place| taken.insert(*place))
                .unwrap_or(wanted);
            let address = place * size;
            let (block, below) = (address / BLOCK, address % BLOCK);
            let (third, fourth) = (below / 256, below % 256);
            let bits = 32 - size.min(BLOCK).trailing_zeros();
            if blocks == 1 {
                format!("${{SUBNETS:-10.{first}}}.{third}.{fourth}/{bits}")
            } else {
                format!("10.{}.{third}.{fourth}/{bits}", first + block)
            }
        })
        .collect()
}

fn digest(text: &str) -> usize {
    let digest = Sha256::digest(text.as_bytes());
    digest[..4]
        .iter()
        .fold(0, |number, byte| number << 8 | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// First and last address of a subnet.
    fn range(subnet: &str) -> (u64, u64) {
        let subnet = match subnet.strip_prefix("${SUBNETS:-") {
            Some(rest) => rest.replacen('}', "", 1),
            None => subnet.to_owned(),
        };
        let (address, bits) = subnet.split_once('/').unwrap();
        let octets = address
            .split('.')
            .map(|octet| u64::from(octet.parse::<u8>().unwrap()));
        let first = octets.fold(0, |number, octet| number << 8 | octet);
        let size = 1 << (32 - bits.parse::<u32>().unwrap());
        assert_eq!(first % size, 0, "{subnet} begins in the middle");
        (first, first + size - 1)
    }

    proptest! {
        #[test]
        fn no_two_subnets_overlap(
            names in proptest::collection::btree_set("[a-z_]{1,12}", 1..400),
            size in (5..9u32).prop_map(|bits| 1usize << bits),
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut ranges: Vec<_> = subnets("shop", &names, size).iter().map(|subnet| range(subnet)).collect();
            prop_assert_eq!(ranges.len(), names.len());
            ranges.sort_unstable();
            for pair in ranges.windows(2) {
                prop_assert!(pair[0].1 < pair[1].0, "{:?}", pair);
            }
        }
    }

    #[test]
    fn a_system_that_grows_leaves_nearly_all_subnets_alone() {
        let names: Vec<String> = (0..60).map(|number| format!("link_a_{number}")).collect();
        let old: Vec<&str> = names.iter().map(String::as_str).take(50).collect();
        let new: Vec<&str> = names.iter().map(String::as_str).collect();
        let before = subnets("shop", &old, SMALLEST);
        let after = subnets("shop", &new, SMALLEST);
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(one, other)| one != other);
        assert!(moved.count() <= 2);
    }

    #[test]
    fn a_system_too_large_for_two_octets_spreads() {
        let names: Vec<String> = (0..9_000).map(|number| format!("link_{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut ranges: Vec<_> = subnets("shop", &names, SMALLEST)
            .iter()
            .map(|subnet| range(subnet))
            .collect();
        ranges.sort_unstable();
        assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
