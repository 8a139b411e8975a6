//! The services, each a process of its own and in as many copies as are declared, set up from the same picture that compose files and
//! manifests are printed from; only hosts and ports differ.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use msarch::plan::deployment::{Deployment, Keep, Secret, Setting, Workload};

use crate::process::{Process, free_port};
use crate::secrets::Secrets;
use crate::servers::Servers;

/// Everything that differs from a real deployment.
pub(crate) struct Ground<'a> {
    pub(crate) servers: &'a Servers,
    pub(crate) secrets: &'a Secrets,
    /// Where the services' programs are.
    pub(crate) programs: &'a Path,
    pub(crate) folder: &'a Path,
    /// The port of whoever publishes the keys of tokens.
    pub(crate) keys: u16,
    /// The port of whoever takes traces.
    pub(crate) traces: u16,
    /// How many copies of each service that may have more than one.
    pub(crate) copies: usize,
}

/// A copy of a service.
pub(crate) struct Copy {
    pub(crate) service: String,
    pub(crate) process: Process,
}

/// All copies of all services.
pub(crate) struct Fleet(pub(crate) Vec<Copy>);

impl Fleet {
    /// Makes the databases and starts every service.
    pub(crate) fn start(system: &Deployment, ground: &Ground<'_>) -> Self {
        let ports: BTreeMap<&str, Vec<u16>> = system
            .workloads
            .iter()
            .map(|workload| {
                let copies = if workload.replicas > 1 {
                    ground.copies
                } else {
                    1
                };
                (
                    workload.name.as_str(),
                    (0..copies).map(|_| free_port()).collect(),
                )
            })
            .collect();
        let mut copies = Vec::new();
        for workload in &system.workloads {
            database(workload, ground);
            for (number, port) in ports[workload.name.as_str()].iter().enumerate() {
                let mut command = Command::new(ground.programs.join(&workload.name));
                for (variable, value) in settings(workload, number, *port, &ports, ground) {
                    command.env(variable, value);
                }
                let mut process = Process::new(
                    &format!("{}-{number}", workload.name),
                    command,
                    *port,
                    ground.folder,
                );
                process.run();
                copies.push(Copy {
                    service: workload.name.clone(),
                    process,
                });
            }
        }
        for copy in &mut copies {
            copy.process.until_up();
        }
        Self(copies)
    }

    /// Where the copies of a service listen.
    pub(crate) fn ports(&self, service: &str) -> Vec<u16> {
        let copies = self.0.iter().filter(|copy| copy.service == service);
        copies.map(|copy| copy.process.port()).collect()
    }

    /// Runs again what ended by itself, as `restart: unless-stopped` and Kubernetes do: a service that starts while its database is away
    /// says so and ends. Whatever else ends one is a fault.
    pub(crate) fn keep(&mut self) {
        for process in self.0.iter_mut().map(|copy| &mut copy.process) {
            let Some(status) = process.ended() else {
                continue;
            };
            let (name, tail) = (process.name(), process.tail());
            assert_eq!(status.code(), Some(1), "{name} ended: {status}\n{tail}");
            println!("run {name} again, which said: {}", last_line(&tail));
            process.run();
        }
    }

    /// The last words of every copy that complained.
    pub(crate) fn complaints(&self) -> String {
        let mut said = String::new();
        for copy in &self.0 {
            let log = copy.process.log();
            let lines = log.lines().filter(|line| {
                ["ERROR", "Error", "panicked"]
                    .iter()
                    .any(|word| line.contains(word))
            });
            let lines: Vec<&str> = lines.collect();
            for line in &lines[lines.len().saturating_sub(3)..] {
                said.push_str(&format!("{}: {line}\n", copy.process.name()));
            }
        }
        said
    }
}

fn last_line(text: &str) -> &str {
    text.lines().next_back().unwrap_or("nothing")
}

/// A database and a role, as the one who runs the server makes them.
fn database(workload: &Workload, ground: &Ground<'_>) {
    let Keep::Postgres { database, user, .. } = &workload.keep else {
        return;
    };
    let postgres = &ground.servers.postgres;
    let own = |secret: &&Secret| secret.variable.ends_with("__DATABASE__PASSWORD_FILE");
    let secret = workload
        .secrets
        .iter()
        .find(own)
        .expect("it has a password");
    let password = ground.secrets.read(&secret.path);
    postgres.sql(
        "postgres",
        &format!("CREATE ROLE \"{user}\" LOGIN PASSWORD '{password}'"),
    );
    postgres.sql(
        "postgres",
        &format!("CREATE DATABASE \"{database}\" OWNER \"{user}\""),
    );
}

fn settings(
    workload: &Workload,
    number: usize,
    port: u16,
    ports: &BTreeMap<&str, Vec<u16>>,
    ground: &Ground<'_>,
) -> Vec<(String, String)> {
    let data: PathBuf = ground.folder.join(&workload.name);
    fs::create_dir_all(&data).expect("a folder");
    let key = |key: &str| format!("{}__{key}", workload.screaming);
    let local = |port: u16| format!("127.0.0.1:{port}");
    let mut settings = vec![
        (key("HTTP__ADDRESS"), local(port)),
        (key("DATA__FOLDER"), data.display().to_string()),
        (key("INSTANCE"), number.to_string()),
        (
            key("AUTH__JWKS"),
            format!("http://{}/keys", local(ground.keys)),
        ),
    ];
    // What is declared, with each host where it is here.
    let servers = ground.servers;
    for Setting { variable, value } in &workload.settings {
        let here = match (variable.as_str(), &workload.keep) {
            (it, Keep::Postgres { host, port, .. }) if it.ends_with("__DATABASE__URL") => value
                .replace(
                    &format!("{host}:{port}"),
                    &local(servers.postgres.process.port()),
                ),
            (it, _) if it.ends_with("__BROKER__URL") => {
                format!("nats://{}", local(servers.nats.port()))
            }
            (it, _) if it.ends_with("__CACHE__URL") => {
                format!("redis://{}", local(servers.redis.port()))
            }
            (it, _) if it.ends_with("__TRACES__ENDPOINT") => {
                format!("http://{}", local(ground.traces))
            }
            _ => value.clone(),
        };
        settings.push((variable.clone(), here));
    }
    for secret in &workload.secrets {
        let file = ground.secrets.file(&secret.path);
        settings.push((secret.variable.clone(), file.display().to_string()));
    }
    if matches!(workload.keep, Keep::Postgres { .. }) {
        settings.push((key("DATABASE__MAX_CONNECTIONS"), "5".to_owned()));
    }
    for (callee, ports) in ports {
        let callee_key = callee.replace('-', "_").to_ascii_uppercase();
        let setting = key(&format!("CALLS__{callee_key}__URL"));
        if workload.calls.iter().any(|called| called == callee) {
            let port = ports[number % ports.len()];
            settings.push((setting, format!("http://{}", local(port))));
        }
    }
    settings
}
