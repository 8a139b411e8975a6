//! What was seen of the code that implements the architecture. `cli` gathers it; nothing here reads a file.

use std::collections::BTreeMap;

/// Facts about the code, by service in kebab case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observations {
    /// Lines of Rust in the service's folder.
    pub lines: BTreeMap<String, u64>,
    /// Crates of the workspace that a service depends on, without those that msarch generates.
    pub shared_crates: BTreeMap<String, Vec<String>>,
}

impl Observations {
    /// Which services use a crate of the workspace, for crates that more than one uses.
    #[must_use]
    pub fn libraries(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (service, crates) in &self.shared_crates {
            for library in crates {
                users.entry(library).or_default().push(service);
            }
        }
        users.retain(|_, services| services.len() > 1);
        users
    }
}
