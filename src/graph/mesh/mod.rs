//! The mesh: what it does to requests on their way to a service, and the raw manifests that say so.

mod hosts;
mod manifests;
mod policies;

pub use hosts::{Host, Hosts};
pub use manifests::{Entry, Manifest, duration, manifests, route_destinations};
pub use policies::{MeshPolicies, MeshPolicy};
