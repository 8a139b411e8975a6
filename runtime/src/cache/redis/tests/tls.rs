//! Encrypted connections to a server of the test's own: who is worked with, and who is refused with which words.

use std::sync::Arc;

use super::server::Server;
use crate::cache::redis::{Redis, RedisLevel};
use crate::cache::tests::conformance::{Level, found, kept};
use crate::cache::{SharedCacheError, SharedCacheSettings};
use crate::config::Config;
use crate::telemetry::Metrics;
use crate::tls::CaFile;
use crate::tls::testing::{Authority, server_of_the_test, where_trusted};

/// The way to a Redis as a service finds it, by its settings.
fn way(url: &str, authority: Option<&CaFile>) -> Result<Redis, SharedCacheError> {
    let mut variables = vec![("DESK__CACHE__URL", url.to_owned())];
    if let Some(file) = authority {
        variables.push(("DESK__CACHE__CA_FILE", file.path().display().to_string()));
    }
    let mut config = Config::from_pairs("desk", variables);
    let settings = SharedCacheSettings::read(&mut config);
    config.finish().unwrap();
    let url = settings.url.clone().unwrap();
    Redis::new("desk", &settings, &url, &Metrics::new("desk"))
}

/// Two instances share what they know, and each hears what the other forgets, which is told on connections of their own.
async fn work(url: &str, authority: Option<&CaFile>) {
    let level = || -> Level {
        let way = way(url, authority).unwrap();
        Arc::new(RedisLevel::<u8, i64>::new(way, "numbers", "1"))
    };
    let ((one, end), (other, other_end)) = (kept(&level()).await, kept(&level()).await);
    one.invalidate(&1).await;
    assert_eq!(found(&one, Some(7)).await, Some(7));
    assert_eq!(found(&other, Some(-1)).await, Some(7), "it is shared");
    one.invalidate(&1).await;
    for _ in 0..400 {
        if found(&other, Some(8)).await == Some(8) {
            end.trigger();
            other_end.trigger();
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the other did not hear that it is forgotten");
}

async fn refusal(url: &str, authority: Option<&CaFile>) -> String {
    let hearing = way(url, authority).unwrap().hearing().await;
    hearing.err().expect("no connection").to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_a_known_authority_signed_is_worked_with() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let trusted = authority.file(folder.path());
    let identity = authority.sign("localhost", folder.path());
    let Some(server) = Server::start_encrypted(&identity) else {
        return;
    };
    work(&server.encrypted_url(), Some(&trusted)).await;
    where_trusted(
        "cache::redis::tests::tls::by_the_machine",
        &trusted,
        &server.encrypted_url(),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test, on a machine that trusts its authority"]
async fn by_the_machine() {
    work(&server_of_the_test(), None).await;
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_told_with_its_place_and_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let trusted = ours.file(folder.path());

    let unknown = theirs.sign("localhost", folder.path());
    let Some(server) = Server::start_encrypted(&unknown) else {
        return;
    };
    for authority in [Some(&trusted), None] {
        let told = refusal(&server.encrypted_url(), authority).await;
        let place = format!("Redis at localhost:{}", server.port);
        assert!(told.contains(&place), "{told}");
        assert!(told.contains("signed by nobody who is trusted"), "{told}");
        assert!(told.contains("`cache.ca_file`"), "{told}");
    }

    let other = ours.sign("other.example", folder.path());
    let server = Server::start_encrypted(&other).unwrap();
    let told = refusal(&server.encrypted_url(), Some(&trusted)).await;
    assert!(told.contains("another host than `cache.url`"), "{told}");
    assert!(told.contains("other.example"), "{told}");

    let expired = ours.sign_expired("localhost", folder.path());
    let server = Server::start_encrypted(&expired).unwrap();
    let told = refusal(&server.encrypted_url(), Some(&trusted)).await;
    assert!(told.contains("has expired"), "{told}");

    let plain = Server::start().await.unwrap();
    let told = refusal(&plain.encrypted_url(), Some(&trusted)).await;
    assert!(
        told.contains("speaks TLS there") || told.contains("does not speak TLS"),
        "{told}"
    );
}

#[test]
fn certificates_for_an_address_without_tls_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = Authority::new("ours").file(folder.path());
    let told = way("redis://localhost:6379", Some(&trusted)).unwrap_err();
    assert!(matches!(told, SharedCacheError::Plain), "{told}");
    assert!(told.to_string().contains("rediss://"), "{told}");
}
