//! The e-commerce example as a running system: what its file promises, seen from outside.

mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{System, Workspace};

fn program() -> std::path::PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ecommerce.yaml");
    Workspace::generate(&file).program()
}

/// A customer, a product and some of it in stock.
struct Shop {
    customer: String,
    product: String,
}

const STOCK: i64 = 10;

fn open(system: &System) -> Shop {
    let customer =
        json!({"name": "Ada", "email": "ada@shop.example", "tier": "gold", "source": "web"});
    let customer = created(system.post("/api/customers", &customer));
    let product = json!({"sku": "A-1", "name": "Lamp", "price": "12.50"});
    let product = created(system.post("/api/products", &product));
    created(system.post(
        "/api/inventory",
        &json!({"product_id": product, "available": STOCK}),
    ));
    Shop { customer, product }
}

fn created(answer: support::Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_str().expect("an id").to_owned()
}

impl Shop {
    fn order(&self, system: &System, quantity: i64) -> String {
        let item = json!({"productId": self.product, "quantity": quantity, "unitPrice": "12.50"});
        created(system.post(
            "/api/orders",
            &json!({"customerId": self.customer, "items": [item]}),
        ))
    }

    fn stock(&self, system: &System) -> [i64; 3] {
        let page = system
            .get(&format!("/api/inventory?product_id={}", self.product))
            .body;
        let row = &page["items"][0];
        ["available", "reserved", "shipped"].map(|field| row[field].as_i64().expect("a number"))
    }
}

fn items(answer: &support::Answer) -> &[Value] {
    answer.body["items"].as_array().map_or(&[], Vec::as_slice)
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn an_order_is_fulfilled_and_stock_and_money_balance() {
    let folder = tempfile::tempdir().expect("a folder");
    let system = System::start(&program(), folder.path(), &[]);
    let refused = system.ask("GET", "/api/orders", None, None, &[]);
    assert_eq!(refused.status, 401, "{refused:?}");
    let shop = open(&system);
    let order = shop.order(&system, 3);
    let read = system.until(&format!("/api/orders/{order}"), |answer| {
        answer.body["status"] == "fulfilled"
    });
    assert_eq!(read.body["total_amount"], "37.50");
    assert_eq!(shop.stock(&system), [STOCK - 3, 0, 3]);
    let payments = system.get(&format!("/api/payments?order_id={order}"));
    assert_eq!(items(&payments).len(), 1, "{payments:?}");
    assert_eq!(items(&payments)[0]["status"], "captured");
    assert_eq!(items(&payments)[0]["amount"], "37.50");
    let told = system.until(&format!("/api/notifications?order_id={order}"), |answer| {
        items(answer).len() == 3
    });
    let mut templates: Vec<&str> = items(&told)
        .iter()
        .filter_map(|row| row["template"].as_str())
        .collect();
    templates.sort_unstable();
    assert_eq!(
        templates,
        ["order_fulfilled", "order_received", "order_shipped"]
    );
    let mut log = system.log().into_iter();
    let error = log.find(|line| line.contains(r#""level":"ERROR""#));
    assert_eq!(error, None, "nothing went wrong");
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn a_refused_payment_undoes_every_step_and_cancels_the_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let system = System::start(
        &program(),
        folder.path(),
        &["--fail", "payment-service.process_payment=reject"],
    );
    let shop = open(&system);
    let order = shop.order(&system, 4);
    system.until(&format!("/api/orders/{order}"), |answer| {
        answer.body["status"] == "cancelled"
    });
    assert_eq!(shop.stock(&system), [STOCK, 0, 0]);
    assert_eq!(
        items(&system.get(&format!("/api/payments?order_id={order}"))).len(),
        0
    );
    assert_eq!(
        items(&system.get(&format!("/api/reservations?order_id={order}"))).len(),
        0
    );
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn an_order_beyond_the_stock_is_cancelled() {
    let folder = tempfile::tempdir().expect("a folder");
    let system = System::start(&program(), folder.path(), &[]);
    let shop = open(&system);
    let order = shop.order(&system, STOCK + 1);
    system.until(&format!("/api/orders/{order}"), |answer| {
        answer.body["status"] == "cancelled"
    });
    assert_eq!(shop.stock(&system), [STOCK, 0, 0]);
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn one_trace_runs_from_the_gateway_to_the_last_consumer() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let folder = tempfile::tempdir().expect("a folder");
    let system = System::start(&program(), folder.path(), &[]);
    let shop = open(&system);
    let item = json!({"productId": shop.product, "quantity": 1, "unitPrice": "12.50"});
    let body = json!({"customerId": shop.customer, "items": [item]});
    let token = system.token().to_owned();
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let headers = [("traceparent", traceparent.as_str())];
    let order = created(system.ask("POST", "/api/orders", Some(&body), Some(&token), &headers));
    system.until(&format!("/api/notifications?order_id={order}"), |answer| {
        items(answer).len() == 3
    });
    let services: std::collections::BTreeSet<String> = system
        .log()
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line.to_string().contains(TRACE))
        .filter_map(|line| line["service"].as_str().map(str::to_owned))
        .collect();
    for service in [
        "gateway",
        "order-service",
        "inventory-service",
        "payment-service",
        "notification-service",
    ] {
        assert!(
            services.contains(service),
            "{service} is not among {services:?}"
        );
    }
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn past_the_limit_a_caller_is_told_when_to_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let system = System::start(&program(), folder.path(), &[]);
    let limited = (0..1_100)
        .map(|_| system.get("/api/products"))
        .find(|answer| answer.status == 429);
    let limited = limited.expect("the file allows 1000 requests in 15 minutes");
    let seconds: u64 = limited
        .header("retry-after")
        .and_then(|text| text.parse().ok())
        .expect("a number of seconds");
    assert!((1..=900).contains(&seconds), "{seconds}");
}

#[test]
#[ignore = "builds the whole e-commerce workspace; `scripts/ready` runs it"]
fn killed_in_the_middle_of_orders_the_system_ends_them_all_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = program();
    let system = System::start(&program, folder.path(), &[]);
    let shop = open(&system);
    let orders: Vec<String> = (0..5).map(|_| shop.order(&system, 3)).collect();
    system.kill();
    let system = System::start(&program, folder.path(), &[]);
    let ended = |status: &Value| status == "fulfilled" || status == "cancelled";
    let mut fulfilled = 0;
    for order in &orders {
        let read = system.until(&format!("/api/orders/{order}"), |answer| {
            ended(&answer.body["status"])
        });
        fulfilled += i64::from(read.body["status"] == "fulfilled");
    }
    let [available, reserved, shipped] = shop.stock(&system);
    assert_eq!(
        (available + reserved + shipped, reserved, shipped),
        (STOCK, 0, 3 * fulfilled)
    );
    assert_eq!(
        fulfilled, 3,
        "ten pieces are enough for three orders of three"
    );
}
