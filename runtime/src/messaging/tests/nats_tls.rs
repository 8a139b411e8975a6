//! Encrypted connections to a server of the test's own: who is worked with, and who is refused with which words.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::nats::Server;
use super::{message, text};
use crate::config::Config;
use crate::messaging::{BrokerDefaults, BrokerSettings, Bus, MessageError};
use crate::tls::CaFile;
use crate::tls::testing::{Authority, Identity, server_of_the_test, where_trusted};

/// A server that shows who it is, and talks to nobody who does not encrypt.
fn server(identity: &Identity) -> Option<Server> {
    Server::start(&format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}",
        identity.certificate.display(),
        identity.key.display()
    ))
}

/// Connects as a service does, by its settings.
async fn connected(scheme: &str, port: u16, authority: Option<&CaFile>) -> Arc<dyn Bus> {
    by_url(&format!("{scheme}://localhost:{port}"), authority).await
}

async fn by_url(url: &str, authority: Option<&CaFile>) -> Arc<dyn Bus> {
    let mut variables = vec![("DESK__BROKER__URL", url.to_owned())];
    if let Some(file) = authority {
        variables.push(("DESK__BROKER__CA_FILE", file.path().display().to_string()));
    }
    let mut config = Config::from_pairs("desk", variables);
    let declared = BrokerDefaults {
        system: "shop",
        service: "desk",
        retention: None,
    };
    let settings = BrokerSettings::read(&mut config, Path::new("unused"), declared);
    config.finish().unwrap();
    settings.open().await.unwrap()
}

/// Publishes and consumes.
async fn work(bus: &dyn Bus) {
    let mut attempts = 0;
    while let Err(error) = bus.ping().await {
        attempts += 1;
        assert!(attempts < 200, "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut subscription = bus.subscribe("sales.placed.v1", "desk").await.unwrap();
    let sent = message("sales.placed.v1", "k", "said in private");
    bus.publish(&[sent]).await.unwrap();
    assert_eq!(text(&mut subscription).await, "said in private");
}

/// What those are told who ask whether the broker is well.
async fn refusal(bus: &dyn Bus) -> String {
    for _ in 0..400 {
        match bus.ping().await {
            Ok(()) => panic!("there is a connection"),
            Err(error @ MessageError::NotTrusted { .. }) => return error.to_string(),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("nothing is told of trust");
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_a_known_authority_signed_is_worked_with() {
    let (folder, authority) = (folder(), Authority::new("ours"));
    let trusted = authority.file(folder.path());
    let Some(server) = server(&authority.sign("localhost", folder.path())) else {
        return;
    };
    for scheme in ["tls", "nats"] {
        work(&*connected(scheme, server.port, Some(&trusted)).await).await;
    }
    where_trusted(
        "messaging::tests::nats_tls::by_the_machine",
        &trusted,
        &format!("tls://localhost:{}", server.port),
    );
}

#[tokio::test]
#[ignore = "run by another test, on a machine that trusts its authority"]
async fn by_the_machine() {
    work(&*by_url(&server_of_the_test(), None).await).await;
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_told_with_its_place_and_what_to_set() {
    let folder = folder();
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let trusted = ours.file(folder.path());

    let Some(unknown) = server(&theirs.sign("localhost", folder.path())) else {
        return;
    };
    for authority in [Some(&trusted), None] {
        let told = refusal(&*connected("tls", unknown.port, authority).await).await;
        let place = format!("the broker at localhost:{}", unknown.port);
        assert!(told.contains(&place), "{told}");
        assert!(told.contains("signed by nobody who is trusted"), "{told}");
        assert!(told.contains("`broker.ca_file`"), "{told}");
    }

    let other = server(&ours.sign("other.example", folder.path())).unwrap();
    let told = refusal(&*connected("tls", other.port, Some(&trusted)).await).await;
    assert!(told.contains("another host than `broker.url`"), "{told}");
    assert!(told.contains("other.example"), "{told}");

    let expired = server(&ours.sign_expired("localhost", folder.path())).unwrap();
    let told = refusal(&*connected("tls", expired.port, Some(&trusted)).await).await;
    assert!(told.contains("has expired"), "{told}");

    let plain = Server::start("").unwrap();
    for scheme in ["tls", "nats"] {
        let told = refusal(&*connected(scheme, plain.port, Some(&trusted)).await).await;
        assert!(told.contains("does not speak TLS"), "{told}");
    }
}

#[tokio::test]
async fn a_certificate_that_was_renewed_is_taken_without_a_restart_of_the_service() {
    let (folder, authority) = (folder(), Authority::new("ours"));
    let trusted = authority.file(folder.path());
    let Some(mut server) = server(&authority.sign_expired("localhost", folder.path())) else {
        return;
    };
    let bus = connected("tls", server.port, Some(&trusted)).await;
    refusal(&*bus).await;
    server.kill();
    authority.sign("localhost", folder.path());
    server.start_again();
    work(&*bus).await;
}
