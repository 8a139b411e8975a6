//! From what was loaded to the document, and from the document to its schema.

use serde_json::Value as Json;

use super::Document;
use crate::syntax::decode::{Cx, Decode, Defs};
use crate::syntax::fault;
use crate::syntax::finding::Finding;
use crate::syntax::include::Loaded;

/// Decodes what was loaded. The faults found go to the findings of `loaded`; the tree is used up.
///
/// `None` when there is no document, or none that is a map: a finding has said so.
pub fn read(loaded: &mut Loaded) -> Option<Document> {
    let root = loaded.root.take()?;
    let head = root.head();
    let mut cx = Cx::new(head, loaded.incomplete);
    let document = if root.as_map().is_some() {
        Document::decode(root, &mut cx)
    } else {
        let message = format!("expected an architecture (a map), found {}", root.kind());
        let help = "an architecture begins with `msarch: 1` and `name:`";
        cx.push(Finding::error(fault::WRONG_TYPE, head, message).help(help));
        None
    };
    loaded.findings.append(&mut cx.findings);
    loaded.sources.tear(cx.torn);
    document
}

/// The JSON Schema (2020-12) of the file, for editors.
#[must_use]
pub fn schema() -> Json {
    let mut defs = Defs::default();
    let root = Document::schema(&mut defs);
    defs.into_document("architecture.schema.json", "msarch architecture", &root)
}
