//! Addresses of systems that are not ours: where they are is told by variables of the environment.

use super::{Config, ConfigFault};

impl Config {
    /// Goes on without the addresses that nobody gave, and warns of each: a local run or a test does without systems that are not ours.
    #[must_use]
    pub fn without_addresses(mut self) -> Self {
        self.tolerant = true;
        self
    }

    /// An address in which each `${NAME}` is a variable of the environment: `https://${BANK_HOST}/v1`. The variable of the key stands
    /// above it. Where a named variable is not set, there is no default; the address that nobody knows is empty.
    pub fn address(&mut self, key: &str, template: &str) -> String {
        if let Some(address) = self.optional(key) {
            return address;
        }
        let mut address = String::new();
        let mut rest = template;
        while let Some((before, (name, after))) = rest
            .split_once("${")
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let Some(value) = self.others.get(name).filter(|value| !value.is_empty()) else {
                self.unknown(name, key);
                return String::new();
            };
            address.push_str(before);
            address.push_str(value);
            rest = after;
        }
        address + rest
    }

    fn unknown(&mut self, name: &str, key: &str) {
        let variable = format!("{name} (or {})", self.variable(key));
        if self.tolerant {
            tracing::warn!("{variable} is not set: calls that need it fail as unavailable");
        } else {
            self.faults.push(ConfigFault::Missing { variable });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Config {
        Config::from_pairs("order-desk", pairs.iter().copied())
    }

    #[test]
    fn an_address_is_read_from_the_variables_that_it_names() {
        let mut config = config(&[("BANK_HOST", "bank.example"), ("BANK_PATH", "v1")]);
        let address = config.address("calls.bank.url", "https://${BANK_HOST}/${BANK_PATH}");
        assert_eq!(address, "https://bank.example/v1");
        config.finish().unwrap();
    }

    #[test]
    fn the_setting_of_the_service_stands_above_the_named_variable() {
        let own = ("ORDER_DESK__CALLS__BANK__URL", "http://127.0.0.1:1");
        let mut config = config(&[own, ("BANK", "https://bank.example")]);
        assert_eq!(config.address("calls.bank.url", "${BANK}"), own.1);
        config.finish().unwrap();
    }

    #[test]
    fn an_address_that_nobody_gave_is_told_by_its_variable() {
        for pairs in [&[][..], &[("BANK", "")][..]] {
            let mut config = config(pairs);
            config.address("calls.bank.url", "${BANK}");
            let said = config.finish().unwrap_err().to_string();
            let expected = "BANK (or ORDER_DESK__CALLS__BANK__URL) is not set";
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn a_local_run_goes_on_without() {
        let mut config = config(&[]).without_addresses();
        assert_eq!(config.address("calls.bank.url", "https://${BANK}"), "");
        config.finish().unwrap();
    }
}
