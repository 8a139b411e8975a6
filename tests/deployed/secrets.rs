//! The secrets of the deployed system, made by the script that compose users run; what only a person can give, the test gives.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use msarch::plan::deployment::Deployment;

/// Who may do everything at the broker, in the test alone.
pub(crate) const ANYBODY: &str = "anybody";

/// Where the test keeps what the containers of compose have at `/`.
pub(crate) struct Secrets {
    root: PathBuf,
}

impl Secrets {
    /// Makes everything in a copy of the generated files.
    pub(crate) fn make(
        plan: &Deployment,
        generated: &Path,
        folder: &Path,
        token: &dyn Fn(&str) -> String,
    ) -> Self {
        let deploy = folder.join("deploy");
        for part in ["", "nats", "redis", "secrets"] {
            fs::create_dir_all(deploy.join(part)).expect("a folder");
        }
        for file in [
            "secrets.sh",
            "nats/nats.conf",
            "redis/redis.conf",
            "redis/users.acl",
        ] {
            fs::copy(generated.join("deploy").join(file), deploy.join(file))
                .expect("the file was generated");
        }
        for workload in &plan.workloads {
            let wanted = workload.secrets.iter().filter(|secret| secret.given);
            for secret in wanted {
                fs::write(
                    deploy.join("secrets").join(&secret.name),
                    token(&workload.name),
                )
                .expect("the secret can be given");
            }
        }
        let made = Command::new("sh")
            .arg(deploy.join("secrets.sh"))
            .output()
            .expect("the script runs");
        assert!(made.status.success(), "{made:?}");
        let (run, etc) = (folder.join("run"), folder.join("etc/nats"));
        fs::create_dir_all(&run).expect("a folder");
        fs::create_dir_all(&etc).expect("a folder");
        symlink(deploy.join("secrets"), run.join("secrets")).expect("a link");
        Self {
            root: folder.to_owned(),
        }
    }

    /// Where a secret is that containers find at a path.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The password behind a path.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).expect("the secret was made")
    }

    /// The broker's configuration, with users and what each of them may do, on another port; and with one who may do everything.
    pub(crate) fn broker(&self, port: u16) -> PathBuf {
        let declared =
            fs::read_to_string(self.root.join("deploy/nats/nats.conf")).expect("it was generated");
        let store = self.root.join("nats");
        let mut here = String::new();
        for line in declared.lines() {
            let line = match line.trim_start().split_once(':').map(|(key, _)| key) {
                Some("listen") => format!("listen: \"127.0.0.1:{port}\""),
                Some("http") => String::new(),
                Some("store_dir") => format!("store_dir: \"{}\"", store.display()),
                _ => line.replace(
                    "store_dir: /data",
                    &format!("store_dir: \"{}\"", store.display()),
                ),
            };
            here.push_str(&line);
            here.push('\n');
            if line.trim() == "users: [" {
                here.push_str(&format!(
                    "{{user: \"{ANYBODY}\", password: \"{ANYBODY}\"}}\n"
                ));
            }
        }
        let file = self.root.join("etc/nats/nats.conf");
        fs::write(&file, here).expect("the configuration can be written");
        file
    }
}
