//! Encrypted connections to a server of the test's own: who is worked with, and who is refused with which words.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::fixture::{MIGRATIONS, Thing, get, insert};
use crate::config::Config;
use crate::problem::chain;
use crate::storage::{Database, DatabaseSettings, Migrations, StoreResult};
use crate::tls::CaFile;
use crate::tls::testing::{
    Authority, Identity, free_port, server_of_the_test, until_listening, where_trusted,
};

/// The files of a server that is started again and again.
struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    /// Who runs it: PostgreSQL refuses to be root.
    user: Option<u32>,
}

struct Server {
    port: u16,
    process: Child,
}

impl Cluster {
    fn new() -> Option<Self> {
        let Some(binaries) = binaries() else {
            let required = std::env::var("MSARCH_REQUIRE_PARTS").is_ok_and(|value| value == "1");
            assert!(!required, "there is no PostgreSQL to start");
            eprintln!("skipped: there is no PostgreSQL to start, so its TLS is not tested");
            return None;
        };
        let cluster = Self {
            folder: tempfile::tempdir().unwrap(),
            binaries,
            user: unprivileged(),
        };
        cluster.give_away(cluster.folder.path());
        let made = cluster
            .command("initdb")
            .args([
                "--auth",
                "trust",
                "--username",
                "postgres",
                "--no-sync",
                "-D",
            ])
            .arg(cluster.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        if let Some(id) = self.user {
            command.uid(id).gid(id);
        }
        command.current_dir("/");
        command
    }

    fn give_away(&self, path: &Path) {
        if let Some(id) = self.user {
            chown(path, Some(id), Some(id)).unwrap();
        }
    }

    /// A server that shows who it is and lets in none but those who encrypt, or one that speaks no TLS.
    fn serve(&self, identity: Option<&Identity>) -> Server {
        let kind = if identity.is_some() {
            "hostssl"
        } else {
            "host"
        };
        let who = format!("{kind} all all 127.0.0.1/32 trust\n");
        fs::write(self.data().join("pg_hba.conf"), who).unwrap();
        let port = free_port();
        let mut command = self.command("postgres");
        command
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-D"])
            .arg(self.data())
            .stderr(Stdio::null());
        if let Some(identity) = identity {
            for file in [&identity.certificate, &identity.key] {
                fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
                self.give_away(file);
            }
            command.args(["-c", "ssl=on"]);
            for (setting, file) in [
                ("ssl_cert_file", &identity.certificate),
                ("ssl_key_file", &identity.key),
            ] {
                command.args(["-c", &format!("{setting}={}", file.display())]);
            }
        }
        let process = command.spawn().unwrap();
        until_listening(port);
        Server { port, process }
    }
}

impl Server {
    /// Its address, with what stands behind the question mark.
    fn url(&self, parameters: &str) -> String {
        format!(
            "postgres://postgres@localhost:{}/postgres?{parameters}",
            self.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Not killed, so that its own children go too, and the next server finds the files in order.
        let process = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &process]).status();
        let _ = self.process.wait();
    }
}

/// Where Debian and others put the server's programs.
fn binaries() -> Option<PathBuf> {
    let roots = ["/usr/lib/postgresql", "/usr/local/pgsql", "/usr/pgsql"];
    let entries = roots.iter().filter_map(|root| fs::read_dir(root).ok());
    let folders = entries.flat_map(|entries| entries.filter_map(Result::ok));
    let mut found: Vec<PathBuf> = folders
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// Somebody else than root, where the test is root itself.
fn unprivileged() -> Option<u32> {
    let me = Command::new("id").arg("-u").output().unwrap();
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let nobody = users.lines().find(|line| line.starts_with("nobody:"));
    nobody?.split(':').nth(2)?.parse().ok()
}

/// Opens the database as a service does, by its settings.
async fn opened(url: &str, authority: Option<&CaFile>) -> StoreResult<Database> {
    let mut variables = vec![("THINGS__DATABASE__URL", url.to_owned())];
    if let Some(file) = authority {
        let file = file.path().display().to_string();
        variables.push(("THINGS__DATABASE__CA_FILE", file));
    }
    let mut config = Config::from_pairs("things", variables);
    let settings = DatabaseSettings::read(&mut config, "unused.db".into(), "public");
    config.finish().unwrap();
    let migrations = Migrations {
        sqlite: &[],
        postgres: MIGRATIONS,
    };
    settings.open("things", migrations).await
}

/// Writes in one transaction and reads in another.
async fn work(database: &Database, name: &str) {
    let made = insert(database, Thing::named(name)).await;
    assert_eq!(get(database, made.id).await.name, name);
}

async fn refusal(url: &str, authority: Option<&CaFile>) -> String {
    match opened(url, authority).await {
        Ok(_) => panic!("{url} is opened"),
        Err(error) => chain(&error),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_a_known_authority_signed_is_worked_with() {
    let Some(cluster) = Cluster::new() else {
        return;
    };
    let folder = cluster.folder.path();
    let authority = Authority::new("ours");
    let trusted = authority.file(folder);
    let server = cluster.serve(Some(&authority.sign("localhost", folder)));
    let database = opened(&server.url(""), Some(&trusted)).await.unwrap();
    work(&database, "by a setting").await;
    for mode in ["verify-full", "verify-ca", "require"] {
        let parameters = format!("sslmode={mode}&sslrootcert={}", trusted.path().display());
        let database = opened(&server.url(&parameters), None).await.unwrap();
        work(&database, mode).await;
    }
    where_trusted(
        "storage::tests::postgres::tls::by_the_machine",
        &trusted,
        &server.url("sslmode=verify-full"),
    );
}

#[tokio::test]
#[ignore = "run by another test, on a machine that trusts its authority"]
async fn by_the_machine() {
    let database = opened(&server_of_the_test(), None).await.unwrap();
    work(&database, "by the machine").await;
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_told_with_its_place_and_what_to_set() {
    let Some(cluster) = Cluster::new() else {
        return;
    };
    let folder = cluster.folder.path();
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let trusted = ours.file(folder);
    let named = format!("sslrootcert={}", trusted.path().display());

    let server = cluster.serve(Some(&theirs.sign("localhost", folder)));
    let place = format!("PostgreSQL at localhost:{}", server.port);
    for (url, authority) in [
        (server.url(""), Some(&trusted)),
        (server.url("sslmode=verify-full"), None),
        (server.url(&format!("sslmode=require&{named}")), None),
    ] {
        let told = refusal(&url, authority).await;
        assert!(told.contains(&place), "{told}");
        assert!(told.contains("signed by nobody who is trusted"), "{told}");
        assert!(told.contains("`database.ca_file`"), "{told}");
    }
    drop(server);

    let server = cluster.serve(Some(&ours.sign("other.example", folder)));
    let told = refusal(&server.url(""), Some(&trusted)).await;
    assert!(told.contains("another host than `database.url`"), "{told}");
    assert!(told.contains("other.example"), "{told}");
    let whatever_host = server.url("sslmode=verify-ca");
    opened(&whatever_host, Some(&trusted)).await.unwrap();
    drop(server);

    let server = cluster.serve(Some(&ours.sign_expired("localhost", folder)));
    let told = refusal(&server.url(""), Some(&trusted)).await;
    assert!(told.contains("has expired"), "{told}");
    drop(server);

    let server = cluster.serve(None);
    for (url, authority) in [
        (server.url(""), Some(&trusted)),
        (server.url("sslmode=require"), None),
    ] {
        let told = refusal(&url, authority).await;
        assert!(told.contains("does not speak TLS"), "{told}");
    }
}

#[tokio::test]
async fn settings_that_contradict_each_other_or_name_no_certificates_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = Authority::new("ours").file(folder.path());
    let told = refusal("postgres://me@localhost/x?sslmode=disable", Some(&trusted)).await;
    assert!(told.contains("`database.ca_file`"), "{told}");
    let nowhere = "postgres://me@localhost/x?sslmode=verify-full&sslrootcert=/nowhere/ca.pem";
    let told = refusal(nowhere, None).await;
    assert!(told.contains("`sslrootcert`"), "{told}");
    assert!(
        told.contains("`/nowhere/ca.pem`: it cannot be read"),
        "{told}"
    );
}
