//! What the generated tests check: the file's declarations acted out on sample data, without a look at the code that is
//! generated from them. What comes out is printed as literal expectations.
//!
//! | room | does |
//! |---|---|
//! | `sample` | values that fit a field, distinct by name and number; `pattern` for texts with a regular expression |
//! | `exact` | decimal arithmetic |
//! | `world` | owned data, references, effects and emissions, on JSON |
//! | `body` | bodies of requests |
//! | `condition` | samples that meet conditions, and samples that do not |
//! | `operation`, `reaction` | the tests of an operation and of a consumer |
//! | `print` | statements of tests |

mod body;
mod condition;
mod exact;
mod operation;
mod pattern;
mod print;
mod reaction;
mod sample;
mod world;

use serde::Serialize;

use super::rust::Scope;
use super::types::Types;
use crate::model::arena::ServiceId;

pub use print::Test;
pub use sample::{sample_fields, sample_type};

/// The tests of a service.
#[derive(Debug, Clone, Serialize)]
pub struct Tests {
    /// Of its operations, a file each.
    pub operations: Vec<TestFile>,
    /// Of its reactions to events, a file each.
    pub reactions: Vec<TestFile>,
}

/// A file of tests.
#[derive(Debug, Clone, Serialize)]
pub struct TestFile {
    /// The module.
    pub module: String,
    /// What it is about, as a sentence.
    pub doc: String,
    /// What the file imports.
    pub imports: Scope,
    /// Texts that several tests use.
    pub constants: Vec<Constant>,
    /// The call, where it is an operation's.
    pub call: Option<String>,
    /// The tests.
    pub tests: Vec<Test>,
}

/// A text that several tests use.
#[derive(Debug, Clone, Serialize)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// What it is, as a sentence.
    pub doc: String,
    /// Its value as an expression.
    pub value: String,
}

/// Plans the tests of a service.
pub fn tests(types: &Types<'_>, id: ServiceId) -> Tests {
    let service = &types.model.services[id];
    let mut operations: Vec<TestFile> = service
        .endpoints
        .iter()
        .map(|endpoint| operation::file(types, &types.model.endpoints[*endpoint]))
        .collect();
    let mut reactions: Vec<TestFile> = service
        .consumers
        .iter()
        .flat_map(|consumer| reaction::files(types, &types.model.consumers[*consumer]))
        .collect();
    for files in [&mut operations, &mut reactions] {
        files.sort_by(|a, b| {
            a.module
                .trim_start_matches("r#")
                .cmp(b.module.trim_start_matches("r#"))
        });
    }
    Tests {
        operations,
        reactions,
    }
}
