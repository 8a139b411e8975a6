//! The running system, and how it stops: the gateway first, so that the services can finish what came through it.

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::Instrument;

use super::folder::{Addresses, Folder};
use crate::auth::{Expected, LocalKey};
use crate::gateway::Gateway;
use crate::http::serve;
use crate::service::Service;
use crate::shutdown::Shutdown;
use crate::telemetry::service_span;

/// A local run is stopped by a person who waits: not as long as a deployment.
const GRACE: Duration = Duration::from_secs(5);

/// The running system.
#[derive(Debug)]
pub struct Running {
    pub(super) key: LocalKey,
    pub(super) expected: Expected,
    folder: Folder,
    addresses: Addresses,
    doors: JoinSet<()>,
    services: JoinSet<()>,
    stop_doors: Shutdown,
    stop_services: Shutdown,
}

impl Running {
    pub(super) fn begin(
        (key, expected): (LocalKey, Expected),
        folder: Folder,
        addresses: Addresses,
        services: Vec<(Service, TcpListener)>,
        gateway: (Gateway, TcpListener),
        admin: (Router, TcpListener),
    ) -> Self {
        let (stop_doors, stop_services) = (Shutdown::new(), Shutdown::new());
        let mut running = JoinSet::new();
        for (service, listener) in services {
            running.spawn(service.run(listener, stop_services.clone()));
        }
        let mut doors = JoinSet::new();
        let entrance = serve(gateway.1, gateway.0.router(), stop_doors.clone(), GRACE);
        doors.spawn(entrance.instrument(service_span("gateway")));
        doors.spawn(
            serve(admin.1, admin.0, stop_doors.clone(), GRACE).instrument(service_span("admin")),
        );
        Self {
            key,
            expected,
            folder,
            addresses,
            doors,
            services: running,
            stop_doors,
            stop_services,
        }
    }

    /// Where everything is.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Stops everything in order.
    pub async fn stop(mut self) {
        self.stop_doors.trigger();
        while self.doors.join_next().await.is_some() {}
        self.stop_services.trigger();
        while self.services.join_next().await.is_some() {}
        self.folder.forget();
    }
}
