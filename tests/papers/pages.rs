//! Pages in Markdown.

use std::collections::BTreeSet;

use super::architecture::{ALL, model_of, model_of_text};
use super::{files, hostile, tree};

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
