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
        ["332:15 invalid-value `jaeger` is not allowed here"]
    );
}

#[test]
fn an_endpoint_may_be_a_method_and_a_path() {
    let text = "msarch: 1\nname: x\nservices:\n  a:\n    endpoints:\n      - GET /customers/{id}/open-orders\n      - delete /x\n      - name: y\n        method: POST\n        path: /y\n";
    let mut loaded = load_text("a.yaml", text);
    let document = read(&mut loaded).expect("valid");
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let service = document.services.get("a").expect("there");
    let endpoints: Vec<_> = service
        .endpoints
        .iter()
        .map(|(name, endpoint)| {
            let method = endpoint.method.as_ref().map(|method| method.as_str());
            (
                name.as_str(),
                method,
                endpoint.path.as_ref().map(|path| path.as_str()),
            )
        })
        .collect();
    assert_eq!(
        endpoints,
        [
            (
                "get_customers_by_id_open_orders",
                Some("GET"),
                Some("/customers/{id}/open-orders")
            ),
            ("delete_x", Some("DELETE"), Some("/x")),
            ("y", Some("POST"), Some("/y")),
        ]
    );
}

#[test]
fn five_faults_in_five_sections_are_told_in_one_run() {
    let text = "msarch: 2x\nname: a\nservices:\n  a: {domian: x}\n  a: {}\nevents: [{schema: {}}]\ngateway: {port: 0}\nsgas: {}\n";
    assert_eq!(
        findings(text),
        [
            "1:9 wrong-type expected a whole number, found `2x`",
            "4:7 unknown-key `domian` is not a key of a service",
            "5:3 duplicate-key the key `a` stands here twice",
            "6:11 missing-key the key `name` is missing",
            "7:17 invalid-value 0 is out of range",
            "8:1 unknown-key `sgas` is not a key of a document",
        ]
    );
}

#[test]
fn names_that_stand_twice_in_a_list_are_told() {
    let text = "msarch: 1\nname: x\nteams: [{name: a}, {name: a}]\nevents: [{name: E, version: v1}, {name: E, version: v2}]\n";
    assert_eq!(
        findings(text),
        ["3:27 duplicate-name there are two teams named `a`"]
    );
}

#[test]
fn a_file_that_is_no_map_or_lacks_its_head_is_told() {
    assert_eq!(
        findings("- a\n"),
        ["1:3 wrong-type expected an architecture (a map), found a list"]
    );
    assert_eq!(
        findings("services: {}\n"),
        [
            "1:1 missing-key the key `msarch` is missing",
            "1:1 missing-key the key `name` is missing"
        ]
    );
}

#[test]
fn the_editor_schema_is_fresh() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/schemas/architecture.schema.json"
    );
    let fresh = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &fresh).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == fresh,
        "schemas/architecture.schema.json is stale; run the tests with UPDATE=1"
    );
}

#[test]
fn the_editor_schema_accepts_what_we_accept() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for path in ["examples/minimal.yaml", "examples/ecommerce.yaml"] {
        let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR")))
            .expect("there");
        let json = load_text("a.yaml", &text)
            .root
            .expect("a document")
            .to_json();
        let faults: Vec<_> = validator
            .iter_errors(&json)
            .map(|fault| format!("{} {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{path}: {faults:#?}");
    }
    let unknown = serde_json::json!({"msarch": 1, "name": "x", "servces": {}});
    assert!(!validator.is_valid(&unknown));
}
