//! Architectures of any size that nobody wrote, for measuring.

use std::fmt::Write as _;

/// What keeps callers from going down with whom they call.
const PROTECTION: &str = "resilience:\n  circuit_breakers: {default: {failure_threshold: 5}}\n";

/// How many services stand in front: five of eight call up to eight of the other three. So no chain is long, nobody is a hub, and a
/// service makes five calls on average.
const FRONT: usize = 5;
const GROUP: usize = 8;
const CALLS: usize = 8;

/// An architecture of `services` services, each with five events and ten edges (five calls, five subscriptions), data with
/// fields, and endpoints. No rule finds anything in it.
#[must_use]
pub fn architecture(services: usize) -> String {
    system(services, 5)
}

/// The same without breakers, of which each call is a finding.
#[must_use]
pub fn unprotected(services: usize) -> String {
    architecture(services).replace(PROTECTION, "")
}

/// The same, with so many events of each service.
#[must_use]
pub fn system(services: usize, events: usize) -> String {
    let mut text = String::with_capacity(services * 2_600);
    text.push_str("msarch: 1\nname: synthetic\nteams:\n  core_team: {size: 8}\n");
    text.push_str(PROTECTION);
    text.push_str("services:\n");
    for service in 0..services {
        write_service(&mut text, services, service);
    }
    text.push_str("events:\n");
    for service in 0..services {
        for event in 0..events {
            write_event(&mut text, services, service, event);
        }
    }
    text
}

/// The events of a system as messages of Protocol Buffers: the same names, the same fields.
#[must_use]
pub fn messages(services: usize, events: usize) -> String {
    let mut text = String::from(
        "syntax = \"proto3\";\n\npackage synthetic.v1;\n\nimport \"google/protobuf/timestamp.proto\";\n",
    );
    for service in 0..services {
        for event in 0..events {
            let _ = write!(
                text,
                "
message Thing{service}Changed{event} {{
  string record_id = 1;
  string amount = 2;
  optional string note = 3;
  google.protobuf.Timestamp timestamp = 4;
}}
"
            );
        }
    }
    text
}

fn write_service(text: &mut String, services: usize, service: usize) {
    let _ = write!(
        text,
        "  svc{service}-service:
    domain: Synthetic
    bounded_context: Context{service}
    business_capabilities: capability_{service}
    team_ownership: core_team
    internal: true
    data_ownership:
      records_{service}:
        fields:
          name: {{type: string, max_length: 200}}
          amount: decimal
          status: open | closed
    endpoints:
      create_record: {{method: POST, path: /records-{service}, entity: records_{service}, action: create}}
      get_record: {{method: GET, path: \"/records-{service}/{{id}}\", entity: records_{service}, action: read}}
"
    );
    let callees = callees(services, service);
    if !callees.is_empty() {
        text.push_str("    calls:\n");
    }
    for callee in callees {
        let timeout = 100 + service;
        let _ = writeln!(
            text,
            "      - {{to: svc{callee}-service, operations: [get_record], timeout: {timeout}ms, retries: 0}}"
        );
    }
}

fn callees(services: usize, service: usize) -> Vec<usize> {
    if service % GROUP >= FRONT {
        return Vec::new();
    }
    let behind = services / GROUP * (GROUP - FRONT) + (services % GROUP).saturating_sub(FRONT);
    (0..CALLS.min(behind))
        .map(|call| (service + call) % behind)
        .map(|at| at / (GROUP - FRONT) * GROUP + FRONT + at % (GROUP - FRONT))
        .collect()
}

fn write_event(text: &mut String, services: usize, service: usize, event: usize) {
    let consumer = (service + 7 * (event + 1)) % services;
    let _ = write!(
        text,
        "  Thing{service}Changed{event}:
    version: v1
    schema:
      recordId: uuid
      amount: decimal
      note: string?
      timestamp: ISO8601
    producers: [svc{service}-service]
    consumers: [svc{consumer}-service]
"
    );
}
