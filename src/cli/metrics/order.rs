//! The order of services in their table.

use std::cmp::Reverse;

use clap::ValueEnum;

use super::form::Service;

/// A column to order by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Column {
    /// Names
    Name,
    /// Services that call it
    In,
    /// Whom it calls
    Out,
    /// Whether it relies on others
    Instability,
    /// Calls one upon another from it on
    Depth,
    /// Services that fail when it fails
    Blast,
    /// Routes that need it
    Routes,
    /// Services reached through it alone
    Gates,
    /// How often one request may arrive
    Attempts,
    /// Events that it publishes
    Published,
    /// Events that it receives
    Received,
}

impl Column {
    /// Orders services, the highest figure first and what is not known last. Among equals those stand first that more fail with, more routes
    /// need and more call; then the file's order holds.
    pub(super) fn sort(self, services: &mut [Service]) {
        if self == Self::Name {
            services.sort_by(|a, b| a.name.cmp(&b.name));
            return;
        }
        let weight = |service: &Service| (service.blast_radius, service.routes, service.callers);
        services.sort_by(|a, b| {
            let (one, other) = (self.figure(a), self.figure(b));
            let order = match (one, other) {
                (Some(one), Some(other)) => other.total_cmp(&one),
                (one, other) => other.is_some().cmp(&one.is_some()),
            };
            order.then_with(|| Reverse(weight(a)).cmp(&Reverse(weight(b))))
        });
    }

    fn figure(self, service: &Service) -> Option<f64> {
        let number = |number: usize| Some(number as f64);
        match self {
            Self::Name => None,
            Self::In => number(service.callers),
            Self::Out => service.fan_out.map(|it| it as f64),
            Self::Instability => service.instability,
            Self::Depth => service.depth.map(|it| it as f64),
            Self::Blast => number(service.blast_radius),
            Self::Routes => service.routes.map(|it| it as f64),
            Self::Gates => service.gates.map(|it| it as f64),
            Self::Attempts => service.attempts.map(|it| it as f64),
            Self::Published => number(service.events_published),
            Self::Received => number(service.events_received),
        }
    }

    /// In words.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Name => "by name",
            Self::In => "those that most call first",
            Self::Out => "those that call most first",
            Self::Instability => "those that rely most on others first",
            Self::Depth => "the longest chains first",
            Self::Blast => "those that most fail with first",
            Self::Routes => "those that most routes need first",
            Self::Gates => "those that most are reached through first",
            Self::Attempts => "those with most attempts first",
            Self::Published => "those that publish most first",
            Self::Received => "those that receive most first",
        }
    }
}
