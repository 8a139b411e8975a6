//! What a declared cache, metric, setting or older version of an event becomes.

mod architecture;

use architecture::{model_of, model_of_text};
use msarch::emit::emit;
use msarch::plan::migrations::{History, Snapshot};
use msarch::plan::service::ServicePlan;
use msarch::plan::workspace::of_model;
use msarch::plan::{Workspace, notices::notices};

fn planned(text: &str) -> Workspace {
    let before = Snapshot::default();
    of_model(&model_of_text(text), &mut History::new(&before, false))
}

fn first(text: &str) -> ServicePlan {
    planned(text).services.remove(0)
}

const CACHED: &str = "
msarch: 1
name: shop
services:
  catalog:
    data_ownership:
      products: {fields: {sku: string}}
    endpoints:
      get_product: {method: GET, path: '/products/{id}', cache: kept, timeout: 45s}
      list_products: {method: GET, path: /products, cache: kept}
events:
  Renamed: {producers: catalog, schema: {product_id: uuid}}
  Emptied: {producers: catalog, schema: {reason: string}}
caches:
  kept: {service: catalog, of: products, l1_cache: {ttl: 60s}, l2_cache: {ttl: 3600s}, max_staleness: 20s, invalidate_on: [Renamed, Emptied]}
observability:
  logging: {level: debug}
";

#[test]
fn a_read_by_identifier_is_answered_by_its_cache_and_a_list_is_not() {
    let service = first(CACHED);
    let cached = |name: &str| {
        let operation = service.operations.iter().find(|found| found.name == name);
        operation.expect("it is planned").cached
    };
    assert!(cached("get_product") && !cached("list_products"));
    let said = notices(&model_of_text(CACHED)).join("\n");
    assert!(said.contains("list_products goes without"), "{said}");
    assert!(
        !said.contains("l2_cache") && !said.contains("l3_cache"),
        "{said}"
    );
    let edge = CACHED.replace("l2_cache: {ttl: 3600s}", "l3_cache: {ttl: 3600s}");
    let said = notices(&model_of_text(&edge)).join("\n");
    assert!(
        said.contains("those of get_product are kept by who asks"),
        "{said}"
    );
    let open = edge.replace("cache: kept, timeout: 45s", "cache: kept, public: true");
    let said = notices(&model_of_text(&open)).join("\n");
    assert!(!said.contains("l3_cache"), "{said}");
}

#[test]
fn an_entry_lives_no_longer_than_the_answer_may_be_old() {
    assert_eq!(
        first(CACHED).caches.caches[0].ttl,
        "Duration::from_secs(20)"
    );
}

#[test]
fn a_level_that_instances_share_is_kept_true_and_compiled_in() {
    let service = first(CACHED);
    let shared = service.caches.caches[0].shared.as_ref().expect("declared");
    assert_eq!(
        shared.ttl, "Duration::from_secs(20)",
        "no older than an answer may be"
    );
    let steps = service.assembly.steps.join("\n");
    assert!(
        steps.contains("worker(Keeper::new(&caches.kept))"),
        "{steps}"
    );
    assert_eq!(service.features, ["nats", "redis"]);
    let alone = first(&CACHED.replace("l2_cache: {ttl: 3600s}, ", ""));
    assert!(alone.caches.caches[0].shared.is_none());
    assert_eq!(alone.features, ["nats"], "it hears what empties it");
}

#[test]
fn another_shape_of_a_record_is_another_version_of_what_is_kept() {
    let version = |file: &str| {
        let shared = first(file).caches.caches.remove(0).shared;
        shared.expect("declared").schema
    };
    let named = format!("{CACHED}types:\n  Size: {{width: integer}}\n");
    let sized = named.replace("{sku: string}", "{sku: string, size: Size}");
    let wider = sized.replace("width: integer", "width: number");
    let versions = [CACHED, &sized, &wider].map(version);
    assert_eq!(
        version(CACHED),
        version(&named),
        "a type that it does not use"
    );
    assert!(
        versions[0] != versions[1] && versions[1] != versions[2],
        "{versions:?}"
    );
}

#[test]
fn what_may_be_kept_outside_is_what_the_levels_before_leave_of_the_time() {
    let layer = |levels: &str| {
        let file = CACHED.replace("l2_cache: {ttl: 3600s}, max_staleness: 20s", levels);
        first(&file).operations.remove(0).layer
    };
    let kept = |private: u32, shared: &str, stale: &str| {
        format!(
            ".kept(Kept {{ of: \"products\", private: Duration::from_secs({private}), shared: {shared}, stale: {stale} }})"
        )
    };
    let none = "Duration::ZERO";
    let all = "l2_cache: {ttl: 600s}, l3_cache: {ttl: 900s}, max_staleness: 1800s";
    let expected = kept(60, "Duration::from_secs(900)", "Duration::from_secs(300)");
    assert!(layer(all).contains(&expected), "{}", layer(all));
    let open = "l3_cache: {ttl: 900s}";
    let expected = kept(60, "Duration::from_secs(900)", none);
    assert!(layer(open).contains(&expected), "{}", layer(open));
    let short = "l3_cache: {ttl: 900s}, max_staleness: 80s";
    let expected = kept(20, "Duration::from_secs(20)", none);
    assert!(layer(short).contains(&expected), "{}", layer(short));
    assert!(!layer("l2_cache: {ttl: 600s}").contains("kept("));
}

#[test]
fn an_event_empties_the_entry_that_it_names_or_else_all() {
    let caches = first(CACHED).caches.caches;
    let keys: Vec<_> = caches[0]
        .evictions
        .iter()
        .map(|eviction| eviction.key.as_deref())
        .collect();
    assert_eq!(keys, [Some("product_id"), None]);
}

#[test]
fn what_is_declared_for_time_and_log_is_the_default_of_the_settings() {
    let defaults = first(CACHED).assembly.defaults;
    assert!(
        defaults.contains("timeout: Duration::from_secs(45)"),
        "{defaults}"
    );
    assert!(defaults.contains("filter: \"debug\""), "{defaults}");
}

#[test]
fn another_header_of_the_correlation_reaches_services_and_gateway() {
    let file = format!(
        "{CACHED}  health: {{}}\ngateway:\n  routes:\n    - {{path: /api/*, method: GET, service: catalog, timeout: 60s, public: true}}\n"
    );
    let file = file.replace("level: debug", "correlation_header: X-Trail");
    let said = "CorrelationHeader::from_static(\"x-trail\")";
    let workspace = planned(&file);
    let defaults = &workspace.services[0].assembly.defaults;
    assert!(defaults.contains(said), "{defaults}");
    let steps = &workspace.local.gateway.expect("declared").steps;
    assert!(steps.iter().any(|step| step.contains(said)), "{steps:?}");
}

#[test]
fn where_nothing_is_declared_the_port_is_all() {
    let service = first("msarch: 1\nname: shop\nservices: {catalog: {data_ownership: [products]}}");
    assert_eq!(service.assembly.defaults, service.port.to_string());
    assert!(service.caches.caches.is_empty());
}

#[test]
fn a_missing_driver_is_named_once_for_all_services() {
    let said = notices(&model_of("examples/ecommerce.yaml"));
    let of = |word: &str| said.iter().filter(|notice| notice.contains(word)).count();
    assert_eq!((of("MongoDB"), of("PostgreSQL")), (1, 0), "{said:?}");
    let alike = model_of_text(
        "
msarch: 1
name: shop
services: {catalog: {data_ownership: [products]}, prices: {data_ownership: [amounts]}}
data_management:
  catalog: {database_type: MongoDB, collections: [products]}
  prices: {database_type: MongoDB, collections: [amounts]}
",
    );
    let told = "MongoDB has no driver yet: the data of 2 services is kept in embedded SQLite";
    assert_eq!(notices(&alike), [told]);
}

#[test]
fn operations_of_which_nothing_is_declared_are_named() {
    let model = model_of_text(
        "
msarch: 1
name: shop
services:
  order-service:
    data_ownership: {orders: {fields: {code: string}}}
    endpoints:
      - GET /orders
      - {name: lines, method: GET, path: \"/orders/{order_id}/lines\"}
      - {name: cancel, method: POST, path: \"/orders/{order_id}/cancel\", effects: [{set: orders, where: {id: $path.order_id}, values: {code: none}}]}
",
    );
    let said = notices(&model).join("\n");
    assert!(said.contains("nothing of the work of lines:"), "{said}");
}

#[test]
fn older_versions_of_an_aggregates_events_are_brought_up() {
    let workspace = planned(
        "
msarch: 1
name: bank
services:
  accounts:
    data_ownership:
      accounts: {fields: {owner: string}}
    aggregates:
      Account:
        entity: accounts
        events:
          Opened: {set: {owner: $event.owner}}
        commands:
          open: {input: {owner: string}, raises: Opened}
events:
  Opened:
    producers: accounts
    versions:
      v1: {schema: {owner: string}}
      v2: {schema: {owner: string, branch: string}, upcast: {branch: main}}
",
    );
    let found = workspace.services[0].aggregates[0].upcasters.as_deref();
    assert_eq!(
        found,
        Some("Upcasters::none().typed::<OpenedV1, OpenedV2>(\"Opened\", 1, 2)")
    );
    emit(&workspace).expect("it is printed");
}

#[test]
fn a_request_that_is_answered_from_memory_moves_no_metric() {
    let text = |key: &str| {
        first(&format!(
            "
msarch: 1
name: film
services:
  reels:
    data_ownership: {{frames: {{fields: {{size: integer}}}}}}
    endpoints: {{take: {{method: POST, path: /frames, idempotency_key: {key}}}}}
observability:
  metrics:
    custom:
      frames_total: {{type: counter, help: Frames, on: take}}
"
        ))
        .operations
        .remove(0)
        .call
    };
    const MOVED: &str = "app.metrics.frames_total.inc([]);";
    for key in ["optional", "required"] {
        let call = text(key);
        let (before, counted) = call.split_once("if first {").expect("it asks");
        assert!(!before.contains(MOVED), "{call}");
        assert!(
            before.contains("async |uow| {\n        first = true;"),
            "{call}"
        );
        assert!(counted.trim_start().starts_with(MOVED), "{call}");
    }
    let call = text("none");
    assert!(call.contains(MOVED) && !call.contains("first"), "{call}");
}

#[test]
fn a_metric_moves_when_its_step_is_done() {
    let service = first(
        "
msarch: 1
name: shop
services:
  orders:
    data_ownership:
      orders: {fields: {kind: string}}
events:
  Placed: {producers: orders, schema: {kind: string}}
sagas:
  Buying:
    coordinator: orders
    trigger: Placed
    steps:
      - {service: orders, action: take, input: kind, effects: [{create: orders, values: {kind: $kind}}]}
observability:
  metrics:
    custom:
      taken_total: {type: counter, help: Taken, on: take, labels: [kind]}
",
    );
    assert_eq!(
        service.steps[0].moves,
        ["metrics.taken_total.inc([done.kind.as_str()]);"]
    );
}
