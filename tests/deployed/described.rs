//! The running services against their own descriptions: whatever is asked, no server error and no answer that is not declared.

use crate::part;
use crate::process::Process;
use crate::system::System;

/// What an answer is held to. How valid data may still be refused (a used key, another version) is beyond the tool's knowledge.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

#[test]
#[ignore = "builds the services and starts servers; `scripts/ready` runs it"]
fn every_answer_is_one_that_the_description_knows() {
    if part::program("schemathesis", "schemathesis").is_none() {
        return;
    }
    let Some(system) = System::start(1, None) else {
        return;
    };
    for copy in &system.fleet.0 {
        asked(&copy.process, &system.issuer.token("alice"));
    }
    system.end();
}

fn asked(service: &Process, token: &str) {
    let mut tool = part::program("schemathesis", "schemathesis").expect("it was there");
    let done = tool
        .args([
            "run",
            &format!("http://127.0.0.1:{}/openapi.yaml", service.port()),
        ])
        .args(["--header", &format!("authorization: Bearer {token}")])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "15",
        ])
        .args([
            "--seed",
            "1",
            "--generation-database",
            "none",
            "--no-color",
            "--checks",
            CHECKS,
        ])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{}:\n{said}\n{}",
        service.name(),
        service.tail()
    );
    assert!(
        said.contains("Test cases:"),
        "{}: nothing was asked\n{said}",
        service.name()
    );
}
