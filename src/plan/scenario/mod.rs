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
//! | `aggregate`, `upcast` | those of an event-sourced aggregate, and of older versions of events |
//! | `step`, `saga` | those of a step that a service takes, and of a saga that it leads; `course` has the sample saga of both |
//! | `print` | statements of tests |

mod aggregate;
mod body;
mod condition;
mod course;
mod exact;
mod operation;
mod print;
mod reaction;
mod saga;
mod sample;
mod step;
mod upcast;
mod world;

use serde::Serialize;

use super::rust::Scope;
use super::types::Types;
use crate::model::arena::ServiceId;

pub use aggregate::AggregateTests;
pub use print::Test;
pub use saga::SagaTests;
pub use sample::{sample_fields, sample_type};
pub use upcast::{UpcastTest, upcasts};

/// The tests of a service.
#[derive(Debug, Clone, Serialize)]
pub struct Tests {
    /// Of its operations, a file each.
    pub operations: Vec<TestFile>,
    /// Of its reactions to events, a file each.
    pub reactions: Vec<TestFile>,
    /// Of the steps that it takes in sagas, a file each.
    pub steps: Vec<TestFile>,
    /// Of the sagas that it leads, a file each.
    pub sagas: Vec<SagaTests>,
    /// Of its aggregates, a file each.
    pub aggregates: Vec<AggregateTests>,
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
    /// The call of an operation, or how a step is asked for.
    pub call: Option<String>,
    /// Statements that give what most of its tests begin with.
    pub prepare: Option<String>,
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
    let mut steps = step::files(types, id);
    for files in [&mut operations, &mut reactions, &mut steps] {
        files.sort_by(|a, b| plain(&a.module).cmp(plain(&b.module)));
    }
    let mut sagas = saga::files(types, id);
    sagas.sort_by(|a, b| plain(&a.module).cmp(plain(&b.module)));
    let aggregates = service.aggregates.iter();
    let mut aggregates: Vec<AggregateTests> = aggregates
        .filter_map(|id| aggregate::file(types, *id))
        .collect();
    aggregates.sort_by(|a, b| plain(&a.module).cmp(plain(&b.module)));
    Tests {
        operations,
        reactions,
        steps,
        sagas,
        aggregates,
    }
}

/// A module's name without what Rust asks of keywords: as it is sorted, and as its file is called.
fn plain(module: &str) -> &str {
    module.trim_start_matches("r#")
}
