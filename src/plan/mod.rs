//! Every decision about what will exist, taken: names spelt, types chosen, expressions written. `emit` only prints.
//!
//! | room | decides |
//! |---|---|
//! | `names` | how records, crates and types are called |
//! | `types` | which Rust type stands for a type of the file |
//! | `rust` | spelling: imports, literals, structs and enums |
//! | `expr` | values and references of the file as Rust expressions |
//! | `effects` | effects and emissions as Rust statements |
//! | `validation` | what is checked of requests |
//! | `contract` | the contract crates |
//! | `service` | the service crates |
//! | `scenario` | what the generated tests check |
//! | `migrations` | how tables change from one generation to the next |
//! | `schema` | JSON Schemas of types, and examples |
//! | `openapi` | the descriptions of the services' APIs |
//! | `diagram` | what pictures show |
//! | `docs` | the pages of documentation |
//! | `deployment` | the deployed system: processes, settings, secrets, who may ask whom |
//! | `drivers` | which drivers a service compiles in |
//! | `istio` | the mesh's manifests: the door, routing, who may ask whom |
//! | `envoy` | the gateway of the deployed system, as configuration of Envoy |
//! | `kubernetes` | the manifests for Kubernetes |
//! | `local` | the binary that runs everything in one process |
//! | `renames` | what moves along when a name changes |
//! | `notices` | what stands in for parts without a driver |
//! | `workspace` | what ties them together |
//!
//! Code is planned as lines of one statement each, however long: `emit::layout` breaks them as rustfmt would.

pub mod code;
pub mod contract;
pub mod deployment;
pub mod diagram;
pub mod docs;
pub mod drivers;
pub mod effects;
pub mod envoy;
pub mod expr;
pub mod istio;
pub mod kubernetes;
pub mod local;
pub mod migrations;
pub mod names;
pub mod notices;
pub mod openapi;
pub mod renames;
pub mod rust;
pub mod scenario;
pub mod schema;
pub mod service;
pub mod types;
pub mod validation;
pub mod workspace;

pub use workspace::{Workspace, plan};
