//! Architectures to test with.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]

use msarch::model::{Model, lower};
use msarch::syntax::decode::{Cx, Decode};
use msarch::syntax::document::Document;
use msarch::syntax::include::{Disk, Loaded, Memory, load};

/// Every architecture without a finding.
pub const ALL: &[&str] = &[
    "examples/ecommerce.yaml",
    "examples/minimal.yaml",
    "tests/architectures/banking.yaml",
    "tests/architectures/herd.yaml",
    "tests/architectures/hospital.yaml",
    "tests/architectures/keywords.yaml",
    "tests/architectures/ride_hailing.yaml",
];

/// What must not break any format that it gets into.
pub const HOSTILE: &str = "a \"quoted\" 'word', `code`, {{ braces }} {% raw %} | pipe | <b>bold</b> <script>alert(1)</script>\n\n# heading\n- item: no\n```\nend\n--> <!-- x --> \\ \t* _ ~ %% ; # & $ ${X} é \u{2028} ```mermaid";

/// The meaning of a file.
pub fn model_of(path: &str) -> Model {
    meaning(load(&Disk, path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// The meaning of a text.
pub fn model_of_text(text: &str) -> Model {
    let mut files = Memory::default();
    files.insert("architecture.yaml", text);
    meaning(load(&files, "architecture.yaml").unwrap_or_else(|error| panic!("{error}")))
}

fn meaning(mut loaded: Loaded) -> Model {
    let root = loaded.root.take().expect("there is a document");
    let mut cx = Cx::new(root.head(), loaded.incomplete);
    let document = Document::decode(root, &mut cx).expect("it is an architecture");
    let told: Vec<&str> = loaded
        .findings
        .iter()
        .chain(&cx.findings)
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(told.is_empty(), "{told:?}");
    lower(&document)
}
