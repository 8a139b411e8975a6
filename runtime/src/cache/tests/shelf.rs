//! A further level in memory, as the reference of what a level must do: all shelves of a room are instances of one service.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::cache::{Above, CacheLevel, Hit, Lease, Lookup};
use crate::shutdown::Shutdown;
use crate::worker::BoxError;

/// What all shelves share.
#[derive(Default)]
pub(super) struct Room {
    places: Mutex<BTreeMap<u8, Place>>,
    leases: AtomicU64,
    told: Mutex<Vec<(u64, mpsc::UnboundedSender<Option<u8>>)>>,
    pub(super) broken: AtomicBool,
}

#[derive(Default)]
struct Place {
    kept: Option<(Option<i64>, Instant)>,
    lease: Option<(String, Instant)>,
}

/// One instance's shelf.
pub(super) struct Shelf {
    pub(super) room: Arc<Room>,
    number: u64,
    follows: AtomicBool,
}

const LEASE: Duration = Duration::from_millis(300);

impl Shelf {
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Self {
            room: room.clone(),
            number: room.leases.fetch_add(1, SeqCst),
            follows: AtomicBool::new(true),
        }
    }

    /// One that does not know what others change until it follows them.
    pub(super) fn unheard(room: &Arc<Room>) -> Self {
        Self {
            follows: AtomicBool::new(false),
            ..Self::new(room)
        }
    }

    fn works(&self) -> Result<(), BoxError> {
        match self.room.broken.load(SeqCst) {
            true => Err("broken".into()),
            false => Ok(()),
        }
    }

    fn look(&self, key: u8) -> Lookup<i64> {
        let now = Instant::now();
        let mut places = self.room.places.lock().unwrap();
        let place = places.entry(key).or_default();
        match (&place.kept, &place.lease) {
            (Some((value, until)), _) if *until > now => Lookup::Hit(Hit {
                value: *value,
                remaining: *until - now,
            }),
            (_, Some((_, until))) if *until > now => Lookup::Busy,
            _ => {
                let token = self.room.leases.fetch_add(1, SeqCst).to_string();
                place.lease = Some((token.clone(), now + LEASE));
                Lookup::Vacant(Lease::new(token))
            }
        }
    }

    fn tell(&self, key: Option<u8>) {
        for (other, told) in self.room.told.lock().unwrap().iter() {
            if *other != self.number {
                let _ = told.send(key);
            }
        }
    }

    fn held(&self, key: u8, lease: &Lease) -> bool {
        let mut places = self.room.places.lock().unwrap();
        let place = places.entry(key).or_default();
        let held = place
            .lease
            .as_ref()
            .is_some_and(|(token, until)| token == lease.token() && *until > Instant::now());
        if held {
            place.lease = None;
        }
        held
    }
}

#[async_trait]
impl CacheLevel<u8, i64> for Shelf {
    fn name(&self) -> &str {
        "shelf"
    }

    fn follows(&self) -> bool {
        self.follows.load(SeqCst)
    }

    async fn get(&self, key: &u8) -> Result<Lookup<i64>, BoxError> {
        self.works()?;
        let end = Instant::now() + 2 * LEASE;
        loop {
            let found = self.look(*key);
            if found != Lookup::Busy || Instant::now() > end {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn put(
        &self,
        key: &u8,
        value: Option<&i64>,
        ttl: Duration,
        lease: &Lease,
    ) -> Result<bool, BoxError> {
        self.works()?;
        let held = self.held(*key, lease);
        if held {
            let until = Instant::now() + ttl;
            let mut places = self.room.places.lock().unwrap();
            places.entry(*key).or_default().kept = Some((value.copied(), until));
        }
        Ok(held)
    }

    async fn release(&self, key: &u8, lease: &Lease) -> Result<(), BoxError> {
        self.held(*key, lease);
        Ok(())
    }

    async fn invalidate(&self, key: &u8) -> Result<(), BoxError> {
        self.works()?;
        self.room.places.lock().unwrap().remove(key);
        self.tell(Some(*key));
        Ok(())
    }

    async fn invalidate_all(&self) -> Result<(), BoxError> {
        self.works()?;
        self.room.places.lock().unwrap().clear();
        self.tell(None);
        Ok(())
    }

    async fn follow(&self, above: &dyn Above<u8>, shutdown: &Shutdown) -> Result<(), BoxError> {
        let (tell, mut told) = mpsc::unbounded_channel();
        self.room.told.lock().unwrap().push((self.number, tell));
        self.follows.store(true, SeqCst);
        loop {
            tokio::select! {
                news = told.recv() => match news {
                    Some(Some(key)) => above.forget(&key).await,
                    _ => above.forget_all().await,
                },
                () = shutdown.wait() => return Ok(()),
            }
        }
    }
}
