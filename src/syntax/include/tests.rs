use super::*;

fn files(files: &[(&str, &str)]) -> Memory {
    let mut memory = Memory::default();
    for (path, text) in files {
        memory.insert(path, *text);
    }
    memory
}

fn told(loaded: &Loaded) -> Vec<String> {
    let mut findings = loaded.findings.clone();
    super::super::finding::sort(&mut findings);
    findings
        .iter()
        .map(|finding| {
            let name = loaded.sources.get(finding.span().source).name();
            format!(
                "{name}:{} {} {}",
                loaded.sources.position(finding.span()).line,
                finding.rule,
                finding.message
            )
        })
        .collect()
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded
        .sources
        .iter()
        .map(|(_, source)| source.name())
        .collect()
}

fn json(loaded: &Loaded) -> serde_json::Value {
    loaded
        .root
        .as_ref()
        .map_or(serde_json::Value::Null, Node::to_json)
}

#[test]
fn files_are_joined_by_pattern_in_sorted_order() {
    let memory = files(&[
        (
            "shop/architecture.yaml",
            "msarch: 1\nname: shop\ninclude: [services/*.yaml, teams.yaml]\nservices:\n  z: {}\n",
        ),
        ("shop/services/b.yaml", "services:\n  b: {}\nevents: [1]\n"),
        (
            "shop/services/a.yaml",
            "msarch: 1\nservices:\n  a: {}\nevents: [2]\n",
        ),
        ("shop/services/deep/c.yaml", "services:\n  c: {}\n"),
        ("shop/teams.yaml", "teams: {t: {}}\n"),
    ]);
    let loaded = load(&memory, "shop").expect("readable");
    assert_eq!(told(&loaded), Vec::<String>::new());
    assert_eq!(
        names(&loaded),
        [
            "shop/architecture.yaml",
            "shop/services/a.yaml",
            "shop/services/b.yaml",
            "shop/teams.yaml"
        ]
    );
    assert_eq!(
        json(&loaded),
        serde_json::json!({
            "msarch": 1, "name": "shop", "services": {"z": {}, "a": {}, "b": {}}, "events": [2, 1], "teams": {"t": {}},
        })
    );
}

#[test]
fn a_name_in_two_files_is_told_with_both_places() {
    let memory = files(&[
        (
            "a.yaml",
            "include: b.yaml\nname: x\nservices:\n  orders: {}\n",
        ),
        ("b.yaml", "name: y\nservices:\n  orders: {}\n"),
    ]);
    let loaded = load(&memory, "a.yaml").expect("readable");
    assert_eq!(
        told(&loaded),
        [
            "b.yaml:1 duplicate-key `name` is given in two files, in ways that cannot be joined",
            "b.yaml:3 duplicate-name `services` holds `orders` in two files",
        ]
    );
    let label = &loaded
        .findings
        .iter()
        .find(|finding| finding.rule == fault::DUPLICATE_NAME)
        .expect("told")
        .labels[0];
    assert_eq!(loaded.sources.position(label.span).line, 4);
}

#[test]
fn files_that_include_each_other_are_read_once_and_told() {
    let memory = files(&[
        ("a.yaml", "include: b.yaml\n"),
        ("b.yaml", "include: [a.yaml, b.yaml]\nname: x\n"),
    ]);
    let loaded = load(&memory, "a.yaml").expect("readable");
    assert_eq!(
        told(&loaded),
        [
            "b.yaml:1 include-cycle `a.yaml` includes itself",
            "b.yaml:1 include-cycle `b.yaml` includes itself"
        ]
    );
}

#[test]
fn a_file_of_two_includes_is_read_once_and_told() {
    let memory = files(&[
        ("a.yaml", "include: [b.yaml, '*.yaml', ./b.yaml]\n"),
        ("b.yaml", "name: x\n"),
    ]);
    let loaded = load(&memory, "a.yaml").expect("readable");
    assert_eq!(
        told(&loaded),
        [
            "a.yaml:1 included-twice `b.yaml` is included already; it is read once",
            "a.yaml:1 included-twice `b.yaml` is included already; it is read once",
        ]
    );
    assert!(
        loaded
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Warn)
    );
}

#[test]
fn an_include_that_matches_nothing_or_is_no_pattern_is_told() {
    let memory = files(&[(
        "a.yaml",
        "include:\n  - none/*.yaml\n  - 'a***b'\n  - {x: y}\nname: x\n",
    )]);
    let loaded = load(&memory, "a.yaml").expect("readable");
    let rules: Vec<_> = loaded
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    assert_eq!(
        rules,
        ["wrong-type", "include-without-match", "invalid-value"]
    );
}

#[test]
fn a_chain_of_includes_has_an_end() {
    let mut memory = Memory::default();
    for i in 0..100 {
        memory.insert(&format!("f{i}.yaml"), format!("include: f{}.yaml\n", i + 1));
    }
    let loaded = load(&memory, "f0.yaml").expect("readable");
    assert_eq!(
        told(&loaded),
        ["f31.yaml:1 too-large files include each other more than 32 levels deep"]
    );
}

#[test]
fn an_empty_file_is_told() {
    for text in ["", "# nothing\n", "~\n"] {
        assert_eq!(
            told(&load_text("a.yaml", text)),
            ["a.yaml:1 empty-file the file holds no document"],
            "{text:?}"
        );
    }
}

#[test]
fn an_included_file_that_is_no_map_is_told() {
    let memory = files(&[
        ("a.yaml", "include: b.yaml\nname: x\n"),
        ("b.yaml", "- 1\n"),
    ]);
    let loaded = load(&memory, "a.yaml").expect("readable");
    assert_eq!(
        told(&loaded),
        ["b.yaml:1 wrong-type expected an architecture (a map), found a list"]
    );
}

#[test]
fn standard_input_is_a_file_of_its_own_name() {
    let mut memory = files(&[("b.yaml", "services: {b: {}}\n")]);
    memory.set_stdin("name: x\ninclude: b.yaml\nname: y\n");
    let loaded = load(&memory, "-").expect("readable");
    assert_eq!(
        told(&loaded),
        ["<stdin>:3 duplicate-key the key `name` stands here twice"]
    );
    assert_eq!(
        json(&loaded),
        serde_json::json!({"name": "x", "services": {"b": {}}})
    );
}

fn error(memory: &Memory, path: &str) -> String {
    load(memory, path).expect_err("unreadable").to_string()
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_the_path() {
    let mut memory = files(&[("dir/architekture.yaml", ""), ("other/x.txt", "")]);
    memory.insert("latin1.yaml", b"a: 1\nb: gr\xF6\xDFe\n".to_vec());
    memory.insert("utf16.yaml", b"\xFF\xFEa\0".to_vec());
    memory.insert("large.yaml", vec![b'#'; 50_000_000]);
    assert_eq!(error(&memory, "none.yaml"), "none.yaml: no such file");
    assert_eq!(
        error(&memory, "dir"),
        "dir: this folder holds no architecture.yaml; did you mean dir/architekture.yaml?"
    );
    assert_eq!(
        error(&memory, "./other"),
        "other: this folder holds no architecture.yaml"
    );
    assert_eq!(
        error(&memory, "latin1.yaml"),
        "latin1.yaml: not UTF-8: byte 10 (line 2) starts no valid character"
    );
    assert_eq!(
        error(&memory, "utf16.yaml"),
        "utf16.yaml: not UTF-8: byte 0 (line 1) starts no valid character; the file looks like UTF-16, save it as UTF-8"
    );
    assert_eq!(
        error(&memory, "large.yaml"),
        "large.yaml: larger than 32 MiB, which is the most that is read; split it and use `include:`"
    );
}

#[test]
fn the_disk_is_read_like_memory() {
    let dir = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).expect("writable");
    std::fs::create_dir(dir.path().join("x[1]")).expect("writable");
    write("x[1]/architecture.yaml", b"include: '*.yaml'\nname: x\n");
    write("x[1]/b.yaml", b"services: {b: {}}\n");
    write("x[1]/.hidden.yaml", b"services: {h: {}}\n");
    let path = dir.path().join("x[1]");
    let loaded = load(&Disk, &path.to_string_lossy()).expect("readable");
    assert_eq!(told(&loaded), Vec::<String>::new());
    assert_eq!(
        json(&loaded),
        serde_json::json!({"name": "x", "services": {"b": {}}})
    );
    assert!(load(&Disk, &dir.path().to_string_lossy()).is_err());
    assert!(load(&Disk, &dir.path().join("none").to_string_lossy()).is_err());
}
