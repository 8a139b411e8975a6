//! The settings that every service has.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::Config;
use crate::context::CorrelationHeader;
use crate::storage::Retention;
use crate::telemetry::{LogSettings, SampleRatio, TelemetryError, TraceSettings, init_with_traces};

/// The settings that every service has, whatever else it reads.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// Where requests are taken: `http.address`.
    pub address: SocketAddr,
    /// The longest that any request may take: `http.timeout`, 30 s.
    pub timeout: Duration,
    /// The longest body that is read, in bytes: `http.body_limit`, 1 MiB.
    pub body_limit: usize,
    /// The header that carries the correlation identifier: `http.correlation_header`.
    pub correlation_header: CorrelationHeader,
    /// How long running requests and workers may take to finish after the stop: `shutdown.grace`, 20 s.
    pub grace: Duration,
    /// How long to go on serving after the stop, unready, until nobody sends requests here any more: `shutdown.delay`, 0 s.
    pub delay: Duration,
    /// The folder for embedded stores: `data.folder`.
    pub data_folder: PathBuf,
    /// What tells this instance of the service from the others: `instance`; else what the container calls itself (`HOSTNAME`), else `1`.
    pub instance: String,
    /// How long the service remembers: `retention.answers`, 1 d; `retention.messages` and `retention.sagas`, 30 d.
    pub retention: Retention,
    /// What is logged, and how: `log.format` and `log.filter`.
    pub log: LogSettings,
    /// Where traces are exported, and how many: `traces.endpoint` and `traces.sample_ratio`.
    pub traces: TraceSettings,
}

/// What the architecture declares for a service. A bare port stands for itself and the usual rest.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceDefaults {
    /// The port, on all addresses of the machine.
    pub port: u16,
    /// The longest that any request may take: the longest timeout of any endpoint.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// The header that carries the correlation identifier.
    pub correlation_header: CorrelationHeader,
    /// What is logged, and how.
    pub log: LogSettings,
    /// The share of the traces that begin here which are recorded.
    pub sample_ratio: SampleRatio,
}

impl From<u16> for ServiceDefaults {
    fn from(port: u16) -> Self {
        Self {
            port,
            timeout: Duration::from_secs(30),
            body_limit: 1024 * 1024,
            correlation_header: CorrelationHeader::default(),
            log: LogSettings::default(),
            sample_ratio: SampleRatio::default(),
        }
    }
}

impl ServiceSettings {
    /// Begins to log, and to export traces where the settings say so, for a process that is this service alone.
    ///
    /// # Errors
    /// Settings that cannot be used, and a second call.
    pub fn begin_telemetry(&self, service: &str) -> Result<(), TelemetryError> {
        init_with_traces(&self.log, &self.traces, service, &self.instance)
    }

    /// Reads the settings, with what is declared as the defaults.
    #[must_use]
    pub fn read(config: &mut Config, defaults: impl Into<ServiceDefaults>) -> Self {
        let ServiceDefaults {
            port,
            timeout,
            body_limit,
            correlation_header,
            log,
            sample_ratio,
        } = defaults.into();
        let remembered = Retention::default();
        let instance = config.container().unwrap_or("1").to_owned();
        Self {
            address: config.value("http.address", SocketAddr::from(([0, 0, 0, 0], port))),
            timeout: config.value("http.timeout", timeout),
            body_limit: config.value("http.body_limit", body_limit),
            correlation_header: config.value("http.correlation_header", correlation_header),
            grace: config.value("shutdown.grace", Duration::from_secs(20)),
            delay: config.value("shutdown.delay", Duration::ZERO),
            instance: config.value("instance", instance),
            data_folder: config.value("data.folder", PathBuf::from("data")),
            retention: Retention {
                answers: config.value("retention.answers", remembered.answers),
                messages: config.value("retention.messages", remembered.messages),
                sagas: config.value("retention.sagas", remembered.sagas),
            },
            log: LogSettings {
                format: config.value("log.format", log.format),
                filter: config.value("log.filter", log.filter),
            },
            traces: TraceSettings {
                endpoint: config.optional("traces.endpoint"),
                sample_ratio: config.value("traces.sample_ratio", sample_ratio),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(config: Config) -> String {
        let mut config = config;
        let settings = ServiceSettings::read(&mut config, 3000);
        config.finish().unwrap();
        settings.instance
    }

    #[test]
    fn copies_that_share_their_variables_are_told_apart_by_their_containers() {
        let of = |pairs: &[(&str, &str)]| instance(Config::from_pairs("desk", pairs.to_vec()));
        assert_eq!(of(&[("HOSTNAME", "a1b2"), ("DESK__INSTANCE", "7")]), "7");
        assert_eq!(of(&[("HOSTNAME", "a1b2")]), "a1b2");
        assert_eq!(of(&[("HOSTNAME", "")]), "1");
        assert_eq!(of(&[]), "1");
    }

    #[test]
    fn a_local_run_does_not_depend_on_the_name_of_the_machine() {
        let config = Config::from_pairs("desk", [("HOSTNAME", "a1b2")]);
        assert_eq!(instance(config.without_addresses()), "1");
    }
}
