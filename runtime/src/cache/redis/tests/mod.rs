//! The level on a real Redis: the suite that every level must pass, and what only a server can do: vanish, hang, come back.

mod server;
mod tls;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{Redis, RedisLevel};
use crate::cache::tests::conformance::{self, Level, Pair, conformance, found, kept, soon};
use crate::cache::{Cache, Keeper, SharedCacheSettings};
use crate::config::Secret;
use crate::shutdown::Shutdown;
use crate::telemetry::Metrics;
use crate::worker::Worker;
use server::Server;

const URL: &str = "redis://127.0.0.1:6379";
const TTL: Duration = Duration::from_secs(60);

/// An instance of a service.
fn instance(url: &str, service: &str, schema: &str) -> Level {
    let settings = SharedCacheSettings::default();
    let redis = Redis::new(service, &settings, url, &Metrics::new(service)).unwrap();
    Arc::new(RedisLevel::<u8, i64>::new(redis, "numbers", schema))
}

fn two(url: &str) -> Pair {
    let service = format!("test-{}", Uuid::new_v4().simple());
    Pair {
        one: instance(url, &service, "1"),
        two: instance(url, &service, "1"),
        _swept: Some(Box::new(Swept(url.to_owned(), service))),
    }
}

/// Removes what a test leaves in a Redis that others use too.
struct Swept(String, String);

impl Drop for Swept {
    fn drop(&mut self) {
        let client = redis::Client::open(self.0.as_str()).unwrap();
        let Ok(mut connection) = client.get_connection_with_timeout(Duration::from_secs(1)) else {
            return;
        };
        let mut keys = redis::cmd("KEYS");
        keys.arg(format!("{}:*", self.1));
        if let Ok(keys) = keys.query::<Vec<String>>(&mut connection)
            && !keys.is_empty()
        {
            let _ = redis::cmd("DEL").arg(keys).query::<i64>(&mut connection);
        }
    }
}

/// Both follow, with nothing above them.
async fn followed(pair: Pair) -> Pair {
    for level in [&pair.one, &pair.two] {
        let level = level.clone();
        let follower = level.clone();
        tokio::spawn(async move {
            let above = Cache::<u8, i64>::new("above", conformance::policy());
            follower.follow(&above, &Shutdown::new()).await
        });
        soon(|| level.follows()).await;
    }
    pair
}

/// A part that a test needs. Where it is not there, the test says so; where it must be there, the test fails.
async fn pair() -> Option<Pair> {
    if !server::answers(URL).await {
        server::missing("no Redis answers on 127.0.0.1:6379");
        return None;
    }
    Some(followed(two(URL)).await)
}

mod conforms {
    super::conformance!(super::pair);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_of_the_schema_is_not_read_and_forgotten_all_the_same() {
    if pair().await.is_none() {
        return;
    }
    let service = format!("test-{}", Uuid::new_v4().simple());
    let (old, new) = (instance(URL, &service, "1"), instance(URL, &service, "2"));
    let pair = followed(Pair {
        one: old,
        two: new,
        _swept: Some(Box::new(Swept(URL.to_owned(), service))),
    })
    .await;
    let place = conformance::lease(&pair.one, 1).await;
    pair.one.put(&1, Some(&7), TTL, &place).await.unwrap();
    let place = conformance::lease(&pair.two, 1).await;
    pair.two.release(&1, &place).await.unwrap();
    assert_eq!(conformance::hit(&pair.one, 1).await.value, Some(7));
    pair.two.invalidate(&1).await.unwrap();
    conformance::lease(&pair.one, 1).await;
}

#[test]
fn in_any_order_of_loads_and_changes_nothing_old_stays() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if runtime.block_on(pair()).is_none() {
        return;
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&conformance::steps(), |steps| {
        runtime.block_on(async {
            let pair = two(URL);
            conformance::in_any_order_of_loads_and_changes_nothing_old_stays(pair, steps).await;
        });
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_keeper_a_cache_keeps_nothing() {
    let level = instance("redis://127.0.0.1:1", "test", "1");
    let cache = Cache::new("numbers", conformance::policy()).level(level, TTL);
    assert_eq!(found(&cache, Some(1)).await, Some(1));
    assert_eq!(found(&cache, Some(2)).await, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_killed_makes_answers_slower_and_never_wrong() {
    let Some(mut server) = Server::start().await else {
        return;
    };
    let pair = two(&server.url());
    let ((one, s1), (other, _s2)) = (kept(&pair.one).await, kept(&pair.two).await);
    assert_eq!(found(&one, Some(1)).await, Some(1));
    assert_eq!(found(&other, Some(-1)).await, Some(1));
    // The snapshot knows the first value; what is forgotten after it comes back with the server.
    server.save().await;
    one.invalidate(&1).await;
    server.kill().await;
    soon(|| !pair.one.follows() && !pair.two.follows()).await;
    for value in 2..6 {
        one.invalidate(&1).await;
        assert_eq!(found(&one, Some(value)).await, Some(value));
        assert_eq!(found(&other, Some(value)).await, Some(value));
    }
    server.start_again().await;
    soon(|| pair.one.follows() && pair.two.follows()).await;
    assert_eq!(
        found(&other, Some(6)).await,
        Some(6),
        "not the one of the snapshot"
    );
    assert_eq!(found(&one, Some(-1)).await, Some(6), "it is shared again");
    s1.trigger();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_forgotten_while_redis_hung_is_forgotten_when_it_goes_on() {
    let Some(server) = Server::start().await else {
        return;
    };
    let pair = two(&server.url());
    let ((one, _s1), (other, _s2)) = (kept(&pair.one).await, kept(&pair.two).await);
    assert_eq!(found(&one, Some(1)).await, Some(1));
    assert_eq!(found(&other, Some(-1)).await, Some(1));
    server.hang().await;
    one.invalidate(&1).await;
    assert_eq!(
        found(&one, Some(2)).await,
        Some(2),
        "its own change, at once"
    );
    soon(|| !pair.one.follows() && !pair.two.follows()).await;
    assert_eq!(
        found(&other, Some(2)).await,
        Some(2),
        "the other no longer trusts its memory"
    );
    server.go_on().await;
    soon(|| pair.one.follows() && pair.two.follows()).await;
    assert_eq!(found(&other, Some(3)).await, Some(3));
    assert_eq!(found(&one, Some(-1)).await, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_and_a_password_open_a_redis_that_wants_them() {
    let Some(server) = Server::start().await else {
        return;
    };
    server
        .command(&[
            "ACL", "SETUSER", "shop", "on", ">s3cret", "~shop:*", "&shop:*", "+@all",
        ])
        .await;
    server.command(&["ACL", "SETUSER", "default", "off"]).await;
    let follows = async |password: &str| {
        let settings = SharedCacheSettings {
            user: Some("shop".to_owned()),
            password: Some(Secret::new(password)),
            ..SharedCacheSettings::default()
        };
        let redis = Redis::new("shop", &settings, &server.url(), &Metrics::new("shop")).unwrap();
        assert!(!format!("{redis:?}").contains(password));
        let level: Level = Arc::new(RedisLevel::<u8, i64>::new(redis, "numbers", "1"));
        let cache = Cache::new("numbers", conformance::policy()).level(level.clone(), TTL);
        let keeper = Keeper::new(&cache);
        tokio::spawn(async move { keeper.run(&Shutdown::new()).await });
        for _ in 0..60 {
            if level.follows() {
                let load = || async { Ok::<_, Infallible>(Some(1)) };
                return cache.get_or_load(&1, load).await.unwrap() == Some(1);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    };
    assert!(follows("s3cret").await);
    assert!(!follows("guessed").await);
}
