//! Encrypted connections to databases, brokers and caches: whom a service trusts, and what is told where it does not.
//!
//! All drivers speak TLS by rustls, with one crypto provider. They trust the authorities of the machine (another file of them
//! where `SSL_CERT_FILE` names one), or those that a [`CaFile`] holds, for servers whose certificates no public authority signed.
//!
//! ```
//! use msarch_runtime::config::Config;
//! use msarch_runtime::tls::CaFile;
//!
//! let mut config = Config::from_pairs("desk", [("DESK__BROKER__CA_FILE", "/nowhere/ca.pem")]);
//! let file: Option<CaFile> = config.optional("broker.ca_file");
//! assert!(file.is_none());
//! let told = config.finish().unwrap_err().to_string();
//! assert!(told.contains("DESK__BROKER__CA_FILE is `/nowhere/ca.pem`"), "{told}");
//! ```

mod ca_file;
#[cfg(any(feature = "nats", feature = "postgres", feature = "redis"))]
mod distrust;
#[cfg(test)]
#[cfg(any(feature = "nats", feature = "postgres", feature = "redis"))]
pub(crate) mod testing;

pub use ca_file::{CaFile, CaFileError};
#[cfg(any(feature = "nats", feature = "postgres", feature = "redis"))]
pub(crate) use distrust::Distrust;

/// Makes ours the provider that drivers take which do not choose one. What the program installed before stays.
///
/// Without it, rustls panics as soon as some other crate of the program brings a second provider along.
pub(crate) fn install_provider() {
    // It fails where there is one already, which is what we want.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
