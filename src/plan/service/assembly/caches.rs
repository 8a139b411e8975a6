//! The caches of a service, and what empties them.

use super::{AppField, Assembly};
use crate::plan::service::ServicePlan;

impl Assembly {
    pub(super) fn caches(&mut self, service: &ServicePlan) {
        if service.caches.shared {
            self.config_imports
                .import("msarch_runtime::cache::SharedCacheSettings");
        }
        if service.caches.caches.is_empty() {
            return;
        }
        if service.caches.shares {
            self.imports.all([
                "msarch_runtime::cache::Keeper",
                "msarch_runtime::cache::SharedCache",
            ]);
            self.setup.extend([
                "let shared = SharedCache::open(NAME, &settings.cache, &metrics)?;".to_owned(),
                "let caches = Caches::new(&database, &shared, &metrics);".to_owned(),
            ]);
        } else {
            self.setup
                .push("let caches = Caches::new(&database, &metrics);".to_owned());
        }
        let caches = service.caches.caches.iter();
        for cache in caches.filter(|cache| cache.shared.is_some()) {
            self.steps
                .push(format!("worker(Keeper::new(&caches.{}))", cache.field));
        }
        self.app_values.push("caches: caches.clone()".to_owned());
        self.app.push(AppField {
            name: "caches".to_owned(),
            ty: "Caches".to_owned(),
            doc: "Caches of its own data.".to_owned(),
        });
        let evicted = service.caches.caches.iter().flat_map(|cache| {
            let evictions = cache.evictions.iter();
            evictions.map(move |eviction| (cache, eviction))
        });
        for (index, (cache, eviction)) in evicted.enumerate() {
            if index == 0 {
                self.setup
                    .push("let instance = settings.service.instance.clone();".to_owned());
                self.imports.import("msarch_runtime::cache::Eviction");
            }
            let ty = self.imports.import(&eviction.path);
            let key = match &eviction.key {
                Some(key) if eviction.optional => format!("|event: &{ty}| event.{key}"),
                Some(key) => format!("|event: &{ty}| Some(event.{key})"),
                None => format!("|_: &{ty}| None"),
            };
            let (field, group) = (&cache.field, &eviction.group);
            let group = match cache.shared {
                Some(_) => format!("shared.group(\"{group}\", &instance)"),
                None => {
                    self.imports.import("msarch_runtime::cache::EvictionGroup");
                    format!("EvictionGroup::of_instance(\"{group}\", &instance)")
                }
            };
            self.steps.push(format!(
                "worker(Eviction::new({group}, caches.{field}.clone(), bus.clone(), {key}))"
            ));
        }
    }
}
