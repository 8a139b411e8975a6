//! What the mechanisms cost where nothing is wrong, each beside the best-known crate that does the same: nanoseconds a call.

use std::convert::Infallible;
use std::hint::black_box;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use criterion::{Criterion, criterion_group, criterion_main};
use failsafe::{CircuitBreaker as _, Config, backoff, failure_policy};
use moka::future::Cache as Moka;
use msarch_runtime::cache::{Cache, CachePolicy};
use msarch_runtime::resilience::{Breaker, BreakerPolicy, RetryPolicy};

const MINUTE: Duration = Duration::from_secs(60);

fn breaker(c: &mut Criterion) {
    let mut group = c.benchmark_group("breaker, a call that succeeds");
    let ours = Breaker::new(BreakerPolicy {
        failure_threshold: 5,
        monitor_window: MINUTE,
        recovery_timeout: Duration::from_secs(30),
        success_threshold: 3,
    });
    group.bench_function("msarch", |b| {
        b.iter(|| {
            ours.admit()
                .map(msarch_runtime::resilience::Permit::success)
        });
    });
    // It counts failures in a row: it knows no window.
    let pauses = backoff::constant(Duration::from_secs(30));
    let theirs = Config::new()
        .failure_policy(failure_policy::consecutive_failures(5, pauses))
        .build();
    group.bench_function("failsafe", |b| {
        b.iter(|| theirs.call(|| Ok::<_, Infallible>(black_box(1))));
    });
    group.finish();
}

fn retry(c: &mut Criterion) {
    let mut group = c.benchmark_group("retry, the pauses of three tries");
    let ours = RetryPolicy {
        max_attempts: 3,
        base_delay: Duration::from_millis(100),
        max_delay: Duration::from_secs(2),
        backoff_factor: 2.0,
        jitter: true,
    };
    group.bench_function("msarch", |b| {
        b.iter(|| {
            (1..3)
                .filter_map(|attempt| ours.pause_after(black_box(attempt)))
                .sum::<Duration>()
        });
    });
    let theirs = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(2)
        .with_jitter();
    group.bench_function("backon", |b| b.iter(|| theirs.build().sum::<Duration>()));
    group.finish();
}

fn cache(c: &mut Criterion) {
    let mut group = c.benchmark_group("cache, a hit in memory");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let policy = CachePolicy {
        ttl: MINUTE,
        negative_ttl: None,
        max_entries: 10_000,
    };
    let ours: Cache<u64, u64> = Cache::new("numbers", policy);
    let theirs: Moka<u64, u64> = Moka::builder()
        .max_capacity(10_000)
        .time_to_live(MINUTE)
        .build();
    runtime.block_on(async {
        ours.get_or_load(&7, async || Ok::<_, Infallible>(Some(1)))
            .await
            .expect("loaded");
        theirs.insert(7, 1).await;
    });
    let load = async || Ok::<_, Infallible>(Some(1));
    group.bench_function("msarch", |b| {
        b.to_async(&runtime)
            .iter(|| ours.get_or_load(black_box(&7), load));
    });
    group.bench_function("moka", |b| {
        b.to_async(&runtime).iter(|| theirs.get(black_box(&7)));
    });
    group.finish();
}

criterion_group!(mechanisms, breaker, retry, cache);
criterion_main!(mechanisms);
