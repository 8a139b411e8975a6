//! What becomes of a call that is taken, and what remains of one that a floor stops.

use serde_json::Value as Json;

use super::Operation;
use super::play::Played;
use crate::model::endpoint::{Action, Body as Content, Method};
use crate::model::types::Field;
use crate::plan::rust::string;
use crate::plan::scenario::print::Body;
use crate::plan::scenario::world::{Stop, World};
use crate::plan::scenario::{body, condition};

impl Operation<'_, '_> {
    pub(super) fn declared(&mut self, played: &Played<'_>) {
        let mut test = Body::new();
        test.given(self.types, &played.world.given, &mut self.scope)
            .led(self.types, &played.world.led, &mut self.scope);
        test.line(format!("let answer = {};", self.send("BODY")));
        self.answered(&mut test, played.answer.as_ref());
        test.records(self.types, &played.world, &mut self.scope)
            .published(&played.world);
        self.tests.push(test.test("it_does_what_is_declared"));
    }

    fn answered(&self, test: &mut Body, answer: Option<&Json>) {
        test.line(format!("answer.is({});", self.status()));
        if let Some(answer) = answer.filter(|_| self.endpoint.method != Method::Head) {
            test.json("shown", answer).line("answer.shows(shown);");
            if matches!(self.endpoint.response, Content::Entity(_)) {
                let version = answer.get("version").and_then(Json::as_i64);
                if let Some(version) = version {
                    test.line(format!(
                        "answer.has(\"etag\", {});",
                        string(&format!("\"{version}\""))
                    ));
                }
            }
        }
    }

    /// What stands in for what is not sent.
    pub(super) fn least(&mut self) {
        if let Some(least) = body::least(self.types, self.endpoint, 1) {
            self.sent(least, "what_is_not_sent_has_its_default");
        }
    }

    /// Each value that a condition asks for, and one that none asks for.
    pub(super) fn conditions(&mut self) {
        let Ok(Some(body)) = body::full(self.types, self.endpoint, 1) else {
            return;
        };
        for (name, body) in condition::variants(&body, body::conditions(self.endpoint)) {
            let fields = body::fields(self.types, self.endpoint);
            let refused = |field: &Field| {
                let value = body.get(field.name.as_str());
                value.is_some_and(|value| field.limits.broken_by(value).is_some())
            };
            if !fields.iter().any(refused) {
                self.sent(body, &format!("it_does_what_is_declared_where_{name}"));
            }
        }
    }

    /// What becomes of a call with another body.
    pub(super) fn sent(&mut self, body: Json, name: &str) {
        let Ok(played) = self.act(World::new(self.types.model), Some(body)) else {
            return;
        };
        let (Some(body), types) = (&played.body, self.types) else {
            return;
        };
        let mut test = Body::new();
        test.given(types, &played.world.given, &mut self.scope).led(
            types,
            &played.world.led,
            &mut self.scope,
        );
        test.json("body", body)
            .line(format!("let answer = {};", self.send("body")));
        self.answered(&mut test, played.answer.as_ref());
        test.outcome(
            types,
            &played.world,
            &self.endpoint.effects,
            &mut self.scope,
        );
        self.tests.push(test.test(name));
    }

    /// A floor holds, and nothing of a refused call remains.
    pub(super) fn scarce(&mut self) {
        let Ok(body) = body::full(self.types, self.endpoint, 1) else {
            return;
        };
        let mut world = World {
            scarce: true,
            ..World::new(self.types.model)
        };
        let mut sight = self.sight(body.as_ref());
        if !matches!(self.endpoint.action, Action::Command)
            || !matches!(
                world.effects(&self.endpoint.effects, &mut sight),
                Err(Stop::Refused)
            )
        {
            return;
        }
        let mut test = Body::new();
        test.given(self.types, &world.given, &mut self.scope);
        test.line(format!("let answer = {};", self.send("BODY")))
            .line("answer.problem(StatusCode::CONFLICT);");
        test.unchanged(self.types, &world, &mut self.scope)
            .line("service.outbox().await.none();");
        self.tests
            .push(test.test("a_floor_holds_and_nothing_remains_of_the_call"));
    }
}
