//! Typed settings: the defaults come from generated code, environment variables override them, secrets may stand in files.
//!
//! The key `http.port` of the service `order-desk` is the variable `ORDER_DESK__HTTP__PORT`. A secret may be given by
//! `..._FILE` instead, which names a file that holds it. A value that is malformed, or a variable with the service's prefix
//! that no setting reads, is an error that names the variable; all errors are told at once.
//!
//! ```
//! use msarch_runtime::config::Config;
//! use std::time::Duration;
//!
//! let mut config = Config::from_pairs("order-desk", [("ORDER_DESK__HTTP__TIMEOUT", "2s")]);
//! assert_eq!(config.value("http.timeout", Duration::from_secs(5)), Duration::from_secs(2));
//! assert_eq!(config.value("http.port", 3001_u16), 3001);
//! config.finish().expect("every variable was read");
//! ```

mod address;
mod error;
mod secret;
mod value;

use std::collections::{BTreeMap, BTreeSet};

pub use error::{ConfigError, ConfigFault};
pub use secret::Secret;
pub use value::{ConfigValue, parse_duration};

/// The settings of one service, read key by key.
#[derive(Debug)]
pub struct Config {
    prefix: String,
    variables: BTreeMap<String, String>,
    /// Variables of others: addresses may name them.
    others: BTreeMap<String, String>,
    tolerant: bool,
    fixed: BTreeMap<String, String>,
    read: BTreeSet<String>,
    faults: Vec<ConfigFault>,
}

impl Config {
    /// Settings of a service from the environment of the process.
    #[must_use]
    pub fn from_env(service: &str) -> Self {
        // Names or values that are not Unicode cannot be ours.
        let pairs = std::env::vars_os()
            .filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?)));
        Self::from_pairs(service, pairs)
    }

    /// Settings of a service from given variables.
    #[must_use]
    pub fn from_pairs<N, V>(service: &str, pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let prefix = format!("{}__", spelt(service));
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        let (variables, others) = variables.partition(|(name, _)| name.starts_with(&prefix));
        Self {
            variables,
            others,
            tolerant: false,
            prefix,
            fixed: BTreeMap::new(),
            read: BTreeSet::new(),
            faults: Vec::new(),
        }
    }

    /// Fixes a value, over the environment too: the local run decides addresses and folders itself.
    #[must_use]
    pub fn fixed(mut self, key: &str, value: impl Into<String>) -> Self {
        self.fixed.insert(self.variable(key), value.into());
        self
    }

    /// A value with a default.
    pub fn value<T: ConfigValue>(&mut self, key: &str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    /// What the container calls itself: the variable `HOSTNAME`, where it is set. Nothing in a local run or a test, where names do not
    /// depend on the machine.
    #[must_use]
    pub fn container(&self) -> Option<&str> {
        let name = self.others.get("HOSTNAME").filter(|_| !self.tolerant);
        name.map(String::as_str).filter(|name| !name.is_empty())
    }

    /// A value that may be absent.
    pub fn optional<T: ConfigValue>(&mut self, key: &str) -> Option<T> {
        let variable = self.variable(key);
        self.read.insert(variable.clone());
        let text = self
            .fixed
            .get(&variable)
            .or_else(|| self.variables.get(&variable))?;
        T::read(text)
            .map_err(|expected| {
                let fault = ConfigFault::Malformed {
                    variable,
                    value: text.clone(),
                    expected,
                };
                self.faults.push(fault);
            })
            .ok()
    }

    /// A value that must be given. Without it, a default stands in until [`Config::finish`] tells.
    pub fn required<T: ConfigValue + Default>(&mut self, key: &str) -> T {
        let variable = self.variable(key);
        if !self.fixed.contains_key(&variable) && !self.variables.contains_key(&variable) {
            self.faults.push(ConfigFault::Missing {
                variable: variable.clone(),
            });
        }
        self.optional(key).unwrap_or_default()
    }

    /// A secret, by its variable or by the file that `..._FILE` names.
    pub fn secret(&mut self, key: &str) -> Option<Secret> {
        let variable = self.variable(key);
        let by_file = format!("{variable}_FILE");
        self.read.insert(variable.clone());
        self.read.insert(by_file.clone());
        if let Some(value) = self
            .fixed
            .get(&variable)
            .or_else(|| self.variables.get(&variable))
        {
            if self.variables.contains_key(&by_file) && !self.fixed.contains_key(&variable) {
                self.faults.push(ConfigFault::Twice { variable, by_file });
            }
            return Some(Secret::new(value));
        }
        let path = self.variables.get(&by_file)?;
        match std::fs::read_to_string(path) {
            Ok(text) => Some(Secret::new(text.trim_end_matches(['\r', '\n']))),
            Err(source) => {
                self.faults.push(ConfigFault::Unreadable {
                    variable: by_file,
                    path: path.into(),
                    source,
                });
                None
            }
        }
    }

    /// Ends reading, and tells everything that was wrong.
    ///
    /// # Errors
    /// Malformed, missing, and unknown variables.
    pub fn finish(mut self) -> Result<(), ConfigError> {
        for variable in self
            .variables
            .keys()
            .filter(|name| !self.read.contains(*name))
        {
            let nearest = error::nearest(variable, &self.read);
            self.faults.push(ConfigFault::Unknown {
                variable: variable.clone(),
                nearest,
            });
        }
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(ConfigError {
                faults: self.faults,
            })
        }
    }

    /// The variable that stands for a key.
    #[must_use]
    pub fn variable(&self, key: &str) -> String {
        let sections: Vec<_> = key.split('.').map(spelt).collect();
        format!("{}{}", self.prefix, sections.join("__"))
    }
}

fn spelt(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Config {
        Config::from_pairs("order-desk", pairs.iter().copied())
    }

    #[test]
    fn a_variable_overrides_the_default() {
        let mut config = config(&[("ORDER_DESK__HTTP__PORT", "8081")]);
        assert_eq!(config.value("http.port", 1_u16), 8081);
        config.finish().unwrap();
    }

    #[test]
    fn a_malformed_value_names_the_variable_and_what_was_expected() {
        let mut config = config(&[
            ("ORDER_DESK__HTTP__PORT", "many"),
            ("ORDER_DESK__HTTP__TIMEOUT", "5"),
        ]);
        config.value("http.port", 1_u16);
        config.value("http.timeout", Duration::ZERO);
        let message = config.finish().unwrap_err().to_string();
        assert!(message.contains("ORDER_DESK__HTTP__PORT"), "{message}");
        assert!(message.contains("ORDER_DESK__HTTP__TIMEOUT"), "{message}");
        assert!(message.contains("30s"), "{message}");
    }

    #[test]
    fn an_unknown_variable_is_named_with_the_nearest_known_one() {
        let mut config = config(&[("ORDER_DESK__HTTP__PROT", "1")]);
        config.value("http.port", 1_u16);
        let message = config.finish().unwrap_err().to_string();
        assert!(
            message.contains("ORDER_DESK__HTTP__PROT")
                && message.contains("ORDER_DESK__HTTP__PORT"),
            "{message}"
        );
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        config(&[("ORDER_DESKS__X", "1"), ("PATH", "/bin")])
            .finish()
            .unwrap();
    }

    #[test]
    fn a_required_value_that_is_absent_is_told() {
        let mut config = config(&[]);
        let url: String = config.required("calls.stock.url");
        assert_eq!(url, "");
        assert!(
            config
                .finish()
                .unwrap_err()
                .to_string()
                .contains("ORDER_DESK__CALLS__STOCK__URL")
        );
    }

    #[test]
    fn a_secret_is_read_from_its_file_without_the_last_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "s3cret\n").unwrap();
        let mut config = config(&[(
            "ORDER_DESK__AUTH__SECRET_FILE",
            file.path().to_str().unwrap(),
        )]);
        assert_eq!(config.secret("auth.secret").unwrap().expose(), "s3cret");
        config.finish().unwrap();
    }

    #[test]
    fn a_secret_file_that_cannot_be_read_is_told_with_its_path() {
        let mut config = config(&[("ORDER_DESK__AUTH__SECRET_FILE", "/nowhere/at/all")]);
        assert!(config.secret("auth.secret").is_none());
        assert!(
            config
                .finish()
                .unwrap_err()
                .to_string()
                .contains("/nowhere/at/all")
        );
    }

    #[test]
    fn a_secret_given_twice_is_told() {
        let mut config = config(&[("ORDER_DESK__K", "a"), ("ORDER_DESK__K_FILE", "/b")]);
        config.secret("k");
        assert!(config.finish().is_err());
    }

    #[test]
    fn a_fixed_value_wins_over_the_environment() {
        let mut config = config(&[("ORDER_DESK__HTTP__PORT", "8081")]).fixed("http.port", "0");
        assert_eq!(config.value("http.port", 1_u16), 0);
        config.finish().unwrap();
    }
}
