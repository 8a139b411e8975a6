//! What the example's file promises, seen from outside the deployed system.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Answer, Client, Gateway};
use crate::system::System;

const PATIENCE: Duration = Duration::from_secs(60);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const STOCK: i64 = 10;

#[test]
#[ignore = "builds the services and starts servers; `scripts/ready` runs it"]
fn the_example_keeps_its_promises_on_real_servers_behind_envoy() {
    let Some(mut system) = System::start(2, None) else {
        return;
    };
    doors(&system);
    let shop = Shop::open(&system);
    let order = shop.order(3, None);
    shop.until(&format!("/api/orders/{order}"), |answer| {
        answer.body["status"] == "fulfilled"
    });
    assert_eq!(shop.stock(), [STOCK - 3, 0, 3]);
    let refused = shop.order(STOCK, None);
    shop.until(&format!("/api/orders/{refused}"), |answer| {
        answer.body["status"] == "cancelled"
    });
    assert_eq!(shop.stock(), [STOCK - 3, 0, 3]);
    traced(&system, &shop);
    lost_copy(&mut system, &shop);
    hanging(&mut system, &shop);
    gone(&mut system, &shop);
    limited(&system);
    system.end();
}

/// Who is let in: 401 without a token, or with one that is over or for somebody else, 403
/// where the token lacks the scope, 404 where there is no route.
fn doors(system: &System) {
    let gateway = system.gateway();
    let status = |path: &str, token: Option<&str>| ask(&gateway, "GET", path, token).status;
    assert_eq!(status("/api/orders", None), 401);
    assert_eq!(
        status("/api/orders", Some(&system.issuer.expired("alice"))),
        401
    );
    assert_eq!(
        status("/api/orders", Some(&system.issuer.for_another("alice"))),
        401
    );
    let narrow = system.issuer.without_scope("alice");
    assert_eq!(status("/api/analytics/orders", Some(&narrow)), 403);
    assert_eq!(
        status("/api/orders", Some(&system.issuer.token("alice"))),
        200
    );
    assert_eq!(
        status("/api/ordersX", Some(&system.issuer.token("alice"))),
        404
    );
    assert_eq!(status("/nowhere", Some(&system.issuer.token("alice"))), 404);
}

fn ask(gateway: &Gateway, method: &str, path: &str, token: Option<&str>) -> Answer {
    let answer = gateway.ask(method, path, None, token, &[]);
    answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

/// One trace runs from the gateway to the service that hears of the order last.
fn traced(system: &System, shop: &Shop) {
    let order = shop.order(1, Some(TRACE));
    shop.until(&format!("/api/notifications?order_id={order}"), |answer| {
        answer.items().len() == 3
    });
    let wanted = [
        "order-service",
        "inventory-service",
        "payment-service",
        "fulfillment-service",
        "notification-service",
    ];
    let begun = Instant::now();
    loop {
        let seen = system.collector.seen(TRACE, &wanted);
        let gateway = system
            .collector
            .seen(
                TRACE,
                &[&format!("{}-gateway", system.plan.system), "gateway"],
            )
            .len();
        if seen == wanted && gateway > 0 {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "the trace reached {seen:?}, gateway {gateway}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}

/// A copy that is killed costs its callers nothing: requests that may be repeated are, and the copy is taken out.
fn lost_copy(system: &mut System, shop: &Shop) {
    let before = system
        .envoy
        .statistic("customer-service", "upstream_rq_retry");
    copy(system, "customer-service", 0).kill();
    for _ in 0..40 {
        assert_eq!(shop.client.get("/api/customers").status, 200);
    }
    assert!(
        system
            .envoy
            .statistic("customer-service", "upstream_rq_retry")
            > before,
        "nothing was repeated"
    );
    assert!(
        system
            .envoy
            .statistic("customer-service", "ejections_enforced_total")
            > 0,
        "the copy was not taken out"
    );
    let copy = copy(system, "customer-service", 0);
    copy.run();
    copy.until_up();
}

/// A service that does not answer is given up in time: 504.
fn hanging(system: &mut System, shop: &Shop) {
    signal(system, "fulfillment-service", "STOP");
    let answer = shop.client.get("/api/shipments");
    signal(system, "fulfillment-service", "CONT");
    assert_eq!(answer.status, 504, "{answer:?}");
}

fn signal(system: &System, service: &str, signal: &str) {
    for copy in system.fleet.0.iter().filter(|copy| copy.service == service) {
        let done = Command::new("kill")
            .args([&format!("-{signal}"), &copy.process.id().to_string()])
            .status();
        assert!(
            done.is_ok_and(|status| status.success()),
            "{service} takes the signal"
        );
    }
}

/// Without any copy: 502, and 503 once all of them are taken out; again 200 when they are back.
fn gone(system: &mut System, shop: &Shop) {
    for number in 0..2 {
        copy(system, "payment-service", number).kill();
    }
    let answer = shop.client.get("/api/payments");
    assert!(matches!(answer.status, 502 | 503), "{answer:?}");
    shop.until("/api/payments", |answer| answer.status == 503);
    for number in 0..2 {
        copy(system, "payment-service", number).run();
    }
    shop.until("/api/payments", |answer| answer.status == 200);
}

fn copy<'s>(
    system: &'s mut System,
    service: &str,
    number: usize,
) -> &'s mut crate::process::Process {
    let copies = system
        .fleet
        .0
        .iter_mut()
        .filter(|copy| copy.service == service);
    let mut copies = copies.skip(number);
    &mut copies.next().expect("the copy is there").process
}

/// Past the limit: 429, and when to come back.
fn limited(system: &System) {
    let client = system.client("alice");
    let answers = (0..1_100).map(|_| client.get("/api/products"));
    let mut limited = answers.filter(|answer| answer.status == 429);
    let limited = limited
        .next()
        .expect("the file allows 1000 requests in 15 minutes");
    let seconds = limited
        .header("retry-after")
        .and_then(|text| text.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| seconds <= 900), "{limited:?}");
}

/// A customer, a product and some of it in stock.
struct Shop {
    client: Client,
    customer: String,
    product: String,
}

impl Shop {
    fn open(system: &System) -> Self {
        let client = system.client("alice");
        let body =
            json!({"name": "Ada", "email": "ada@shop.example", "tier": "gold", "source": "web"});
        let customer = created(&client.post("/api/customers", &body));
        let product = created(&client.post(
            "/api/products",
            &json!({"sku": "A-1", "name": "Lamp", "price": "12.50"}),
        ));
        created(&client.post(
            "/api/inventory",
            &json!({"product_id": product, "available": STOCK}),
        ));
        Self {
            client,
            customer,
            product,
        }
    }

    fn order(&self, quantity: i64, trace: Option<&str>) -> String {
        let item = json!({"productId": self.product, "quantity": quantity, "unitPrice": "12.50"});
        let body = json!({"customerId": self.customer, "items": [item]});
        let traceparent = format!(
            "00-{}-b7ad6b7169203331-01",
            trace.unwrap_or("11111111111111111111111111111111")
        );
        let headers = [("traceparent", traceparent.as_str())];
        let token = Some(self.client.token());
        let answer = self
            .client
            .gateway()
            .ask("POST", "/api/orders", Some(&body), token, &headers);
        created(&answer.expect("an answer"))
    }

    fn stock(&self) -> [i64; 3] {
        let page = self
            .client
            .get(&format!("/api/inventory?product_id={}", self.product))
            .body;
        ["available", "reserved", "shipped"]
            .map(|field| page["items"][0][field].as_i64().expect("a number"))
    }

    fn until(&self, path: &str, wanted: impl Fn(&Answer) -> bool) {
        let begun = Instant::now();
        loop {
            let answer = self.client.get(path);
            if wanted(&answer) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{path} stays {answer:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn created(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"]
        .as_str()
        .map(str::to_owned)
        .expect("an id")
}
