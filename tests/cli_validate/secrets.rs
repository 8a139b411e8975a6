//! Reports go to logs and to services that keep them: no secret of the file goes there.

use std::fs;

use super::{folder, msarch, out};

const SECRET: &str = "hunter2pw";

/// Secrets in all places, and findings on their lines and beside them.
const FILE: &str = "msarch: 1
name: shop
services:
  order-service: {data_ownership: [orders], stroe: {}, store: {database_type: PostgreSQL, user: app, password: hunter2pw}}
  pay-service: {data_ownership: [orders], loc: 61000}
externals:
  bank: {url: \"https://shop:hunter2pw@bank.example/v1?api_key=hunter2pw\"}
gateway:
  routes: [{path: /orders, method: GET, service: order-service, endpoint: \"http://u:hunter2pw@elsewhere:80\"}]
  authentication: {type: JWT, algorithms: [HS256], secret: \"hunter2pw\"}
message_broker: {type: NATS, url: \"nats://app:hunter2pw@nats:4222\"}
";

#[test]
fn no_report_and_no_baseline_holds_a_secret() {
    // Whether or not its own finding is told, and where the file cannot be read to its end.
    let allowed = format!("{FILE}rules: {{literal-secret: off}}\n");
    let broken = format!("{FILE}teams: [\n");
    for text in [FILE, &allowed, &broken] {
        let shop = folder(&[("architecture.yaml", text)]);
        for form in ["human", "json", "sarif", "github", "gitlab", "junit"] {
            let report = out(&msarch(shop.path(), &["--format", form]));
            assert!(report.contains("unknown-key"), "{form}: {report}");
            assert!(!report.contains(SECRET), "{form}: {report}");
        }
        msarch(shop.path(), &["--write-baseline", "known.json"]);
        let known = fs::read_to_string(shop.path().join("known.json")).unwrap_or_default();
        assert!(!known.contains(SECRET), "{known}");
    }
}

#[test]
fn the_line_is_shown_with_stars_in_its_place() {
    let shop = folder(&[("architecture.yaml", FILE)]);
    let report = out(&msarch(shop.path(), &[]));
    assert!(
        report.contains("user: app, password: *********}"),
        "{report}"
    );
    assert!(
        report.contains("nats://app:*********@nats:4222"),
        "{report}"
    );
}
