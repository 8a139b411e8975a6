//! The real Envoy with the configuration that was generated: only hosts and ports are those of the test.

use std::fs;
use std::path::Path;
use std::process::Command;

use msarch::syntax::include::load_text;
use serde_json::{Value, json};

use crate::process::{Process, free_port};

/// A running Envoy.
pub(crate) struct Envoy {
    pub(crate) process: Process,
    pub(crate) address: String,
    admin: String,
}

impl Envoy {
    /// Starts Envoy on a generated configuration. `places` says where a host and port of the configuration are here.
    pub(crate) fn start(
        program: &str,
        file: &Path,
        places: &dyn Fn(&str, u16) -> Vec<u16>,
        folder: &Path,
    ) -> Self {
        let text = fs::read_to_string(file).expect("the configuration was generated");
        let loaded = load_text("envoy.yaml", &text);
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let mut config = loaded.root.expect("a document").to_json();
        for cluster in items(&mut config, "/static_resources/clusters") {
            move_cluster(cluster, places);
        }
        let mut ports = Vec::new();
        for listener in items(&mut config, "/static_resources/listeners") {
            ports.push(listen_elsewhere(&mut listener["address"]));
        }
        let admin = listen_elsewhere(&mut config["admin"]["address"]);
        let path = folder.join("envoy.json");
        fs::write(&path, config.to_string()).expect("the configuration can be written");
        let mut command = Command::new(program);
        command
            .arg("-c")
            .arg(&path)
            .args(["--concurrency", "2", "--use-dynamic-base-id"]);
        let port = ports[0];
        Self {
            process: Process::start("envoy", command, port, folder),
            address: format!("http://127.0.0.1:{port}"),
            admin: format!("http://127.0.0.1:{admin}"),
        }
    }

    /// The sum of the counters or gauges whose names hold both parts.
    pub(crate) fn statistic(&self, cluster: &str, name: &str) -> u64 {
        let mut answer = ureq::get(format!("{}/stats", self.admin))
            .call()
            .expect("the admin page answers");
        let text = answer.body_mut().read_to_string().expect("text");
        let lines = text
            .lines()
            .filter(|line| line.starts_with(&format!("cluster.{cluster}")));
        lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(known, _)| known.ends_with(name))
            .filter_map(|(_, value)| value.trim().parse::<u64>().ok())
            .sum()
    }
}

fn items<'v>(config: &'v mut Value, path: &str) -> &'v mut Vec<Value> {
    let found = config.pointer_mut(path).and_then(Value::as_array_mut);
    found.unwrap_or_else(|| panic!("{path} is a list"))
}

/// Lets a cluster lead to where its hosts are here: a host may be several.
fn move_cluster(cluster: &mut Value, places: &dyn Fn(&str, u16) -> Vec<u16>) {
    let address = "/load_assignment/endpoints/0/lb_endpoints/0/endpoint/address/socket_address";
    let Some(socket) = cluster.pointer(address).cloned() else {
        return;
    };
    let host = socket["address"].as_str().expect("a host");
    let port = socket["port_value"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok());
    let ports = places(host, port.expect("a port"));
    let endpoints: Vec<Value> = ports
        .iter()
        .map(|port| json!({"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}))
        .collect();
    cluster["load_assignment"]["endpoints"] = json!([{"lb_endpoints": endpoints}]);
    // Whoever stands in for hosts outside speaks no TLS.
    if let Some(cluster) = cluster.as_object_mut() {
        cluster.remove("transport_socket");
    }
}

fn listen_elsewhere(address: &mut Value) -> u16 {
    let port = free_port();
    let socket = &mut address["socket_address"];
    socket["address"] = json!("127.0.0.1");
    socket["port_value"] = json!(port);
    port
}
