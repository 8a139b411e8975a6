//! Where requests go: which route takes which method of which path, and which operations lie behind it.

use indexmap::IndexMap;

use crate::model::Model;
use crate::model::arena::EndpointId;
use crate::model::endpoint::Method;
use crate::model::gateway::Route;
use crate::model::pattern::{Pattern, is_pattern};
use crate::model::rewrite::is_sound;

/// What follows for one route.
#[derive(Debug)]
pub struct RouteFacts {
    /// Routes of the same path that take methods away from it, with those methods.
    pub shadows: Vec<(usize, Vec<Method>)>,
    /// The operations of its service that it leads to.
    pub operations: Vec<EndpointId>,
}

/// The facts of every route, in the order of the file. A path that cannot be matched has none.
#[must_use]
pub fn of(model: &Model) -> Vec<RouteFacts> {
    let routes = model
        .gateway
        .as_ref()
        .map_or(&[][..], |gateway| &gateway.routes);
    let mut alike: IndexMap<Pattern, Vec<usize>> = IndexMap::new();
    let mut facts: Vec<RouteFacts> = routes
        .iter()
        .enumerate()
        .map(|(at, route)| {
            if is_pattern(&route.path.value) {
                alike.entry(Pattern::outside(route)).or_default().push(at);
            }
            RouteFacts {
                shadows: Vec::new(),
                operations: if is_sound(route) {
                    operations(model, route)
                } else {
                    Vec::new()
                },
            }
        })
        .collect();
    for same in alike.into_values() {
        shadow(routes, same, &mut facts);
    }
    facts
}

/// Routes of one path: those with named methods are asked before those that take all, and else the first of the file wins.
fn shadow(routes: &[Route], mut same: Vec<usize>, facts: &mut [RouteFacts]) {
    same.sort_by_key(|at| (routes[*at].all_methods, *at));
    for (place, at) in same.iter().enumerate() {
        let route = &routes[*at];
        for earlier in &same[..place] {
            let both = routes[*earlier].methods.iter();
            let taken: Vec<Method> = both
                .filter(|method| route.methods.contains(method))
                .copied()
                .collect();
            // What is left to a route for all methods is what others do not name.
            if !taken.is_empty() && routes[*earlier].all_methods == route.all_methods {
                facts[*at].shadows.push((*earlier, taken));
            }
        }
    }
}

fn operations(model: &Model, route: &Route) -> Vec<EndpointId> {
    let Some(service) = route.service else {
        return Vec::new();
    };
    let inside = Pattern::inside(route);
    let endpoints = model.services[service].endpoints.iter().copied();
    endpoints
        .filter(|id| {
            let endpoint = &model.endpoints[*id];
            // Whoever answers GET answers HEAD.
            let asked = route.methods.contains(&endpoint.method)
                || endpoint.method == Method::Get && route.methods.contains(&Method::Head);
            asked && inside.meets_operation(&endpoint.segments)
        })
        .collect()
}
