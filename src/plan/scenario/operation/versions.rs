//! What is not there, and what was changed since.

use super::Operation;
use crate::model::endpoint::Action;
use crate::plan::scenario::body;
use crate::plan::scenario::print::Body;
use crate::plan::scenario::world::World;

impl Operation<'_, '_> {
    /// What is not there, and what was changed since.
    pub(super) fn versions(&mut self) {
        let reads = matches!(
            self.endpoint.action,
            Action::Read(_) | Action::Update(_) | Action::Delete(_)
        );
        if !reads || self.identity().is_empty() {
            return;
        }
        let sendable =
            !self.has_body() || matches!(body::full(self.types, self.endpoint, 1), Ok(Some(_)));
        if !sendable {
            return;
        }
        let mut test = Body::new();
        test.line(format!("let answer = {};", self.send("BODY")));
        test.line(self.refused("NOT_FOUND"));
        self.tests.push(test.test("what_is_not_there_is_not_found"));
        if !self.conditional() {
            return;
        }
        let Ok(played) = self.play(1, false) else {
            return;
        };
        let given: Vec<_> = played.world.given.iter().take(1).cloned().collect();
        let world = World {
            given: given.clone(),
            ..World::new(self.types.model)
        };
        self.scope.import("http::header");
        for (name, change, status) in [
            (
                "a_version_that_was_changed_since_is_refused",
                "call(&service).if_match(7)",
                "PRECONDITION_FAILED",
            ),
            (
                "it_asks_which_version_is_meant",
                "call(&service).no(&header::IF_MATCH)",
                "PRECONDITION_REQUIRED",
            ),
        ] {
            let mut test = Body::new();
            test.given(self.types, &given, &mut self.scope);
            test.line(format!(
                "let answer = {};",
                self.send("BODY").replace("call(&service)", change)
            ));
            test.line(self.refused(status));
            test.unchanged(self.types, &world, &mut self.scope);
            self.tests.push(test.test(name));
        }
    }
}
