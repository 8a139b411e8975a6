//! What must agree when everything has come to rest. Money is counted in cents: nothing here is a float.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Ended, Placed, Shop};
use crate::support::Client;

/// Holds everything that the system says against what was ordered.
pub(crate) fn balance(client: &Client, shop: &Shop, placed: &[Placed]) -> Ended {
    let books = Books::read(client, placed);
    books.stock(client, shop);
    let refunded = books.money(client);
    books.once_per_order(client);
    books.told(client, shop);
    let fulfilled = books.fulfilled().count();
    Ended {
        fulfilled,
        cancelled: placed.len() - fulfilled,
        refunded,
    }
}

struct Books<'a> {
    placed: BTreeMap<&'a str, &'a Placed>,
    status: BTreeMap<String, String>,
}

impl<'a> Books<'a> {
    /// Every order that was answered is there, once, with its total, and has ended; and no other is.
    fn read(client: &Client, placed: &'a [Placed]) -> Self {
        let placed: BTreeMap<_, _> = placed.iter().map(|p| (p.id.as_str(), p)).collect();
        let orders = client.all("/api/orders");
        let mut status = BTreeMap::new();
        for order in &orders {
            let id = text(order, "id");
            let known = placed
                .get(id)
                .unwrap_or_else(|| panic!("placed twice, or never: {order}"));
            assert_eq!(cents(order, "total_amount"), known.cents, "{order}");
            assert_eq!(text(order, "customer_id"), known.customer, "{order}");
            let state = text(order, "status");
            assert!(matches!(state, "fulfilled" | "cancelled"), "{order}");
            status.insert(id.to_owned(), state.to_owned());
        }
        assert_eq!(orders.len(), placed.len(), "every order is there once");
        assert_eq!(status.len(), placed.len(), "every order is there once");
        Self { placed, status }
    }

    fn fulfilled(&self) -> impl Iterator<Item = &'a Placed> {
        self.placed
            .iter()
            .filter(|(id, _)| self.is_fulfilled(id))
            .map(|(_, placed)| *placed)
    }

    fn is_fulfilled(&self, order: &str) -> bool {
        self.status[order] == "fulfilled"
    }

    /// Nothing is lost, nothing stays reserved, and what left is what the fulfilled orders asked for.
    fn stock(&self, client: &Client, shop: &Shop) {
        let rows = client.all("/api/inventory");
        assert_eq!(rows.len(), shop.products.len(), "{rows:?}");
        for product in &shop.products {
            let row = rows
                .iter()
                .find(|row| text(row, "product_id") == product.id);
            let row = row.expect("the product is in stock");
            let [available, reserved, shipped] =
                ["available", "reserved", "shipped"].map(|field| number(row, field));
            let sold: i64 = self
                .fulfilled()
                .flat_map(|order| &order.items)
                .filter(|(id, _)| *id == product.id)
                .map(|(_, quantity)| quantity)
                .sum();
            assert_eq!(
                (available, reserved, shipped),
                (product.stock - sold, 0, sold),
                "{row}"
            );
        }
    }

    /// One payment per fulfilled order, of its total; every other payment was refunded. Gives the number of refunds.
    fn money(&self, client: &Client) -> usize {
        let payments = client.all("/api/payments");
        let (captured, refunded): (Vec<_>, Vec<_>) = payments
            .iter()
            .partition(|payment| text(payment, "status") == "captured");
        for payment in &payments {
            let order = self.placed[text(payment, "order_id")];
            assert_eq!(cents(payment, "amount"), order.cents, "{payment}");
        }
        self.match_fulfilled("payment", captured.iter().map(|p| text(p, "order_id")));
        let taken: i64 = payments.iter().map(|p| cents(p, "amount")).sum();
        let returned: i64 = refunded.iter().map(|p| cents(p, "amount")).sum();
        let earned: i64 = self.fulfilled().map(|order| order.cents).sum();
        assert_eq!(taken - returned, earned, "captured - refunded = fulfilled");
        self.reported(client, (payments.len(), taken), (refunded.len(), returned));
        refunded.len()
    }

    /// The reports, which know only events, say the same: each event arrived, and took effect once.
    fn reported(&self, client: &Client, paid: (usize, i64), refunded: (usize, i64)) {
        let facts = client.all("/api/analytics/orders");
        let sum = |fact: &str| {
            let found = facts.iter().filter(|row| text(row, "fact") == fact);
            found.fold((0, 0), |(count, total), row| {
                let amount = if row["amount"].is_null() {
                    0
                } else {
                    cents(row, "amount")
                };
                (count + 1, total + amount)
            })
        };
        let ordered: i64 = self.placed.values().map(|order| order.cents).sum();
        let earned: i64 = self.fulfilled().map(|order| order.cents).sum();
        let good = self.fulfilled().count();
        assert_eq!(sum("created"), (self.placed.len(), ordered));
        assert_eq!(sum("fulfilled"), (good, earned));
        assert_eq!(sum("cancelled"), (self.placed.len() - good, 0));
        assert_eq!(sum("paid"), paid);
        assert_eq!(sum("refunded"), refunded);
    }

    /// One reservation and one parcel per fulfilled order, and none of another.
    fn once_per_order(&self, client: &Client) {
        let reservations = client.all("/api/reservations");
        for row in &reservations {
            assert_eq!(text(row, "status"), "shipped", "{row}");
        }
        let orders = |rows: &[Value]| -> Vec<String> {
            let ids = rows.iter().map(|row| text(row, "order_id").to_owned());
            ids.collect()
        };
        let reserved = orders(&reservations);
        self.match_fulfilled("reservation", reserved.iter().map(String::as_str));
        let shipped = orders(&client.all("/api/shipments"));
        self.match_fulfilled("shipment", shipped.iter().map(String::as_str));
    }

    fn match_fulfilled<'b>(&self, what: &str, orders: impl Iterator<Item = &'b str>) {
        let mut found: Vec<&str> = orders.collect();
        found.sort_unstable();
        let wanted: Vec<&str> = self.fulfilled().map(|order| order.id.as_str()).collect();
        assert_eq!(found, wanted, "one {what} per fulfilled order");
    }

    /// Every customer was told everything once.
    fn told(&self, client: &Client, shop: &Shop) {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in client.all("/api/notifications") {
            let about = row["order_id"]
                .as_str()
                .unwrap_or(text(&row, "customer_id"));
            let template = text(&row, "template").to_owned();
            told.entry(about.to_owned()).or_default().push(template);
        }
        for customer in &shop.customers {
            assert_eq!(told.remove(&customer.id).unwrap_or_default(), ["welcome"]);
        }
        for id in self.placed.keys() {
            let mut heard = told.remove(*id).unwrap_or_default();
            heard.sort_unstable();
            let wanted: &[&str] = if self.is_fulfilled(id) {
                &["order_fulfilled", "order_received", "order_shipped"]
            } else {
                &["order_cancelled", "order_received"]
            };
            assert_eq!(heard, wanted, "order {id}");
        }
        assert!(told.is_empty(), "{told:?}");
    }
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {row}"))
}

fn number(row: &Value, field: &str) -> i64 {
    row[field]
        .as_i64()
        .unwrap_or_else(|| panic!("no {field} in {row}"))
}

/// An amount in cents, read from its text to the last digit.
fn cents(row: &Value, field: &str) -> i64 {
    let amount = text(row, field);
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    assert!(part.len() <= 2, "{amount} has fractions of a cent");
    let digits = format!("{whole}{part:0<2}");
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{amount} is no amount"))
}
