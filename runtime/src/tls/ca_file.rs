//! The certificates of authorities in a file.

use std::io;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use crate::config::ConfigValue;

/// A file with the certificates of authorities that a server's certificate may be signed by, in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaFile(PathBuf);

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum CaFileError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// It is no text in PEM form.
    #[error("it is not in PEM form: {0}")]
    Malformed(#[source] pem::Error),
    /// It holds something else, such as a key.
    #[error("it holds no certificate")]
    Empty,
    /// It holds a certificate that is none.
    #[error("a certificate in it cannot be used: {0}")]
    Unusable(#[source] rustls::Error),
}

impl CaFile {
    /// A file, looked into at once: drivers would pass over what they cannot use, or tell only when they connect.
    ///
    /// # Errors
    /// When the file cannot be read, or holds anything but certificates that can be used.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, CaFileError> {
        let file = Self(path.into());
        let contents = file.contents()?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&contents) {
            let certificate = certificate.map_err(CaFileError::Malformed)?;
            roots.add(certificate).map_err(CaFileError::Unusable)?;
        }
        if roots.is_empty() {
            return Err(CaFileError::Empty);
        }
        Ok(file)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What it holds now.
    pub(crate) fn contents(&self) -> Result<Vec<u8>, CaFileError> {
        std::fs::read(&self.0).map_err(CaFileError::Unreadable)
    }
}

impl ConfigValue for CaFile {
    fn read(text: &str) -> Result<Self, String> {
        Self::open(text)
            .map_err(|error| format!("a file with certificates of authorities: {error}"))
    }
}

#[cfg(test)]
#[cfg(any(feature = "nats", feature = "postgres", feature = "redis"))]
mod tests {
    use super::*;
    use crate::tls::testing::Authority;

    fn refusal(contents: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), contents).unwrap();
        CaFile::open(file.path()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_certificate_is_told_as_what_it_is() {
        let pem = "-----BEGIN CERTIFICATE-----";
        assert_eq!(refusal(""), "it holds no certificate");
        assert!(refusal(pem).starts_with("it is not in PEM form"));
        let garbage = format!("{pem}\nAAAA\n-----END CERTIFICATE-----\n");
        assert!(refusal(&garbage).starts_with("a certificate in it cannot be used"));
        let missing = CaFile::open("/nowhere/ca.pem").unwrap_err().to_string();
        assert!(missing.starts_with("it cannot be read"), "{missing}");
    }

    #[test]
    fn several_certificates_in_one_file_are_fine() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Authority::new("one"), Authority::new("two"));
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, one.pem() + &two.pem()).unwrap();
        assert_eq!(CaFile::open(&path).unwrap().path(), path);
    }
}
