//! Hears what other instances forget.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{PubSubSink, PubSubStream};
use redis::{Msg, cmd};
use tokio::time::timeout;

use super::level::{RedisLevel, script, token};
use super::scripts;
use crate::cache::{Above, CacheKey};
use crate::shutdown::Shutdown;
use crate::worker::BoxError;

/// How often to ask whether the connection still hears, and how long the answer may take.
const HEARTBEAT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_millis(750);
/// How long to wait before connecting again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

impl<K: CacheKey + Display + FromStr, V> RedisLevel<K, V> {
    /// Hears until the shutdown, on one connection after the other.
    pub(super) async fn listen(&self, above: &dyn Above<K>, shutdown: &Shutdown) {
        let mut failures = 0;
        while !shutdown.is_triggered() {
            let outcome = tokio::select! {
                outcome = self.hear(above) => outcome,
                () = shutdown.wait() => Ok(()),
            };
            if self.follows.swap(false, Ordering::SeqCst) {
                failures = 0;
            }
            above.forget_all().await;
            if let Err(error) = outcome {
                let pause = PAUSES[failures.min(PAUSES.len() - 1)];
                if failures == 0 {
                    tracing::warn!(channel = self.channel, error = %error, "cache does without Redis until it is back");
                }
                failures += 1;
                shutdown.sleep(pause).await;
            }
        }
        if let Err(error) = self.settle().await {
            tracing::warn!(channel = self.channel, error = %error, "what changed while Redis was away stays in it until its time is over");
        }
    }

    /// Hears on one connection, until it fails.
    async fn hear(&self, above: &dyn Above<K>) -> Result<(), BoxError> {
        let (mut sink, mut stream) = self.redis.hearing().await?.split();
        timeout(ANSWER, sink.subscribe(&self.channel)).await??;
        self.know_server().await?;
        self.settle().await?;
        // Whatever was missed is forgotten now; from here on nothing is missed.
        above.forget_all().await;
        self.follows.store(true, Ordering::SeqCst);
        tracing::info!(
            channel = self.channel,
            "cache follows what other instances change"
        );
        loop {
            match timeout(HEARTBEAT, stream.next()).await {
                Ok(Some(message)) => self.told(above, &message).await,
                Ok(None) => return Err("the connection ended".into()),
                Err(_) => self.beat(above, &mut sink, &mut stream).await?,
            }
        }
    }

    /// Asks for a sign of life, and goes on hearing meanwhile.
    async fn beat(
        &self,
        above: &dyn Above<K>,
        sink: &mut PubSubSink,
        stream: &mut PubSubStream,
    ) -> Result<(), BoxError> {
        let answered = async {
            let ping = sink.ping::<redis::Value>();
            tokio::pin!(ping);
            loop {
                tokio::select! {
                    answer = &mut ping => return answer.map(drop),
                    Some(message) = stream.next() => self.told(above, &message).await,
                }
            }
        };
        timeout(ANSWER, answered)
            .await
            .map_err(|_| "Redis gives no sign of life")??;
        // Not the connection's fault: it is tried again at the next beat, and before anything is read.
        let _ = self.settle().await;
        Ok(())
    }

    async fn told(&self, above: &dyn Above<K>, message: &Msg) {
        let text = String::from_utf8_lossy(message.get_payload_bytes());
        let mut words = text.splitn(3, ' ');
        if words.next() == Some(&*self.redis.origin) {
            return;
        }
        let key = match words.next() {
            Some("key") => words.next().and_then(|key| K::from_str(key).ok()),
            _ => None,
        };
        match key {
            Some(key) => above.forget(&key).await,
            None => above.forget_all().await,
        }
    }

    /// A server that restarted may know again what was forgotten, from an older snapshot; so may a replica in its place.
    async fn know_server(&self) -> Result<(), BoxError> {
        let info: String = self.redis.sent(cmd("INFO").arg("server")).await?;
        let identity = info.lines().find_map(|line| line.strip_prefix("run_id:"));
        let identity = identity.ok_or("Redis does not say who it is")?.trim();
        let keys = [format!("{}:server", self.prefix), self.epoch()];
        let mut command = script(scripts::KNOW, &keys);
        command.arg(identity).arg(token());
        self.redis.sent::<i64>(&command).await.map(drop)
    }
}
