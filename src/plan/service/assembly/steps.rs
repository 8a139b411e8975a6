//! What the builder of a service is given: its routes, its checks, and what works in the background.

use super::Assembly;
use crate::model::Model;
use crate::plan::rust::float;
use crate::plan::service::ServicePlan;

impl Assembly {
    pub(super) fn steps(&mut self, model: &Model, service: &ServicePlan) {
        self.imports.import("msarch_runtime::telemetry::Metrics");
        let buckets: Vec<String> = model
            .observability
            .buckets
            .iter()
            .map(|bucket| float(*bucket))
            .collect();
        self.setup.push(format!(
            "let metrics = Metrics::with_http_buckets(NAME, &[{}]);",
            buckets.join(", ")
        ));
        self.setup.push("let store = database.clone();".to_owned());
        self.steps.push("metrics(metrics.clone())".to_owned());
        if !service.operations.is_empty() {
            self.steps
                .push("routes(api::routes(app.clone()))".to_owned());
            self.steps
                .push("openapi(include_str!(\"../openapi.yaml\"))".to_owned());
        }
        self.steps
            .push("check(\"storage\", move || probe(store.clone()))".to_owned());
        self.setup.push("let broker = bus.clone();".to_owned());
        self.steps
            .push("watch(\"broker\", move || reach(broker.clone()))".to_owned());
        self.steps.push(
            "worker(OutboxRelay::new(database.clone(), bus.clone()).metrics(&metrics))".to_owned(),
        );
        self.imports.import("msarch_runtime::storage::Housekeeping");
        self.setup
            .push("let retention = settings.service.retention;".to_owned());
        self.steps
            .push("worker(Housekeeping::new(database.clone(), retention))".to_owned());
        for consumer in &service.consumers {
            self.imports
                .import("msarch_runtime::messaging::ConsumerWorker");
            let mut step = format!(
                "worker(ConsumerWorker::new(consumers::{}(app.clone()), database.clone(), bus.clone()).metrics(&metrics)",
                consumer.name
            );
            if let Some(policy) = &consumer.policy {
                self.imports.all([
                    "msarch_runtime::messaging::DeliveryPolicy",
                    "std::time::Duration",
                ]);
                step.push_str(&format!(".policy({policy})"));
            }
            step.push(')');
            self.steps.push(step);
        }
        self.sagas(service);
    }

    fn sagas(&mut self, service: &ServicePlan) {
        if !service.sagas.is_empty() {
            self.imports.import("msarch_runtime::saga::Coordinator");
            let sagas: String = service
                .sagas
                .iter()
                .map(|saga| format!(".saga(saga::{})", saga.name))
                .collect();
            self.steps.push(format!(
                "worker(Coordinator::new(database.clone(), bus.clone()).metrics(&metrics).retention(retention.sagas){sagas})"
            ));
        }
        for saga in service.sagas.iter().filter(|saga| saga.group.is_some()) {
            self.imports
                .import("msarch_runtime::messaging::ConsumerWorker");
            self.steps.push(format!(
                "worker(ConsumerWorker::new(saga::Start{}, database.clone(), bus.clone()).metrics(&metrics))",
                saga.name
            ));
        }
        if !service.steps.is_empty() {
            self.imports.import("msarch_runtime::saga::Participant");
            let steps: String = service
                .steps
                .iter()
                .map(|step| format!(".step(saga::{}(app.clone()))", step.name))
                .collect();
            self.steps.push(format!(
                "worker(Participant::new(database.clone(), bus.clone()).metrics(&metrics){steps})"
            ));
        }
    }
}
