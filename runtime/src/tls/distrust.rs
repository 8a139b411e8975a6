//! Why an encrypted connection did not come about, and what to do.

/// Why an encrypted connection did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// Nobody who is trusted vouches for the server.
    Issuer,
    /// The certificate is that of another host.
    Host,
    /// The certificate is not valid at this time.
    Time,
    /// What the server says is no TLS.
    Plain,
    /// Something else about the server's certificate, or about ours.
    Certificate,
}

/// What rustls says, and sqlx where the server declines: not all drivers pass on more than words. A test of each with a real server
/// would notice other words.
const WORDS: [(&str, Distrust); 12] = [
    ("UnknownIssuer", Distrust::Issuer),
    ("BadSignature", Distrust::Issuer),
    ("certificate not valid for name", Distrust::Host),
    ("NotValidForName", Distrust::Host),
    ("certificate expired", Distrust::Time),
    ("certificate not valid yet", Distrust::Time),
    ("received corrupt message", Distrust::Plain),
    ("server does not support TLS", Distrust::Plain),
    ("tls handshake eof", Distrust::Plain),
    ("invalid peer certificate", Distrust::Certificate),
    ("received fatal alert", Distrust::Certificate),
    ("peer is incompatible", Distrust::Certificate),
];

impl Distrust {
    /// The reason, if that is what a driver says.
    pub(crate) fn of(said: &str) -> Option<Self> {
        let mut words = WORDS.iter();
        let (_, reason) = words.find(|(words, _)| said.contains(words))?;
        Some(*reason)
    }

    /// What it is, and which settings of a section have to do with it.
    pub(crate) fn help(self, section: &str) -> String {
        match self {
            Self::Issuer => format!(
                "its certificate is signed by nobody who is trusted here; `{section}.ca_file` names a file with the certificate of who signed it"
            ),
            Self::Host => format!("its certificate is for another host than `{section}.url` names"),
            Self::Time => "its certificate has expired, or is not valid yet".to_owned(),
            Self::Plain => format!(
                "it does not speak TLS there, which `{section}.url` or `{section}.ca_file` asks for"
            ),
            Self::Certificate => "it and this service do not agree on TLS".to_owned(),
        }
    }
}
