//! What comes twice: under one key, or with a value that none may share.

use super::Operation;
use crate::model::endpoint::{Action, IdempotencyKey};
use crate::model::types::Field;
use crate::plan::scenario::body;
use crate::plan::scenario::print::{Body, record_name};
use crate::plan::scenario::world::column;

impl Operation<'_, '_> {
    /// A request that comes twice under one key takes effect once.
    pub(super) fn keys(&mut self) {
        if !self.keyed() {
            return;
        }
        let Ok(played) = self.play(1, false) else {
            return;
        };
        if self.endpoint.idempotency_key == IdempotencyKey::Required {
            let mut test = Body::new();
            let send = self.send("BODY").replace(
                "call(&service)",
                "call(&service).no(&IdempotencyKey::HEADER)",
            );
            self.scope.import("msarch_runtime::http::IdempotencyKey");
            test.line(format!("let answer = {send};"));
            test.line("answer.problem(StatusCode::BAD_REQUEST).names(\"/Idempotency-Key\");");
            self.tests.push(test.test("it_asks_for_an_idempotency_key"));
        }
        let keyed = |call: String| call.replace("call(&service)", "call(&service).key(\"key-1\")");
        let mut test = Body::new();
        test.given(self.types, &played.world.given, &mut self.scope)
            .led(self.types, &played.world.led, &mut self.scope);
        test.line(format!("let first = {};", keyed(self.send("BODY"))));
        test.line(format!("let second = {};", keyed(self.send("BODY"))));
        test.line("assert_eq!(first.status(), second.status());")
            .line("assert_eq!(first.body(), second.body());");
        test.records(self.types, &played.world, &mut self.scope)
            .published(&played.world);
        self.tests
            .push(test.test("one_key_takes_effect_once_and_is_answered_alike"));
        let other = body::full(self.types, self.endpoint, 2).ok().flatten();
        if let Some(other) = other.filter(|other| Some(other) != played.body.as_ref()) {
            let mut test = Body::new();
            test.given(self.types, &played.world.given, &mut self.scope)
                .led(self.types, &played.world.led, &mut self.scope);
            test.line(format!("let answer = {};", keyed(self.send("BODY"))))
                .line(format!("answer.is({});", self.status()));
            test.json("other", &other);
            test.line(format!("let answer = {};", keyed(self.send("other"))));
            test.line("answer.problem(StatusCode::UNPROCESSABLE_ENTITY);");
            self.tests.push(test.test("one_key_stands_for_one_request"));
        }
    }

    /// Two records that share what none may share.
    pub(super) fn unique(&mut self) {
        let Action::Create(entity) = self.endpoint.action else {
            return;
        };
        if self.endpoint.answer.is_none() {
            return;
        }
        let unique: Vec<Field> = body::fields(self.types, self.endpoint)
            .into_iter()
            .filter(|field| field.unique)
            .collect();
        let (Ok(Some(first)), Ok(Some(second))) = (
            body::full(self.types, self.endpoint, 1),
            body::full(self.types, self.endpoint, 2),
        ) else {
            return;
        };
        let name = record_name(self.types, entity, &mut self.scope);
        for field in unique {
            let wire = field.name.as_str();
            let mut other = second.clone();
            other[wire] = first[wire].clone();
            let mut test = Body::new();
            test.line(format!("let answer = {};", self.send("BODY")))
                .line(format!("answer.is({});", self.status()));
            test.json("other", &other);
            test.line("let answer = call(&service).key(\"key-2\").json(other).send().await;");
            test.line("answer.problem(StatusCode::CONFLICT);");
            test.line(format!("let seen = service.records::<{name}>().await;"));
            test.line("assert_eq!(seen.items().len(), 1);");
            self.tests
                .push(test.test(format!("no_two_records_share_{}", column(&field.name))));
        }
    }
}
