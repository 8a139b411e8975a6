//! Architectures of any size that nobody wrote, for measuring.

use std::fmt::Write as _;

/// An architecture of `services` services, each with five events and ten edges (five calls that make no cycle, five
/// subscriptions), data with fields, and endpoints. It validates without an error.
#[must_use]
pub fn architecture(services: usize) -> String {
    system(services, 5)
}

/// The same, with so many events of each service.
#[must_use]
pub fn system(services: usize, events: usize) -> String {
    let mut text = String::with_capacity(services * 2_600);
    text.push_str("msarch: 1\nname: synthetic\nteams:\n  core_team: {size: 8}\nservices:\n");
    for service in 0..services {
        write_service(&mut text, service);
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

fn write_service(text: &mut String, service: usize) {
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
    let calls: Vec<usize> = (1..=5)
        .filter_map(|step| service.checked_sub(step * step))
        .collect();
    if !calls.is_empty() {
        text.push_str("    calls:\n");
    }
    for callee in calls {
        let timeout = 100 + service;
        let _ = writeln!(
            text,
            "      - {{to: svc{callee}-service, operations: [get_record], timeout: {timeout}ms, retries: 0}}"
        );
    }
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
