//! The real PostgreSQL, NATS and Redis, each started for the test alone: on a free port, in a folder of its own, not as root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Process, free_port};
use crate::secrets::Secrets;

/// The servers that the services share.
pub(crate) struct Servers {
    pub(crate) postgres: Postgres,
    pub(crate) nats: Process,
    pub(crate) redis: Process,
}

impl Servers {
    pub(crate) fn start(folder: &Path, secrets: &Secrets) -> Self {
        Self {
            postgres: Postgres::start(folder),
            nats: nats(folder, secrets),
            redis: redis(folder, secrets),
        }
    }
}

/// A PostgreSQL server.
pub(crate) struct Postgres {
    pub(crate) process: Process,
    binaries: PathBuf,
}

impl Postgres {
    fn start(folder: &Path) -> Self {
        let binaries = binaries().expect("PostgreSQL is installed");
        let (data, port) = (folder.join("postgres"), free_port());
        fs::create_dir_all(&data).expect("a folder");
        let nobody = unprivileged();
        if let Some(id) = nobody {
            chown(&data, Some(id), Some(id)).expect("the folder can be given away");
        }
        let run = |program: &str| {
            let mut command = Command::new(binaries.join(program));
            if let Some(id) = nobody {
                command.uid(id).gid(id);
            }
            command.current_dir("/");
            command
        };
        let made = run("initdb")
            .args([
                "--auth",
                "trust",
                "--username",
                "postgres",
                "--encoding",
                "UTF8",
                "-D",
            ])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{made:?}");
        let mut server = run("postgres");
        server.arg("-D").arg(&data).args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
        ]);
        server.args(["-c", "max_connections=400", "-p", &port.to_string()]);
        Self {
            process: Process::start("postgres", server, port, folder),
            binaries,
        }
    }

    /// Runs SQL in a database and gives what it answers, a row a line.
    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        let answer = self.ask(database, sql);
        answer.unwrap_or_else(|error| panic!("{database}: {sql}: {error}"))
    }

    /// The same, for a server that may be down.
    ///
    /// # Errors
    /// What the server or its client said.
    pub(crate) fn ask(&self, database: &str, sql: &str) -> Result<String, String> {
        let done = Command::new(self.binaries.join("psql"))
            .args([
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
            ])
            .args([
                "-p",
                &self.process.port().to_string(),
                "-d",
                database,
                "-c",
                sql,
            ])
            .output()
            .expect("psql runs");
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned());
        }
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }

    /// A count.
    pub(crate) fn count(&self, database: &str, sql: &str) -> i64 {
        let answer = self.sql(database, sql);
        answer.parse().unwrap_or_else(|_| panic!("{sql}: {answer}"))
    }
}

/// Where Debian and others put the server's programs.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = ["/usr/lib/postgresql", "/usr/local/pgsql", "/usr/pgsql"]
        .iter()
        .filter_map(|root| fs::read_dir(root).ok())
        .flat_map(|entries| entries.filter_map(Result::ok))
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// Somebody else than root, whom PostgreSQL refuses to run as; nobody where the test is not root itself.
fn unprivileged() -> Option<u32> {
    let me = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("nobody:"))?;
    line.split(':').nth(2)?.parse().ok()
}

fn nats(folder: &Path, secrets: &Secrets) -> Process {
    let port = free_port();
    let mut server = Command::new("nats-server");
    server.arg("-c").arg(secrets.broker(port));
    Process::start("nats", server, port, folder)
}

/// With the users that were declared, and with a log of all changes, so that a restart forgets nothing.
fn redis(folder: &Path, secrets: &Secrets) -> Process {
    let (port, data) = (free_port(), folder.join("redis"));
    fs::create_dir_all(&data).expect("a folder");
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    server
        .args(["--appendonly", "yes", "--save", "", "--dir"])
        .arg(&data);
    server
        .arg("--aclfile")
        .arg(secrets.file("/run/secrets/cache-users"));
    Process::start("redis", server, port, folder)
}
