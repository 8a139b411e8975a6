//! Those who place orders, and do not give up when the connection breaks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::random::Random;
use crate::support::{Answer, Client, Gateway};

/// What the products cost, in cents, and how much there is of them: of the second, less than is asked for.
const PRODUCTS: [(i64, i64); 3] = [(1250, 1000), (10, 20), (9999, 1000)];
const SUBJECTS: [&str; 3] = ["alice", "bob", "carol"];
/// How long one order may take to be answered.
const PATIENCE: Duration = Duration::from_secs(120);

/// What can be bought, and by whom.
pub(crate) struct Shop {
    pub(crate) customers: Vec<Customer>,
    pub(crate) products: Vec<Product>,
    seed: u64,
}

pub(crate) struct Customer {
    pub(crate) id: String,
    token: String,
}

pub(crate) struct Product {
    pub(crate) id: String,
    cents: i64,
    pub(crate) stock: i64,
}

/// An order that was answered with 201.
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) customer: String,
    pub(crate) cents: i64,
    /// How much of each product.
    pub(crate) items: Vec<(String, i64)>,
}

impl Shop {
    /// Registers those who buy, each with a token, and what can be bought.
    pub(crate) fn open(client: &Client, token: impl Fn(&str) -> String, seed: u64) -> Self {
        let customers = SUBJECTS.map(|name| {
            let body = json!({"name": name, "email": format!("{name}@shop.example")});
            Customer {
                id: created(&client.post("/api/customers", &body)),
                token: token(name),
            }
        });
        let products = PRODUCTS.map(|(cents, stock)| {
            let body = json!({"sku": format!("P-{cents}"), "name": "Thing", "price": price(cents)});
            let id = created(&client.post("/api/products", &body));
            let body = json!({"product_id": id, "available": stock});
            created(&client.post("/api/inventory", &body));
            Product { id, cents, stock }
        });
        Self {
            customers: customers.into(),
            products: products.into(),
            seed,
        }
    }

    /// The order of a number: always the same one.
    fn order(&self, number: usize) -> (&Customer, Value, Placed) {
        let mut random = Random::new(self.seed.wrapping_add(number as u64));
        let customer = &self.customers[number % self.customers.len()];
        let (mut items, mut cents, mut lines) = (Vec::new(), 0, Vec::new());
        let first = random.below(self.products.len());
        for product in self
            .products
            .iter()
            .cycle()
            .skip(first)
            .take(1 + number % 2)
        {
            let quantity = i64::try_from(1 + random.below(4)).expect("a small number");
            cents += quantity * product.cents;
            lines.push(
                json!({"productId": product.id, "quantity": quantity, "unitPrice": price(product.cents)}),
            );
            items.push((product.id.clone(), quantity));
        }
        let body = json!({"customerId": customer.id, "items": lines});
        let placed = Placed {
            id: String::new(),
            customer: customer.id.clone(),
            cents,
            items,
        };
        (customer, body, placed)
    }
}

fn created(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["id"].as_str().expect("an id").to_owned()
}

fn price(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Opens all orders in the end.
pub(crate) struct OpenAtEnd<'a>(&'a Counter);

impl Drop for OpenAtEnd<'_> {
    fn drop(&mut self) {
        self.0.open_to(self.0.orders);
    }
}

/// Hands out the orders, as many as are open by now.
pub(crate) struct Counter {
    next: AtomicUsize,
    open: AtomicUsize,
    orders: usize,
    gateway: Mutex<Gateway>,
}

impl Counter {
    pub(crate) fn new(orders: usize, gateway: Gateway) -> Self {
        Self {
            next: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            orders,
            gateway: Mutex::new(gateway),
        }
    }

    /// Lets the buyers go on up to this order.
    pub(crate) fn open_to(&self, order: usize) {
        self.open.store(order, Ordering::SeqCst);
    }

    /// Lets them all go when this is dropped: a test that fails waits for nobody.
    pub(crate) fn open_at_end(&self) -> OpenAtEnd<'_> {
        OpenAtEnd(self)
    }

    /// Says where the system is now.
    pub(crate) fn moved(&self, gateway: Gateway) {
        *self.gateway.lock().expect("no panic while moving") = gateway;
    }

    /// Places orders until there are none left.
    pub(crate) fn buy(&self, shop: &Shop) -> Vec<Placed> {
        let mut placed = Vec::new();
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if number >= self.orders {
                return placed;
            }
            while self.open.load(Ordering::SeqCst) <= number {
                thread::sleep(Duration::from_millis(10));
            }
            placed.push(self.place(shop, number));
        }
    }

    fn place(&self, shop: &Shop, number: usize) -> Placed {
        let (customer, body, placed) = shop.order(number);
        let id = self.answered(customer, &body, number);
        if number.is_multiple_of(4) {
            let again = self.answered(customer, &body, number);
            assert_eq!(id, again, "one key, one order");
        }
        Placed { id, ..placed }
    }

    /// Asks under the order's key until there is an answer.
    fn answered(&self, customer: &Customer, body: &Value, number: usize) -> String {
        let key = format!("order-{number}");
        let headers = [("idempotency-key", key.as_str())];
        let begun = Instant::now();
        loop {
            let gateway = self.gateway.lock().expect("no panic while moving").clone();
            let token = Some(customer.token.as_str());
            match gateway.ask("POST", "/api/orders", Some(body), token, &headers) {
                Ok(answer) if answer.status == 201 => return created(&answer),
                // The services stop and start one by one, and a request that was cut off may still be worked on.
                Ok(answer) => assert!(
                    matches!(answer.status, 409 | 502 | 503 | 504),
                    "order {number}: {answer:?}"
                ),
                Err(_) => {}
            }
            assert!(begun.elapsed() < PATIENCE, "order {number} is not answered");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
