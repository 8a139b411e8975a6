//! Calls between services.

use std::time::Duration;

use super::Lowering;
use super::index::spanned;
use crate::model::arena::{EndpointId, ServiceId};
use crate::model::endpoint::Call;
use crate::model::name::Name;
use crate::model::policy::{Retry, RetryPlaces};
use crate::model::service::Party;
use crate::syntax::document;
use crate::syntax::source::Spanned;

impl Lowering<'_> {
    /// Reads the calls between services.
    pub(super) fn define_calls(&mut self) {
        let document = self.document;
        let ids: Vec<ServiceId> = self.model.services.ids().collect();
        for (from, (name, service)) in ids.into_iter().zip(document.services.iter()) {
            for call in &service.calls {
                self.call(from, name, call);
            }
        }
    }

    fn call(&mut self, from: ServiceId, name: &Spanned<String>, declared: &document::Call) {
        let role = format!("call of {name} to {}", declared.to);
        let Some(to) = self.party(&declared.to, format_args!("callee of {name}")) else {
            self.model.services[from].lost_calls += 1;
            if let Some(lost) = self.model.unresolved.last_mut() {
                lost.not = Some(name.value.clone());
            }
            return;
        };
        let offered = match to {
            Party::Service(service) => self.model.services[service].endpoints.clone(),
            Party::External(external) => self.model.externals[external].endpoints.clone(),
        };
        let operations = self.called(to, &declared.operations, &offered, &role);
        let named = !declared.operations.is_empty();
        let default_timeout = || {
            let timeout = self.document.resilience.as_ref()?.timeout.as_ref()?;
            Some(Spanned::new(timeout.to_std(), timeout.span))
        };
        let own_timeout = declared.timeout.as_ref();
        let timeout = own_timeout
            .map(|timeout| Spanned::new(timeout.to_std(), timeout.span))
            .or_else(|| default_timeout().filter(|_| !declared.torn));
        let call = Call {
            from,
            to,
            span: declared.to.span,
            operations: if named { operations } else { offered },
            operations_named: named,
            timeout,
            retry: self.call_retry(declared, &role),
            circuit_breaker: self.circuit_breaker(declared.circuit_breaker.as_ref(), &role),
            bulkhead: self.bulkhead(declared.bulkhead.as_ref(), &role),
            hard: declared.dependency != Some(document::Dependency::Soft),
            fallback: declared.fallback.clone(),
            idempotency_key: declared.idempotency_key.unwrap_or(false),
            parallel: declared.parallel.clone(),
        };
        let id = self.model.calls.push(call);
        self.model.services[from].calls.push(id);
    }

    /// The operations that a call names, of those that are offered.
    fn called(
        &mut self,
        to: Party,
        named: &[Spanned<String>],
        offered: &[EndpointId],
        role: &str,
    ) -> Vec<EndpointId> {
        let mut operations = Vec::new();
        for operation in named {
            let key = (to, Name::snake_of(operation));
            match self.index.endpoints.get(&key) {
                Some(id) => {
                    self.used(&self.model.endpoints[*id].name);
                    operations.push(*id);
                }
                None if self.lost_endpoints.contains(&key) => {}
                None => {
                    let role = format!("operation of the {role}");
                    self.unresolved_among(operation, "operation", role, |known| {
                        let offered = offered.iter();
                        offered
                            .map(|id| spanned(&known.model.endpoints[*id].name))
                            .collect()
                    });
                }
            }
        }
        operations
    }

    /// `retries` counts tries after the first and overrides the policy's own count.
    fn call_retry(&mut self, declared: &document::Call, role: &str) -> Option<Retry> {
        let policy = self.retry(declared.retry.as_ref(), role);
        let Some(retries) = &declared.retries else {
            return policy;
        };
        let max_attempts = u32::try_from(***retries)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        Some(match policy {
            Some(policy) => Retry {
                max_attempts,
                ..policy
            },
            None => Retry {
                max_attempts,
                base_delay: Duration::from_millis(100),
                max_delay: Duration::from_secs(2),
                backoff_factor: 2.0,
                jitter: true,
                span: retries.span,
                written: RetryPlaces::default(),
            },
        })
    }
}
