//! A Redis that a test starts for itself, to kill it, to let it hang, to start it again.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::tls::testing::{Identity, free_port, until_listening};

/// Says that a part is not there, or fails where it must be.
pub(super) fn missing(what: &str) {
    assert!(
        std::env::var_os("MSARCH_REQUIRE_PARTS").is_none_or(|value| value != "1"),
        "{what}, and MSARCH_REQUIRE_PARTS asks for it"
    );
    eprintln!("skipped: {what}");
}

pub(super) async fn answers(url: &str) -> bool {
    let client = redis::Client::open(url).unwrap();
    let connecting = client.get_multiplexed_async_connection();
    let Ok(Ok(mut connection)) = tokio::time::timeout(Duration::from_secs(1), connecting).await
    else {
        return false;
    };
    redis::cmd("PING")
        .query_async::<String>(&mut connection)
        .await
        .is_ok()
}

/// The server, in a folder of its own.
pub(super) struct Server {
    pub(super) port: u16,
    folder: TempDir,
    process: Child,
}

impl Server {
    pub(super) async fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        };
        let Ok(process) = spawned(port, folder.path()) else {
            missing("there is no redis-server on this machine");
            return None;
        };
        let server = Self {
            port,
            folder,
            process,
        };
        server.ready().await;
        Some(server)
    }

    /// One that shows who it is, and talks to nobody who does not encrypt.
    pub(super) fn start_encrypted(identity: &Identity) -> Option<Self> {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let process = Command::new("redis-server")
            .args(["--port", "0", "--tls-port", &port.to_string()])
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--tls-auth-clients", "no", "--tls-cert-file"])
            .arg(&identity.certificate)
            .arg("--tls-key-file")
            .arg(&identity.key)
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            missing("there is no redis-server on this machine");
            return None;
        };
        until_listening(port);
        Some(Self {
            port,
            folder,
            process,
        })
    }

    /// Its address, for who encrypts.
    pub(super) fn encrypted_url(&self) -> String {
        format!("rediss://localhost:{}", self.port)
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn ready(&self) {
        for _ in 0..400 {
            if answers(&self.url()).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("redis-server does not answer");
    }

    pub(super) async fn command(&self, words: &[&str]) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command
            .query_async::<redis::Value>(&mut connection)
            .await
            .unwrap();
    }

    pub(super) async fn save(&self) {
        self.command(&["SAVE"]).await;
    }

    pub(super) async fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(super) async fn start_again(&mut self) {
        self.process = spawned(self.port, self.folder.path()).unwrap();
        self.ready().await;
    }

    pub(super) async fn hang(&self) {
        self.signal("-STOP");
    }

    pub(super) async fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &process])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawned(port: u16, folder: &Path) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dbfilename",
            "dump.rdb",
        ])
        .arg("--dir")
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
}
