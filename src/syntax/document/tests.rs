use super::super::include::load_text;
use super::*;

fn findings(text: &str) -> Vec<String> {
    let mut loaded = load_text("a.yaml", text);
    let _ = read(&mut loaded);
    super::super::finding::sort(&mut loaded.findings);
    loaded
        .findings
        .iter()
        .map(|finding| {
            let at = loaded.sources.position(finding.span());
            format!(
                "{}:{} {} {}",
                at.line, at.column, finding.rule, finding.message
            )
        })
        .collect()
}

fn file(path: &str) -> Vec<String> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the file is there");
    findings(&text)
}

#[test]
fn the_examples_decode_without_a_finding() {
    assert_eq!(file("examples/minimal.yaml"), Vec::<String>::new());
    assert_eq!(file("examples/ecommerce.yaml"), Vec::<String>::new());
}

#[test]
fn the_seed_as_given_decodes_but_for_what_it_writes_unclearly() {
    assert_eq!(
        file("tests/fixtures/seed/architecture.yaml"),
        [
            "332:15 invalid-value `jaeger` is not allowed here",
            "354:12 invalid-value the duration `5000` has no unit",
        ]
    );
}
