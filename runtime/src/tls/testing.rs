//! Authorities, certificates and keys for servers that tests start.

#[cfg(any(feature = "postgres", feature = "redis"))]
mod ports;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) use ports::{free_port, until_listening};

use super::CaFile;

/// An authority that signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

/// What a server shows, in files.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// The file that whoever trusts this authority is given.
    pub(crate) fn file(&self, folder: &Path) -> CaFile {
        let path = folder.join("ca.pem");
        fs::write(&path, self.pem()).unwrap();
        CaFile::open(path).unwrap()
    }

    /// A certificate for a host, and its key.
    pub(crate) fn sign(&self, host: &str, folder: &Path) -> Identity {
        self.signed(CertificateParams::new([host.to_owned()]).unwrap(), folder)
    }

    /// A certificate for a host that has expired.
    pub(crate) fn sign_expired(&self, host: &str, folder: &Path) -> Identity {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
        self.signed(params, folder)
    }

    fn signed(&self, params: CertificateParams, folder: &Path) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let identity = Identity {
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
        };
        fs::write(&identity.certificate, pem("CERTIFICATE", certificate.der())).unwrap();
        fs::write(&identity.key, pem("PRIVATE KEY", key.serialized_der())).unwrap();
        identity
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    )
}

/// The variable with the address of the server, for a test that is run by [`where_trusted`].
const SERVER: &str = "MSARCH_TEST_SERVER";

/// Runs an ignored test of this program once more, as on a machine that trusts an authority; what a process trusts is decided at its start.
pub(crate) fn where_trusted(test: &str, authority: &CaFile, url: &str) {
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .env("SSL_CERT_FILE", authority.path())
        .env_remove("SSL_CERT_DIR")
        .env(SERVER, url)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
}

/// The address of the server, in a test that is run by [`where_trusted`].
pub(crate) fn server_of_the_test() -> String {
    std::env::var(SERVER).expect("another test runs this one")
}
