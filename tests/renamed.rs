//! What the architecture renames moves along, with what a person wrote into it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const SHOP: &str = "\
msarch: 1
name: shop
services:
  order-service:
    data_ownership: {orders: {fields: {customer: string}}}
    endpoints: {place_order: {method: POST, path: /orders, emits: {event: OrderPlaced, values: {orderId: $record.id}}}}
  stock-service:
    data_ownership: {items: {fields: {orderId: uuid}}}
events:
  OrderPlaced:
    schema: {orderId: uuid}
    producers: [order-service]
    consumers: [stock-service]
";

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn has(&self, path: &str) -> bool {
        self.at(path).exists()
    }

    fn generate(&self, architecture: &str) -> String {
        fs::write(self.at("architecture.yaml"), architecture).unwrap();
        let done = Command::new(env!("CARGO_BIN_EXE_msarch"))
            .current_dir(self.0.path())
            .args(["generate", "--out", "."])
            .output()
            .unwrap();
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(done.status.success(), "{said}");
        said
    }

    /// Adds a line of a person's.
    fn edit(&self, path: &str) {
        let text = fs::read_to_string(self.at(path)).unwrap();
        fs::write(self.at(path), text + "// Mine.\n").unwrap();
    }

    fn is_edited(&self, path: &str) -> bool {
        fs::read_to_string(self.at(path)).is_ok_and(|text| text.ends_with("// Mine.\n"))
    }
}

/// The shop with an event and the service that takes it renamed, and a field more in that service's table.
fn renamed() -> String {
    SHOP.replace("OrderPlaced", "OrderTaken")
        .replace("stock-service", "store-service")
        .replace(
            "  OrderTaken:\n",
            "  OrderTaken:\n    renamed_from: OrderPlaced\n",
        )
        .replace(
            "  store-service:\n",
            "  store-service:\n    renamed_from: stock-service\n",
        )
        .replace(
            "{orderId: uuid}}}",
            "{orderId: uuid, shelf: {type: string, default: none}}}}",
        )
}

#[test]
fn a_renamed_service_and_a_renamed_event_keep_their_handlers_and_their_migrations() {
    let desk = Desk::new();
    desk.generate(SHOP);
    desk.edit("services/stock-service/src/handlers/on_order_placed_v1.rs");
    let first = fs::read(desk.at("services/stock-service/migrations/0001_initial.sql")).unwrap();
    let said = desk.generate(&renamed());
    assert!(said.contains("data/services/stock-service"), "{said}");
    assert!(!desk.has("services/stock-service") && !desk.has("docs/services/stock-service.md"));
    let handler = "services/store-service/src/handlers/on_order_taken_v1.rs";
    assert!(desk.is_edited(handler));
    let text = fs::read_to_string(desk.at(handler)).unwrap();
    assert!(
        !text.contains("OrderPlaced") && !text.contains("order_placed"),
        "{text}"
    );
    assert!(!desk.has("services/store-service/src/handlers/on_order_placed_v1.rs"));
    let migrations = "services/store-service/migrations";
    assert_eq!(
        fs::read(desk.at(migrations).join("0001_initial.sql")).unwrap(),
        first
    );
    assert!(desk.has("services/store-service/migrations/0002_add_shelf.sql"));
    assert!(desk.generate(&renamed()).contains("nothing to do"));
}

#[test]
fn a_name_that_is_in_use_again_is_nobodys_former_name() {
    let desk = Desk::new();
    desk.generate(SHOP);
    desk.edit("services/stock-service/src/handlers/on_order_placed_v1.rs");
    let service =
        "  store-service:\n    renamed_from: stock-service\n    data_ownership: [shelves]\n";
    let said = desk.generate(&SHOP.replace("events:\n", &format!("{service}events:\n")));
    assert!(!said.contains("move"), "{said}");
    assert!(desk.is_edited("services/stock-service/src/handlers/on_order_placed_v1.rs"));
    assert!(desk.has("services/store-service/migrations/0001_initial.sql"));
}
