//! Everything together, and how to find out whether it has come to rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use msarch::model::lower;
use msarch::plan::deployment::{Deployment, Keep, deployment, host};
use msarch::syntax::document::read;
use msarch::syntax::include::load_text;
use rusqlite::{Connection, OpenFlags};

use crate::collector::Collector;
use crate::fleet::{Fleet, Ground};
use crate::gateway::Envoy;
use crate::issuer::Issuer;
use crate::part;
use crate::secrets::Secrets;
use crate::servers::Servers;
use crate::support::{Client, Gateway, Workspace};

/// How long the system may take to come to rest; a step's time limit is five seconds.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the file says of tokens.
const ISSUER: &str = "https://id.shop.example";
const AUDIENCE: &str = "shop";

/// The deployed system. Its fields end in this order: first the gateway, last the servers.
pub(crate) struct System {
    pub(crate) envoy: Envoy,
    pub(crate) fleet: Fleet,
    pub(crate) servers: Servers,
    pub(crate) issuer: Issuer,
    pub(crate) collector: Collector,
    pub(crate) plan: Deployment,
    pub(crate) folder: PathBuf,
}

/// A scope that the example's route to the reports asks for here: the example itself asks for none.
pub(crate) const SCOPE: &str = "analytics:read";

/// The example, with a scope, and with as many requests allowed as a test needs.
fn architecture(limit: Option<u32>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ecommerce.yaml");
    let text = fs::read_to_string(path).expect("the example is there");
    let declared = "max_requests: 1000\n";
    assert!(
        text.contains(declared),
        "the example's limit is another one now"
    );
    let reports = "service: analytics-service, rewrite: /analytics,";
    assert!(
        text.contains(reports),
        "the example's route to the reports is another one now"
    );
    let text = text.replace(reports, &format!("{reports} scope: \"{SCOPE}\","));
    match limit {
        Some(limit) => text.replace(declared, &format!("max_requests: {limit}\n")),
        None => text,
    }
}

impl System {
    /// Builds and starts everything; nothing where a part is missing that the test is about.
    pub(crate) fn start(copies: usize, limit: Option<u32>) -> Option<Self> {
        let envoy = part::envoy()?;
        let text = architecture(limit);
        let mut loaded = load_text("shop.yaml", &text);
        let plan = deployment(&lower(&read(&mut loaded).expect("it is an architecture")));
        // Kept when something fails, so that it can be looked at.
        let folder = tempfile::tempdir().expect("a folder").keep();
        println!("everything in {}", folder.display());
        let file = folder.join("shop.yaml");
        fs::write(&file, &text).expect("the file can be written");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/workspaces/deployed");
        let workspace = Workspace::generate_into(&file, &root);
        let names: Vec<&str> = plan
            .workloads
            .iter()
            .map(|workload| workload.name.as_str())
            .collect();
        let programs = workspace.services(&names);
        open_to_all(&folder);
        let (issuer, collector) = (Issuer::start(ISSUER, AUDIENCE), Collector::start());
        let token = |service: &str| issuer.token(service);
        let secrets = Secrets::make(&plan, &workspace.folder, &folder, &token);
        let servers = Servers::start(&folder, &secrets);
        let ground = Ground {
            servers: &servers,
            secrets: &secrets,
            programs: &programs,
            folder: &folder,
            keys: issuer.port(),
            traces: collector.port(),
            copies,
        };
        let fleet = Fleet::start(&plan, &ground);
        let places = |name: &str, _: u16| match name {
            host::COLLECTOR => vec![collector.port()],
            name if plan.workloads.iter().any(|workload| workload.name == name) => {
                fleet.ports(name)
            }
            _ => vec![issuer.port()],
        };
        let config = workspace.folder.join("gateway/envoy.yaml");
        let envoy = Envoy::start(&envoy, &config, &places, &folder);
        Some(Self {
            envoy,
            fleet,
            servers,
            issuer,
            collector,
            plan,
            folder,
        })
    }

    /// Somebody in front of the gateway.
    pub(crate) fn client(&self, subject: &str) -> Client {
        Client::new(self.gateway(), self.issuer.token(subject))
    }

    pub(crate) fn gateway(&self) -> Gateway {
        Gateway::new(&self.envoy.address)
    }

    /// Waits until no message and no saga is under way, and keeps the services running.
    pub(crate) fn until_quiet(&mut self) {
        let (begun, mut quiet) = (Instant::now(), 0);
        // What leaves one place has not always arrived at the next, so one look is not enough.
        while quiet < 3 {
            self.fleet.keep();
            let open = self.under_way();
            quiet = if open == [0, 0, 0] { quiet + 1 } else { 0 };
            assert!(
                begun.elapsed() < PATIENCE,
                "[outbox, sagas, lag] still under way: {open:?}\n{}{}",
                self.fleet.complaints(),
                self.envoy.process.tail()
            );
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// How many messages wait in the services, how many sagas have not ended, and how many messages wait at the broker.
    fn under_way(&self) -> [i64; 3] {
        let open = "msarch_sagas WHERE status NOT IN ('committed', 'compensated')";
        [self.count("msarch_outbox"), self.count(open), self.lag()]
    }

    /// How many rows there are in all services' databases.
    pub(crate) fn count(&self, rows: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {rows}");
        let counts = self
            .plan
            .workloads
            .iter()
            .map(|workload| match &workload.keep {
                Keep::Postgres {
                    database, schema, ..
                } => {
                    let sql = format!("SET search_path TO \"{schema}\"; {sql}");
                    self.servers.postgres.count(database, &sql)
                }
                Keep::File => in_file(&self.folder.join(&workload.name), &sql),
            });
        counts.sum()
    }

    /// How many sagas have ended, one way or the other; none of those that cannot be asked right now.
    pub(crate) fn ended(&self) -> usize {
        let ended = self.asked(
            "SELECT count(*) FROM msarch_sagas WHERE status IN ('committed', 'compensated')",
        );
        ended.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// Why sagas were taken back, and how often.
    pub(crate) fn reasons(&self) -> String {
        let sql = "SELECT count(*), body #>> '{failure,step}', body #>> '{failure,reason}' FROM msarch_sagas \
                   WHERE status = 'compensated' GROUP BY 2, 3 ORDER BY 1 DESC";
        self.asked(sql).unwrap_or_default()
    }

    /// What the database of the service that leads the sagas answers, where it answers at all.
    fn asked(&self, sql: &str) -> Option<String> {
        let mut workloads = self.plan.workloads.iter();
        let leads = workloads.find(|workload| workload.name == "order-service")?;
        let Keep::Postgres {
            database, schema, ..
        } = &leads.keep
        else {
            return None;
        };
        let sql = format!("SET search_path TO \"{schema}\"; {sql}");
        self.servers.postgres.ask(database, &sql).ok()
    }

    /// What the services themselves say of messages that wait for them; one that is down says nothing.
    fn lag(&self) -> i64 {
        let mut lag = 0;
        for copy in &self.fleet.0 {
            let url = format!("http://127.0.0.1:{}/metrics", copy.process.port());
            let Ok(mut answer) = ureq::get(url).call() else {
                return i64::MAX;
            };
            let text = answer.body_mut().read_to_string().unwrap_or_default();
            let waiting = text.lines().filter(|line| line.starts_with("messages_lag"));
            lag += waiting
                .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
                .map(|waiting| waiting as i64)
                .sum::<i64>();
        }
        lag
    }

    /// Ends it all and removes its folder: nothing went wrong.
    pub(crate) fn end(self) {
        let folder = self.folder.clone();
        drop(self);
        fs::remove_dir_all(folder).expect("the folder can be removed");
    }
}

/// PostgreSQL runs as somebody else, who must get to its own folder below.
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
}

fn in_file(folder: &Path, sql: &str) -> i64 {
    let files = fs::read_dir(folder)
        .expect("the folder of the service")
        .filter_map(Result::ok);
    let stores = files.map(|entry| entry.path()).filter(|path| {
        path.extension().is_some_and(|kind| kind == "db")
            && path.file_stem().is_some_and(|name| name != "broker")
    });
    stores
        .map(|path| {
            let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE);
            let connection = connection.expect("the store opens");
            connection
                .busy_timeout(Duration::from_secs(10))
                .expect("a time limit");
            connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .expect("a count")
        })
        .sum()
}
