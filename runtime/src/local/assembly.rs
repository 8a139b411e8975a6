//! Puts the whole system together and starts it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tracing::Instrument;

use super::admin;
use super::arguments::{Arguments, Command, HELP};
use super::defaults::LocalDefaults;
use super::folder::{Addresses, Folder};
use super::running::Running;
use crate::auth::{LocalKey, Mint, Verifier};
use crate::config::Config;
use crate::fault::{self, DisturbedBus};
use crate::gateway::{Gateway, GatewayBuilder};
use crate::http::{ServeError, bind};
use crate::messaging::embedded::EmbeddedBus;
use crate::messaging::{Bus, BusResult};
use crate::service::{Failure, Service};
use crate::shutdown::Shutdown;
use crate::telemetry::{LogSettings, init, service_span};

/// The tokens with which services call each other hold for longer than anybody keeps a local run.
const SERVICE_TOKEN_TTL: Duration = Duration::from_secs(365 * 24 * 3600);
const EXAMPLE_TOKEN_TTL: Duration = Duration::from_secs(12 * 3600);

type Build =
    Box<dyn FnOnce(Config, Arc<dyn Bus>) -> BoxFuture<'static, Result<Service, Failure>> + Send>;
type Declare = Box<dyn FnOnce(GatewayBuilder) -> GatewayBuilder + Send>;

/// The whole system, about to run in this process.
pub struct Local {
    defaults: LocalDefaults,
    arguments: Arguments,
    folder: Folder,
    key: LocalKey,
    services: Vec<(String, Build)>,
    gateway: Declare,
    admin: Router,
}

impl Local {
    /// Reads the arguments of the program. Gives nothing if they asked for a token or for help, which is then printed.
    ///
    /// # Errors
    /// Arguments that are not understood, and a folder that cannot be used.
    pub fn from_args(defaults: &LocalDefaults) -> Result<Option<Self>, Failure> {
        let arguments = Arguments::parse(defaults, std::env::args().skip(1))?;
        match &arguments.command {
            Command::Help => {
                say(HELP.trim_end());
                Ok(None)
            }
            Command::Token {
                subject,
                scopes,
                ttl,
            } => {
                let key = LocalKey::load_or_create(&arguments.data_folder.join("keys"))?;
                say(&key.mint(&Mint {
                    subject,
                    scopes,
                    expected: &defaults.expected,
                    ttl: *ttl,
                })?);
                Ok(None)
            }
            Command::Run => {
                init(&LogSettings {
                    format: arguments.log_format,
                    filter: arguments.log_filter.clone(),
                })?;
                Self::prepare(defaults, arguments).map(Some)
            }
        }
    }

    /// Takes the folder into use, without logging: for tests.
    ///
    /// # Errors
    /// A folder that cannot be used.
    pub fn prepare(defaults: &LocalDefaults, arguments: Arguments) -> Result<Self, Failure> {
        let folder = Folder::hold(&arguments.data_folder)?;
        if arguments.fresh {
            folder.clear()?;
        }
        let key = LocalKey::load_or_create(&arguments.data_folder.join("keys"))?;
        arguments.faults.iter().cloned().for_each(fault::plan);
        arguments.durable.into_iter().for_each(fault::watch);
        Ok(Self {
            defaults: defaults.clone(),
            arguments,
            folder,
            key,
            services: Vec::new(),
            gateway: Box::new(|gateway| gateway),
            admin: Router::new(),
        })
    }

    /// Where everything is kept.
    #[must_use]
    pub fn data_folder(&self) -> &Path {
        &self.arguments.data_folder
    }

    /// Adds a service. Its settings come with the addresses of all others, its folder and the key of the run; the broker is
    /// one for all.
    #[must_use]
    pub fn service<F, R>(mut self, name: &str, build: F) -> Self
    where
        F: FnOnce(Config, Arc<dyn Bus>) -> R + Send + 'static,
        R: Future<Output = Result<Service, Failure>> + Send + 'static,
    {
        let build: Build = Box::new(|config, bus| build(config, bus).boxed());
        self.services.push((name.to_owned(), build));
        self
    }

    /// Declares the gateway; the addresses of the services and the verifier of tokens are there already.
    #[must_use]
    pub fn gateway(
        mut self,
        declare: impl FnOnce(GatewayBuilder) -> GatewayBuilder + Send + 'static,
    ) -> Self {
        self.gateway = Box::new(declare);
        self
    }

    /// Adds pages to the admin page.
    #[must_use]
    pub fn admin(mut self, routes: Router) -> Self {
        self.admin = self.admin.merge(routes);
        self
    }

    /// Starts everything, says where it is, and runs until Ctrl-C or SIGTERM.
    ///
    /// # Errors
    /// A port that is taken, or a service that cannot be put together.
    pub async fn run_until_stopped(self) -> Result<(), Failure> {
        let example = self.example()?;
        let with_stdin = self.arguments.stop_with_stdin;
        let running = self.start().await?;
        let stop = Shutdown::on_signals();
        if with_stdin {
            // Whoever started this run tells where it is.
            trigger_with_stdin(stop.clone());
        } else {
            say(&told(running.addresses(), example.as_deref()));
        }
        stop.wait().await;
        say("stopping; running requests are finished first");
        running.stop().await;
        Ok(())
    }

    /// Starts everything.
    ///
    /// # Errors
    /// A port that is taken, or a service that cannot be put together.
    pub async fn start(mut self) -> Result<Running, Failure> {
        let gateway_door = door(self.arguments.port, "--port").await?;
        let admin_door = door(self.arguments.admin_port, "--admin-port").await?;
        let mut doors: Vec<(String, TcpListener)> = Vec::new();
        for (name, _) in &self.services {
            doors.push((
                name.clone(),
                bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?,
            ));
        }
        let urls = doors
            .iter()
            .map(|(name, door)| Ok((name.clone(), url(door)?)));
        let addresses = Addresses {
            system: self.defaults.system.clone(),
            pid: std::process::id(),
            gateway: url(&gateway_door)?,
            admin: url(&admin_door)?,
            services: urls.collect::<Result<BTreeMap<_, _>, ServeError>>()?,
        };
        let gateway = self.built_gateway(&addresses)?;
        let bus = self.bus().instrument(service_span("broker")).await?;
        let mut services = Vec::new();
        let (folder, configs) = (&self.folder, self.configs(&addresses)?);
        for (((name, build), config), (_, door)) in
            self.services.into_iter().zip(configs).zip(doors)
        {
            let built = build(config, bus.clone())
                .instrument(service_span(&name))
                .await
                .map_err(|failure| format!("{name} cannot start: {failure}"))?;
            services.push((built, door));
        }
        folder.note(&addresses)?;
        let admin = admin::router(addresses.clone(), gateway.clone())?.merge(self.admin);
        Ok(Running::begin(
            (self.key, self.defaults.expected),
            self.folder,
            addresses,
            services,
            (gateway, gateway_door),
            (admin, admin_door),
        ))
    }

    async fn bus(&self) -> BusResult<Arc<dyn Bus>> {
        let bus = Arc::new(EmbeddedBus::open(self.folder.of_broker()).await?);
        Ok(match self.arguments.disturb {
            Some(seed) => Arc::new(DisturbedBus::new(bus, seed)),
            None => bus,
        })
    }

    fn built_gateway(&mut self, addresses: &Addresses) -> Result<Gateway, Failure> {
        let verifier = Verifier::shared_secret(self.key.secret(), self.defaults.expected.clone())?;
        let mut builder = Gateway::builder().authenticator(Arc::new(verifier));
        for (name, address) in &addresses.services {
            builder = builder.upstream(name, address);
        }
        let declare = std::mem::replace(&mut self.gateway, Box::new(|gateway| gateway));
        Ok(declare(builder).build()?)
    }

    /// The settings of each service, in order.
    fn configs(&self, addresses: &Addresses) -> Result<Vec<Config>, Failure> {
        self.services
            .iter()
            .map(|(name, _)| self.config(name, addresses))
            .collect()
    }

    fn config(&self, name: &str, addresses: &Addresses) -> Result<Config, Failure> {
        let folder: PathBuf = self.folder.of_service(name)?;
        let own_token = self.key.mint(&Mint {
            subject: name,
            scopes: &self.defaults.service_scopes,
            expected: &self.defaults.expected,
            ttl: SERVICE_TOKEN_TTL,
        })?;
        let own = addresses
            .services
            .get(name)
            .map(|url| url.trim_start_matches("http://"))
            .unwrap_or_default();
        let mut config = Config::from_env(name)
            .without_addresses()
            .fixed("http.address", own)
            .fixed("data.folder", folder.to_string_lossy())
            .fixed("auth.secret", self.key.secret().expose())
            .fixed("auth.token", own_token);
        for (expected, key) in [
            (&self.defaults.expected.issuer, "auth.issuer"),
            (&self.defaults.expected.audience, "auth.audience"),
        ] {
            if let Some(value) = expected {
                config = config.fixed(key, value.clone());
            }
        }
        for (other, address) in &addresses.services {
            config = config.fixed(&format!("calls.{other}.url"), address.clone());
        }
        Ok(config)
    }

    /// A request to try, with a token in it where somebody reads it.
    fn example(&self) -> Result<Option<String>, Failure> {
        let Some(example) = &self.defaults.example else {
            return Ok(None);
        };
        if example.open {
            return Ok(Some(format!("{{gateway}}{}", example.path)));
        }
        let token = self.key.mint(&Mint {
            subject: "me",
            scopes: &example.scopes,
            expected: &self.defaults.expected,
            ttl: EXAMPLE_TOKEN_TTL,
        })?;
        Ok(Some(format!(
            "-H 'authorization: Bearer {token}' {{gateway}}{}",
            example.path
        )))
    }
}

async fn door(port: u16, argument: &str) -> Result<TcpListener, Failure> {
    bind(SocketAddr::from(([127, 0, 0, 1], port))).await.map_err(|error| match error {
        ServeError::Taken { address } => {
            format!("{address} is taken by another process; stop it, or choose another port with {argument}").into()
        }
        other => Failure::from(other),
    })
}

fn url(listener: &TcpListener) -> Result<String, ServeError> {
    listener
        .local_addr()
        .map(|address| format!("http://{address}"))
        .map_err(ServeError::Address)
}

fn told(addresses: &Addresses, example: Option<&str>) -> String {
    let mut text = format!(
        "{} runs\n  gateway  {}\n  admin    {}\n",
        addresses.system, addresses.gateway, addresses.admin
    );
    for (name, address) in &addresses.services {
        text.push_str(&format!("  {name}  {address}\n"));
    }
    if let Some(example) = example {
        text.push_str(&format!(
            "try:\n  curl {}\n",
            example.replace("{gateway}", &addresses.gateway)
        ));
    }
    text.push_str("Ctrl-C stops it");
    text
}

/// Stops where standard input ends: a pipe ends with the process that holds its other side.
fn trigger_with_stdin(stop: Shutdown) {
    // A thread that only waits: tokio's own standard input would keep the process from ending.
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.trigger();
    });
}

/// To standard output; whether anybody still listens there is not our concern.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
