//! What the generated code knows about a local run.

use std::path::PathBuf;

use crate::auth::Expected;

/// What the generated code knows about a local run; arguments change it.
#[derive(Clone, Debug)]
pub struct LocalDefaults {
    /// The name of the system.
    pub system: String,
    /// The port of the gateway: 8080.
    pub port: u16,
    /// The port of the admin page: 8081.
    pub admin_port: u16,
    /// Where everything is kept: `data`.
    pub data_folder: PathBuf,
    /// What tokens must say.
    pub expected: Expected,
    /// The scopes of the tokens with which services call each other where nobody called them.
    pub service_scopes: Vec<String>,
    /// A request to try, told when everything runs.
    pub example: Option<Example>,
}

/// A request to try.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its path.
    pub path: String,
    /// The scopes that its token needs.
    pub scopes: Vec<String>,
    /// Whether it needs no token.
    pub open: bool,
}

impl LocalDefaults {
    /// The usual ports and folder.
    #[must_use]
    pub fn new(system: &str) -> Self {
        Self {
            system: system.to_owned(),
            port: 8080,
            admin_port: 8081,
            data_folder: PathBuf::from("data"),
            expected: Expected::default(),
            service_scopes: Vec::new(),
            example: None,
        }
    }
}
