//! The manifests for Istio: valid against the schemas of Istio where these are at hand, silent to our own rules, and allowing exactly
//! what the architecture declares.

mod architecture;
#[path = "istio/crds.rs"]
mod crds;
#[path = "istio/edges.rs"]
mod edges;
#[path = "istio/judged.rs"]
mod judged;
#[path = "istio/layers.rs"]
mod layers;
#[path = "istio/shapes.rs"]
mod shapes;
mod support;

use architecture::{ALL, model_of, model_of_text};
use msarch::emit::yaml;
use msarch::model::Model;
use msarch::model::platform::Mesh;
use msarch::plan::istio::manifests;
use msarch::syntax::source::SourceId;
use msarch::syntax::yaml::{Node, parse};

/// Architectures drawn at random that are looked at besides the written ones.
const DRAWN: u64 = 20;

/// Every architecture: files, and numbers of those that are drawn.
fn every() -> Vec<String> {
    let drawn = (0..DRAWN).map(|seed| seed.to_string());
    ALL.iter().map(ToString::to_string).chain(drawn).collect()
}

/// The meaning of an architecture, run by Istio whatever it says.
fn meshed(name: &str) -> Model {
    let mut model = match name.parse() {
        Ok(seed) => model_of_text(&support::random::architecture(seed)),
        Err(_) => model_of(name),
    };
    model.deployment.targets.clear();
    let mesh = model.mesh.get_or_insert_with(|| Mesh {
        span: msarch::syntax::source::Span::default(),
        istio: true,
        mtls: None,
        namespace: None,
        services: Vec::new(),
        manifests: Vec::new(),
    });
    mesh.istio = true;
    model
}

/// What is emitted for Istio and Kubernetes, as it is read back from what is written.
fn emitted(model: &Model) -> Vec<Node> {
    let files = manifests(model).into_iter();
    let files =
        files.filter(|file| !file.path.starts_with("values/") && file.path != "kustomization.yaml");
    let documents = files.flat_map(|file| file.documents);
    documents
        .map(|document| {
            let read = parse(&yaml::document(&document), SourceId::default());
            assert!(read.findings.is_empty(), "{:?}", read.findings);
            let node = read.root.expect("a document");
            assert_eq!(node.to_json(), document, "it is read as it was meant");
            node
        })
        .collect()
}

#[test]
fn every_architecture_has_the_kinds_that_a_mesh_needs() {
    for path in every() {
        let model = meshed(&path);
        let kinds: Vec<String> = emitted(&model)
            .iter()
            .filter_map(|node| Some(node.get("kind")?.as_str()?.to_owned()))
            .collect();
        let mut needed = vec!["PeerAuthentication", "AuthorizationPolicy", "Telemetry"];
        if model.endpoints.iter().next().is_some() {
            needed.extend(["VirtualService", "DestinationRule"]);
        }
        if model.gateway.is_some() {
            needed.push("Gateway");
        }
        for kind in needed {
            assert!(kinds.iter().any(|it| it == kind), "{path}: no {kind}");
        }
    }
}

#[test]
fn every_file_of_the_folder_belongs_to_its_kustomization() {
    for path in every() {
        let all = manifests(&meshed(&path));
        let listed = &all[0].documents[0]["resources"];
        let listed: Vec<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it.as_str())
            .collect();
        let there: Vec<&str> = all[1..]
            .iter()
            .map(|file| file.path.as_str())
            .filter(|path| !path.starts_with("values/"))
            .collect();
        assert_eq!(listed, there, "{path}");
    }
}
